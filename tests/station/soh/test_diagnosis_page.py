"""docs/diagnosis.md says what was measured on the table and the models that ship."""

from __future__ import annotations

import json

from station.diagnosis.soh.model import ModelSet
from tests.benchmarks.diagnosis.page import render
from tests.benchmarks.diagnosis.page_soh import gain
from tests.benchmarks.diagnosis.place import PAGE, RESULTS


def test_the_page_is_made_from_its_figures_and_the_shipped_models(models: ModelSet) -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert found["soh"]["table_sha256"] == models.info["training_table_sha256"]
    assert PAGE.read_text(encoding="utf-8") == render(found)


def test_the_page_tells_where_the_wanted_error_is_missed() -> None:
    types = json.loads(RESULTS.read_text(encoding="utf-8"))["soh"]["types"]
    told = PAGE.read_text(encoding="utf-8").split("this is missed on: ")[1].split("\n")[0]
    assert told == ", ".join(name for name in types if gain(types[name], "ladder") < 15.0) + "."
