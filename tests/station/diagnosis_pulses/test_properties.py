"""Extraction on random exact circuits: the closed form is the truth, units and offsets do not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.diagnosis.pulses import Record, analyse
from tests.station.diagnosis_pulses.circuit import Circuit

circuits = st.builds(
    Circuit,
    r0=st.floats(5e-4, 0.05),
    r1=st.floats(1e-4, 0.01),
    tau1=st.floats(0.3, 3.0),
    r2=st.floats(1e-4, 0.01),
    tau2=st.floats(8.0, 100.0),
    ocv=st.floats(2.5, 4.1),
    docv_per_Ah=st.floats(0.0, 0.1),
)


@settings(max_examples=40, deadline=None)
@given(
    circuit=circuits,
    amps=st.floats(0.1, 300.0),
    sign=st.sampled_from([-1.0, 1.0]),
    width=st.sampled_from([2.0, 5.0, 10.0]),
    sample=st.sampled_from([0.01, 0.02, 0.1]),
    offset=st.floats(-0.01, 0.01),
)
def test_every_supported_time_is_right_and_no_other_has_a_number(
    circuit: Circuit, amps: float, sign: float, width: float, sample: float, offset: float
) -> None:
    t, current, volts = circuit.record([(0.0, 20.0), (sign * amps, width), (0.0, 40.0)], sample)
    (pulse,) = analyse(Record(t, current + offset * amps, volts)).pulses
    assert pulse.start_s == pytest.approx(20.0, abs=1e-6)
    assert pulse.duration_s == pytest.approx(width, abs=1e-6)
    for asked in (0.01, 0.1, 1.0, 5.0, 10.0):
        found = pulse.resistance(asked)
        if asked > width or sample > 1.25 * asked:
            assert found is None
        else:
            assert found == pytest.approx(circuit.resistance(asked), rel=0.005)


@settings(max_examples=25, deadline=None)
@given(circuit=circuits, factor=st.sampled_from([1e-4, 1e-2, 1.0, 30.0]), shift=st.floats(0.0, 1e6))
def test_scale_and_origin_do_not_matter(circuit: Circuit, factor: float, shift: float) -> None:
    t, current, volts = circuit.record(
        [(0.0, 10.0), (20.0, 2.0), (0.0, 30.0), (-20.0, 2.0), (0.0, 30.0)], 0.05
    )
    plain = analyse(Record(t, current, volts)).pulses
    scaled = analyse(Record(t + shift, current * factor, volts)).pulses
    assert len(plain) == len(scaled) == 2
    for a, b in zip(plain, scaled, strict=True):
        assert b.start_s - shift == pytest.approx(a.start_s, abs=1e-6)
        assert b.resistance(1.0) == pytest.approx(float(a.resistance(1.0) or np.nan) / factor, rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_noise_makes_no_pulses_and_loses_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = Circuit()
    t, current, volts = circuit.record(
        [(0.0, 20.0), (20.0, 5.0), (0.0, 75.0), (-20.0, 5.0), (0.0, 75.0)], 0.05
    )
    noisy = Record(t, current + rng.normal(0, 0.02, t.size), volts + rng.normal(0, 5e-4, t.size))
    pulses = analyse(noisy).pulses
    assert [round(pulse.current_A) for pulse in pulses] == [20, -20]
    for pulse in pulses:
        assert pulse.resistance(5.0) == pytest.approx(circuit.resistance(5.0), rel=0.03)
        assert not pulse.clipped
