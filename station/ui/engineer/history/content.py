"""A run's record as rows of the tables that show it."""

from __future__ import annotations

import json
from typing import Any

from station.messages.catalogue import value, words
from station.messages.cells import memory_text
from station.messages.filling import Filler
from station.messages.reasons import reason_of
from station.messages.rule_sources import rule_source
from station.reports.explain import explain
from station.ui.engineer.figures import NONE, interval, local_time, milliohm, verdict_word
from station.ui.engineer.table import breakable
from station.ui.gradewhy import grade_why
from station.ui.texts import Texts, say_code

Rows = list[list[str]]
TIMES = ("0.01", "0.1", "1", "5", "10")


def summary_rows(run: dict[str, Any], texts: Texts, error: str) -> Rows:
    """What was tested, how, and what came of it."""
    result = run["result"] or {}
    chemistry = result.get("chemistry") or {}
    reason = reason_of(result)
    why = say_code(reason.code, reason.params, texts.lang, message=reason.text).text if reason else ""
    decision = (result.get("decision") or {}).get("rules") or {}
    facts: list[tuple[str, Any]] = [
        ("verdict", verdict_word(run, texts)),
        ("grade", " · ".join(filter(None, (run["grade"], grade_why(result, texts))))),
        ("soh", interval(run["soh"], run["soh_low90"], run["soh_high90"])),
        ("why", why),
        ("error", error),
        ("battery", run["battery"]),
        ("capacity", f"{run['nominal_capacity_Ah']:g} Ah"),
        ("chemistry", run["chemistry"] or value(chemistry.get("label"), texts.lang)),
        ("memory", memory_text(result.get("bms_memory"), texts.lang)),
        ("channel", f"{run['bench']} · {run['channel']}"),
        ("profile", run["profile"]),
        ("started", local_time(run["started_utc"], seconds=True)),
        ("ended", local_time(run["ended_utc"], seconds=True)),
        ("duration", None if run["duration_s"] is None else f"{run['duration_s']:.1f} s"),
        ("resumes", run["resumes"] or None),
        ("simulated", texts("page.yes") if run["simulated"] else None),
        ("rules", f"{decision['name']} {decision['version']}" if decision else None),
        ("model", result.get("model_id")),
        ("run_id", run["run_id"]),
    ]
    return [[texts(f"page.fact.{name}"), str(value)] for name, value in facts if value]


def decision_rows(run: dict[str, Any], texts: Texts) -> Rows:
    """Every rule that was applied: what about, what came of it, in words, and where its limit is from."""
    decision = (run["result"] or {}).get("decision")
    if not decision:
        return []
    filler = Filler(words(texts.lang))

    def word(value: Any) -> str:
        return filler.format_field(value, "")

    try:
        lines = explain(decision, texts.lang)
    except (KeyError, TypeError, ValueError):
        return [["", "", texts("page.run.damaged"), ""]]
    rows = []
    for line in lines:
        about = line["title"] or texts(f"page.section.{line['section']}")
        text = f"{line['text']} → {line['remedy']}" if line["remedy"] else line["text"]
        source = ""
        if line["source"]:
            colon = "：" if texts.lang == "zh" else ": "
            source = f"{word(line['evidence'])}{colon}{rule_source(line['source'], texts.lang)}"
        rows.append([about, word(line["outcome"]), text, source])
    return rows


def pulse_rows(run: dict[str, Any]) -> Rows:
    """One row a pulse: when, how strong, and its resistance at each time in mΩ."""
    rows = []
    for number, block in enumerate((run["result"] or {}).get("blocks") or [], start=1):
        for pulse in block["pulses"]:
            ohms = pulse["resistance_ohm"]
            rows.append(
                [str(number), f"{pulse['start_s']:.2f} s", f"{pulse['current_A']:.1f} A"]
                + [milliohm(ohms.get(time)) for time in TIMES]
            )
    return rows


def event_rows(events: list[dict[str, Any]], texts: Texts) -> Rows:
    """When, how grave, in words, by code."""
    rows = []
    for event in events:
        said = say_code(event["code"], event["params"], texts.lang, message=_plain(event["params"]))
        level = texts(f"page.level.{event['level']}")
        rows.append([local_time(event["t_utc"], seconds=True), level, said.text, breakable(event["code"])])
    return rows


FILE_KINDS = ("run", "journal", "result", "signed", "decision", "photo")
"""What the station keeps of a run."""


def file_rows(files: list[dict[str, Any]], texts: Texts) -> Rows:
    """Kind, place, size, whether it is as it was recorded, checksum."""
    return [
        [
            texts(f"page.file.{file['kind']}") if file["kind"] in FILE_KINDS else file["kind"],
            breakable(file["path"]),
            f"{file['bytes']:,}",
            texts(f"page.check.{file.get('check', 'unknown')}"),
            f"{file['sha256'][:32]}\u200b{file['sha256'][32:]}",
        ]
        for file in files
    ]


def _plain(params: dict[str, Any]) -> str:
    """The facts of an event that has no words."""
    return json.dumps(params, ensure_ascii=False) if params else NONE
