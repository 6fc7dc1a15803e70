"""The report of a run: everything that the record holds, in pages of A4."""

from __future__ import annotations

from station.messages.cells import cell_text, memory_text
from station.papers.cell_map import cell_map
from station.papers.facts import RunFacts
from station.papers.lines import (
    battery_rows,
    grade_text,
    instrument_rows,
    interval_text,
    method_text,
    origin_rows,
    reason_text,
    soh_text,
    told_text,
    uses_lines,
)
from station.papers.plots import Samples, curve, resistances
from station.papers.sheet import INNER, MARGIN, MM, SOFT, WIDTH, Sheet
from station.papers.words import Words

PULSES_MAX = 40
"""Pulses listed; a report of hundreds is no report. What is left out is counted."""


def report_pdf(facts: RunFacts, samples: Samples | None, lang: str) -> bytes:
    """The report as PDF. Raises PaperError."""
    words = Words(lang)
    sheet = Sheet(
        words,
        title=f"{words('report')} {facts.run_id}",
        foot=f"Pulse Station · {facts.battery} · {facts.run_id}",
        simulated=facts.simulated,
    )
    _head(sheet, facts, words)
    sheet.heading(words("uses"))
    rows = uses_lines(facts, words)
    if rows:
        sheet.table([[words("status"), words("use"), words("against")], *rows], (1.1, 2, 6))
    else:
        sheet.text(words("no_uses"))
    sheet.heading(words("method_title"))
    sheet.text(method_text(facts, words))
    sheet.heading(words("measured"), 60 if samples is None else 56 * MM)
    if samples is None:
        sheet.text(words("no_samples"))
    else:
        curve(sheet, samples.time_s, samples.voltage_V, words("voltage"), 52 * MM)
        curve(sheet, samples.time_s, samples.current_A, words("current"), 42 * MM)
    if facts.cells:
        cell_map(sheet, facts.cells, words.lang)
    if facts.memory:
        sheet.heading(cell_text(words.lang, "memory_heading"))
        sheet.text(memory_text(facts.memory, words.lang), 8.5)
    _pulses(sheet, facts, words)
    _uncertainty(sheet, facts, words)
    sheet.heading(words("instruments"))
    sheet.table(instrument_rows(facts, words), (1.2, 3.2, 1.8, 1.3, 1.4, 1.8))
    sheet.heading(words("warnings"))
    if not facts.warnings:
        sheet.text(words("no_warnings"))
    for told in facts.warnings:
        sheet.text(f"· {told_text(told, words)}", 8.5)
    sheet.heading(words("origin"))
    sheet.table(list(map(list, origin_rows(facts, words))), (1.3, 6), head=False, size=7.5)
    return sheet.done()


def _head(sheet: Sheet, facts: RunFacts, words: Words) -> None:
    side = 26 * MM
    top = sheet.y
    sheet.code(facts.code_text, "qr", WIDTH - MARGIN - side, top - side - 2, side)
    sheet.y -= 18
    sheet.at(MARGIN, sheet.y, words("report"), 18)
    sheet.y -= 10
    left_room = INNER - side - 8 * MM
    for name, value in battery_rows(facts, words):
        lines = sheet.wrapped(value, 9, left_room - 28 * MM)
        for number, line in enumerate(lines):
            sheet.y -= 13
            if number == 0:
                sheet.at(MARGIN, sheet.y, name, 9, SOFT)
            sheet.at(MARGIN + 28 * MM, sheet.y, line, 9)
    sheet.y = min(sheet.y, top - side - 6) - 34
    size = sheet.at(MARGIN, sheet.y, words(f"verdict_{facts.kind}"), 30, room=INNER * 0.36)
    sheet.at(MARGIN + INNER * 0.38, sheet.y, soh_text(facts), max(size, 26), room=INNER * 0.3)
    sheet.at(MARGIN + INNER * 0.72, sheet.y, facts.grade or "–", 30, room=INNER * 0.25)
    sheet.y -= 12
    sheet.at(MARGIN, sheet.y, words("verdict"), 8, SOFT)
    sheet.at(MARGIN + INNER * 0.38, sheet.y, words("soh"), 8, SOFT, room=INNER * 0.32)
    sheet.at(MARGIN + INNER * 0.72, sheet.y, words("grade"), 8, SOFT)
    sheet.y -= 2
    if facts.soh:
        sheet.text(interval_text(facts, words))
    if facts.grade:
        sheet.text(f"{words('grade')} {grade_text(facts, words)}")
    why = reason_text(facts, words)
    if why:
        sheet.text(words("why", reason=why))


def _pulses(sheet: Sheet, facts: RunFacts, words: Words) -> None:
    if not facts.pulses:
        return
    times = [at for at in ("0.1", "1", "5", "10") if any(at in p.resistance_ohm for p in facts.pulses)]
    if times:
        resistances(sheet, facts.pulses, times[0], words("resistance_at", at=times[0]), 36 * MM)
    sheet.heading(words("pulses"))
    rows = [[words("at"), words("length"), words("current"), *(f"R({at} s) / mΩ" for at in times)]]
    for pulse in facts.pulses[:PULSES_MAX]:
        told = (pulse.resistance_ohm.get(at) for at in times)
        rows.append(
            [
                f"{pulse.start_s:.2f} s",
                f"{pulse.duration_s:.2f} s",
                f"{pulse.current_A:+.3f} A",
                *("–" if value is None else f"{value * 1e3:.3f}" for value in told),
            ]
        )
    sheet.table(rows, (1,) * len(rows[0]), size=7.5)
    left_out = len(facts.pulses) - PULSES_MAX
    if left_out > 0:
        sheet.text(words("pulses_more", count=left_out), 8, SOFT)


def _uncertainty(sheet: Sheet, facts: RunFacts, words: Words) -> None:
    if not facts.uncertainty:
        return
    sheet.heading(words("budget"))
    rows = [[words("budget_quantity"), words("budget_value"), "U (k = 2)", words("budget_largest")]]
    for name, value, unit, expanded, lower_bound, largest in facts.uncertainty:
        shown = "" if unit == "1" else f" {words.word(unit)}"
        rows.append(
            [
                words(f"budget_{name}"),
                "–" if value is None else f"{value:.5g}{shown}",
                f"{'≥' if lower_bound else '±'} {expanded:.2g}{shown}",
                words(f"component_{largest.replace(' ', '_')}") if largest else "–",
            ]
        )
    sheet.table(rows, (2, 1.6, 1.6, 2.4), size=8)
    sheet.text(words("budget_note"), 8, SOFT)
