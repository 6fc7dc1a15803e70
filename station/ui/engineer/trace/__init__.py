"""The page of what traceability platforms are told."""
