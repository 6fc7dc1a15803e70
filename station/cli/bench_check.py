"""Checks a bench file's drivers: known, options good, and on request the instruments' own answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from station.bench import Bench, InstrumentRef


def places(bench: Bench) -> Iterator[tuple[str, InstrumentRef]]:
    """Every instrument of the bench with the place it stands at; parts of a pair after the pair."""
    for channel in bench.channels:
        yield f"channel {channel.id} power", channel.power
        for part in ("supply", "load"):
            if part in channel.power.options:
                yield (
                    f"channel {channel.id} {part}",
                    InstrumentRef.model_validate(channel.power.options[part]),
                )
        for sensor in channel.sensors:
            yield f"channel {channel.id} sensors", sensor
        if channel.bms:
            yield f"channel {channel.id} bms", channel.bms
    if bench.guard:
        yield "guard relay", bench.guard.relay


def check_drivers(bench: Bench, *, connect: bool) -> list[dict[str, Any]]:
    """One row per instrument. Raises DriverError: unknown driver, wrong address, wrong instrument."""
    from drivers import catalogue

    rows = []
    for place, ref in places(bench):
        catalogue.check_reference(ref.driver, ref.address, ref.options)
        row: dict[str, Any] = {"place": place, "driver": ref.driver, "address": ref.address}
        if connect and ref.address is not None:
            instrument = catalogue.open_instrument(ref.driver, ref.address, ref.options)
            expect = {str(part): text for part, text in ref.expect.items()}
            try:
                identity = catalogue.check_identity(instrument, expect, ref.address)
            finally:
                instrument.close()
            row["identity"] = f"{identity.manufacturer} {identity.model} {identity.serial}".strip()
        rows.append(row)
    return rows
