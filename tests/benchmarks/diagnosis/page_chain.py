"""The section on measured cells behind the simulated bench."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Outcome = Mapping[str, Any]
RATIO = 1.1
CELLS = 200
ALL = "all"
DRAWS = 4000
COVERED_LEAST = 87.0


def chain(found: Mapping[str, Sequence[Outcome]]) -> str:
    """Errors through the wire beside those of the same rows of the table, by type."""
    tested, samples = found["tested"], found["samples"]
    days = sorted({str(one["at"])[:10] for one in tested})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else "never"
    lines = [
        "## Measured cells through the whole chain",
        "",
        "Cells of the data, drawn by chance, each at one of its recorded SOC (single charges to a random SOC where there",
        "are any, else a step of the ladder), stand behind a simulated bench with a 70 V instrument (steps of 1.1 mV,",
        "noise 0.5 mV) and are tested as `station run` tests: `rapid` for LFP, 0.5, 1 and the third amplitude for types",
        "that were recorded so far. Each cell and its row of the table are judged by the same models, learned without",
        f"the cell. Target: MAPE at most {RATIO:g} × that of the table. Errors are of cells with both estimates; the ratio's",
        "interval is the middle 90 % of draws of the cells with repetition.",
        "",
        f"### Through the wire: {len(tested)} cells, {when}",
        "",
        "Service, guard, workers, protocols and simulators are the real ones, on a bench whose time waits for its host",
        "([decision 3](decisions/0003-bench-time.md)). Estimates are those of the run files by the code as it is.",
        "",
        *outcome_table(tested),
        "",
        *_told(tested, f"Only {len(tested)} of the {CELLS} cells asked for have been tested so far."),
        *_ended(tested),
        f"{sum(len(one.get('busy', ())) for one in tested)} runs that supervision, which is always real time, ended on a",
        "starved computer were begun again.",
        "",
        f"### The same instrument's samples without the processes: {len(samples)} cells",
        "",
        "Simulated cell, plan, noise, steps, sampling and reading as above; no wire, service, guard or worker.",
        "",
        *outcome_table(samples),
        "",
        *_told(samples, f"Only {len(samples)} of {CELLS} cells."),
        "",
        "### How far the voltages are away",
        "",
        "Voltages less those of the cell's row, both relative to the rest before the first pulse, rms in mV: the first",
        "sample after an edge (10 ms) and the last one of a pulse or rest. What made the first ones wrong and what of it",
        "was mended: [decision 33](decisions/0033-first-samples-of-the-chain.md).",
        "",
        "| | first, wire | last, wire | first, samples | last, samples |",
        "|---|---|---|---|---|",
        *(_apart(name, tested, samples) for name in types_of(samples)),
    ]
    return "\n".join(lines)


def errors(found: Sequence[Outcome]) -> dict[str, list[float]]:
    """Relative errors in percent of ``soh`` and ``table``, of cells that both know."""
    both = [(one, _estimate(one, "soh"), _estimate(one, "table")) for one in found]
    known = [(one, wire, table) for one, wire, table in both if wire is not None and table is not None]
    return {
        "soh": [100 * abs(wire - one["true_soh"]) / one["true_soh"] for one, wire, _ in known],
        "table": [100 * abs(table - one["true_soh"]) / one["true_soh"] for one, _, table in known],
    }


def ratio_interval(wrong: Mapping[str, Sequence[float]]) -> tuple[float, float, float]:
    """Ratio of the mean errors, and the 5th and 95th percentile of it over draws of cells with repetition."""
    wire, table = np.array(wrong["soh"]), np.array(wrong["table"])
    if not wire.size:
        return (float("nan"),) * 3
    chosen = np.random.default_rng(1).integers(wire.size, size=(DRAWS, wire.size))
    drawn = wire[chosen].mean(axis=1) / table[chosen].mean(axis=1)
    low, high = np.quantile(drawn, (0.05, 0.95))
    return float(wire.mean() / table.mean()), float(low), float(high)


def types_of(found: Sequence[Outcome]) -> list[str]:
    """Types of the cells, and all of them."""
    return [*sorted({str(one["type"]) for one in found}), ALL]


def _of(found: Sequence[Outcome], name: str) -> list[Outcome]:
    return [one for one in found if name in (one["type"], ALL)]


def _estimate(one: Outcome, way: str) -> float | None:
    interval = one[way]
    return None if interval is None or interval["estimate"] is None else float(interval["estimate"])


def mean(values: Sequence[float]) -> float:
    """NaN of nothing."""
    return sum(values) / len(values) if values else float("nan")


def outcome_table(found: Sequence[Outcome]) -> list[str]:
    """Errors, ratio, coverage and half-width by type."""
    return [
        "| type | cells | MAPE % | table | ratio (90 %) | covered % | table | half-width, pp | table | no estimate | table |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(_line(name, _of(found, name)) for name in types_of(found)),
    ]


def _line(name: str, found: Sequence[Outcome]) -> str:
    wrong = errors(found)
    ratio, low, high = ratio_interval(wrong)
    shown = [intervals(found, way) for way in ("soh", "table")]
    none = [sum(_estimate(one, way) is None for one in found) for way in ("soh", "table")]
    return (
        f"| {name} | {len(found)} | {mean(wrong['soh']):.2f} | {mean(wrong['table']):.2f} "
        f"| {ratio:.2f} ({low:.2f}–{high:.2f}) | {shown[0][0]:.0f} | {shown[1][0]:.0f} "
        f"| {shown[0][1]:.1f} | {shown[1][1]:.1f} | {none[0]} | {none[1]} |"
    )


def intervals(found: Sequence[Outcome], way: str) -> tuple[float, float]:
    """Share of cells inside their interval and mean half-width, both in percent."""
    given = [(one[way], one["true_soh"]) for one in found if _estimate(one, way) is not None]
    covered = [100.0 * (it["low90"] <= truth <= it["high90"]) for it, truth in given]
    return mean(covered), mean([50 * (it["high90"] - it["low90"]) for it, _ in given])


def _told(found: Sequence[Outcome], fewer: str) -> list[str]:
    ratio, _, _ = ratio_interval(errors(found))
    covered, _ = intervals(found, "soh")
    table = Counter(str(one["table"]["reason"]) for one in found if _estimate(one, "table") is None)
    return [
        f"Error {'met' if ratio <= RATIO else 'missed'}: {ratio:.2f} × the table's over all types. Coverage "
        f"{'holds' if covered >= COVERED_LEAST else 'does not hold'}: {covered:.0f} %.",
        *([fewer] if len(found) < CELLS else []),
        f"Without an estimate: {counted(unanswered(found))}; of the table: {counted(table)}.",
    ]


def _ended(found: Sequence[Outcome]) -> list[str]:
    """Runs that supervision ended for a reason of the cell; the record up to there is judged all the same."""
    early = Counter(str(one["error"]) for one in found if one.get("error"))
    return [f"Ended before their time, and judged by what was recorded: {counted(early)}."] if early else []


def unanswered(found: Sequence[Outcome]) -> Counter[str]:
    """Why tests gave no estimate, with how many."""
    return Counter(_why(one) for one in found if _estimate(one, "soh") is None)


def _why(one: Outcome) -> str:
    judged = one["soh"] or {}
    return str(one.get("error") or judged.get("reason") or one.get("reason"))


def counted(reasons: Mapping[str, int]) -> str:
    """Reasons with how many of each."""
    return ", ".join(f"{count} × `{code}`" for code, count in sorted(reasons.items())) or "none"


def _apart(name: str, tested: Sequence[Outcome], samples: Sequence[Outcome]) -> str:
    shown = [f"{_rms(_of(found, name), first):.2f}" for found in (tested, samples) for first in (True, False)]
    return f"| {name} | {' | '.join(shown)} |"


def _rms(found: Sequence[Outcome], first: bool) -> float:
    squares = [
        apart**2
        for one in found
        for key, apart in ((one["soh"] or {}).get("apart_mV") or {}).items()
        if (int(key[1:]) % 2 == 0) == first
    ]
    return mean(squares) ** 0.5 if squares else float("nan")
