"""The lines that several papers share: number, method, uses, instruments, where it all comes from."""

from __future__ import annotations

from typing import Any

from station.papers.facts import RunFacts, Told
from station.papers.words import Words

FILES = ("run", "journal", "result", "signed", "decision", "photo")


def soh_text(facts: RunFacts) -> str:
    """The one number: ``93.2 %``; a dash where the station abstains."""
    return f"{facts.soh.estimate * 100:.1f} %" if facts.soh else "–"


def interval_text(facts: RunFacts, words: Words) -> str:
    """The interval with its coverage, or why there is no number."""
    if facts.soh is None:
        return reason_text(facts, words)
    return words(
        "interval", low=facts.soh.low * 100, high=facts.soh.high * 100, coverage=facts.soh.coverage * 100
    )


def reason_text(facts: RunFacts, words: Words) -> str:
    """Why there is no verdict or no number; empty where there is nothing to explain."""
    told = facts.fault or facts.reason
    return "" if told is None else told_text(told, words)


def told_text(told: Told, words: Words) -> str:
    """A code in words; what has no words is said as it came."""
    code, params = told
    return words.message(code, params, str(params.get("message") or code)) if code else str(params["message"])


def file_word(kind: str, words: Words) -> str:
    """What a file of the run is; a kind that has no name goes by its own."""
    return words(f"file_{kind}") if kind in FILES else kind


def grade_text(facts: RunFacts, words: Words) -> str:
    """The grade, and what else is possible within the interval."""
    if not facts.grade:
        return "–"
    if facts.best_grade and facts.worst_grade and facts.best_grade != facts.worst_grade:
        return words("grade_open", grade=facts.grade, best=facts.best_grade, worst=facts.worst_grade)
    return facts.grade


def method_text(facts: RunFacts, words: Words) -> str:
    """How the number was come by, in two sentences."""
    text = words("method", profile=facts.profile, count=len(facts.pulses))
    if len(facts.recipes):
        text += words("method_recipe", recipe=", ".join(facts.recipes))
    if facts.joined:
        text += words("method_joined")
    if facts.measured_soh is not None:
        text += words("method_capacity", soh=facts.measured_soh * 100)
    elif facts.soh:
        text += words("method_interval", coverage=facts.soh.coverage * 100)
    return text


def battery_rows(facts: RunFacts, words: Words) -> list[tuple[str, str]]:
    """What was tested, when and where."""
    known = words("not_known")
    chemistry = facts.chemistry or known
    if facts.chemistry_found:
        label, confidence = facts.chemistry_found
        chemistry = words(
            "chemistry_found", given=chemistry, found=words.word(label), confidence=confidence * 100
        )
    capacity = known if facts.nominal_capacity_Ah is None else f"{facts.nominal_capacity_Ah:g} Ah"
    level = words.word(facts.level) if facts.level else known
    if facts.series_cells and facts.series_cells > 1:
        level += f" · {facts.series_cells}S"
    return [
        (words("battery"), facts.battery),
        (words("level"), level),
        (words("capacity"), capacity),
        (words("chemistry"), chemistry),
        (words("tested"), time_text(facts)),
        (words("place"), words("place_value", bench=facts.bench, channel=facts.channel)),
    ]


def time_text(facts: RunFacts) -> str:
    """Beginning in the time of this place, with its distance from UTC, and how long it took."""
    begun = facts.started.astimezone()
    text = f"{begun:%Y-%m-%d %H:%M} (UTC{begun:%z})"
    return text if facts.duration_s is None else f"{text} · {facts.duration_s:.0f} s"


def uses_lines(facts: RunFacts, words: Words) -> list[tuple[str, str, str]]:
    """Status, use, and what stands against it."""
    comma = "；" if words.lang == "zh" else "; "
    rows = []
    for status in ("fits", "conditional", "blocked"):
        for use in facts.uses:
            if use.status == status:
                against = comma.join(words.message(code, _named(p, words)) for code, p in use.against)
                rows.append((words.word(status), words.title(use.title), against))
    return rows


def _named(params: dict[str, Any], words: Words) -> dict[str, Any]:
    """Rule texts in both languages are facts of a step; the right one is its ``rule``."""
    rule = params.get(f"rule_{words.lang}")
    return {**params, "rule": rule} if rule else params


def instrument_rows(facts: RunFacts, words: Words) -> list[list[str]]:
    """Head and one row per instrument; what is not known is said so."""
    known = words("not_known")
    rows = [
        [words(f"instrument_{key}") for key in ("place", "model", "serial", "date", "due", "certificate")]
    ]
    for item in facts.instruments:
        place = words(f"place_{item.place.partition('[')[0].rpartition('.')[2]}")
        rows.append(
            [
                place,
                item.model or item.driver,
                item.serial or known,
                item.done or known,
                item.due or known,
                " · ".join(filter(None, (item.certificate, item.by))) or known,
            ]
        )
    return rows


def origin_rows(facts: RunFacts, words: Words) -> list[tuple[str, str]]:
    """Profile, rules, model, program and files, each with what identifies it."""
    known = words("not_known")
    rows = [
        (words("run"), facts.run_id),
        (words("profile"), f"{facts.profile} · {words('plan')} {facts.plan_digest[:16] or known}"),
        (
            words("rules"),
            known
            if facts.rules is None
            else f"{facts.rules[0]} {facts.rules[1]} · sha256 {facts.rules[2][:16]}",
        ),
        (words("model"), facts.model_id or known),
        (words("program"), f"Pulse Station {facts.version or known}"),
    ]
    rows += [
        (words("file", kind=file_word(kind, words)), f"sha256 {digest}") for kind, _, digest in facts.files
    ]
    return rows
