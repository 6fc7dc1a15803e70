"""Turns the parts of a description, and signals of a DBC, into layouts that read bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drivers.bms.checksums import Checksum
from drivers.bms.description import (
    ChecksumModel,
    Evidence,
    FieldModel,
    MessageModel,
    PayloadModel,
    PlaceModel,
    SignalModel,
)
from drivers.bms.layout import Bits, Condition, Field, Numbering, Order

#: the unit that a name ends with; names without one are plain numbers, flags or texts
_UNITS = (
    ("_ohm_per_V", "ohm/V"),
    ("_degC", "degC"),
    ("_pct", "%"),
    ("_ohm", "ohm"),
    ("_Ah", "Ah"),
    ("_Wh", "Wh"),
    ("_W", "W"),
    ("_V", "V"),
    ("_A", "A"),
    ("_s", "s"),
)


def unit_of(name: str) -> str:
    """The unit in a signal's name; '' without one."""
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "")


def bits_of(model: PlaceModel, order: Order) -> Bits:
    """Where a described integer lies."""
    if model.bits is not None:
        return Bits(8 * model.at + model.bit, model.bits, "little", model.signed)
    return Bits(8 * model.at, 8 * (model.bytes or 1), model.order or order, model.signed)


def checksum_of(model: ChecksumModel | None) -> Checksum | None:
    """The described checksum."""
    return None if model is None else Checksum(model.kind, model.at, model.constants)


def described_field(
    model: FieldModel, order: Order, payload: PayloadModel, evidence: Evidence, source: str
) -> Field:
    """A field of the YAML file."""
    bits = bits_of(model, order)
    count: int | None = model.count if isinstance(model.count, int) else 1
    if model.count == "rest":
        count = None
    numbering = None
    if model.index is not None:
        numbering = Numbering(bits_of(model.index, order), model.index.per, model.index.base)
    return Field(
        name=model.name,
        bits=bits,
        scale=model.scale,
        offset=model.offset,
        unit=unit_of(model.name) if model.kind == "number" else "",
        absent=frozenset(model.absent),
        conditions=tuple(
            Condition(
                bits_of(when, order),
                frozenset(when.values or when.but_not),
                bool(when.but_not),
                when.low,
                when.high,
            )
            for when in model.when
        ),
        lengths=frozenset(model.lengths),
        numbered=model.count is not None,
        count=count,
        count_bits=bits_of(model.count, order) if isinstance(model.count, PlaceModel) else None,
        stride=model.stride_bits or bits.length,
        first=model.first,
        numbering=numbering,
        limit=model.limit,
        kind=model.kind,
        evidence=model.evidence or payload.evidence or evidence,
        fault=model.fault,
        fault_when=frozenset(model.fault_when),
        group=model.group or payload.group,
        source=source,
        labels=model.labels,
    )


def dbc_fields(model: MessageModel, message: Any, evidence: Evidence) -> Iterable[Field]:
    """The fields of a DBC message; one without a name of ours keeps MESSAGE.SIGNAL."""
    for signal in message.signals:
        if signal.name in model.leave_out:
            continue
        ours = model.signals.get(signal.name)
        conditions = list(_multiplexed(signal, message))
        if ours is not None:
            for name, values in ours.when.items():
                conditions.append(Condition(dbc_bits(message.get_signal_by_name(name)), frozenset(values)))
        yield _dbc_field(signal, ours, tuple(conditions), model, message.name, evidence)


def _dbc_field(
    signal: Any,
    ours: SignalModel | None,
    conditions: tuple[Condition, ...],
    model: MessageModel,
    message: str,
    evidence: Evidence,
) -> Field:
    bits, scale, offset = dbc_bits(signal), float(signal.scale), float(signal.offset)
    grade = model.evidence or evidence
    if ours is None:
        unit = {"C": "degC"}.get(signal.unit or "", signal.unit or "")
        return Field(
            f"{message}.{signal.name}", bits, scale, offset, unit,
            conditions=conditions, evidence=grade, group=model.group, source=message,
        )  # fmt: skip
    return Field(
        name=ours.as_,
        bits=bits,
        scale=scale * ours.factor,
        offset=offset * ours.factor + ours.offset,
        unit=unit_of(ours.as_),
        absent=frozenset(ours.absent),
        conditions=conditions,
        numbered=ours.number is not None,
        stride=bits.length,
        first=ours.number or 1,
        evidence=ours.evidence or grade,
        fault=ours.fault,
        fault_when=frozenset(ours.fault_when),
        group=ours.group or model.group,
        source=message,
        labels=ours.labels,
    )


def dbc_bits(signal: Any) -> Bits:
    """Where a signal of a DBC lies; a Motorola signal's start is its highest bit there."""
    if signal.byte_order == "little_endian":
        return Bits(signal.start, signal.length, "little", signal.is_signed)
    start = 8 * (signal.start // 8) + 7 - signal.start % 8
    return Bits(start, signal.length, "big", signal.is_signed)


def _multiplexed(signal: Any, message: Any) -> Iterable[Condition]:
    if signal.multiplexer_ids and signal.multiplexer_signal:
        selector = message.get_signal_by_name(signal.multiplexer_signal)
        yield Condition(dbc_bits(selector), frozenset(signal.multiplexer_ids))
