"""Plays the recorded protocol on a battery, as a station would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from simulators.battery import Battery

Floats = NDArray[np.float64]
Play = Callable[[Battery, float, Sequence[float], float], Floats]
FIRST_SAMPLE_S = 0.01


@pytest.fixture
def play() -> Play:
    """Play trains of one width: rest voltage, then first and last sample of every phase, in V."""

    def run(battery: Battery, nominal_Ah: float, c_rates: Sequence[float], width_s: float) -> Floats:
        volts = [battery.voltage_V(0.0)]
        for c_rate in c_rates:
            for share in (c_rate, 0.0, -c_rate, 0.0):
                current = share * nominal_Ah
                whole = width_s if share else 15 * width_s
                battery.advance(current, FIRST_SAMPLE_S)
                volts.append(battery.voltage_V(current))
                battery.advance(current, whole - FIRST_SAMPLE_S)
                volts.append(battery.voltage_V(current))
        return np.array(volts)

    return run
