"""Which way positive current runs: by step types, by charge counters, by the voltage's answer.

A current whose sign nobody can know is refused: a discharge taken for a charge gives a wrong battery.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.errors import DataError
from station.rawfiles.recording import Floats

#: Currents below this share of the largest say nothing about their direction.
STRONG_SHARE = 0.02
#: Share of rows that must agree with what the steps or counters say.
AGREEMENT = 0.9
#: Edges of at least this share of the largest current count for the voltage's answer.
EDGE_SHARE = 0.2
#: Smallest answer that counts, in V; and the sum of answers that proves a reversed sign.
ANSWER_MIN_V = 0.001
ANSWER_SUM_V = 0.005

Bools = NDArray[np.bool_]
REST, UNKNOWN = 0.0, float("nan")
_REST = re.compile(r"rest|ocv|pause|idle|静置|搁置|静止|开路|^[rsop]$")
_DISCHARGE = re.compile(r"discharg|d_?chg|dch|dischg|放电|^d$")
_CHARGE = re.compile(r"charg|chg|cha$|充电|^c$")


@dataclass(frozen=True)
class Told:
    """What a file says of each row: 1 charge, −1 discharge, 0 rest, NaN nothing. ``by`` names the column."""

    direction: Floats
    by: str


def told_by_texts(cells: list[str], by: str) -> Told:
    """Directions from step types or states such as ``CC_DChg``, ``恒流充电``, ``D``."""
    known: dict[str, float] = {}
    for cell in set(cells):
        text = cell.strip().lower()
        if _DISCHARGE.search(text) and not _mixed(text):
            known[cell] = -1.0
        elif _CHARGE.search(text) and not _mixed(text):
            known[cell] = 1.0
        else:
            known[cell] = REST if _REST.search(text) else UNKNOWN
    return Told(np.array([known[cell] for cell in cells], dtype=np.float64), by)


def _mixed(text: str) -> bool:
    """``charge/discharge`` says nothing."""
    rest = _DISCHARGE.sub("", text)
    return bool(_DISCHARGE.search(text)) and bool(_CHARGE.search(rest))


def told_by_counters(charge: Floats, discharge: Floats, by: str) -> Told:
    """Directions from two counters, of charge and of discharge; a counter that restarts says nothing."""
    up = np.diff(charge, prepend=charge[:1])
    down = np.diff(np.abs(discharge), prepend=np.abs(discharge[:1]))
    direction = np.full(charge.size, UNKNOWN)
    with np.errstate(invalid="ignore"):
        direction[(up > 0) & ~(down > 0)] = 1.0
        direction[(down > 0) & ~(up > 0)] = -1.0
    return Told(direction, by)


def told_by_net(net: Floats, by: str) -> Told:
    """Directions from one counter that charge raises and discharge lowers."""
    with np.errstate(invalid="ignore"):
        steps = np.sign(np.diff(net, prepend=net[:1]))
    steps[steps == 0] = UNKNOWN
    return Told(steps, by)


@dataclass(frozen=True)
class Settled:
    """A current with positive charging; ``proved`` where the file itself says so of nearly every row."""

    current_A: Floats
    proved: bool
    note: str | None = None


def settle(current: Floats, told: Told | None, source: str, header: str) -> Settled:
    """Give a current its sign by what the file says.

    Raises DataError (``data.sign``) where the file contradicts itself.
    """
    if told is None or current.size == 0 or not np.any(np.isfinite(current)):
        return Settled(current, False)
    largest = float(np.nanmax(np.abs(current)))
    with np.errstate(invalid="ignore"):
        strong = np.abs(current) > STRONG_SHARE * largest
        says = told.direction
        known = strong & np.isfinite(says) & (says != REST)
        covered = bool(np.count_nonzero(known) >= AGREEMENT * np.count_nonzero(strong))
        if not np.any(known):
            return Settled(current, False)
        if not np.any(current[strong] < 0) and np.any(says[known] < 0):
            return _signed(current, strong, known, says, told.by, source, header)
    agree = float(np.mean(np.sign(current[known]) == says[known]))
    if agree >= AGREEMENT:
        return Settled(current, covered)
    if agree <= 1.0 - AGREEMENT and covered:
        note = f"column {header!r} counts discharge as positive, as {told.by!r} shows; turned round"
        return Settled(-current, True, note)
    raise _refused(
        f"{source}: the sign of column {header!r} agrees with {told.by!r} in {agree:.0%} of the rows only",
        "check both columns; name the sign in a mapping file",
        source,
        header,
    )


def _signed(
    current: Floats, strong: Bools, known: Bools, says: Floats, by: str, source: str, header: str
) -> Settled:
    """A current without sign gets it from what the file says; a row that nothing is said of is missing."""
    unsaid = strong & ~known
    if np.count_nonzero(unsaid) > (1.0 - AGREEMENT) * np.count_nonzero(strong):
        raise _refused(
            f"{source}: column {header!r} has no sign, and {by!r} does not say the direction of "
            f"{np.count_nonzero(unsaid)} of {np.count_nonzero(strong)} rows",
            "export the step type or state with every row, or name it in a mapping file",
            source,
            header,
        )
    signed = np.where(known, current * np.where(np.isfinite(says), says, 1.0), current)
    signed[unsaid] = np.nan
    return Settled(signed, True, f"column {header!r} has no sign; taken from {by!r}")


def check_answer(current: Floats, voltage: Floats, *, proved: bool, source: str, header: str) -> None:
    """Current up, voltage up: a battery's terminals allow nothing else. Raises DataError (``data.sign``).

    ``proved``: steps or counters have spoken; else a current without any negative value is refused as
    well when the voltage answers it in both ways.
    """
    rows = np.isfinite(current) & np.isfinite(voltage)
    amps, volts = current[rows], voltage[rows]
    if amps.size < 3:
        return
    jumps, answers = np.diff(amps), np.diff(volts)
    edges = (np.abs(jumps) >= EDGE_SHARE * np.max(np.abs(amps))) & (np.abs(answers) >= ANSWER_MIN_V)
    weight = np.abs(answers[edges])
    against = float(weight[np.sign(jumps[edges]) != np.sign(answers[edges])].sum())
    total = float(weight.sum())
    if np.count_nonzero(edges) < 2 or total < ANSWER_SUM_V:
        return
    if against >= 0.8 * total:
        raise _refused(
            f"{source}: the voltage falls when column {header!r} rises, so positive current discharges there",
            "export with positive charge current, or say `positive: discharge` in a mapping file",
            source,
            header,
        )
    if not proved and against >= 0.3 * total and not (np.any(amps < 0) and np.any(amps > 0)):
        raise _refused(
            f"{source}: column {header!r} has no sign: the voltage rises with it and falls with it",
            "export the step type with every row, or a signed current",
            source,
            header,
        )


def _refused(message: str, remedy: str, source: str, header: str) -> DataError:
    return DataError(message, remedy=remedy, code="data.sign", file=source, column=header)
