"""One small abstract class per instrument category; the engine knows only these."""
