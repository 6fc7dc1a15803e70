"""A grade below the one that the SOH reaches says why, on its tile, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from station.ui.gradewhy import grade_why
from station.ui.texts import Texts
from tests.ui.conftest import Opener
from tests.ui.flowing import judged, verdict_of
from tests.ui.scripted import CODES, ScriptedBackend

KNOWN = {"resistance_growth": 0.1, "self_discharge_per_month": 0.01}


@pytest.mark.parametrize(
    ("estimate", "facts", "grade", "zh", "en"),
    [
        (0.861, {}, "B", "未评 A 级：缺少内阻增长、月自放电数据",
         "Not grade A: no data on resistance growth, self-discharge per month"),
        (0.861, {"quantities": {**KNOWN, "resistance_growth": 0.4}}, "B",
         "未评 A 级：内阻增长不超过 30.0%；测得 40.0%",
         "Not grade A: resistance growth at most 30.0%; measured 40.0%"),
        (0.861, {"quantities": KNOWN, "history": "unknown"}, "B", "未评 A 级：缺少使用历史数据",
         "Not grade A: no data on its history"),
        (0.861, {"quantities": KNOWN, "level": "pack"}, "B", "未评 A 级：缺少一致性数据",
         "Not grade A: no data on how alike its parts are"),
        (0.861, {"quantities": KNOWN}, "A", "", ""),
        (0.75, {}, "B", "", ""),  # the SOH alone says B
        (0.44, {}, "R", "", ""),
        (None, {}, None, "", ""),
    ],
)  # fmt: skip
def test_the_reason(estimate: float | None, facts: Any, grade: str | None, zh: str, en: str) -> None:
    result = judged(estimate, **facts)
    assert result["grade"] == grade
    assert grade_why(result, Texts("zh")) == zh
    assert grade_why(result, Texts("en")) == en


def test_the_tile_shows_it(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    result = judged(0.861)
    backend.answers["run"] = {"result": result}
    page = open_window({"1": verdict_of("1", CODES["1"], result, 0.861)}).page
    reason = page.tiles["1"]._details._reason
    qtbot.waitUntil(lambda: reason.text() == "未评 A 级：缺少内阻增长、月自放电数据")
    assert reason.isVisible()
    assert reason.text() in page.tiles["1"].accessibleName()
    page.switch_language()
    qtbot.waitUntil(lambda: reason.text().startswith("Not grade A: no data on resistance growth"))
