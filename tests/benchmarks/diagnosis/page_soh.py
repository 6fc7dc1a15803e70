"""The sections on SOH, intervals, foreign types, onboarding and matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FAMILIES = ("ridge", "support vectors", "random forest", "extra trees")
LABELS = ("with OCV", "differences alone")
WANTED_GAIN = 15.0
HALF_WIDTH_LIMITS = {"LFP 20 Ah": 2.7, "LFP 35 Ah": 5.7, "LFP 68 Ah": 5.3}


def regressions(found: Mapping[str, Any]) -> str:
    """The station beside four regressions, and the floor."""
    lines = [
        "## SOH of unseen cells beside four usual regressions",
        "",
        f"Pulse table SHA-256 `{found['table_sha256']}`; rows of {found['width_s']:g} s; {found['folds']} folds, each",
        "physical cell in one; SOC unknown and never an input; LFP from U1–U41, the others from U1–U21. Settings of",
        "the regressions are chosen by folds inside the training cells, on the voltage differences with and without",
        "the rest voltage; the better of the two counts. All learn from the same rows with the same weights.",
        "MAPE in percent; single-charge (random SOC) rows apart.",
    ]
    for kind, title in (("ladder", "SOC ladder"), ("single charge", "Single charge to a random SOC")):
        lines += [
            "",
            f"{title}:",
            "",
            "| type | cells | trivial | "
            + " | ".join(FAMILIES)
            + " | station | R² | p95, pp | lower than the best by |",
            "|---|---|---|" + "---|" * len(FAMILIES) + "---|---|---|---|",
        ]
        for name, entry in found["types"].items():
            if kind in entry["methods"]["station"]:
                lines.append(_regression_line(name, entry, kind))
    lines += ["", *_floor(found["types"])]
    return "\n".join(lines)


def best_of(entry: Mapping[str, Any], family: str, kind: str) -> float:
    """The lower error of a family with and without the rest voltage."""
    return min(float(entry["methods"][f"{family}, {label}"][kind]["mape"]) for label in LABELS)


def gain(entry: Mapping[str, Any], kind: str) -> float:
    """How much lower than the best regression the station's error is, in percent of it."""
    best = min(best_of(entry, family, kind) for family in FAMILIES)
    return 100 * (1 - float(entry["methods"]["station"][kind]["mape"]) / best)


def _regression_line(name: str, entry: Mapping[str, Any], kind: str) -> str:
    own = entry["methods"]["station"][kind]
    others = " | ".join(f"{best_of(entry, family, kind):.2f}" for family in FAMILIES)
    return (
        f"| {name} | {entry['cells']} | {entry['trivial'][kind]['mape']:.2f} | {others} | {own['mape']:.2f} "
        f"| {own['r2']:.2f} | {own['p95']:.1f} | {gain(entry, kind):.0f} % |"
    )


