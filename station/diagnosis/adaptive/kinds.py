"""What one row of a pulse table holds, and sets of such rows of one rest: the words of a test's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from station.diagnosis.soh.recognise import nearest_width
from station.diagnosis.tables import SUBSETS, Bools, Floats, fill_standalone

PARTS: Mapping[str, tuple[int, ...]] = {
    "all": SUBSETS["all"],
    "first": SUBSETS["first"],
    "low": tuple(range(9)),
    "half": tuple(range(17)),
    "third": tuple(range(16, 21)),
    "pair": SUBSETS["pair"],
}
"""Zero-based columns of U1 … U41 that a row may be read by.

Five amplitudes; 0.5 C, 1 C and the charge half of the third; 0.5 C and 1 C; one pair of 0.5 C, the third (its
charge half) or 2.5 C. The first column of each is the rest voltage before it.
"""

AMPLITUDES_C: Mapping[str, tuple[float, ...]] = {
    "all": (0.5, 1.0, 1.5, 2.0, 2.5),
    "first": (0.5, 1.0, 1.5),
    "low": (0.5,),
    "half": (0.5, 1.0),
    "third": (1.5,),
    "pair": (2.5,),
}
"""What is run to get a part; the third amplitude is that of the cell type."""

RESTS = 16.0
"""A pulse and its rest take 16 widths: the rest is 15 (protocol of the learned records)."""

PULSES: Mapping[str, float] = {"all": 10.0, "first": 6.0, "low": 2.0, "half": 4.0, "third": 2.0, "pair": 2.0}
"""Pulses run to get a part: whole pairs, because half of one would leave the cell charged."""


@dataclass(frozen=True, order=True)
class Kind:
    """A pulse width in s and the part of the table that was measured with it."""

    width_s: float
    part: str

    @property
    def columns(self) -> tuple[int, ...]:
        """Columns of U1 … U41, zero-based."""
        return PARTS[self.part]

    @property
    def time_s(self) -> float:
        """Pulses and their rests."""
        return PULSES[self.part] * RESTS * self.width_s

    @property
    def text(self) -> str:
        """E.g. ``5:pair``; the inverse of ``kind_of``."""
        return f"{self.width_s:g}:{self.part}"

    def inside(self, other: Kind) -> bool:
        """Whether a row of the other kind holds this one."""
        same = self.width_s == other.width_s and self.part != other.part
        return same and set(self.columns) < set(other.columns)


History = frozenset[Kind]
"""Rows of one rest: no two of the same kind."""


def kind_of(text: str) -> Kind:
    """The kind a text names. Raises ValueError for another text."""
    width, _, part = text.partition(":")
    if part not in PARTS:
        raise ValueError(f"{text!r} names no part of a pulse table")
    return Kind(float(width), part)


def history_of(text: str) -> History:
    """The rows that a text as ``5:pair+0.7:pair`` names. Raises ValueError for another text."""
    return frozenset(kind_of(word) for word in text.split("+"))


def history_text(history: Iterable[Kind]) -> str:
    """Widest first."""
    return "+".join(kind.text for kind in ordered(history))


def ordered(history: Iterable[Kind]) -> tuple[Kind, ...]:
    """Widest first: the order in which a joint estimator stacks its rows."""
    return tuple(sorted(history, key=lambda kind: (-kind.width_s, kind.part)))


def history_time_s(history: Iterable[Kind]) -> float:
    """How long the rows of a history take; a part inside another of the same width takes nothing."""
    kinds = set(history)
    return sum(kind.time_s for kind in kinds if not any(kind.inside(other) for other in kinds))


def kinds_of_row(width_s: float, present: Bools, widths_s: Iterable[float]) -> set[Kind]:
    """All kinds that a row with these columns ``present`` (41,) can be read as; none at a foreign width."""
    width = nearest_width(widths_s, width_s)
    if width is None:
        return set()
    return {Kind(width, part) for part, columns in PARTS.items() if present[list(columns)].all()}


def with_inside(kind: Kind) -> History:
    """A kind and all that a row of it holds."""
    return frozenset(
        other for part in PARTS if (other := Kind(kind.width_s, part)) == kind or other.inside(kind)
    )


def fill_rests(voltages_V: Floats) -> Floats:
    """Give pairs that were measured alone their rest voltage under the name it has in the table.

    U1 is the rest voltage before whatever was measured first: it stands for U33 before a 2.5 C pair and for
    U17 before the third, where nothing in between was measured. Returns a copy.
    """
    filled = fill_standalone(voltages_V)
    for rest, between in ((16, slice(1, 16)), (32, slice(9, 32))):
        alone = np.isnan(filled[:, between]).all(axis=1) & np.isnan(filled[:, rest])
        alone &= np.isfinite(filled[:, rest + 1])
        filled[alone, rest] = filled[alone, 0]
    return filled
