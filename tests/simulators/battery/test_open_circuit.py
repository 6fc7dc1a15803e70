"""Curves through given points are the library's, which loads too slowly for a program that starts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.interpolate import PchipInterpolator

from simulators.battery.ocv import monotone_cubic


@given(
    steps=arrays(np.float64, 9, elements=st.floats(0.01, 1.0)),
    volts=arrays(np.float64, 10, elements=st.floats(-5, 5)),
)
def test_the_cubic_is_the_one_of_the_library(steps: np.ndarray, volts: np.ndarray) -> None:
    x = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(x[0], x[-1], 41)
    np.testing.assert_allclose(monotone_cubic(x, volts, at), PchipInterpolator(x, volts)(at), atol=1e-12)
