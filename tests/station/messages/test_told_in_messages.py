"""An error, or a result's reason, inside another message is said in the reader's language, too."""

from __future__ import annotations

import re
from typing import Any

import pytest

from drivers.errors import NoReading, TransportError
from station.diagnosis.soh.reasons import TEXTS
from station.errors import CheckFailed, told
from station.messages import reason_of, say, why
from station.reports.decision import HOLDS_THE_LIMIT

LOST = TransportError("tcp://127.0.0.1:9: no answer", address="tcp://127.0.0.1:9")


def test_a_drivers_words_inside_an_alarm() -> None:
    facts = {"problem": [told(LOST), told(NoReading("channel 101: no number"))]}
    chinese = say("engine.sensor_stale", facts, "zh").text
    assert say("driver.transport", LOST.params, "zh").text in chinese
    assert "no answer" not in chinese
    assert "no number" not in chinese
    assert say("driver.transport", LOST.params, "en").text in say("engine.sensor_stale", facts, "en").text


def test_nothing_to_complain_of_leaves_the_place_out() -> None:
    assert say("engine.sensor_stale", {"problem": []}, "en") == say("engine.sensor_stale", {}, "en")


def test_the_same_complaint_of_two_scanners_is_said_once() -> None:
    once = say("engine.sensor_stale", {"problem": [told(LOST)]}, "zh")
    assert say("engine.sensor_stale", {"problem": [told(LOST), told(LOST)]}, "zh") == once


def test_why_a_run_cannot_go_on_and_what_to_do() -> None:
    error = CheckFailed("polarity: -3.2 V", remedy="swap the leads", code="safety.check.polarity", value=-3.2)
    said = say("run.resume_refused", {"message": told(error), "remedy": told(error, "remedy")}, "zh")
    known = say("safety.check.polarity", error.params, "zh")
    assert known.text in said.text
    assert known.remedy in said.remedy
    kept = {"code": "safety.check.polarity", "message": "polarity: -3.2 V", "remedy": "swap the leads"}
    assert "swap the leads" in say("run.resume_refused", kept, "zh").remedy  # an event of an earlier station


def test_an_error_without_words_says_its_own() -> None:
    unknown = {"code": "vendor.unheard_of", "message": "E-77", "params": {}}
    assert "E-77" in say("engine.sensor_stale", {"problem": [unknown]}, "zh").text
    assert why("engine.sensor_stale", {"problem": [unknown]}, "zh").cause


@pytest.mark.parametrize(
    "result",
    [
        *({"reason": text, "reason_code": code, "soh": None} for code, text in TEXTS.items()),
        {"reason": HOLDS_THE_LIMIT, "reason_code": None, "soh": {"estimate": 0.6}},
        {
            "reason": "voltage too high",
            "reason_code": "safety.voltage_max",
            "error": {"code": "safety.voltage_max", "params": {"value": 4.3, "limit": 4.25, "unit": "V"}},
        },
    ],
)
def test_a_results_reason_is_said_in_chinese(result: dict[str, Any]) -> None:
    reason = reason_of(result)
    assert reason is not None
    said = reason.said("zh").text
    assert re.search("[\u4e00-\u9fff]", said)
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", said)
    assert reason.said("en").text


def test_a_result_without_a_reason_has_none() -> None:
    assert reason_of({"reason": None, "reason_code": None, "soh": {"estimate": 0.9}}) is None


def test_who_did_it_at_the_command_line() -> None:
    facts = {"name": "Li", "role": "admin", "who": "root (command line)", "by": "root (command line)"}
    assert "root（命令行）" in say("person.added", facts, "zh").text
    assert "root (command line)" in say("person.added", facts, "en").text
