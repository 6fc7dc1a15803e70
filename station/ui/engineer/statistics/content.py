"""The service's answers as rows of the page's tables and pictures."""

from __future__ import annotations

from typing import Any, Final

from station.ui.engineer.figures import NONE, milliohm, percent
from station.ui.engineer.statistics.rows import Row
from station.ui.texts import Texts

Answer = dict[str, Any]
BY: Final = ("source", "maker", "type", "profile", "bench", "channel", "month")
FIRST_BY: Final = {"yield": "source", "spread": "type", "repeat": "profile"}
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "yield": ("tests", "batteries", "pass", "fail", "quarantine", "no_verdict", "share", "soh_median"),
    "spread": (
        "batteries", "soh_p10", "soh_median", "soh_p90", "resistance_median_ohm", "resistance_spread",
    ),
    "repeat": ("pairs", "soh_sd", "resistance_relative_sd"),
    "channels": ("channel", "quantity", "readings", "offset", "error", "drift", "judged"),
}  # fmt: skip
VERDICTS: Final = ("pass", "fail", "quarantine", "no_verdict")
BAND: Final = {"temperature_degC": 1.0}
"""Less than this is not worth a look, in the unit of ``unit_of``; per cent where nothing else is said."""
FEWEST: Final = 20


def group_name(name: str, texts: Texts) -> str:
    """A group as the service calls it; ``?`` is what no record tells."""
    return texts("stat.unknown") if name.strip("? ") in ("", "Ah") else name


def cells(question: str, row: Answer, texts: Texts) -> list[str]:
    """One row of a table of groups."""
    return [
        group_name(row["group"], texts),
        *(_cell(name, row, texts) for name in COLUMNS[question]),
    ]


def _cell(name: str, row: Answer, texts: Texts) -> str:
    if name == "share":
        return _share(row, texts)
    value = row[name]
    if name == "resistance_median_ohm":
        return milliohm(value)
    if name == "soh_sd":
        return points(value, texts)
    return percent(value) if isinstance(value, float) or value is None else f"{value:,}"


def _share(row: Answer, texts: Texts) -> str:
    share, low, high = (f"{row[name] * 100:.0f}" for name in ("pass_share", "pass_low90", "pass_high90"))
    return texts("stat.share_text", share=share, low=low, high=high, tests=f"{row['tests']:,}")


def points(value: float | None, texts: Texts) -> str:
    """A difference of two shares."""
    return NONE if value is None else texts("stat.points", value=f"{value * 100:.2f}")


def yield_rows(rows: list[Answer], texts: Texts) -> list[Row]:
    """Parts by verdict in per cent, then the passed share's interval."""
    return [
        Row(
            group_name(row["group"], texts),
            _share(row, texts),
            (
                *(100 * row[verdict] / row["tests"] for verdict in VERDICTS),
                100 * row["pass_low90"], 100 * row["pass_high90"],
            ),
        )
        for row in rows
    ]  # fmt: skip


def spread_rows(rows: list[Answer], texts: Texts) -> list[Row]:
    """Median and the ends between which eight of ten lie, in per cent."""
    found = []
    for row in rows:
        middle, low, high = (100 * row[name] for name in ("soh_median", "soh_p10", "soh_p90"))
        text = f"{middle:.1f} % ({low:.1f}–{high:.1f})"
        found.append(Row(group_name(row["group"], texts), text, (middle, low, high)))
    return found


def repeat_rows(rows: list[Answer], texts: Texts) -> list[Row]:
    """The standard deviation of SOH in points."""
    return [
        Row(group_name(row["group"], texts), points(row["soh_sd"], texts), (100 * row["soh_sd"],))
        for row in rows
        if row["soh_sd"] is not None
    ]


# -- channels ------------------------------------------------------------------------------------


def factor_of(quantity: str) -> float:
    """From the service's figure to the page's."""
    return 1.0 if quantity == "temperature_degC" else 100.0


def unit_of(quantity: str) -> str:
    """Of differences on the page."""
    return "°C" if quantity == "temperature_degC" else "%"


def difference(quantity: str, value: float, *, sign: bool = True) -> str:
    """With its unit."""
    value *= factor_of(quantity)
    return f"{value:+.2f} {unit_of(quantity)}" if sign else f"{value:.2f} {unit_of(quantity)}"


def place_of(row: Answer) -> str:
    """Bench and channel."""
    return f"{row['bench']}/{row['channel']}"


def judged(row: Answer, texts: Texts) -> str:
    """In words, with a sign for what is not good."""
    words = []
    if row["named"]:
        words.append(texts("stat.high" if row["offset"] > 0 else "stat.low"))
    if row["drifts"]:
        words.append(texts("stat.up" if row["drift_per_100"] > 0 else "stat.down"))
    return "✕ " + ("，" if texts.lang == "zh" else ", ").join(words) if words else texts("stat.alike")


def channel_cells(row: Answer, texts: Texts) -> list[str]:
    """One row of the table of channels."""
    quantity = row["quantity"]
    return [
        place_of(row),
        texts(f"stat.{quantity}"),
        str(row["readings"]),
        difference(quantity, row["offset"]),
        difference(quantity, row["standard_error"], sign=False),
        difference(quantity, row["drift_per_100"]),
        judged(row, texts),
    ]


def named_sentences(rows: list[Answer], texts: Texts) -> list[str]:
    """Every channel that is not as its peers, in one sentence each."""
    return [
        texts(
            "stat.named",
            place=place_of(row),
            quantity=texts(f"stat.{row['quantity']}"),
            judged=judged(row, texts).removeprefix("✕ "),
            offset=difference(row["quantity"], row["offset"]),
        )
        for row in rows
        if row["named"] or row["drifts"]
    ]


def offset_rows(rows: list[Answer], quantity: str) -> list[Row]:
    """Every channel's difference in one quantity, with four standard errors to both sides."""
    factor, found = factor_of(quantity), []
    for row in sorted(rows, key=place_of):
        if row["quantity"] == quantity:
            middle, reach = factor * row["offset"], 4 * factor * row["standard_error"]
            bad = row["named"] or row["drifts"]
            text = ("✕ " if bad else "") + difference(quantity, row["offset"])
            found.append(Row(place_of(row), text, (middle, middle - reach, middle + reach), bad))
    return found
