from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import UsageError
from station.safety import EnvelopePart, Sample, build_envelope, chemistry_limits
from station.safety.chemistry import chemistry_names
from station.safety.envelope import STATION, Envelope, battery_part, chemistry_part, plan_part

BENCH = EnvelopePart(
    "bench",
    voltage_min_V=1.9,
    voltage_max_V=4.3,
    charge_current_max_A=40.0,
    discharge_current_max_A=40.0,
    power_max_W=190.0,
    temperature_min_degC=0.0,
    temperature_max_degC=50.0,
)
GOOD = Sample(1.0, 1e9, 3.6, 10.0, 10.0, 3, 25.0, 25.0, 3.6)


def envelope(chemistry: str | None = "NMC", series: int = 1, capacity_Ah: float = 20.0) -> Envelope:
    part = chemistry_part(chemistry_limits(chemistry, nominal_capacity_Ah=capacity_Ah))
    wide = replace(BENCH, voltage_min_V=1.9 * series, voltage_max_V=4.3 * series, power_max_W=190.0 * series)
    return build_envelope([part, wide], series_cells=series)


def test_the_tightest_wins_and_is_remembered() -> None:
    profile = EnvelopePart("profile", charge_current_max_A=25.0, temperature_max_degC=45.0)
    merged = build_envelope([chemistry_part(chemistry_limits("NMC")), BENCH, profile])
    assert (merged.voltage_max_V.value, merged.voltage_max_V.source) == (4.25, "chemistry")
    assert (merged.discharge_current_max_A.value, merged.discharge_current_max_A.source) == (40.0, "bench")
    assert (merged.charge_current_max_A.value, merged.charge_current_max_A.source) == (25.0, "profile")
    assert merged.temperature_max_degC.source == "profile"
    assert merged.as_dict()["voltage_min_V"] == {"value": pytest.approx(2.65), "source": "chemistry"}


def test_cells_bound_the_terminals_of_a_module() -> None:
    merged = envelope("LFP", series=6)
    assert merged.voltage_max_V.value == pytest.approx(22.2)
    assert merged.voltage_min_V.value == pytest.approx(14.7)
    assert merged.check(replace(GOOD, voltage_V=22.1)) is None
    tripped = merged.check_cells([3.3, 3.3, None, 3.71])
    assert tripped is not None
    assert (tripped.code, tripped.params["cell"]) == ("safety.cell_voltage_max", 4)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"voltage_V": 4.26}, "safety.voltage_max"),
        ({"voltage_V": 2.64}, "safety.voltage_min"),
        ({"voltage_V": None}, "safety.no_reading"),
        ({"current_A": None}, "safety.no_reading"),
        ({"voltage_V": math.nan}, "safety.no_reading"),
        ({"current_A": math.inf}, "safety.no_reading"),
        ({"voltage_V": 9.9e37}, "safety.no_reading"),
        ({"current_A": 42.0}, "safety.charge_current_max"),
        ({"current_A": -42.0}, "safety.discharge_current_max"),
        ({"current_A": 40.05}, None),
        ({"surface_degC": 50.5}, "safety.temperature_max"),
        ({"surface_degC": -0.5}, "safety.temperature_min"),
        ({"surface_degC": None}, None),
    ],
)
def test_every_sample_is_judged(change: dict[str, float | None], code: str | None) -> None:
    tripped = envelope().check(replace(GOOD, **change))
    assert (tripped.code if tripped else None) == code
    if tripped and code != "safety.no_reading":
        assert tripped.exit_code == 5
        assert tripped.remedy
        assert {"rule", "value", "limit", "source", "t_s", "segment"} <= tripped.params.keys()


def test_power_is_limited() -> None:
    tripped = build_envelope(
        [chemistry_part(chemistry_limits("NMC")), replace(BENCH, power_max_W=100.0)]
    ).check(replace(GOOD, voltage_V=4.0, current_A=30.0))
    assert tripped is not None
    assert tripped.code == "safety.power_max"


def test_pulses_on_documented_good_cells_do_not_trip() -> None:
    """Ends of real 2.5 C pulses reach the documented protection values of these cells, not further."""
    for chemistry, capacity_Ah, low, high in [
        ("LMO", 10.0, 1.95, 4.3),
        ("NMC", 21.0, 2.65, 4.3),
        ("NMC", 15.0, 2.65, 4.25),
        ("LFP", 35.0, 2.45, 3.7),
        ("LMO", 26.0, 2.65, 4.25),
    ]:
        limits = chemistry_limits(chemistry, nominal_capacity_Ah=capacity_Ah)
        assert (limits.protection_min_V, limits.protection_max_V) == pytest.approx((low, high))


