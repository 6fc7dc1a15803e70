"""The certificate: one page, one number, and what it rests on."""

from __future__ import annotations

from station.papers.facts import RunFacts
from station.papers.lines import (
    battery_rows,
    file_word,
    grade_text,
    instrument_rows,
    interval_text,
    method_text,
    reason_text,
    soh_text,
    uses_lines,
)
from station.papers.sheet import BOTTOM, INNER, MARGIN, MM, SOFT, WIDTH, Sheet
from station.papers.words import Words


def certificate_pdf(facts: RunFacts, lang: str) -> bytes:
    """The certificate as PDF, always one page. Raises PaperError."""
    words = Words(lang)
    sheet = Sheet(
        words,
        title=f"{words('certificate')} {facts.run_id}",
        foot=f"Pulse Station · {facts.run_id}",
        simulated=facts.simulated,
    )
    sheet.y -= 26
    sheet.at(WIDTH / 2, sheet.y, words("certificate"), 24, anchor="middle", room=INNER)
    sheet.y -= 18
    sheet.at(WIDTH / 2, sheet.y, facts.battery, 13, anchor="middle", room=INNER)
    sheet.y -= 74
    number = soh_text(facts) if facts.soh else words(f"verdict_{facts.kind}")
    sheet.at(WIDTH / 2, sheet.y, number, 76, anchor="middle", room=INNER)
    sheet.y -= 20
    sheet.at(WIDTH / 2, sheet.y, words("soh"), 10.5, SOFT, "middle", INNER)
    for line in sheet.wrapped(interval_text(facts, words), 11, INNER):
        sheet.y -= 16
        sheet.at(WIDTH / 2, sheet.y, line, 11, anchor="middle")
    sheet.y -= 34
    for share, name, value in (
        (0.25, "verdict", words(f"verdict_{facts.kind}")),
        (0.75, "grade", grade_text(facts, words)),
    ):
        sheet.at(MARGIN + INNER * share, sheet.y, value, 22, anchor="middle", room=INNER * 0.48)
        sheet.at(MARGIN + INNER * share, sheet.y - 13, words(name), 8.5, SOFT, "middle")
    sheet.y -= 24
    if facts.soh and reason_text(facts, words):
        sheet.text(words("why", reason=reason_text(facts, words)))
    sheet.y -= 4
    sheet.table(list(map(list, battery_rows(facts, words)[1:])), (1.4, 5), head=False, size=8.5)
    _uses(sheet, facts, words)
    sheet.y -= 4
    sheet.text(method_text(facts, words), 8.5)
    sheet.y -= 6
    _instruments(sheet, facts, words)
    _foot(sheet, facts, words)
    return sheet.done()


def _uses(sheet: Sheet, facts: RunFacts, words: Words) -> None:
    """Uses by status, without their reasons: the report has those."""
    comma = "、" if words.lang == "zh" else ", "
    rows = uses_lines(facts, words)
    for status in dict.fromkeys(row[0] for row in rows):
        named = comma.join(title for told, title, _ in rows if told == status)
        sheet.text(f"{status}{'：' if words.lang == 'zh' else ': '}{named}", 9)


def _instruments(sheet: Sheet, facts: RunFacts, words: Words) -> None:
    """As many as fit above the foot; what does not is counted."""
    rows = instrument_rows(facts, words)
    fits = max(1, int((sheet.y - BOTTOM - 36 * MM) / 24))
    sheet.table(rows[: fits + 1], (1.2, 3.2, 1.8, 1.3, 1.4, 1.8), size=7.5)
    if len(rows) > fits + 1:
        sheet.text(words("instruments_more", count=len(rows) - fits - 1), 7.5, SOFT)


def _foot(sheet: Sheet, facts: RunFacts, words: Words) -> None:
    side = 26 * MM
    low = BOTTOM + 2 * MM
    sheet.code(facts.code_text, "qr", MARGIN + 1 * MM, low, side)
    rules = "–" if facts.rules is None else f"{facts.rules[0]} {facts.rules[1]} ({facts.rules[2][:12]})"
    evidence = facts.evidence
    lines = [
        f"{words('profile')}: {facts.profile} ({facts.plan_digest[:12]})",
        f"{words('rules')}: {rules}",
        f"{words('model')}: {facts.model_id or words('not_known')}",
        f"{words('program')}: Pulse Station {facts.version}",
        f"{words('run')}: {facts.run_id}",
        words("no_evidence") if evidence is None else f"{file_word(evidence[0], words)} sha256 {evidence[1]}",
    ]
    for number, line in enumerate(lines):
        x = MARGIN + side + 8 * MM
        sheet.at(x, low + side - 8 - number * 12.5, line, 8, room=WIDTH - MARGIN - x)
