"""Decodes broadcasts of a recording column by column with numpy: for long recordings and for arithmetic.

It gives the same values as ``decoder`` for the frames of a family: checksums right, counters moving,
sentinels as NaN. Long messages and diagnostic replies are few and stay with ``decoder``. Texts are left out;
a signal with labels gives its raw number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import can
import numpy as np
import numpy.typing as npt

from drivers.bms.family import Family, Message
from drivers.bms.layout import Bits, Condition, Field

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
_EXTENDED = np.uint32(1 << 31)


@dataclass(frozen=True)
class FrameTable:
    """Frames as arrays: times in s, identifiers (bit 31: extended), lengths, data padded with zeros."""

    times_s: Floats
    ids: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.uint8]
    data: Bytes

    @classmethod
    def of(cls, frames: Sequence[can.Message]) -> FrameTable:
        """From python-can's messages; error and remote frames are left out."""
        kept = [f for f in frames if not (f.is_error_frame or f.is_remote_frame)]
        width = 64 if any(len(f.data) > 8 for f in kept) else 8
        joined = b"".join(bytes(f.data).ljust(width, b"\0") for f in kept)
        return cls(
            np.array([f.timestamp for f in kept], dtype=np.float64),
            np.array([f.arbitration_id | (f.is_extended_id << 31) for f in kept], dtype=np.uint32),
            np.array([len(f.data) for f in kept], dtype=np.uint8),
            np.frombuffer(joined, dtype=np.uint8).reshape(len(kept), width),
        )


@dataclass(frozen=True)
class Column:
    """One signal, or one member of a numbered one: shape (n,) each, NaN where it was not available."""

    field: Field
    number: int | None
    times_s: Floats
    values: Floats
    raw: npt.NDArray[np.int64]


class Rows:
    """The good frames of one message, with the two views of eight-byte data ready."""

    def __init__(self, times_s: Floats, lengths: npt.NDArray[np.unsignedinteger], data: Bytes) -> None:
        self.times_s, self.lengths, self.data = times_s, lengths, data
        self._whole: dict[str, npt.NDArray[np.uint64]] = {}

    def read(self, bits: Bits) -> npt.NDArray[np.int64]:
        """Raw integers of every row, as ``Bits.read`` gives them of one."""
        if self.data.shape[1] == 8:
            if bits.order not in self._whole:
                view = np.ascontiguousarray(self.data).view("<u8" if bits.order == "little" else ">u8")
                self._whole[bits.order] = view[:, 0].astype(np.uint64)
            words = self._whole[bits.order]
            shift = bits.start if bits.order == "little" else 64 - bits.start - bits.length
        else:
            words, shift = self._window(bits)
        numbers = words >> np.uint64(shift) & np.uint64((1 << bits.length) - 1)
        raw = numbers.astype(np.int64)
        if bits.signed and bits.length < 64:
            raw = np.where(raw >> (bits.length - 1), raw - (1 << bits.length), raw)
        return raw

    def _window(self, bits: Bits) -> tuple[npt.NDArray[np.uint64], int]:
        first, end = bits.start >> 3, bits.end_byte
        part = np.zeros((len(self.data), 8), dtype=np.uint8)
        inside = bits.start & 7
        if bits.order == "little":
            part[:, : end - first] = self.data[:, first:end]
            return part.view("<u8")[:, 0].astype(np.uint64), inside
        part[:, 8 - (end - first) :] = self.data[:, first:end]
        return part.view(">u8")[:, 0].astype(np.uint64), 8 * (end - first) - inside - bits.length

    def holds(self, condition: Condition) -> npt.NDArray[np.bool_]:
        raw = self.read(condition.bits)
        if condition.low is not None or condition.high is not None:
            low = -(1 << 62) if condition.low is None else condition.low
            high = 1 << 62 if condition.high is None else condition.high
            inside = (raw >= low) & (raw <= high)
        else:
            inside = np.isin(raw, list(condition.values))
        return np.asarray((inside != condition.inverted) & (self.lengths >= condition.bits.end_byte))


def decode_columns(family: Family, table: FrameTable) -> dict[tuple[str, int | None], Column]:
    """Every broadcast signal of the recording, by name and number."""
    order = np.argsort(table.ids, kind="stable")
    known, begins = np.unique(table.ids[order], return_index=True)
    ends = np.append(begins[1:], len(order))
    found: dict[tuple[str, int | None], list[Column]] = {}
    for identifier, begin, end in zip(known.tolist(), begins.tolist(), ends.tolist(), strict=True):
        message = family.message(identifier & 0x1FFFFFFF, bool(identifier >> 31))
        if message is None or not message.from_pack:
            continue
        for column in _message(message, table, order[begin:end]):
            found.setdefault((column.field.name, column.number), []).append(column)
    return {key: _joined(columns) for key, columns in found.items()}


