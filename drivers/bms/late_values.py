"""Values of a whole recording read at once: payloads are checked frame by frame, their values read by numpy
after the last.

It gives the series, faults and findings that reading payload by payload gives. Fields whose meaning hangs on
other payloads, and texts, are still read one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from drivers.bms.columns import Column, Rows, columns_of
from drivers.bms.family import Family
from drivers.bms.layout import Field, Layout, Value
from drivers.bms.signals import SignalStore

_BITS_MAX = 56


class Found(NamedTuple):
    """All values of one signal out of payloads of one kind; ``wrong_at``: indices where it tells a fault."""

    column: Column
    wrong_at: npt.NDArray[np.intp]


class LateValues:
    """``take`` for each good payload, ``read`` once at the end. ``put`` takes what is read one by one."""

    def __init__(self, put: Callable[[float, Iterable[Value]], None]) -> None:
        self._put = put
        self._kept: dict[int, tuple[Layout, Layout | None, list[float], list[bytes]]] = {}

    @staticmethod
    def able(family: Family) -> bool:
        """Whether no field of this family asks for the value of another as it was at the time."""
        return not any(field.limit for field in family.fields())

    def take(self, t_s: float, layout: Layout, data: bytes) -> None:
        """A good payload that arrived at ``t_s``."""
        kept = self._kept.get(id(layout))
        if kept is None:
            others = [field for field in layout.fields if not _by_column(field)]
            kept = self._kept[id(layout)] = (layout, Layout(others) if others else None, [], [])
        if kept[1] is not None:
            self._put(t_s, kept[1].read(data))
        kept[2].append(t_s)
        kept[3].append(data)

    def read(self, store: SignalStore) -> list[Found]:
        """All values, and into ``store`` the newest of each signal and what was not available."""
        found = []
        for layout, _, times, payloads in self._kept.values():
            longest = max(map(len, payloads))
            width = 8 if longest <= 8 else longest
            table = np.frombuffer(b"".join(data.ljust(width, b"\0") for data in payloads), dtype=np.uint8)
            lengths = np.array([len(data) for data in payloads], dtype=np.uint16)
            rows = Rows(np.array(times), lengths, table.reshape(len(payloads), width))
            for field in layout.fields:
                if _by_column(field):
                    found += [_told(column, store) for column in columns_of(field, rows)]
        self._kept.clear()
        return found


def _by_column(field: Field) -> bool:
    return (
        field.kind == "number"
        and not field.labels
        and field.count_bits is None
        and field.bits.length <= _BITS_MAX
    )


def _told(column: Column, store: SignalStore) -> Found:
    """Tell the store of this column; the fault it may tell, where."""
    field, times = column.field, column.times_s
    missing = np.flatnonzero(np.isnan(column.values))
    if missing.size:
        first_s, last_s = float(times[missing[0]]), float(times[missing[-1]])
        store.find_many("not_available", field.name, int(missing.size), first_s, last_s)
    if not field.fault:
        wrong_at = np.empty(0, dtype=np.intp)
    elif field.fault_when:
        wrong_at = np.flatnonzero(np.isin(column.raw, list(field.fault_when)))
    else:
        wrong_at = np.flatnonzero(column.raw)
    value, raw = float(column.values[-1]), int(column.raw[-1])
    told = None if np.isnan(value) else value
    store.take_over(float(times[-1]), Value(field, column.number, told, raw))
    return Found(column, wrong_at)
