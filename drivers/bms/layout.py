"""Values inside a payload: where the bits lie, what they mean, and when they mean nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Literal, NamedTuple

Order = Literal["little", "big"]
Kind = Literal["number", "text", "hex", "bcd", "day16"]


@dataclass(frozen=True)
class Bits:
    """An integer inside bytes.

    ``start`` counts bits: of a little-endian value up from bit 0 of byte 0, of a big-endian one from bit 7 of
    byte 0 in the order of transmission.
    """

    start: int
    length: int
    order: Order = "little"
    signed: bool = False

    @cached_property
    def end_byte(self) -> int:
        """How many bytes the payload needs for this value."""
        return (self.start + self.length + 7) // 8

    def read(self, data: bytes) -> int:
        """The raw integer. ``data`` must have at least ``end_byte`` bytes."""
        first = self.start >> 3
        part = data[first : self.end_byte]
        number = int.from_bytes(part, self.order)
        inside = self.start & 7
        shift = inside if self.order == "little" else 8 * len(part) - inside - self.length
        number = number >> shift & (1 << self.length) - 1
        if self.signed and number >> (self.length - 1):
            number -= 1 << self.length
        return number


@dataclass(frozen=True)
class Condition:
    """The field is present only while these bits are one of ``values``, or lie from ``low`` to ``high``.

    ``inverted`` turns it round.
    """

    bits: Bits
    values: frozenset[int] = frozenset()
    inverted: bool = False
    low: int | None = None
    high: int | None = None

    def holds(self, data: bytes) -> bool:
        """Whether a payload fulfils it; one that is too short does not."""
        if len(data) < self.bits.end_byte:
            return False
        raw = self.bits.read(data)
        if self.low is not None or self.high is not None:
            inside = (self.low is None or raw >= self.low) and (self.high is None or raw <= self.high)
        else:
            inside = raw in self.values
        return inside != self.inverted


@dataclass(frozen=True)
class Numbering:
    """Which members of a numbered signal a frame carries: ``first + per * (index - base)`` and on."""

    bits: Bits
    per: int
    base: int = 0


@dataclass(frozen=True)
class Field:
    """One signal, or ``count`` members of a numbered one, ``stride`` bits apart.

    value = raw × ``scale`` + ``offset`` in ``unit``, or the text that ``labels`` has for it. Raw values in
    ``absent`` mean "not available". ``count`` 1 with ``numbered`` False is a plain signal; ``count`` None
    takes as many as the payload holds;
    ``count_bits`` reads the number from the payload. ``lengths``: only payloads of these lengths have it,
    where variants place it differently. ``limit`` names the signal that tells how many exist.
    """

    name: str
    bits: Bits
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    absent: frozenset[int] = frozenset()
    conditions: tuple[Condition, ...] = ()
    lengths: frozenset[int] = frozenset()
    numbered: bool = False
    count: int | None = 1
    count_bits: Bits | None = None
    stride: int = 0
    first: int = 1
    numbering: Numbering | None = None
    limit: str = ""
    kind: Kind = "number"
    evidence: str = ""
    fault: str = ""
    fault_when: frozenset[int] = frozenset()
    group: str = "live"
    source: str = ""
    labels: Mapping[int, str] = dataclass_field(default_factory=dict, hash=False)

    @property
    def resolution(self) -> float | None:
        """The smallest step of the value in its unit; None for texts."""
        return abs(self.scale) if self.kind == "number" and not self.labels else None

    def value_of(self, raw: int) -> float | None:
        """The value in ``unit``, or None when ``raw`` means "not available"."""
        return None if raw in self.absent else raw * self.scale + self.offset


class Value(NamedTuple):
    """What one field of one payload said. ``number``: which member of a numbered signal, from 1."""

    field: Field
    number: int | None
    value: float | str | None
    raw: int | None = None


class Layout:
    """All fields of one kind of payload. ``minimum`` is the least length in bytes that is accepted."""

    def __init__(self, fields: Sequence[Field], minimum: int = 0, lengths: Sequence[int] = ()) -> None:
        self.fields = tuple(fields)
        self.minimum = minimum
        self.lengths = frozenset(lengths)
        # Most fields are plain numbers: they are read without a call each.
        self._simple = tuple(
            (
                field,
                field.bits.end_byte,
                field.bits.order == "little",
                field.bits.start if field.bits.order == "little" else -field.bits.start - field.bits.length,
                (1 << field.bits.length) - 1,
                1 << field.bits.length - 1 if field.bits.signed else 0,
            )
            for field in self.fields
            if _is_simple(field)
        )
        self._other = tuple(field for field in self.fields if not _is_simple(field))

    def fits(self, data: bytes) -> bool:
        """Whether a payload of this length can be one of this kind."""
        return len(data) >= self.minimum and (not self.lengths or len(data) in self.lengths)

    def read(self, data: bytes) -> list[Value]:
        """Every value whose bits are there and whose conditions hold."""
        found: list[Value] = []
        length, little, big = len(data), int.from_bytes(data, "little"), int.from_bytes(data, "big")
        for field, end, is_little, shift, mask, sign in self._simple:
            if end > length:
                continue
            raw = (little >> shift if is_little else big >> 8 * length + shift) & mask
            if raw & sign:
                raw -= mask + 1
            value = None if raw in field.absent else raw * field.scale + field.offset
            found.append(Value(field, None, value, raw))
        for field in self._other:
            if field.lengths and length not in field.lengths:
                continue
            if field.conditions and not all(condition.holds(data) for condition in field.conditions):
                continue
            if field.numbered:
                found += _members(field, data)
            elif len(data) >= field.bits.end_byte or field.kind in ("text", "hex"):
                found.append(_one(field, field.bits, None, data))
        return found


def _is_simple(field: Field) -> bool:
    return not (field.conditions or field.lengths or field.numbered or field.labels or field.kind != "number")


def _one(field: Field, bits: Bits, number: int | None, data: bytes) -> Value:
    if field.kind == "number":
        raw = bits.read(data)
        if raw in field.labels:
            return Value(field, number, field.labels[raw], raw)
        return Value(field, number, field.value_of(raw), raw)
    part = data[bits.start // 8 : bits.end_byte]
    return Value(field, number, _text(field.kind, part, bits, data))


def _text(kind: Kind, part: bytes, bits: Bits, data: bytes) -> str | None:
    if kind == "text":
        text = "".join(chr(byte) for byte in part.split(b"\0")[0] if 0x20 <= byte < 0x7F).strip()
        return text or None
    if kind == "hex":
        return part.hex() or None
    if kind == "bcd":
        return part.hex() if all(byte >> 4 < 10 and byte & 15 < 10 for byte in part) else None
    raw = bits.read(data)  # day16: year since 2000, month, day in 7, 4 and 5 bits
    year, month, day = 2000 + (raw >> 9), raw >> 5 & 15, raw & 31
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _members(field: Field, data: bytes) -> list[Value]:
    first = field.first
    if field.numbering is not None:
        if len(data) < field.numbering.bits.end_byte:
            return []
        index = field.numbering.bits.read(data) - field.numbering.base
        if index < 0:
            return []
        first += field.numbering.per * index
    room = (8 * len(data) - field.bits.start - field.bits.length) // field.stride + 1
    count = room if field.count is None else field.count
    if field.count_bits is not None:
        count = field.count_bits.read(data) if len(data) >= field.count_bits.end_byte else 0
    found = []
    for position in range(max(0, min(count, room))):
        bits = Bits(
            field.bits.start + position * field.stride, field.bits.length, field.bits.order, field.bits.signed
        )
        value = _one(field, bits, first + position, data)
        # A place without a cell is no cell without a value.
        if value.raw not in field.absent:
            found.append(value)
    return found
