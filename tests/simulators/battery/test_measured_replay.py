"""A measured cell gives back what the recorded cell did."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.battery import Battery, build_battery
from simulators.battery.pulse_table import PulseRow, load_table

TABLE = "data/pulsebat/pulses.parquet"
TYPES = ["LFP20-", "LFP35-", "LFP68-", "NMC2.1-", "NMC21-", "LMO10-"]


def c_rates(row: PulseRow) -> list[float]:
    return [0.5, 1.0, row.third_amplitude_C, 2.0, 2.5]


def at_row(cell_id: str, number: int, **more: object) -> Battery:
    return build_battery({"kind": "measured", "cell_id": cell_id, "soc": f"row:{number}", **more}, seed=1)


def some_rows(prefix: str, random_soc: bool, cells: int, rows: int) -> list[tuple[str, int, PulseRow]]:
    """A fixed sample: (cell, row number, row)."""
    table = load_table(TABLE)
    rng = np.random.default_rng(len(prefix) + 17 * random_soc)
    ids = [i for i in table.cell_ids(random_soc=random_soc) if i.startswith(prefix)]
    out = []
    for cell in rng.choice(ids, min(cells, len(ids)), replace=False) if ids else []:
        fitting = [(n, r) for n, r in enumerate(table.rows(cell)) if r.random_soc == random_soc]
        for k in rng.choice(len(fitting), min(rows, len(fitting)), replace=False):
            out.append((str(cell), *fitting[k]))
    return out


@pytest.mark.parametrize("random_soc", [True, False], ids=["random", "ladder"])
@pytest.mark.parametrize("prefix", TYPES)
def test_replayed_protocol_returns_the_recorded_voltages(prefix, random_soc, play) -> None:  # type: ignore[no-untyped-def]
    sample = some_rows(prefix, random_soc, cells=3, rows=6)
    if random_soc and not prefix.startswith("LFP"):
        assert not sample, "the table gained random-SOC rows: this test should cover them"
        return
    assert len(sample) >= 15
    for cell, number, row in sample:
        known = int(np.isfinite(row.u).sum())
        battery = at_row(cell, number)
        volts = play(battery, row.nominal_capacity_Ah, c_rates(row), row.pulse_width_s)[:known]
        assert np.abs(volts - row.u[:known]).max() < 0.5e-3, (cell, number)


@pytest.mark.parametrize("prefix", ["LFP20-", "LFP35-", "LFP68-"])
@pytest.mark.parametrize("random_soc", [True, False], ids=["random", "ladder"])
def test_stand_alone_pair_returns_the_recorded_differences(prefix, random_soc, play) -> None:  # type: ignore[no-untyped-def]
    for cell, number, row in some_rows(prefix, random_soc, cells=3, rows=4):
        volts = play(at_row(cell, number), row.nominal_capacity_Ah, [2.5], row.pulse_width_s)
        recorded = row.u[32:] - row.u[32]
        assert np.abs(volts - volts[0] - recorded).max() < 1e-3, (cell, number)


@pytest.mark.parametrize("prefix", ["LFP20-", "LFP35-", "LFP68-"])
def test_between_the_recorded_instants_nothing_bends(prefix) -> None:  # type: ignore[no-untyped-def]
    """Ten milliseconds after an edge is where a reading between samples is straight over the root of time."""
    times = np.array([0.004, 0.010, 0.020, 0.029])
    for cell, number, row in some_rows(prefix, random_soc=True, cells=2, rows=4):
        if row.pulse_width_s != 5.0:
            continue
        battery, nominal = at_row(cell, number), row.nominal_capacity_Ah
        for column, current, width in ((33, 2.5, 5.0), (35, 0.0, 75.0), (37, -2.5, 5.0), (39, 0.0, 75.0)):
            volts = []
            for passed in np.diff(times, prepend=0.0):
                battery.advance(current * nominal, passed)
                volts.append(battery.voltage_V(current * nominal))
            line = np.polyval(np.polyfit(np.sqrt(times), volts, 1), np.sqrt(0.010))
            assert abs(line - volts[1]) < 0.9e-3, (cell, number, column)
            battery.advance(current * nominal, width - times[-1])


def test_contact_check_does_not_spoil_the_following_pair(play) -> None:  # type: ignore[no-untyped-def]
    rows = load_table(TABLE).rows("LFP20-002")
    number = next(n for n, r in enumerate(rows) if r.random_soc and r.pulse_width_s == 5.0)
    battery = at_row("LFP20-002", number)
    for current, seconds in ((-2.0, 1.0), (0.0, 10.0), (2.0, 1.0), (0.0, 30.0)):
        battery.advance(current, seconds)
    volts = play(battery, 20.0, [2.5], 5.0)
    recorded = rows[number].u[32:] - rows[number].u[32]
    assert np.abs(volts - volts[0] - recorded).max() < 1e-3


@pytest.mark.parametrize("prefix", ["LFP20-", "LFP35-", "LFP68-"])
def test_inside_a_long_pulse_the_voltage_grows_as_in_the_shorter_trains(prefix) -> None:  # type: ignore[no-untyped-def]
    table = load_table(TABLE)
    cell = next(i for i in table.cell_ids(random_soc=True) if i.startswith(prefix))
    rows = [r for r in table.rows(cell) if r.random_soc]
    long = next(n for n, r in enumerate(rows) if r.pulse_width_s == 5.0)
    battery = at_row(cell, long, history="random")
    rest, current = battery.voltage_V(0.0), 1.0 * rows[0].nominal_capacity_Ah
    battery.advance(current, 0.01)
    passed, first = 0.01, battery.voltage_V(current)
    # Trains are a little apart, which their first samples show: the growth from there takes that up late.
    for t, taken_up in ((0.03, 0.05), (0.1, 0.2), (1.0, 0.6), (5.0, 0.0)):
        battery.advance(current, t - passed)
        passed = t
        row = next(r for r in rows if r.pulse_width_s == t)
        apart = abs(row.u[9] - row.u[8] - (first - rest))
        grown = row.u[10] - row.u[9]
        allowed_V = taken_up * apart + 0.2e-3
        assert battery.voltage_V(current) - first == pytest.approx(grown, abs=allowed_V), t
    assert battery.voltage_V(current) - rest == pytest.approx(row.u[10] - row.u[8], rel=0.002)


@pytest.mark.parametrize("prefix", ["LFP20-", "LFP35-", "LFP68-"])
def test_no_voltage_goes_back_within_the_first_tenth_of_a_second(prefix) -> None:  # type: ignore[no-untyped-def]
    """Neither in a pulse nor in the rest after it: in no recorded train did it."""
    times = np.array([0.001, 0.005, 0.010, 0.020, 0.030, 0.050, 0.070, 0.100])
    for cell, number, row in some_rows(prefix, random_soc=True, cells=4, rows=10):
        if row.pulse_width_s != 5.0:
            continue
        battery, nominal = at_row(cell, number), row.nominal_capacity_Ah
        for way, current, width in ((1, 2.5, 5.0), (-1, 0.0, 75.0), (-1, -2.5, 5.0), (1, 0.0, 75.0)):
            volts = []
            for passed in np.diff(times, prepend=0.0):
                battery.advance(current * nominal, passed)
                volts.append(battery.voltage_V(current * nominal))
            assert (way * np.diff(volts) > 0.0).all(), (cell, number, current)
            battery.advance(current * nominal, width - times[-1])


def test_whole_session_of_ten_widths_stays_near_the_record(play) -> None:  # type: ignore[no-untyped-def]
    rows = load_table(TABLE).rows("LFP35-002")
    session = sorted((r for r in rows if r.random_soc), key=lambda r: r.pulse_width_s)
    battery = at_row("LFP35-002", rows.index(session[0]))
    for row in session:
        volts = play(battery, 35.0, c_rates(row), row.pulse_width_s)
        assert np.abs(volts - row.u).max() < 4e-3


def test_other_widths_than_the_chosen_one_are_close_in_differences(play) -> None:  # type: ignore[no-untyped-def]
    rows = load_table(TABLE).rows("LFP35-003")
    for row in (r for r in rows if r.random_soc and r.pulse_width_s < 5):
        battery = at_row("LFP35-003", rows.index(row), pulse_width_s=5.0)
        volts = play(battery, 35.0, c_rates(row), row.pulse_width_s)
        error = np.abs((volts - volts[0]) - (row.u - row.u[0]))
        assert error[1] < 4e-3  # nothing tells the first sample how long the pulse will be
        assert error[2:].max() < 2e-3


def test_soc_between_ladder_rows_is_interpolated(play) -> None:  # type: ignore[no-untyped-def]
    ladder = sorted(
        (r for r in load_table(TABLE).rows("LFP68-002") if not r.random_soc and r.pulse_width_s == 5.0),
        key=lambda r: r.soc,
    )
    low, high = ladder[4], ladder[5]
    config = {
        "kind": "measured",
        "cell_id": "LFP68-002",
        "history": "ladder",
        "soc": (low.soc + high.soc) / 2,
    }
    volts = play(build_battery(config, seed=1), 68.0, c_rates(low), 5.0)
    assert np.abs(volts - (low.u + high.u) / 2).max() < 1.5e-3


def test_unrecorded_amplitudes_are_extrapolated_smoothly() -> None:
    battery = build_battery({"kind": "measured", "cell_id": "NMC21-003", "soc": 0.3}, seed=1)
    battery.advance(0.0, 1.0)
    currents = np.arange(2.5, 3.0 * 21, 1.0)
    for sign in (1, -1):
        volts = np.array([battery.voltage_V(float(sign * i)) for i in currents])
        slopes = np.diff(volts) * sign
        assert slopes.min() > 0
        assert slopes.max() < 2 * slopes.min()


def test_discharging_first_is_the_mirror_image_within_ten_percent() -> None:
    charge = build_battery({"kind": "measured", "cell_id": "LFP35-002", "soc": 0.4}, seed=1)
    discharge = build_battery({"kind": "measured", "cell_id": "LFP35-002", "soc": 0.4}, seed=1)
    rest = charge.voltage_V(0.0)
    charge.advance(87.5, 5.0)
    discharge.advance(-87.5, 5.0)
    up, down = charge.voltage_V(87.5) - rest, rest - discharge.voltage_V(-87.5)
    assert down == pytest.approx(up, rel=0.1)
    discharge.advance(0.0, 75.0)
    assert abs(discharge.voltage_V(0.0) - rest) < 6e-3


def test_many_pairs_drift_no_further_than_recorded_trains_did(play) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery({"kind": "measured", "cell_id": "LFP20-002", "soc": 0.4}, seed=1)
    rest = battery.voltage_V(0.0)
    for _ in range(40):
        play(battery, 20.0, [2.5], 5.0)
    assert abs(battery.voltage_V(0.0) - rest) < 0.03


def test_capacity_test_returns_about_the_recorded_capacity() -> None:
    for cell, cut_off, top in (("LFP35-002", 2.5, 3.65), ("NMC21-003", 2.7, 4.2), ("LMO10-003", 2.0, 4.2)):
        battery = build_battery({"kind": "measured", "cell_id": cell, "soc": 0.5}, seed=1)
        truth = battery.truth()
        one_c = truth.nominal_capacity_Ah
        current = one_c
        while current > 0.05 * one_c:
            current = min(one_c, battery.current_for_voltage_A(top))
            battery.advance(current, 5.0)
        battery.advance(0.0, 1200.0)
        delivered = 0.0
        while battery.voltage_V(-one_c) > cut_off:
            battery.advance(-one_c, 5.0)
            delivered += one_c * 5 / 3600
        assert delivered == pytest.approx(truth.capacity_Ah, rel=0.03), cell
