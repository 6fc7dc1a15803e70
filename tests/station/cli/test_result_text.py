"""What a technician reads of a test that measured no SOH."""

from __future__ import annotations

from typing import Any

import pytest

from station.cli.run import print_result

QUARANTINED: dict[str, Any] = {
    "verdict": "quarantine",
    "grade": "R",
    "soh": None,
    "reason": "no pulse pair of a learned size was measured (largest: 0.33 C)",
    "reason_code": "amplitude_not_learned",
    "decision": {
        "outcome": {
            "verdict": "quarantine",
            "grade": "R",
            "best": "R",
            "worst": "R",
            "uses": [],
            "steps": [{"code": "decision.safety_found", "params": {"finding": "no_voltage"}}],
        },
        "rules": {
            "content": {
                "uses": [],
                "safety": [{"finding": "no_voltage", "title": {"zh": "无电压", "en": "no voltage"}}],
            }
        },
    },
    "history": {
        "confidence": "history_only",
        "basis": "history_only",
        "soh": {"estimate": 0.89, "low90": 0.77, "high90": 1.01},
        "pulse_soh": None,
        "sources": [],
        "contradictions": [],
    },
}


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            [
                "rejected for safety: no voltage",
                "not measured: history alone lets expect SOH 89% [77%, 101%]; that gives no grade",
                "SOH not measured: no pulse pair of a learned size was measured (largest: 0.33 C)",
            ],
        ),
        (
            "zh",
            [
                "安全否决：无电压",
                "未测得：仅由历史推测 SOH 89% [77%, 101%]；不用于评级",
                "未测得 SOH：没有测到已学习过的脉冲电流",
            ],
        ),
    ],
)
def test_a_quarantined_pack_says_why_and_that_history_is_no_measurement(
    lang: str, lines: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_LANG", lang)
    print_result(QUARANTINED)
    out = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in out if line in lines] == lines
    assert not any(line.startswith("→") for line in out), "nothing more is measured of it"


def test_a_retest_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_LANG", "en")
    print_result({**QUARANTINED, "verdict": "no_verdict", "decision": None, "history": None})
    assert "→ measure the capacity" in capsys.readouterr().out
