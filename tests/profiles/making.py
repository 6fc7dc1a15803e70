"""Random valid profiles, for properties that hold of all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from profiles import Profile

WORDS = {"zh": "检测", "en": "test: one"}
CURRENTS = st.floats(0.05, 2.0).map(lambda value: round(value, 3))
TIMES = st.floats(0.1, 100).map(lambda value: round(value, 3))
DIRECTIONS = st.sampled_from(["charge", "discharge"])
CONDITIONS = st.sampled_from(
    [
        "cell_voltage_V <= 3 V",
        "abs(net_Ah) > 10 % * nominal_capacity_Ah",
        "last_time_s < 1 min and not run_time_s > 2 h",
    ]
)


def _step(kind: str, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"step": st.just(kind), **fields})


PLAIN = st.one_of(
    _step("rest", duration_s=TIMES),
    _step("pulse", direction=DIRECTIONS, current_C=CURRENTS, duration_s=TIMES, rest_s=TIMES),
    _step("pulse_pair", current_C=CURRENTS, duration_s=TIMES, rest_s=TIMES),
    _step("pulse_train", currents_C=st.lists(CURRENTS, min_size=1, max_size=3), duration_s=TIMES),
    _step("hppc_block", current_C=CURRENTS),
    _step("constant_current", direction=DIRECTIONS, current_C=CURRENTS, duration_max_s=TIMES,
          until=CONDITIONS),
    _step("constant_power", direction=DIRECTIONS, power_W=CURRENTS, current_max_C=CURRENTS,
          duration_max_s=TIMES),
    _step("constant_resistance", resistance_ohm=TIMES, current_max_C=CURRENTS, duration_max_s=TIMES),
    _step("cccv", current_C=st.just(1.0), current_end_C=st.just(0.1), cell_voltage_V=st.just("charge_max"),
          duration_max_s=TIMES),
    _step("ramp", from_C=st.just(0.0), to_C=CURRENTS, duration_s=st.just(20.0), hold_s=st.just(2.0)),
    _step("prbs", order=st.integers(3, 5), bit_s=TIMES, current_C=CURRENTS),
    _step("multi_sine", base_Hz=st.just(0.1), harmonics=st.just([1, 3]), current_C=CURRENTS,
          hold_s=st.just(0.5)),
    _step("ocv_wait", drift_max_mV_per_min=CURRENTS, duration_max_s=st.floats(61, 999)),
    _step("set", name=st.just("kept_Ah"), value=st.just("last_discharge_Ah")),
    _step("prompt", text=st.just(WORDS)),
    _step("call", profile=st.sampled_from(["screen", "rapid"])),
)  # fmt: skip


def _holding(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        _step("loop", times=st.integers(1, 3), steps=some),
        st.builds(
            lambda words, then, other: {"step": "if", "condition": words, "then": then, "else": other},
            CONDITIONS, some, some,
        ),
        _step("repeat_until", condition=CONDITIONS, times_max=st.integers(1, 3), steps=some),
    )  # fmt: skip


STEPS = st.lists(st.recursive(PLAIN, _holding, max_leaves=6), max_size=5)


def profile_of(steps: list[dict[str, Any]]) -> Profile:
    """A whole profile around ``steps``."""
    first = {"step": "contact_check"}
    data = {"schema": "pulse-station/profile/1", "name": "made", "title": WORDS, "description": WORDS}
    return Profile.model_validate({**data, "steps": [first, *steps]})
