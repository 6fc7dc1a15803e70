"""Long repetitions at their full length: ``run.py test --deep``."""

from __future__ import annotations

import os
from typing import TypeVar

DEEP = "PULSE_STATION_DEEP"
"""Set in the environment when asked for."""
Amount = TypeVar("Amount")


def usual_or_deep(usual: Amount, deep: Amount) -> Amount:
    """How much of the same is tried: ``usual``, or ``deep`` when that was asked for."""
    return deep if os.environ.get(DEEP) else usual