def _floor(types: Mapping[str, Any]) -> Sequence[str]:
    missed = [name for name, entry in types.items() if gain(entry, "ladder") < WANTED_GAIN]
    lines = [
        "### What is missed, and the floor",
        "",
        f"Wanted are {WANTED_GAIN:g} % below the best of the four on every type. On the ladder this is missed on: "
        f"{', '.join(missed) or 'none'}.",
        "",
        "The station's estimate is the mean of a Gaussian process with searched lengths (and a ridge) and of a process",
        "local in the rest voltage. What the second one changed, in percent of MAPE, with its 90 % interval (cells as",
        "units, both on the same draws); one setting for all types:",
        "",
        "| type | ladder | single charge |",
        "|---|---|---|",
        *(_change_line(name, entry["local_change"]) for name, entry in types.items()),
        "",
        "Other estimators and averages, ladder rows, MAPE in percent (with the change against the station). None",
        "lowers the errors of all types; all of them err on the same cells. More of what was tried, and why the",
        "rest of the error stays: [floors](diagnosis-floors.md).",
        "",
        "| tried | " + " | ".join(types) + " |",
        "|---|" + "---|" * len(types),
        *(_tried_line(method, types) for method in next(iter(types.values()))["tried"]),
        "",
        "Most of what is left are errors of cells, not of rows: the rows of one state of a cell err together, as they",
        "would when its capacity went another way than its resistance did. The next table splits them.",
        "“State means” is the error that would be left if every state were judged by the mean of all its SOC levels,",
        "which one test does not have. Where even that is above the wanted error, better judging of single rows is not",
        "enough: it takes something that tells such cells apart, which no feature or estimator tried here does. On the",
        "other missed types there is no such bound: there the wanted error is simply not reached.",
        "",
        "| type | between states, sd % | within a state, sd % | MAPE of state means | MAPE 15 % below the best "
        "| retest of capacity: mean % | spread % |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, entry in types.items():
        floor = entry["floor"]
        best = min(best_of(entry, family, "ladder") for family in FAMILIES)
        retest = (
            f"{floor['retest_mean']:+.2f} | {floor['retest_spread']:.2f}"
            if floor["retest_mean"] == floor["retest_mean"]
            else "– | –"
        )
        lines.append(
            f"| {name} | {floor['between_states']:.2f} | {floor['within_state']:.2f} | {floor['state_mape']:.2f} "
            f"| {best * (1 - WANTED_GAIN / 100):.2f} | {retest} |"
        )
    return lines


def _change_line(name: str, change: Mapping[str, Sequence[float]]) -> str:
    shown = [
        f"{change[kind][0]:+.1f} ({change[kind][1]:+.1f} to {change[kind][2]:+.1f})"
        if kind in change
        else "–"
        for kind in ("ladder", "single charge")
    ]
    return f"| {name} | {shown[0]} | {shown[1]} |"


def _tried_line(method: str, types: Mapping[str, Any]) -> str:
    cells = []
    for entry in types.values():
        own = entry["methods"]["station"]["ladder"]["mape"]
        other = entry["tried"][method]["ladder"]["mape"]
        cells.append(f"{other:.2f} ({100 * (other / own - 1):+.0f} %)")
    return f"| {method} | " + " | ".join(cells) + " |"


def intervals(info: Mapping[str, Any]) -> str:
    """Coverage and half-widths of the shipped estimators, from the model file."""
    lines = [
        "## Intervals of 90 %",
        "",
        "Calibrated without the fold; 5 s, all voltages of the type. A cell has one vote for its single charge, where",
        "there is one, and one for its ladder. Target: 87–93 % of unseen cells' rows covered; half-width at most",
        "2.7 / 5.7 / 5.3 points for LFP 20 / 35 / 68 Ah. Fewer voltages, other widths and noise: model card.",
        "",
        "| type | rows of | cells | coverage % | half-width, pp | limit | within both |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in info["figures"].items():
        subset = "all" if name in HALF_WIDTH_LIMITS else "first"
        for figure in found:
            if (figure["width_s"], figure["subset"], figure["noise_V"]) != (5.0, subset, 0.0):
                continue
            limit = HALF_WIDTH_LIMITS.get(name)
            good = 87 <= round(figure["coverage"], 1) <= 93 and (
                limit is None or round(figure["half_width"], 1) <= limit
            )
            lines.append(
                f"| {name} | {figure['history']} | {figure['cells']} | {figure['coverage']:.1f} "
                f"| {figure['half_width']:.1f} | {limit or '–'} | {'yes' if good else 'no'} |"
            )
    lines += [
        "",
        "Ladder rows of LFP types are covered more often than single charges: the station does not know a battery's",
        "history, so both have one interval, and single charges err more. With 36 to 80 cells a coverage is itself known",
        "to ± 3.4–5 points (one standard error). Of 44 single charges 39 or 40 covered are within 87–93 %, which exact",
        "intervals would show in 38 % of such samples; with 73 cells (64 to 67) 56 %, with 80 (70 to 74) 65 %.",
    ]
    return "\n".join(lines)


def foreign(info: Mapping[str, Any]) -> str:
    """Abstention and chemistry, from the model file."""
    types = info["types"]
    lines = [
        "## Foreign types and chemistry",
        "",
        f"Known types, unseen cells: chemistry {types['chemistry_hits']:.1f} % right (target 98.5), type "
        f"{types['type_hits']:.1f} %.",
        "",
        "Each type left out in turn, 5 s, nominal capacity not given (with one that no learned type has: 100 % no",
        "estimate). Targets: at least 90 % of rows without an estimate; LFP or not at least 98 % right where stated,",
        "at most 5 % not stated.",
        "",
        "| type left out | no SOH estimate % | LFP or not: right where stated % | not stated % |",
        "|---|---|---|---|",
    ]
    for name, (right, stated) in types["left_out"].items():
        lines.append(f"| {name} | {info['foreign'][name][0]:.1f} | {right:.1f} | {100 - stated:.1f} |")
    pooled = types.get("pooled")
    if pooled:
        lines.append(f"| all rows | | {pooled[0]:.1f} | {100 - pooled[1]:.1f} |")
    lines += [
        "",
        "The width of the not-LFP class and the temperature were chosen among a few with these very types left out;",
        "a seventh type may do worse. LMO is the hardest: without it nothing was learned that rests near 3.3 V.",
    ]
    return "\n".join(lines)


def onboarding(found: Mapping[str, Any]) -> str:
    """Curves, the start from few picked cells, and the same over other splits."""
    counts = sorted(
        {int(count) for entry in found.values() for count in entry["mape"] if int(count) < entry["all"]}
    )
    lines = [
        "## A new type: how many labelled cells",
        "",
        "MAPE on cells that are never learned, 5 s, ladder and single-charge rows; learned cells drawn at random (mean",
        "of three draws), or the 20 that `cells_to_label` picks by their pulses alone, learned as `station learn start-type`",
        "does: started from the relatives' kernels, several views. Target: 20 cells within 1.25 × of all of them. Types with",
        "fewer than 25 cells to learn from are left out.",
        "",
        "| type | unseen | "
        + " | ".join(f"{count} drawn" for count in counts)
        + " | 20 picked | all (cells) | picked / all | within 1.25 |",
        "|---|---|" + "---|" * len(counts) + "---|---|---|---|",
    ]
    for name, entry in found.items():
        curve, everything = entry["mape"], entry["mape"][str(entry["all"])]
        shown = " | ".join(f"{curve[str(count)]:.2f}" if str(count) in curve else "–" for count in counts)
        picked = entry["picked"][str(entry["chosen"])]["started"]
        ratio = picked / everything
        lines.append(
            f"| {name} | {entry['unseen_cells']} | {shown} | {picked:.2f} "
            f"| {everything:.2f} ({entry['all']}) | {ratio:.2f} | {'yes' if ratio <= 1.25 else 'no'} |"
        )
    return "\n".join([*lines, "", *_over_splits(found)])


def _over_splits(found: Mapping[str, Any]) -> list[str]:
    """Ratios to all cells: mean and worst over the split above and the further ones."""
    lines = [
        "One split of some twenty unseen cells says little. The same over it and further seeded splits, picked / all: mean",
        "(worst). “Plain” is the fit that knows no relatives and has one view, from the same picked cells.",
        "",
        "| type | splits | 10 picked | 10 picked, plain | 20 picked | 20 picked, plain |",
        "|---|---|---|---|---|---|",
    ]
    for name, entry in found.items():
        runs = [{"all": entry["mape"][str(entry["all"])], "picked": entry["picked"]}, *entry["splits"]]
        cells = []
        for count in entry["picked"]:
            for way in ("started", "plain"):
                ratios = [run["picked"][count][way] / run["all"] for run in runs]
                cells.append(f"{sum(ratios) / len(ratios):.2f} ({max(ratios):.2f})")
        lines.append(f"| {name} | {len(runs)} | {' | '.join(cells)} |")
    return lines


def matching(found: Sequence[Mapping[str, Any]]) -> str:
    """Spread inside groups."""
    lines = [
        "## Matching",
        "",
        "All cells of the data in groups of four, by measured capacity and 1 C resistance at 5 s near 50 % of nominal.",
        "Mean spread (max − min) inside a group in percent of the stock's median, capacity / resistance; by chance is",
        "the mean of 20 draws; sorted is by capacity, as done by hand.",
        "",
        "| type | cells | groups | by chance | sorted | matched |",
        "|---|---|---|---|---|---|",
    ]
    for entry in found:
        cells = " | ".join(
            f"{entry[way][0]:.2f} / {entry[way][1]:.1f}" for way in ("chance", "sorted", "matched")
        )
        lines.append(f"| {entry['type']} | {entry['cells']} | {entry['groups']} | {cells} |")
    return "\n".join(lines)
