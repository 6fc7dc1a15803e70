"""Writes the page of instruments (docs/instruments.md) from what the drivers state.

``python -m drivers.matrix > docs/instruments.md``
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drivers.catalogue import CatalogueEntry, built_in, catalogue_entry
from drivers.datasheet import NOT_STATED

HEAD = """# Instruments

Written by `python -m drivers.matrix > docs/instruments.md` from what each driver states in its `datasheet`;
a test compares. The same on the command line: `station drivers list`, `station drivers show NAME`.

**None of this has run on a real instrument**, unless the last column says so. Simulators are written from the
protocol facts, not from the drivers, and share no code with them; "proved by" names software of others that
spoke to one of the two.

Evidence of the protocol facts: **A** the vendor's document, or bytes captured from a real machine; **A-**
single pages of it; **B** open drivers that say they were validated on hardware, or several that agree; **C**
one driver, one page, or a part; **D** not verified. A figure in the tables has its driver's grade unless
another stands behind it. What is not verified can be set in the bench file, in the instrument's `options`.

Which bench each driver was run on, and how the profile `rapid` ended there, comes from
`docs/instrument-runs.json`, which `python3 run.py bench instruments` writes. "engine alone" is without guard,
relay and service: so all were run (the column below). Those that were run once more as the station runs them,
with service, guard, relay and worker, have that under their name, too. Right is also `no_verdict` where the
station rightly says that it learned no such cells, or no pulses as small as 36 A in a pack of 40 Ah, and
names what to measure next.
"""
_COLUMNS = (
    "driver",
    "instrument",
    "evidence",
    "links",
    "simulator",
    "proved by",
    "`rapid` ended",
    "on hardware",
)
RUNS = Path(__file__).resolve().parents[1] / "docs" / "instrument-runs.json"
NOT_RUN = "not recorded"


def recorded_runs(kept: str = "runs") -> Mapping[str, Any]:
    """What ``python -m tests.benchmarks instruments`` wrote, by driver; empty where it is not at hand.

    ``runs`` are of the engine alone, ``service`` with service, guard and worker.
    """
    if not RUNS.exists():
        return {}
    found: Mapping[str, Any] = json.loads(RUNS.read_text(encoding="utf-8")).get(kept, {})
    return found


def matrix(entries: Iterable[CatalogueEntry] | None = None) -> str:
    """The whole page as Markdown."""
    runs, service = recorded_runs(), recorded_runs("service")
    chosen = [catalogue_entry(name) for name in built_in()] if entries is None else list(entries)
    chosen.sort(key=lambda entry: (entry.category.value if entry.category else "", entry.name))
    lines = [HEAD, "## Overview", "", _row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    for entry in chosen:
        sheet = entry.datasheet
        lines.append(
            _row(
                (
                    f"[`{entry.name}`](#{entry.name})",
                    entry.title,
                    sheet["evidence"],
                    ", ".join(sheet["links"]) or NOT_STATED,
                    ", ".join(sheet["simulators"]) or "none",
                    "; ".join(dict.fromkeys(proof["by"] for proof in sheet["proofs"])) or "nobody else",
                    _verdicts(runs.get(entry.name), entry.name),
                    sheet["run_on_hardware"],
                )
            )
        )
    for entry in chosen:
        lines += ["", *_section(entry)]
        lines += _runs(runs.get(entry.name)) + _runs(service.get(entry.name))
    return "\n".join(lines) + "\n"


def _section(entry: CatalogueEntry) -> list[str]:
    sheet = entry.datasheet
    category = entry.category.value if entry.category else NOT_STATED
    lines = [
        f"## {entry.name}",
        "",
        f"{entry.title} ({category}). Facts from: {'; '.join(sheet['sources']) or NOT_STATED}.",
    ]
    if sheet["unverified"]:
        lines.append(f"Not verified: {'; '.join(sheet['unverified'])}.")
    if sheet["proofs"]:
        lines.append("")
        for proof in sheet["proofs"]:
            side = {"simulator": "our simulator", "driver": "our driver", "both": "both"}[proof["against"]]
            where = f" (`{proof['test']}`)" if proof["test"] else ""
            lines.append(f"- {proof['by']} against {side}: {proof['what']}{where}")
    rows = capability_rows(sheet["variants"])
    if rows:
        lines += ["", _row(("", *(variant["model"] for variant in sheet["variants"])))]
        lines.append(_row(["---"] * (1 + len(sheet["variants"]))))
        lines += [_row(row) for row in rows]
    return lines


_ELSEWHERE = {
    "supply-and-load": "with each load, below",
    "modbus-relay": "no run of its own: cut-off relay of the tests of whole benches",
    "tspl-printer": "no run of its own: labels in its test",
    "zpl-printer": "no run of its own: labels in its test",
    "serial-scanner": "moves no energy: codes are read in its test",
    "bms-gbt-charger": "no simulator of ours: the vehicle is can-j1939's, in its test",
}

_REASONS = {
    "subset_not_learned": "such cells were not learned",
    "amplitude_not_learned": "so small a pulse was not learned",
}


def _verdicts(entry: Mapping[str, Any] | None, name: str) -> str:
    if entry is None:
        return _ELSEWHERE.get(name, NOT_RUN)
    return "; ".join(
        f"{run['verdict'] or run['outcome']}{_why(run)}{'' if run['right'] else ' (WRONG)'}"
        + ("" if run["profile"] == "rapid" else f" by `{run['profile']}`")
        for run in entry["runs"]
    )


def _why(run: Mapping[str, Any]) -> str:
    return f" ({_REASONS.get(run['reason'], run['reason'])})" if run["reason"] else ""


def _runs(entry: Mapping[str, Any] | None) -> list[str]:
    """One line for each recorded run: profile, verdict, SOH beside the truth, or the reason for none."""
    if entry is None:
        return []
    lines = ["", f"Run on a simulated bench, {entry['bench']} ({entry['how']}):", ""]
    for run in entry["runs"]:
        soh = run["soh"]
        told = f"no SOH ({run['reason'] or run['error']})"
        if soh is not None:
            interval = f"{soh['low90']:.3f} to {soh['high90']:.3f}"
            told = f"SOH {soh['estimate']:.3f}, {interval}; truth {run['truth']:.3f}"
        further = f"; measure next: `{run['next']}`" if run["next"] else ""
        if again := run.get("begun_again_after"):
            further += f"; begun again after {', '.join(again)}"
        right = "right" if run["right"] else "WRONG"
        lines.append(
            f"- `{run['profile']}`: {run['outcome']}, verdict {run['verdict']} ({right}); {told}{further}"
        )
    return lines


_PROPERTIES = (
    ("voltage_V", "voltage", "V"),
    ("current_A", "current", "A"),
    ("power_W", "power", "W"),
    ("resistance_ohm", "resistance", "Ω"),
    ("temperature_degC", "temperature", "°C"),
    ("voltage_resolution_V", "voltage resolution", "V"),
    ("current_resolution_A", "current resolution", "A"),
    ("channels", "channels", ""),
    ("pulse_min_s", "shortest pulse", "s"),
    ("timing", "pulse edges", ""),
    ("sequence_steps_max", "steps of its own sequence", ""),
    ("buffered_readback", "buffered read-back", ""),
    ("watchdog_s", "host watchdog", "s"),
    ("load_on_timer_s", "load-on timer", "s"),
    ("remote_sense", "remote sense settable", ""),
    ("note", "note", ""),
)
_POWER_ONLY = {"pulse_min_s", "timing", "sequence_steps_max", "watchdog_s", "load_on_timer_s", "remote_sense"}


def capability_rows(variants: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Rows of label and one text per variant; what no variant states is left out.

    What safety needs to know of something that moves current is always there, "not stated" if need be.
    """
    listed = list(variants)
    moves = any(variant["current_A"] or variant["timing"] for variant in listed)
    rows = []
    for name, label, unit in _PROPERTIES:
        values = [variant[name] for variant in listed]
        if all(value in (None, "") for value in values) and not (moves and name in _POWER_ONLY):
            continue
        rows.append((label, *(_graded(variant, name, unit) for variant in listed)))
    return rows


def _graded(variant: Mapping[str, Any], name: str, unit: str) -> str:
    """A figure, with its evidence where that is another than the driver's."""
    grade = variant.get("grades", {}).get(name)
    text = _text(variant[name], unit)
    if grade is None or text == NOT_STATED:
        return text
    return f"{text} ({grade}{': not verified' if grade == 'D' else ''})"


def _text(value: object, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    match value:
        case None:
            return NOT_STATED
        case True:
            return "yes"
        case False:
            return "none"
        case [float() | int() as low, float() | int() as high]:
            return f"{low:g} to {high:g}{unit}"
        case list():
            return ", ".join(str(item) for item in value) or "none"
        case float():
            return f"{value:.3g}{unit}"
    return f"{value}"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(matrix())
