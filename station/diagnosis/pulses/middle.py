"""The middle of a few values, several times faster than a general median and as robust."""

from __future__ import annotations

import numpy as np

from station.diagnosis.pulses.record import Floats


def middle(values: Floats) -> float:
    """The middle value of the sorted ones (the upper of two middle ones). ``values`` must not be empty."""
    return float(np.sort(values)[values.size // 2])
