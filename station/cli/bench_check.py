"""Checks a bench file's drivers: known, options good, and on request the instruments' own answers.

Also says what the checks before energy will find in the file itself: dates, identities, wiring.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from station.bench import Bench, Channel, InstrumentRef
from station.safety.checks import TOUCH_SAFE_V


def places(bench: Bench) -> Iterator[tuple[str, InstrumentRef]]:
    """Every instrument of the bench with the place it stands at; parts of a pair after the pair."""
    for channel in bench.channels:
        for place, ref in channel.instruments().items():
            # "power.load" is the load, "sensors[0]" the scanner: as people call them.
            yield f"channel {channel.id} {place.rpartition('.')[2].partition('[')[0]}", ref
    if bench.guard:
        yield "guard relay", bench.guard.relay
    for printer in bench.printers:
        yield f"printer {printer.id}", printer


def check_drivers(bench: Bench, *, connect: bool, today: datetime.date | None = None) -> list[dict[str, Any]]:
    """One row per instrument. Raises DriverError: unknown driver, wrong address, wrong instrument."""
    from drivers import catalogue

    today = today or datetime.datetime.now().astimezone().date()
    rows = []
    for place, ref in places(bench):
        catalogue.check_reference(ref.driver, ref.address, ref.options)
        row: dict[str, Any] = {"place": place, "driver": ref.driver, "address": ref.address}
        row["expect"] = dict(ref.expect)
        row["calibration"] = _calibration(ref, today)
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


def _calibration(ref: InstrumentRef, today: datetime.date) -> dict[str, Any] | None:
    """None where no date is given; a joined pair has none of its own."""
    if ref.calibration is None:
        return None
    due = ref.calibration.due
    return {"due": due.isoformat(), "certificate": ref.calibration.certificate, "valid": today <= due}


def wiring(channel: Channel) -> dict[str, Any]:
    """What stands between this channel and its battery, and what is accepted instead."""
    cutoff = channel.cutoff
    return {
        "id": channel.id,
        "cutoff": cutoff is not None,
        "precharge": None
        if cutoff is None or cutoff.precharge is None
        else cutoff.precharge.model_dump(mode="json"),
        "insulation": None if channel.insulation is None else channel.insulation.model_dump(mode="json"),
        "accept_no_watchdog": list(channel.accept_no_watchdog),
        "accept_no_insulation": channel.accept_no_insulation,
    }


def warnings(bench: Bench, rows: list[dict[str, Any]]) -> list[str]:
    """What will be told at every test on this bench, or refused, by the file alone."""
    found = []
    for row in rows:
        place, calibration = row["place"], row["calibration"]
        if row["address"] is None:
            continue
        if not row["expect"] and place != "guard relay" and not place.startswith("printer "):
            found.append(f"{place}: no identity is expected; add expect with model and serial number")
        if calibration is not None and not calibration["valid"]:
            means = "tests are refused" if bench.calibration == "refuse" else "told at every test"
            found.append(f"{place}: the calibration was due on {calibration['due']}: {means}")
    undated = [
        row["place"]
        for row in rows
        if row["address"] and not row["calibration"] and not row["place"].startswith("printer ")
    ]
    if undated and bench.simulation is None:
        found.append(f"no calibration date: {', '.join(undated)}")
    if bench.guard is None:
        found.append("no guard: nothing watches this bench beside the instruments' own watchdogs")
    for channel in bench.channels:
        found += [f"channel {channel.id}: {text}" for text in _channel_warnings(channel)]
    return found


def _channel_warnings(channel: Channel) -> Iterator[str]:
    if channel.accept_no_watchdog:
        yield f"accepted without watchdog: {', '.join(channel.accept_no_watchdog)}"
    roles = {item.role for sensor in channel.sensors for item in sensor.inputs}
    if "cell_surface" not in roles and channel.bms is None:
        yield "no input cell_surface: the battery's temperature is not known"
    if channel.limits.voltage_max_V <= TOUCH_SAFE_V:
        return
    if channel.level == "pack" and channel.cutoff is not None and channel.cutoff.precharge is None:
        yield "above 60 V, but the cut-off has no pre-charge"
    if channel.accept_no_insulation is not None:
        yield f"insulation is not measured here, but watched by {channel.accept_no_insulation}"
    elif channel.insulation is None:
        only = "only the BMS tells the insulation" if channel.bms else "nothing tells the insulation: refused"
        yield f"above 60 V, and {only}"
