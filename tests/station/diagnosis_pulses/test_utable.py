"""The pulse table from sampled records: which value stands where, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.diagnosis.pulses import Pulse, Record, UBlock, analyse, u_blocks
from tests.station.diagnosis_pulses.circuit import Circuit
from tests.station.diagnosis_pulses.conftest import columns

CAPACITY = 20.0


def train(amplitudes: list[float], width: float, *, lead: float = 20.0) -> list[tuple[float, float]]:
    """Rest, then + width, 15 widths rest, − width, 15 widths rest per amplitude in C."""
    steps = [(0.0, lead)]
    for rate in amplitudes:
        amps = rate * CAPACITY
        steps += [(amps, width), (0.0, 15 * width), (-amps, width), (0.0, 15 * width)]
    return steps


def tables(steps: list[tuple[float, float]], sample_s: float = 0.01) -> list[UBlock]:
    t, current, volts = Circuit().record(steps, 0.01)
    keep = np.arange(0, t.size, round(sample_s / 0.01))
    record = Record(t[keep], current[keep], volts[keep])
    return [
        table for block in analyse(record).blocks for table in u_blocks(block, nominal_capacity_Ah=CAPACITY)
    ]


def test_a_full_train_fills_all_forty_one_values() -> None:
    t, current, volts = columns("pybamm/ecm2rc_clean_pulsebat5s.csv")
    (table,) = u_blocks(analyse(Record(t, current, volts)).blocks[0], nominal_capacity_Ah=CAPACITY)
    assert table.pulse_width_s == 5.0
    assert table.third_amplitude_C == 1.5
    assert not table.standalone
    assert set(table.values) == {f"U{n}" for n in range(1, 42)}

    def at(second: float) -> float:
        return float(volts[np.argmin(np.abs(t - second))])

    # 30 s rest, then 160 s per amplitude: charge 5 s, rest 75 s, discharge 5 s, rest 75 s.
    assert table.values["U1"] == pytest.approx(at(30.0), abs=1e-5)
    for index in range(5):
        base = 30.0 + 160.0 * index
        for offset, second in enumerate((0.01, 5.0, 5.01, 80.0, 80.01, 85.0, 85.01, 160.0)):
            assert table.values[f"U{2 + 8 * index + offset}"] == pytest.approx(at(base + second), abs=1.5e-4)


def test_the_voltage_before_the_last_pair_is_u33() -> None:
    (table,) = tables(train([0.5, 1.0, 1.5, 2.0, 2.5], 1.0))
    (alone,) = tables(train([2.5], 1.0))
    assert alone.standalone
    assert set(alone.values) == {"U1"} | {f"U{n}" for n in range(33, 42)}
    assert alone.values["U33"] == alone.values["U1"] == pytest.approx(3.7, abs=1e-6)
    for n in range(34, 42):
        assert alone.values[f"U{n}"] == pytest.approx(table.values[f"U{n}"], abs=0.02)


def test_the_third_amplitude_may_be_two() -> None:
    (table,) = tables(train([0.5, 1.0, 2.0], 1.0))
    assert table.third_amplitude_C == 2.0
    assert set(table.values) == {f"U{n}" for n in range(1, 26)}


def test_each_width_has_its_own_table() -> None:
    steps = train([0.5, 1.0, 1.5], 0.1) + train([0.5, 1.0, 1.5], 1.0, lead=1.0)
    short, long = tables(steps)
    assert (short.pulse_width_s, long.pulse_width_s) == (0.1, 1.0)
    assert short.values["U1"] == pytest.approx(3.7, abs=1e-6)
    assert long.values["U1"] == pytest.approx(3.7, abs=2e-3)
    assert long.values["U1"] != short.values["U1"]


@pytest.mark.parametrize("sample_s", [0.01, 0.03, 0.05])
def test_the_first_sample_is_the_one_of_ten_milliseconds_however_the_record_was_sampled(
    sample_s: float,
) -> None:
    steps = train([0.5, 1.0, 2.5], 3.0, lead=21.0)  # all edges fall on samples
    (fine,), (table,) = tables(steps), tables(steps, sample_s)
    for key, rate in (("U2", 0.5), ("U4", 0.5), ("U6", 0.5), ("U14", 1.0), ("U34", 2.5), ("U38", 2.5)):
        jump = rate * CAPACITY * Circuit().resistance(0.01)
        assert table.values[key] == pytest.approx(fine.values[key], abs=0.04 * jump)


def test_a_record_at_ten_hertz_has_no_first_samples() -> None:
    (table,) = tables(train([0.5, 1.0, 1.5], 3.0), 0.1)
    assert "U2" not in table.values
    assert "U3" in table.values


def test_a_missing_pulse_leaves_its_values_out() -> None:
    steps = train([0.5, 1.0, 1.5], 1.0)
    del steps[7:9]  # the discharge of 1 C and its rest
    (table,) = tables(steps)
    assert not set(table.values) & {"U14", "U15", "U16", "U17"}
    assert {"U10", "U18", "U25"} <= set(table.values)


def test_a_cut_pulse_leaves_its_values_out() -> None:
    steps = train([0.5, 1.0, 1.5], 1.0)
    steps[9] = (steps[9][0], 0.4)  # the charge of 1.5 C
    widths = {table.pulse_width_s: table for table in tables(steps)}
    assert not set(widths[1.0].values) & {"U18", "U19", "U20", "U21"}
    assert {"U22", "U23", "U24", "U25"} <= set(widths[1.0].values)


def test_discharge_first_is_another_history_and_no_table() -> None:
    steps = [(amps * -1.0, seconds) for amps, seconds in train([0.5, 1.0, 1.5], 1.0)]
    assert tables(steps) == []


def test_pulses_of_other_rates_give_no_table() -> None:
    assert tables(train([0.75], 1.0)) == []


def test_a_rest_that_is_too_short_has_no_last_value() -> None:
    steps = [(0.0, 10.0), (10.0, 1.0), (0.0, 5.0), (-10.0, 1.0), (0.0, 15.0)]
    (table,) = tables(steps)
    assert "U5" not in table.values
    assert "U9" in table.values


def test_the_nominal_capacity_must_be_positive() -> None:
    block = analyse(Record(*columns("pybamm/ecm2rc_clean_pulsebat5s.csv"))).blocks[0]
    with pytest.raises(ValueError, match="nominal"):
        u_blocks(block, nominal_capacity_Ah=0.0)


def test_a_repeated_pair_fills_what_the_first_one_lacks() -> None:
    t, current, volts = Circuit().record(train([2.5, 2.5], 5.0), 0.01)
    (block,) = analyse(Record(t, current, volts)).blocks
    first, *others = block.pulses
    holed = replace(block, pulses=(replace(first, voltage_10ms_V=None), *others))
    (whole,), (filled,) = (u_blocks(one, nominal_capacity_Ah=CAPACITY) for one in (block, holed))
    assert set(filled.values) == set(whole.values)
    # Relative to the rest before each pulse.
    assert filled.values["U34"] == pytest.approx(whole.values["U34"], abs=2e-3)


def test_of_repeated_pairs_whose_noise_is_known_the_mean_counts() -> None:
    t, current, volts = Circuit().record(train([2.5, 2.5], 5.0), 0.01)
    (block,) = analyse(Record(t, current, volts)).blocks
    names = ("voltage_10ms_V", "end_voltage_V", "rest_voltage_10ms_V", "recovered_voltage_15w_V")

    def off(pulse: Pulse, by_V: float, told: bool) -> Pulse:
        moved = replace(pulse, **{name: getattr(pulse, name) + by_V for name in names})
        sigma = {**dict.fromkeys(names, 4e-4), "voltage_before_V": 1e-4}
        clock = {"voltage_10ms_V": 2e-4 if pulse.current_A > 0.0 else -2e-4}
        return replace(moved, sigma_V=sigma, clock_V=clock) if told else moved

    def table(by_V: float, told: bool) -> UBlock:
        pulses = [off(p, by_V if n < 2 else -by_V, told) for n, p in enumerate(block.pulses)]
        (found,) = u_blocks(replace(block, pulses=tuple(pulses)), nominal_capacity_Ah=CAPACITY)
        return found

    for told, left in ((True, 0.0), (False, 1e-3)):
        right, wrong = table(0.0, told), table(1e-3, told)
        for number in range(34, 42):
            assert wrong.values[f"U{number}"] - right.values[f"U{number}"] == pytest.approx(left, abs=1e-9)
    assert table(0.0, False).sigma_V == {}
    # Two of 0.4 mV, and the two rests of 0.1 mV that the second pair is put on the first one's by.
    assert table(0.0, True).sigma_V["U38"] == pytest.approx(((4e-4) ** 2 / 2 + (1e-4) ** 2 / 2) ** 0.5)
    assert table(0.0, True).clock_V["U38"] == pytest.approx(-2e-4 / 2**0.5)
