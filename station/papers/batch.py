"""The report of a batch: a row for each run, and how many of each verdict and grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from station.papers.facts import RunFacts
from station.papers.lines import interval_text, reason_text, soh_text
from station.papers.sheet import MARGIN, Sheet
from station.papers.words import Words

KINDS = ("pass", "fail", "quarantine", "no_verdict", "fault")


def counts(runs: Sequence[RunFacts]) -> tuple[Counter[str], Counter[str]]:
    """Runs by verdict and by grade; a run without a grade counts under ``–``."""
    return Counter(run.kind for run in runs), Counter(run.grade or "–" for run in runs)


def batch_pdf(runs: Sequence[RunFacts], made: datetime, lang: str) -> bytes:
    """The batch report as PDF. Raises PaperError."""
    words = Words(lang)
    simulated = sum(run.simulated for run in runs)
    sheet = Sheet(
        words,
        title=words("batch"),
        foot=f"Pulse Station · {words('batch')} · {made:%Y-%m-%d %H:%M}",
        simulated=simulated > 0,
    )
    sheet.y -= 18
    sheet.at(MARGIN, sheet.y, words("batch"), 18)
    batteries = len({run.battery for run in runs})
    sheet.text(words("batch_head", runs=len(runs), batteries=batteries))
    if 0 < simulated < len(runs):
        sheet.text(words("batch_simulated", count=simulated))
    by_verdict, by_grade = counts(runs)
    sheet.heading(words("counts"))
    sheet.table(
        [
            [words("verdict"), *(words(f"verdict_{kind}") for kind in KINDS)],
            [words("count"), *(str(by_verdict[kind]) for kind in KINDS)],
        ],
        (1.2, 1, 1, 1, 1, 1),
        size=9,
    )
    grades = sorted(by_grade)
    sheet.table(
        [[words("grade"), *grades], [words("count"), *(str(by_grade[grade]) for grade in grades)]],
        (1.2, *(1 for _ in grades)),
        size=9,
    )
    sheet.heading(words("runs"))
    rows = [[words(key) for key in ("battery", "run", "verdict", "grade", "soh_short", "interval_short")]]
    for run in runs:
        mark = words("simulated_mark") if run.simulated else ""
        rows.append(
            [
                run.battery,
                run.run_id,
                words(f"verdict_{run.kind}") + mark,
                run.grade or "–",
                soh_text(run),
                interval_text(run, words) if run.soh else reason_text(run, words) or "–",
            ]
        )
    sheet.table(rows, (2.6, 2.4, 1.3, 0.6, 0.8, 2.4), size=7.5)
    return sheet.done()
