"""Calibration data of the instruments in a bench file: listed with what is due, and entered without touching
anything else of the file."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from drivers.transports.address import canonical_address
from station.bench.file import read_bench_yaml
from station.bench.instruments import Calibration, InstrumentRef
from station.bench.model import Bench
from station.errors import BenchError, UsageError

SOON_DAYS: Final = 30
"""From so many days before the last one on, an instrument is told as due soon."""


def instrument_places(bench: Bench) -> Iterator[tuple[str, str, InstrumentRef]]:
    """Every instrument: its channel (``guard`` for the guard's board), its place there, its reference."""
    for channel in bench.channels:
        for place, ref in channel.instruments().items():
            yield channel.id, place, ref
    if bench.guard:
        yield "guard", "relay", bench.guard.relay


def calibrations_of(bench: Bench, today: datetime.date) -> list[dict[str, Any]]:
    """One row per instrument with an address; those at one address are one row.

    ``state`` is ``ok``, ``soon``, ``overdue`` or ``unknown``; ``days_left`` counts to the last good day.
    """
    rows: dict[str, dict[str, Any]] = {}
    for channel, place, ref in instrument_places(bench):
        if ref.address is None:
            continue
        address = canonical_address(ref.address)
        if address in rows:
            rows[address]["places"].append(f"{channel} {place}")
            continue
        calibration = ref.calibration
        left = None if calibration is None else (calibration.due - today).days
        rows[address] = {
            "address": ref.address,
            "driver": ref.driver,
            "expect": dict(ref.expect),
            "places": [f"{channel} {place}"],
            "calibration": None if calibration is None else calibration.model_dump(mode="json"),
            "days_left": left,
            "state": _state(left),
        }
    return list(rows.values())


def _state(days_left: int | None) -> str:
    if days_left is None:
        return "unknown"
    return "overdue" if days_left < 0 else "soon" if days_left <= SOON_DAYS else "ok"


def with_calibration(text: str, name: str, address: str, wanted: dict[str, Any]) -> str:
    """The bench file ``text`` with ``wanted`` as the calibration of every instrument at ``address``.

    Comments and everything else stay. Raises UsageError (no such instrument, wrong data), BenchError.
    """
    try:
        checked = Calibration.model_validate(wanted)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"calibration: {field}: {first['msg']}",
            remedy="correct the field; dates as 2027-03-31",
            code="calibration.invalid",
            field=field,
            reason=first["msg"],
        ) from error
    from ruamel.yaml import YAML

    data = read_bench_yaml(text, name)
    plain = checked.model_dump(mode="json", exclude_defaults=True)
    found = list(_nodes_at(data, canonical_address(address)))
    if not found:
        raise UsageError(
            f"no instrument of this bench is at {address}",
            remedy="see: station calibration list",
            code="calibration.unknown",
            address=address,
        )
    for node in found:
        node["calibration"] = dict(plain)
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 200
    yaml.preserve_quotes = True
    out = io.StringIO()
    try:
        yaml.dump(data, out)
    except (ValueError, RecursionError) as error:
        raise BenchError(f"{name}: cannot be written again: {error}", remedy="edit it by hand") from error
    return out.getvalue()


def _nodes_at(node: Any, address: str) -> Iterator[Any]:
    """Mappings that name a driver and an address like this one, wherever they stand."""
    if isinstance(node, dict):
        given = node.get("address") if "driver" in node else None
        if isinstance(given, str) and canonical_address(given) == address:
            yield node
        for value in node.values():
            yield from _nodes_at(value, address)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes_at(value, address)
