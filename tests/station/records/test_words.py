"""Runs found by parts of words: through an index it is what a reading of every row would find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from station.records import Records, open_records

CODES = ("04QCB76G88201JD1A0000017", "04QCB76G88201JD1A0000018", '自制-"7"', "100%_a/b", "ab", "no code")
ERRORS = (None, "worker.died", "safety.voltage_max")
PARTS = (
    "04qcb76g", "JD1A0000018", "0000017", '"7"', "自制-", "100%", "_a/", "%_a", "ab", "a", "worker.d", "DIED",
    "R-1", "r-11", "zz9zz", "e c", "NOT", "code OR", "*", 'a" OR "b',
)  # fmt: skip


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with open_records(tmp_path_factory.mktemp("words")) as opened:
        for number in range(24):
            code = CODES[number % len(CODES)]
            opened.register_battery(code)
            opened.start_run(
                run_id=f"R-{number}", battery=code, bench="b", channel=str(number % 2), profile="rapid",
                plan_digest="0" * 64, nominal_capacity_Ah=20.0, speed=1.0, simulated=True,
            )  # fmt: skip
            found = ERRORS[number % len(ERRORS)]
            if found:  # what a run ends with comes into the index later than its code
                error: dict[str, Any] = {"code": found, "message": "", "remedy": "", "params": {}}
                opened.update_run(f"R-{number}", error=error)
        yield opened


def plainly(records: Records, battery: str = "", text: str = "") -> list[str]:
    """Run ids, newest first, by reading all of them."""
    return [
        run["run_id"]
        for run in records.search_runs(limit=100)["runs"]
        if battery.lower() in run["battery"].lower()
        and any(text.lower() in str(run[name] or "").lower() for name in ("battery", "run_id", "error_code"))
    ]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_finds_what_has_it(records: Records, part: str) -> None:
    asked: tuple[dict[str, Any], ...] = (
        {"battery": part},
        {"text": part},
        {"battery": "04QCB", "text": part},
    )
    for where in asked:
        wanted = plainly(records, **where)
        found = records.search_runs(limit=100, **where)
        assert [run["run_id"] for run in found["runs"]] == wanted
        assert (found["count"], found["more"], found["next"]) == (len(wanted), False, None)


def test_page_after_page_with_other_conditions(records: Records) -> None:
    wanted = [one for one in plainly(records, text="r-1") if int(one[2:]) % 2 == 0]
    seen: list[str] = []
    before = None
    while True:
        page = records.search_runs(limit=2, before=before, text="r-1", channel="0")
        seen += [run["run_id"] for run in page["runs"]]
        before = page["next"]
        if before is None:
            break
    assert seen == wanted
    assert len(seen) > 4