def _joined(columns: list[Column]) -> Column:
    """One column of what several messages or conditions tell, in order of time."""
    if len(columns) == 1:
        return columns[0]
    times = np.concatenate([column.times_s for column in columns])
    order = np.argsort(times, kind="stable")
    values = np.concatenate([column.values for column in columns])
    raw = np.concatenate([column.raw for column in columns])
    return Column(columns[0].field, columns[0].number, times[order], values[order], raw[order])


def _message(message: Message, table: FrameTable, where: npt.NDArray[np.intp]) -> list[Column]:
    lengths = table.lengths[where]
    good = (lengths >= message.layout.minimum) & (lengths > 0)
    if message.layout.lengths:
        good &= np.isin(lengths, list(message.layout.lengths))
    where, lengths = where[good], lengths[good]
    if message.checksum is not None:
        right = np.zeros(len(where), dtype=np.bool_)
        for length in np.unique(lengths).tolist():
            same = lengths == length
            right[same] = message.checksum.right_all(table.data[where[same], :length])
        where, lengths = where[right], lengths[right]
    rows = Rows(table.times_s[where], lengths, table.data[where])
    if message.counter is not None and len(where):
        moving = ~_frozen(rows.read(message.counter), message.frozen_after)
        rows = Rows(rows.times_s[moving], lengths[moving], rows.data[moving])
    return [column for field in message.layout.fields for column in columns_of(field, rows)]


def _frozen(counts: npt.NDArray[np.int64], after: int) -> npt.NDArray[np.bool_]:
    """Which frames come after ``after`` or more repetitions of the counter."""
    same = np.concatenate(([False], counts[1:] == counts[:-1]))
    position = np.arange(len(counts))
    since = position - np.maximum.accumulate(np.where(same, 0, position))
    return np.asarray(since >= after)


def columns_of(field: Field, rows: Rows) -> list[Column]:
    """One field of all rows: a column, or one for each member; none for texts and integers of many bytes."""
    if field.kind != "number" or field.bits.length > 56 or not len(rows.times_s):
        return []
    chosen = np.ones(len(rows.times_s), dtype=np.bool_)
    if field.lengths:
        chosen &= np.isin(rows.lengths, list(field.lengths))
    for condition in field.conditions:
        chosen &= rows.holds(condition)
    if not field.numbered:
        chosen &= rows.lengths >= field.bits.end_byte
        return [_column(field, None, field.bits, rows, chosen)] if chosen.any() else []
    return _members(field, rows, chosen)


def _column(
    field: Field, number: int | None, bits: Bits, rows: Rows, chosen: npt.NDArray[np.bool_]
) -> Column:
    raw = rows.read(bits)
    times = rows.times_s
    if not chosen.all():
        raw, times = raw[chosen], times[chosen]
    values: Floats = np.asarray(raw * field.scale + field.offset, dtype=np.float64)
    if field.absent:
        values = np.where(np.isin(raw, list(field.absent)), np.nan, values)
    return Column(field, number, times, values, raw)


def _members(field: Field, rows: Rows, chosen: npt.NDArray[np.bool_]) -> list[Column]:
    room = (8 * rows.data.shape[1] - field.bits.start - field.bits.length) // field.stride + 1
    count = room if field.count is None else min(field.count, room)
    index = np.zeros(len(rows.times_s), dtype=np.int64)
    if field.numbering is not None:
        raw_index = rows.read(field.numbering.bits) - field.numbering.base
        chosen = chosen & (raw_index >= 0) & (rows.lengths >= field.numbering.bits.end_byte)
        index = raw_index * field.numbering.per
    columns = []
    steps = np.unique(index[chosen]).tolist()
    for position in range(count):
        bits = Bits(
            field.bits.start + position * field.stride, field.bits.length, field.bits.order, field.bits.signed
        )
        there = chosen & (rows.lengths >= bits.end_byte)
        for step in steps:
            column = _column(field, field.first + step + position, bits, rows, there & (index == step))
            given = ~np.isnan(column.values)
            if given.any():  # a place without a cell is no cell without a value
                columns.append(
                    Column(
                        field, column.number, column.times_s[given], column.values[given], column.raw[given]
                    )
                )
    return columns
