"""Collects what is known of a battery's past when its test ends: records, intake data, the run's own BMS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.models.rulebook import KnownFacts
from station.records import Records
from station.reports.battery_code import read_code
from station.reports.bms_memory import by_known_names, memory_of
from station.reports.decision import today
from station.reports.history import earlier_tests, history_facts, with_history
from station.reports.intake_memory import remembered

EARLIER_MAX = 10
"""So many earlier tests are looked at, the newest."""
INTAKE_EVENT = "history.intake"
"""What was told of the battery's past when its test was asked for; in the run's chain of events."""

CHECKLIST_EVENT = "connection.checklist"
"""What a person has answered before the test; its ``inspection`` are facts of the decision."""


def collect(records: Records, run_id: str) -> dict[str, Any]:
    """What the records know, as plain data for the analysis process. Raises RecordError."""
    events = records.run_events(run_id)
    told = [event["params"] for event in events if event["code"] == INTAKE_EVENT]
    before = [
        {**row, "intake": row["params"]}
        for row in records.told_before(run_id, INTAKE_EVENT, limit=EARLIER_MAX)
    ]
    day = str(records.find_run(run_id)["started_utc"])[:10]
    intake, origin = remembered(told[-1] if told else None, before, today=day)
    inspected = [event["params"] for event in events if event["code"] == CHECKLIST_EVENT]
    return {
        "intake": intake,
        "remembered": origin,
        "inspection": inspected[-1].get("inspection") if inspected else None,
        "earlier": earlier_tests(records.earlier_results(run_id, limit=EARLIER_MAX)),
    }


def join_history(
    result: Mapping[str, Any],
    run_dir: Path,
    collected: Mapping[str, Any],
    *,
    battery: str,
    chemistry: str | None,
    simulated: bool,
) -> dict[str, Any]:
    """The result with its past joined, decided on today."""
    day = today()
    told = bms_signals(run_dir / "journal.jsonl")
    facts = history_facts(
        result,
        read_code(battery),
        today=day,
        chemistry=chemistry,
        simulated=simulated,
        intake=collected["intake"],
        bms=by_known_names(told),
        earlier=collected["earlier"],
    )
    inspection = collected.get("inspection")
    known = KnownFacts(inspection=inspection) if inspection else None
    joined = with_history(result, facts, decided_on=day, known=known)
    if collected.get("remembered"):
        joined = {**joined, "history": {**joined["history"], "remembered": collected["remembered"]}}
    memory = memory_of(told)
    return {**joined, "bms_memory": memory} if memory else joined


def bms_signals(journal: Path) -> dict[str, Any]:
    """The last known value of every signal of the run's BMS, and all its ``faults``.

    Reads only the lines of the BMS: a journal has hundreds of thousands of others.
    """
    signals: dict[str, Any] = {}
    faults: dict[str, None] = {}
    with journal.open("rb") as lines:
        for line in lines:
            if not line[:16].replace(b" ", b"").startswith(b'{"k":"bms"'):
                continue
            try:
                record = json.loads(line)
            except ValueError:  # torn by a crash
                continue
            faults |= dict.fromkeys(str(fault) for fault in record.pop("faults", None) or ())
            signals |= {name: value for name, value in record.items() if value is not None}
    return {**signals, "faults": list(faults)} if signals or faults else {}
