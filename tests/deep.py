"""Long repetitions at their full length: ``run.py test --deep``."""

from __future__ import annotations

DEEP = "PULSE_STATION_DEEP"
"""Set in the environment when asked for."""