def test_an_unknown_cell_stays_inside_what_all_can_take() -> None:
    flat = chemistry_limits(None, rested_cell_V=3.31)
    assert flat.protection_max_V == pytest.approx(3.70)  # it may be iron phosphate
    steep = chemistry_limits(None, rested_cell_V=3.68)
    assert steep.protection_max_V == pytest.approx(4.25)  # no rested iron-phosphate cell is that high
    assert flat.protection_min_V >= 2.5
    lithium_minimum = max(
        chemistry_limits(name).absolute_min_V for name in ("LFP", "NMC", "LMO", "NCA", "LCO")
    )
    assert flat.protection_min_V >= lithium_minimum


def test_margin_is_configurable_and_names_are_checked() -> None:
    assert chemistry_limits("nmc", margin_V=0.1).protection_max_V == pytest.approx(4.3)
    assert {"LFP", "NMC", "LMO", "LTO"} <= set(chemistry_names())
    with pytest.raises(UsageError, match="kryptonite") as error:
        chemistry_limits("kryptonite")
    assert error.value.code == "usage.chemistry"


def test_a_hole_or_a_contradiction_is_refused() -> None:
    with pytest.raises(UsageError) as hole:
        build_envelope([EnvelopePart("bench", voltage_min_V=1, voltage_max_V=4)])
    assert hole.value.code == "safety.no_limit"
    with pytest.raises(UsageError) as contradiction:
        build_envelope([BENCH, EnvelopePart("profile", cell_voltage_min_V=4.4)])
    assert contradiction.value.code == "safety.empty_envelope"


ROLES = ("bench", "profile", "battery", "plan", "instrument")
NAMES = tuple(field.name for field in fields(EnvelopePart) if field.name != "source")


@st.composite
def parts(draw: st.DrawFn) -> list[EnvelopePart]:
    """Parties that demand whatever they like, beside a bench that bounds everything."""
    found = [
        EnvelopePart(
            "bench",
            **{
                name: draw(st.floats(0.1, 1.0) if "_min_" in name else st.floats(10.0, 99.0))
                for name in NAMES
            },
        )
    ]
    for role in draw(st.lists(st.sampled_from(ROLES), max_size=4)):
        demands = draw(st.dictionaries(st.sampled_from(NAMES), st.floats(2.0, 9.0), max_size=5))
        demands |= draw(st.dictionaries(st.sampled_from(NAMES), st.floats(0.01, 1e6), max_size=5))
        found.append(EnvelopePart(role, **demands))
    return found


@given(parts(), st.integers(1, 12))
def test_the_tightest_of_all_wins_and_nobody_widens_the_bench(
    demands: list[EnvelopePart], cells: int
) -> None:
    try:
        merged = build_envelope(demands, series_cells=cells)
    except UsageError:
        return  # the limits leave no room
    for name in NAMES:
        limit = getattr(merged, name)
        asked = [(getattr(part, name), part.source) for part in (*demands, STATION)]
        asked = [(value, source) for value, source in asked if value is not None]
        if name.startswith("voltage_"):
            asked += [
                (getattr(p, f"cell_{name}") * cells, p.source) for p in demands if getattr(p, f"cell_{name}")
            ]
        best = max(asked)[0] if "_min_" in name else min(asked)[0]
        assert limit.value == best, name
        assert (best, limit.source) in asked
        bench = getattr(demands[0], name)
        assert limit.value >= bench if "_min_" in name else limit.value <= bench


@given(parts(), parts())
def test_more_parties_never_widen(some: list[EnvelopePart], others: list[EnvelopePart]) -> None:
    try:
        few, many = build_envelope(some), build_envelope([*some, *others])
    except UsageError:
        return
    for name in NAMES:
        before, after = getattr(few, name).value, getattr(many, name).value
        assert after >= before if "_min_" in name else after <= before


def test_what_a_plan_asks_for_bounds_charge_and_energy() -> None:
    segments = [(50.0, 5.0), (0.0, 75.0), (-50.0, 5.0), (0.0, 75.0)]
    part = plan_part(segments, nominal_capacity_Ah=20.0, voltage_max_V=4.2, range_A=100.0)
    asked_Ah = 50 * 5 / 3600
    assert part.charge_current_max_A == part.discharge_current_max_A == 50.0
    assert part.charge_max_Ah is not None
    assert asked_Ah * 1.1 < part.charge_max_Ah < asked_Ah * 1.1 + 1.01
    assert part.energy_max_Wh == pytest.approx(part.charge_max_Ah * 4.2)
    assert battery_part(20.0).balance_max_Ah == pytest.approx(22.0)
