"""Every code has words in both languages, and a fact that is missing never spoils them."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import station.messages
from station.diagnosis.soh.reasons import TEXTS
from station.messages import LANGUAGES, Message, codes, say, why
from station.messages.deeper import entries
from station.service.core import guard_events
from tests.station.messages.codes_in_use import codes_in_use


def catalogue(lang: str) -> dict[str, Any]:
    path = Path(station.messages.__file__).parent / f"catalogue_{lang}.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def names_in(text: str) -> set[str]:
    plain = text.replace("[[", "").replace("]]", "")
    return {name for _, name, _, _ in string.Formatter().parse(plain) if name is not None}


def test_both_languages_have_the_same_codes() -> None:
    assert codes("zh") == codes("en")
    assert len(codes("zh")) > 100


def test_every_code_in_the_source_has_words() -> None:
    used = codes_in_use()
    assert len(used) > 100
    known = set(codes("zh"))
    assert {code: place for code, place in used.items() if code not in known} == {}


def test_every_reason_of_the_diagnosis_has_words() -> None:
    assert {f"reason.{code}" for code in TEXTS} <= set(codes("zh"))


def test_every_event_of_the_guard_has_words() -> None:
    unknown = {"connected": False, "relay_ok": None, "estop_ok": None, "interlock_ok": None, "trips": []}
    bad = {
        "connected": True,
        "relay_ok": False,
        "estop_ok": False,
        "interlock_ok": False,
        "trips": [{"code": "x"}],
    }
    good = {"connected": True, "relay_ok": True, "estop_ok": True, "interlock_ok": True, "trips": []}
    said = {
        code
        for before, now in ((unknown, bad), (bad, good), (good, unknown))
        for code, _, _ in guard_events(before, now)
    }
    assert len(said) == 9
    assert said <= set(codes("zh"))


@pytest.mark.parametrize("code", codes("zh"))
def test_texts_are_whole_and_ask_for_the_same_facts(code: str) -> None:
    zh, en = catalogue("zh")["codes"][code], catalogue("en")["codes"][code]
    for part in ("text", "remedy"):
        assert names_in(zh[part]) == names_in(en[part])
        assert bool(zh[part]) == bool(en[part])
        assert zh[part].count("[[") == zh[part].count("]]")
    assert zh["text"]
    assert any("\u4e00" <= character <= "\u9fff" for character in zh["text"])
    assert not any("\u4e00" <= character <= "\u9fff" for character in en["text"] + en["remedy"])


def test_facts_are_filled_in() -> None:
    params = {"value": 0.0123, "limit": 0.005, "rule": "contact_resistance"}
    assert say("safety.check.contact_resistance", params, "zh") == Message(
        "接触不良：检测线（接触电阻 12.30 mΩ，允许 5.00 mΩ）", "清洁并夹紧夹具，检查两组检测线"
    )
    assert say("safety.check.contact_resistance", {}, "zh").text == "接触不良：检测线"
    tripped = {"value": 4.312, "limit": 4.25, "unit": "V", "source": "chemistry"}
    assert say("safety.voltage_max", tripped, "zh").text == "电压过高：4.312 V（限值 4.25 V，化学体系）"
    assert (
        say("safety.voltage_max", tripped, "en").text == "voltage too high: 4.312 V (limit 4.25 V, chemistry)"
    )
    assert say("safety.check.ocv_window", {"value": 2.1, "limit": [2.5, 3.65]}, "zh").text == (
        "电压不在允许范围：每节 2.100 V，允许 2.5–3.65 V"
    )
    faults = {"faults": ["two_packs: BMS_20", "cell overvoltage"]}
    assert say("safety.bms_fault", faults, "zh").text == "BMS 报告故障：线路上有两个电池包: BMS_20, 单体过压"
    assert say("safety.bms_fault", faults, "en").text.endswith(
        ": two packs on one line: BMS_20, cell overvoltage"
    )
    assert say("battery.level_differs", {"label": "module", "channel": "cell"}, "zh").text == (
        "编码标明是模组，而本通道用于单体"
    )
    assert say("run.ended", {"verdict": "no_verdict", "grade": None}, "en").text == "test ended: retest"


def test_unknown_codes_and_languages_fall_back() -> None:
    assert say("never.heard", {}, "zh", fallback="as it came", fallback_remedy="do it") == Message(
        "as it came", "do it"
    )
    assert say("never.heard") == Message("never.heard", "")
    assert say("run.completed", {}, "de") == say("run.completed", {}, "en")
    assert say("engine.check", {"rule": "x"}, "en", fallback_remedy="own remedy").remedy == "own remedy"


facts = st.dictionaries(
    st.sampled_from(
        ["value", "limit", "unit", "source", "channel", "file", "line", "cell", "battery", "problem"]
    ),
    st.none()
    | st.floats()
    | st.text(max_size=5)
    | st.integers()
    | st.lists(st.none() | st.floats(), max_size=2),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(code=st.sampled_from(codes("zh")), params=facts, lang=st.sampled_from(LANGUAGES))
def test_any_facts_give_a_sentence(code: str, params: dict[str, Any], lang: str) -> None:
    said = say(code, params, lang)
    assert said.text
    assert "[[" not in said.text.replace(str(params.get("file")), "")


def faults() -> list[str]:
    """Codes that end, refuse or stop a test."""
    endings = (
        "safety.",
        "guard.",
        "driver.",
        "instrument.",
        "worker.",
        "analysis.",
        "internal.",
        "connection.",
    )
    return [code for code in codes("zh") if code.startswith(endings)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_can_stop_a_test_has_a_cause_and_a_consequence(lang: str) -> None:
    quiet = {
        "guard.connected", "guard.estop_closed", "guard.interlock_closed", "guard.relay_back", "guard.cut",
        "connection.checklist", "connection.off",
    }  # fmt: skip
    lacking = {
        code: part for code in faults() for part in ("consequence",) if not getattr(why(code, {}, lang), part)
    }
    assert set(lacking) <= quiet
    own = [code for code in faults() if code.startswith("safety.")]
    assert [code for code in own if not why(code, {}, lang).cause] == [
        "safety.check.precharge",
        "safety.check.precharge_wired",
    ]
    known = set(codes(lang))
    strangers = [name for name in entries(lang) if not name.endswith(".") and name not in known]
    assert strangers == ["safety.service_lost"], "said by an older worker"


def test_causes_stand_in_both_languages() -> None:
    zh, en = entries("zh"), entries("en")
    assert {code: sorted(entry) for code, entry in zh.items()} == {code: sorted(e) for code, e in en.items()}
