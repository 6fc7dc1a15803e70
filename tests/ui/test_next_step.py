"""What a tile says to do next where the verdict is open, and what an idle one shows."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from station.reports.decision import HOLDS_THE_LIMIT
from tests.ui.conftest import Opener
from tests.ui.scripted import ScriptedBackend, idle, pulse_curve, running, samples

RESULT = {"verdict": "no_verdict", "grade": None, "rules": [], "decision": None, "reason": "", "soh": None}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"reason_code": "no_sense_leads", "next_measurement": "check_wiring"}, "Check the leads"),
        ({"reason_code": "no_pulses", "next_measurement": "rapid"}, "Check the leads"),
        ({"reason_code": "subset_not_learned", "next_measurement": "reference"}, "then the reference test"),
        ({"reason_code": "string_mean_only", "next_measurement": "capacity"}, "then the capacity test"),
        ({"reason_code": "type_ambiguous", "next_measurement": "nominal_capacity"}, "from the nameplate"),
        (
            {"reason": HOLDS_THE_LIMIT, "reason_code": None, "next_measurement": None},
            "a reference or capacity test",
        ),
    ],
)
def test_an_open_verdict_says_what_settles_it(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, told: dict[str, Any], said: str
) -> None:
    page = open_window({"1": running("1", 20.0)}, lang="en").page
    soh = {"estimate": 0.6, "low90": 0.55, "high90": 0.65} if told.get("reason") else None
    state = idle(
        state="verdict", run_id="run-1", battery="PS-1", profile="rapid", verdict="no_verdict", soh=soh,
        acknowledged=False,
    )  # fmt: skip
    backend.say({"type": "channel", "channel": "1", "state": state})
    backend.say({"type": "result", "channel": "1", "run_id": "run-1", "result": {**RESULT, **told}})

    def labels() -> str:
        page.tick()
        return "\n".join(label.text() for label in page.tiles["1"].findChildren(QLabel))

    qtbot.waitUntil(lambda: said in labels())


def test_an_idle_channel_shows_no_curve_of_its_last_battery(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    page = open_window({"1": running("1", 20.0)}).page
    tile = page.tiles["1"]
    backend.say(samples("1", pulse_curve(20.0)))
    qtbot.waitUntil(lambda: (page.tick(), tile.plot.isVisible())[1])
    backend.say({"type": "channel", "channel": "1", "state": idle()})
    qtbot.waitUntil(lambda: (page.tick(), not tile.plot.isVisible())[1])
