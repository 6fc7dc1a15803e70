"""The model card: what was learned, from what, how good it is on unseen cells, and where it must not be
used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.noise import (
    FIRST_SHARE,
    LAST_SHARE,
    LEVELS_V,
    OFFSET_V,
    REST_SHARE,
    STEADIED_V,
)
from station.models.cards import curves

SUBSET_TITLES = {
    "all": "U1–U41 (five amplitudes)",
    "first": "U1–U21 (0.5 C, 1 C, first half of the third)",
    "pair": "one 2.5 C pair",
    "all_lasts": "U1–U41, last samples only",
    "first_lasts": "U1–U21, last samples only",
    "pair_lasts": "one 2.5 C pair, last samples only",
}

HEAD = (
    "| cells | rows | trivial MAPE % | MAPE % | R² | p95 error, pp | coverage % | half-width, pp |",
    "|---|---|---|---|---|---|---|---|",
)


def model_card(models: ModelSet) -> str:
    """The card as Markdown, made from what the model file itself says."""
    return card_text(models.info)


def card_text(info: Mapping[str, Any]) -> str:
    """The same from a model's ``info`` alone."""
    parts = [
        _intro(info),
        _main_table(info["figures"]),
        *([curve_table(info)] if info.get("learning_curve") else []),
        _noise_table(info["figures"]),
        _width_tables(info["figures"], 0.0, "Other pulse widths, single-charge rows"),
        _width_tables(
            info["figures"], LEVELS_V[-1], "Other pulse widths with bench noise, single-charge rows"
        ),
        _foreign(info["foreign"]),
        _types(info["types"]),
        _cells(info),
        LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def _intro(info: Mapping[str, Any]) -> str:
    return f"""# Model card: SOH and chemistry from pulse voltages

Written by `station learn`; do not edit by hand.

- Learned from a pulse table with SHA-256 `{info["training_table_sha256"]}`.
- Model arrays: SHA-256 `{info["arrays_sha256"]}`, seed {info["seed"]}, {info["training_rows"]} rows in the
  shipped fit.
- Inputs: voltages U1–U41 as far as they were measured, pulse width, third amplitude, nominal capacity if
  known.
  Never an input: SOC in any form, charge counted from empty, capacity, history.
- Estimator: per cell type, pulse width and measured subset the weighted mean of a Gaussian process on
  whitened
  differences to the rest voltage (one length per component) and a ridge with OCV products; rows of a
  single charge count five-fold. In a reference test (5 s, all that the type has, without noise) averaged with
  a second Gaussian process whose slopes change with the place of the rest voltage among the learned ones.
- With noisy voltages: the voltages are first replaced by what they most likely were (conditional normal
  distribution of the type given the instrument's errors), and the Gaussian process has its own directions and
  lengths, learned for that noise: it looks only along what stands out of it. Gaps and more noise than learned
  widen the interval along its slopes.
- Intervals: out-of-fold residuals over predicted scale, conformal at 90 % with one vote per cell,
  on single-charge rows where there are any, else on the SOC ladder. Reference tests: one vote for a cell's
  single charge and one for its ladder.
- All figures: five folds grouped by physical cell and stratified by SOH; kernel parameters searched
  without the
  fold; coverage and half-width calibrated without the fold. SOC is unknown to the estimator throughout and
  rows of all SOC levels are pooled.
- Trivial = predicting the mean SOH of the type. Coverage is the mean over cells of the covered share of
  their rows."""


def _line(figure: Mapping[str, Any]) -> str:
    return (
        f"| {figure['cells']} | {figure['rows']} | {figure['trivial_mape']:.2f} "
        f"| {figure['mape']:.2f} | {figure['r2']:.2f} "
        f"| {figure['p95']:.1f} | {figure['coverage']:.1f} | {figure['half_width']:.1f} |"
    )


def _main_table(figures: Mapping[str, list[Mapping[str, Any]]]) -> str:
    lines = [
        "## Unseen cells, unknown SOC, 5 s pulses",
        "",
        "| type | measured | rows of | " + HEAD[0][2:],
        "|---|---|---" + HEAD[1],
    ]
    for name, found in figures.items():
        widest = max(figure["width_s"] for figure in found)
        for figure in found:
            if figure["width_s"] == widest and figure["noise_V"] == 0.0:
                title = SUBSET_TITLES[figure["subset"]]
                lines.append(f"| {name} | {title} | {figure['history']} {_line(figure)}")
    return "\n".join(lines)


def curve_table(info: Mapping[str, Any]) -> str:
    """Error and half-width of each type against the number of cells learned from."""
    lines = [
        "## Fewer cells, 5 s pulses",
        "",
        "MAPE % / half-width in percentage points of the same unseen cells, learned from a random share of",
        "the cells outside each fold; clean voltages, all that the type has.",
        "",
        "| type | cells: MAPE / half-width |",
        "|---|---|",
    ]
    for name, points in curves(info).items():
        told = (f"{p['cells']}: {p['mape']:.2f} / {p['half_width']:.1f}" for p in points)
        lines.append(f"| {name} | {' · '.join(told)} |")
    return "\n".join(lines)


STEADIED_TOLD = f"{1000 * STEADIED_V:g} mV: a coarse instrument's values, each read from many samples."


def _noise_table(figures: Mapping[str, list[Mapping[str, Any]]]) -> str:
    first, last, rest = (1000 * share for share in (FIRST_SHARE, LAST_SHARE, REST_SHARE))
    known = {figure["noise_V"] for found in figures.values() for figure in found}
    noisy = sorted({*LEVELS_V, STEADIED_V} & known)
    levels = "; ".join(
        f"{1000 * level:g} mV: {first * level:.2f} / {last * level:.2f} / {rest * level:.2f}"
        for level in noisy
    )
    lines = [
        "## What an instrument's noise costs, 5 s pulses",
        "",
        "Held-out rows with errors added: one draw per value, and an offset common to a block of "
        f"{1000 * OFFSET_V:g} mV.",
        "Noise of one sample, then the errors of first samples / last samples / rests in mV:",
        f"{levels}.",
        *([STEADIED_TOLD] if STEADIED_V in noisy else []),
        "",
        "Each cell: MAPE % · coverage % · half-width in percentage points · share of rows refused as",
        "foreign %; calibration rows (single charge for LFP, else the ladder).",
        "",
        "| type | measured | clean | " + " | ".join(f"{1000 * level:g} mV" for level in noisy) + " |",
        "|---|---|---" + "|---" * len(noisy) + "|",
    ]
    for name, found in figures.items():
        widest = max(figure["width_s"] for figure in found)
        for subset, title in SUBSET_TITLES.items():
            here = {
                figure["noise_V"]: figure
                for figure in found
                if (figure["width_s"], figure["subset"], figure["kind"]) == (widest, subset, "calibration")
            }
            if here:
                cells = [
                    f"{at['mape']:.2f} · {at['coverage']:.1f} · {at['half_width']:.1f} · {at['foreign']:.1f}"
                    if at
                    else "–"
                    for at in (here.get(level) for level in (0.0, *noisy))
                ]
                lines.append(f"| {name} | {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _foreign(foreign: Mapping[str, list[float]]) -> str:
    lines = [
        "## Foreign types, nominal capacity not given",
        "",
        "Each type left out in turn: share in percent of its rows that get no estimate (5 s, all measured",
        "voltages). With a nominal capacity that no learned type has, it is 100 % at any noise.",
        "",
        "| type left out | clean | " + " | ".join(f"{1000 * level:g} mV" for level in LEVELS_V) + " |",
        "|---|---" + "|---" * len(LEVELS_V) + "|",
    ]
    lines += [
        f"| {name} | " + " | ".join(f"{share:.1f}" for share in shares) + " |"
        for name, shares in foreign.items()
    ]
    return "\n".join(lines)


def _width_tables(figures: Mapping[str, list[Mapping[str, Any]]], level_V: float, heading: str) -> str:
    lines = [
        f"## {heading}",
        "",
        f"MAPE % /{' coverage % /' if level_V else ''} half-width in percentage points.",
        "",
        "| type | measured | " + " | ".join(f"{width:g} s" for width in _widths(figures)) + " |",
        "|---|---" + "|---" * len(_widths(figures)) + "|",
    ]
    for name, found in figures.items():
        for subset, title in SUBSET_TITLES.items():
            chosen = {
                figure["width_s"]: figure
                for figure in found
                if (figure["subset"], figure["kind"], figure["noise_V"]) == (subset, "calibration", level_V)
            }
            if len(chosen) > 1:
                cells = [
                    f"{at['mape']:.2f} / "
                    + (f"{at['coverage']:.0f} / " if level_V else "")
                    + f"{at['half_width']:.1f}"
                    for _, at in sorted(chosen.items())
                ]
                lines.append(f"| {name} | {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _widths(figures: Mapping[str, list[Mapping[str, Any]]]) -> list[float]:
    return sorted({figure["width_s"] for found in figures.values() for figure in found})


def _types(types: Mapping[str, Any]) -> str:
    lines = [
        "## Chemistry and type",
        "",
        "Unseen cells of known types, 5 s, U1–U21, nominal capacity not given: "
        f"chemistry {types['chemistry_hits']:.1f} %, "
        f"type {types['type_hits']:.1f} % right, mean stated confidence {types['mean_confidence']:.1f} %.",
        "",
        "Types never seen (each left out in turn), LFP against not-LFP from OCV and pulse asymmetry:",
        "",
        "| type left out | right where stated % | stated % |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {right:.1f} | {stated:.1f} |" for name, (right, stated) in types["left_out"].items()
    ]
    return "\n".join(lines)


def _cells(info: Mapping[str, Any]) -> str:
    lines = [
        "## Cells kept out of the shipped fit",
        "",
        "For demonstration (smallest hash of the name; the figures above are of all cells):",
        "",
    ]
    lines += [f"- {name}: {', '.join(cells)}" for name, cells in info["held_out_cells"].items()]
    lines += ["", "Excluded for a reason:", ""]
    lines += [f"- {cell}: {why}." for cell, why in info["excluded_cells"].items()]
    return "\n".join(lines)


LIMITS = """## Limits

- A cell type that was never learned gets no estimate: transfer between types fails (MAPE 5–14 %, no better
  than guessing).
- LMO and NMC types were learned at 5 s and U1–U21 only. A test of one 2.5 C pair on them gives no
  estimate; run the reference profile.
- LMO and NMC rows come from a SOC ladder only. Their intervals are not calibrated for a cell charged in
  one go;
  on LFP types an interval calibrated on the ladder covered only 65–72 % of such rows.
- NMC 2.1 Ah stands on nine physical cells aged in a laboratory, each measured in several states; a level for
  so few cells cannot be guaranteed, so states take the place of cells in the finite-sample correction.
- In the learned records every 2.5 C pair came after the smaller pulses. That a pair measured alone gives
  the same voltages is assumed, not proven.
- Pulses see resistance and kinetics, not lithium inventory. Cells that lost mostly inventory are judged
  too well; the
  interval reflects how often that happened in the learned cells only. When it matters, measure the capacity.
- Blocks of one battery at several SOC levels are combined without narrowing the interval: the combined
  interval of unseen cells on the ladder covered 89–100 % by type. Of several widths the longest decides.
- Settings of the estimator (blend, components, search rows) were chosen among a handful by the same
  cross-validation; the errors above may be optimistic by about 0.1 percentage points.
- The noise of a bench is modelled as independent errors per value and one common offset. A gain error, or a
  channel that is slow or late, is not in it.
- 25 °C. Capacity labels repeat within 0.5–1.7 %."""
