"""The station's cyclic frames of a family, with their counters, checksums and the voltage they tell."""

from __future__ import annotations

from collections.abc import Iterable

from drivers.bms.compiled import checksum_of
from drivers.bms.description import KeepAliveModel, LinkModel, PlaceModel
from drivers.keeper.cyclic import Cyclic


def cyclic_of(model: KeepAliveModel, link_V: float = 0.0) -> Cyclic:
    """One described frame as it is sent; ``link_V`` is the voltage outside the pack's contactors."""
    return Cyclic(
        model.id,
        model.period_s,
        tuple(_closed(model, data, link_V) for data in _counted(model)),
        model.extended,
        model.fd or any(len(data) > 8 for data in model.data),
    )


def merged(*groups: Iterable[KeepAliveModel], link_V: float = 0.0) -> list[Cyclic]:
    """All of them; of one identifier the later group stands."""
    found = {(one.id, one.extended): one for group in groups for one in group}
    return [cyclic_of(one, link_V) for one in found.values()]


def _counted(model: KeepAliveModel) -> Iterable[bytes]:
    if model.counter is None:
        yield from model.data
        return
    for count in range(1 << (model.counter.bits or 0)):
        yield _put(model.counter, model.data[count % len(model.data)], count)


def _closed(model: KeepAliveModel, data: bytes, link_V: float) -> bytes:
    if isinstance(model.link, LinkModel):
        data = _put(model.link, data, round((link_V - model.link.offset) / model.link.scale))
    checksum = checksum_of(model.checksum)
    if checksum is None:
        return data
    return data[: checksum.at] + bytes((checksum.expected(data),)) + data[checksum.at + 1 :]


def _put(place: PlaceModel, data: bytes, raw: int) -> bytes:
    """``data`` with the integer there replaced; bits count from the lowest, bytes are little-endian there."""
    length = place.bits or 8 * (place.bytes or 1)
    raw = min(max(raw, 0), (1 << length) - 1)
    if place.order == "big" and place.bits is None:
        raw = int.from_bytes(raw.to_bytes(length // 8, "big"), "little")
    shift = 8 * place.at + place.bit
    whole = int.from_bytes(data, "little") & ~(((1 << length) - 1) << shift) | raw << shift
    return whole.to_bytes(len(data), "little")
