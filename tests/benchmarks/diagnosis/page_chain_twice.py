"""The section on cells tested with two pulse pairs, beside the same cells with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmarks.diagnosis.page_chain import (
    RATIO,
    Outcome,
    counted,
    errors,
    intervals,
    mean,
    outcome_table,
    ratio_interval,
    types_of,
    unanswered,
)


def chain_twice(once: Mapping[str, Sequence[Outcome]], twice: Mapping[str, Sequence[Outcome]]) -> str:
    """``once``: the cells of the section before; ``twice``: those of them that ran two pairs."""
    tested = twice["tested"]
    recorded = twice["samples"]
    days = sorted({str(one["at"])[:10] for one in tested})
    when = " to ".join(dict.fromkeys((days[0], days[-1])))
    lines = [
        "### Two pulse pairs instead of one",
        "",
        "What noise costs is had back by measuring again: `rapid_twice` ([profiles](profiles.md)) is `rapid` with a second pair,",
        "160 s more, and the mean of both is judged. The second pair has its own program and the instrument's own noise. Types",
        "other than LFP run their train as before and are not in these tables.",
        "",
        f"Through the wire, {len(tested)} of the {len(recorded)} LFP cells drawn ({when}):",
        "",
        *outcome_table(tested),
        "",
        *_beside(tested, once["tested"], "the same cells with one pair"),
        f"Without an estimate: {counted(unanswered(tested))}. Runs begun again on a starved computer: "
        f"{sum(len(one.get('busy', ())) for one in tested)}.",
        "",
        *_all(once["tested"], tested, len(tested) == len(recorded)),
        "",
        f"The same instrument's samples without the processes, {len(recorded)} LFP cells; each program begins at a time of its",
        "own here, as it does on the wire, and not with one delay for all as in the table of one pair:",
        "",
        *outcome_table(recorded),
        "",
        *_beside(recorded, once["samples"], "the same cells with one pair"),
    ]
    return "\n".join(lines).rstrip("\n")


def _ratio(found: Sequence[Outcome]) -> str:
    ratio, low, high = ratio_interval(errors(found))
    return f"{ratio:.2f} ({low:.2f}–{high:.2f})"


def _beside(found: Sequence[Outcome], once: Sequence[Outcome], what: str) -> list[str]:
    """Ratios of the same cells with one pair."""
    cells = {one["cell"] for one in found}
    same = [one for one in once if one["cell"] in cells]
    parts = []
    for name in types_of(found):
        here = [one for one in same if name in (one["type"], "all")]
        parts.append(f"{name} {mean(errors(here)['soh']):.2f} %, {_ratio(here)}")
    covered, half = intervals(same, "soh")
    return [
        f"Error and ratio of {what}: {'; '.join(parts)}. Covered {covered:.0f} %, half-width {half:.1f}.",
        "",
    ]


def _all(once: Sequence[Outcome], tested: Sequence[Outcome], complete: bool) -> list[str]:
    """All drawn cells: LFP with two pairs as far as tested, all else from the section before."""
    cells = {one["cell"] for one in tested}
    rest = [one for one in once if one["cell"] not in cells]
    ratio, _, _ = ratio_interval(errors([*tested, *rest]))
    covered, _ = intervals([*tested, *rest], "soh")
    others = "the other types" if complete else "all others, LFP cells with one pair among them,"
    return [
        f"All {len(tested) + len(rest)} cells, {len(tested)} with two pairs and {others} from the run above: "
        f"{_ratio([*tested, *rest])} × the table's, error {'met' if ratio <= RATIO else 'missed'}; "
        f"coverage {covered:.0f} %.",
    ]
