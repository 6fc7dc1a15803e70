"""The section on measured cells behind the simulated bench."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Outcome = Mapping[str, Any]
RATIO = 1.1
CELLS = 200
ALL = "all"


def chain(found: Sequence[Outcome]) -> str:
    """Errors through the wire beside those of the same rows of the table, by type."""
    days = sorted({str(one["at"])[:10] for one in found})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    types = [*sorted({str(one["type"]) for one in found}), ALL]
    lines = [
        "## Measured cells through the whole chain",
        "",
        f"{len(found)} cells of the data, drawn by chance, each at one of its recorded SOC (single charges to a random SOC",
        "where there are any, else a step of the ladder), stood behind a simulated bench with a 70 V instrument (steps of",
        f"1.1 mV, noise 0.5 mV) and were tested as `station run` tests, {when}: `rapid` for LFP, 0.5, 1 and the third",
        "amplitude for types that were recorded so far. Service, guard, workers, protocols and simulators are the real",
        "ones. Each cell and its row of the table were judged by the same models, learned without the cell.",
        f"Target: MAPE through the wire at most {RATIO:g} × that of the table. “As noisy” is the row as an instrument of",
        "0.6 mV shows it, one sample for each voltage. Errors are of cells with both estimates.",
        "",
        "| type | cells | wire | table | wire / table | as noisy | wire − table, rms pp | covered % wire | table "
        "| half-width wire, pp | table | no estimate wire | table | s per test |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(_line(name, [one for one in found if name in (one["type"], ALL)]) for name in types),
        "",
        *_met(found),
        *_reasons(found),
    ]
    return "\n".join(lines)


def errors(found: Sequence[Outcome]) -> dict[str, list[float]]:
    """Relative errors in percent of ``soh`` (the wire), ``table``, ``table_noisy``, of cells that all know."""
    ways = ("soh", "table", "table_noisy")
    both = [one for one in found if all(_estimate(one, way) is not None for way in ways[:2])]
    return {
        way: [
            100 * abs(guess - one["true_soh"]) / one["true_soh"]
            for one in both
            if (guess := _estimate(one, way)) is not None
        ]
        for way in ways
    }


def _estimate(one: Outcome, way: str) -> float | None:
    interval = one[way]
    return None if interval is None or interval["estimate"] is None else float(interval["estimate"])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _line(name: str, found: Sequence[Outcome]) -> str:
    wrong = errors(found)
    wire, table, noisy = (_mean(wrong[way]) for way in ("soh", "table", "table_noisy"))
    apart = [
        100 * (one["soh"]["estimate"] - one["table"]["estimate"])
        for one in found
        if _estimate(one, "soh") is not None and _estimate(one, "table") is not None
    ]
    shown = [_intervals(found, way) for way in ("soh", "table")]
    none = [sum(_estimate(one, way) is None for one in found) for way in ("soh", "table")]
    rms = _mean([value * value for value in apart]) ** 0.5 if apart else float("nan")
    return (
        f"| {name} | {len(found)} | {wire:.2f} | {table:.2f} | {wire / table:.2f} | {noisy:.2f} | {rms:.2f} "
        f"| {shown[0][0]:.0f} | {shown[1][0]:.0f} | {shown[0][1]:.1f} | {shown[1][1]:.1f} | {none[0]} | {none[1]} "
        f"| {_mean([float(one['seconds']) for one in found]):.0f} |"
    )


def _intervals(found: Sequence[Outcome], way: str) -> tuple[float, float]:
    """Share of cells inside their interval and mean half-width, both in percent."""
    given = [(one[way], one["true_soh"]) for one in found if _estimate(one, way) is not None]
    covered = [100.0 * (it["low90"] <= truth <= it["high90"]) for it, truth in given]
    return _mean(covered), _mean([50 * (it["high90"] - it["low90"]) for it, _ in given])


def _reasons(found: Sequence[Outcome]) -> list[str]:
    without = Counter(str(one["error"] or one["reason"]) for one in found if _estimate(one, "soh") is None)
    table = Counter(str(one["table"]["reason"]) for one in found if one["table"]["estimate"] is None)
    busy = sum(len(one.get("busy", ())) for one in found)
    return [
        f"Without an estimate through the wire: {_told(without)}; of the table: {_told(table)}.",
        "A simulated bench whose time waits for its host was used: samples come as on an instrument of its own,",
        "however busy the computer. Supervision is real time even so:",
        f"{busy} runs that it ended on a starved computer were begun again.",
    ]


def _met(found: Sequence[Outcome]) -> list[str]:
    wrong = errors(found)
    ratio = _mean(wrong["soh"]) / _mean(wrong["table"]) if wrong["table"] else float("nan")
    fewer = [f"Only {len(found)} of the {CELLS} cells asked for have been tested so far."]
    return [
        f"Target {'met' if ratio <= RATIO else 'missed'}: {ratio:.2f} × the table's error over all types.",
        *(fewer if len(found) < CELLS else []),
    ]


def _told(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × `{code}`" for code, count in sorted(reasons.items())) or "none"
