"""Checks a bench file's drivers: known, options good, and on request the instruments' own answers.

Also says what the checks before energy will find in the file itself: dates, identities, wiring.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any

from drivers.capabilities import Capabilities
from drivers.transports.address import canonical_address
from station.bench import Bench, Channel, InstrumentRef
from station.safety.checks import TOUCH_SAFE_V

_OF_THE_OTHER_PART = {("charge_current_max_A", "load"), ("discharge_current_max_A", "supply")}


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
    """One row per instrument; with ``connect`` also what it answered, or under ``problem`` why it did not.

    Raises DriverError for what the file alone tells: unknown driver, wrong address, options.
    """
    from drivers import catalogue
    from drivers.errors import DriverError

    today = today or datetime.datetime.now().astimezone().date()
    rows = []
    for place, ref in places(bench):
        try:
            catalogue.check_reference(ref.driver, ref.address, ref.options)
        except DriverError as error:  # of several instruments of one driver: which
            error.message = f"{place}: {error.message}"
            error.args = (error.message,)
            raise
        row: dict[str, Any] = {"place": place, "driver": ref.driver, "address": ref.address}
        row["expect"] = dict(ref.expect)
        row["calibration"] = _calibration(ref, today)
        if connect and ref.address is not None:
            try:
                row |= _connected(ref)
            except DriverError as error:  # the next instrument is asked all the same
                row["problem"] = {"code": error.code, "message": error.message, "remedy": error.remedy}
        rows.append(row)
    return rows


def _connected(ref: InstrumentRef) -> dict[str, Any]:
    """What an instrument answers, in a few words. Raises DriverError."""
    from drivers import catalogue

    expect = {str(part): text for part, text in ref.expect.items()}
    instrument = catalogue.open_instrument(ref.driver, ref.address, ref.options)
    try:
        identity = catalogue.check_identity(instrument, expect, ref.address or "")
        protections = _protections(getattr(instrument, "capabilities", None))
    finally:
        instrument.close()
    who = f"{identity.manufacturer} {identity.model} {identity.serial}".strip()
    return {"protections": protections, "firmware": identity.firmware, "identity": who}


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
        "accept_dead_cells": channel.accept_dead_cells,
    }


def warnings(bench: Bench, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What will be told at every test on this bench, or refused, by the file alone: code and params."""
    found: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        place, calibration = row["place"], row["calibration"]
        if row["address"] is None:
            continue
        if not row["expect"] and place != "guard relay" and not place.startswith("printer "):
            found.append(("bench.warn_identity", {"place": place}))
        if calibration is not None and not calibration["valid"]:
            refused = bench.calibration == "refuse"
            code = "bench.warn_overdue_refused" if refused else "bench.warn_overdue"
            found.append((code, {"place": place, "due": calibration["due"]}))
    undated = [
        row["place"]
        for row in rows
        if row["address"] and not row["calibration"] and not row["place"].startswith("printer ")
    ]
    if undated and bench.simulation is None:
        found.append(("bench.warn_undated", {"instruments": ", ".join(undated)}))
    found += _beyond_ratings(bench, rows)
    found += _without_sense(bench, rows)
    if bench.guard is None:
        found.append(("bench.warn_no_guard", {}))
    for channel in bench.channels:
        found += [(code, {"channel": channel.id, **params}) for code, params in _channel_warnings(channel)]
    return [{"code": code, "params": params} for code, params in found]


def _beyond_ratings(bench: Bench, rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Limits of a channel that its instrument, which was asked, could not be given as protections."""
    able = {row["place"]: row["protections"] for row in rows if row.get("protections")}
    for channel in bench.channels:
        limits = channel.limits
        wanted = {
            "voltage_max_V": (limits.voltage_max_V, "voltage_V", 1),
            "charge_current_max_A": (limits.charge_current_max_A, "current_A", 1),
            "discharge_current_max_A": (limits.discharge_current_max_A, "current_A", 0),
            "power_max_W": (limits.power_max_W, "power_W", 1),
        }
        for part in ("power", "supply", "load"):
            place = f"channel {channel.id} {part}"
            for name, (value, what, end) in wanted.items():
                if place not in able or (name, part) in _OF_THE_OTHER_PART:
                    continue
                span = able[place][what]
                rating = abs(span[1] if part == "load" else span[end])
                if value > rating:
                    params = {"place": place, "limit": name, "value": value, "rating": rating}
                    yield "bench.warn_beyond_rating", params


def _without_sense(bench: Bench, rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Channels none of whose power instruments, which were asked, measures at the battery."""
    able = {row["place"]: row["protections"]["remote_sense"] for row in rows if row.get("protections")}
    for channel in bench.channels:
        asked = [
            name for part in ("power", "supply", "load") if (name := f"channel {channel.id} {part}") in able
        ]
        if asked and not any(able[name] for name in asked):
            yield "bench.warn_no_sense_leads", {"channel": channel.id}


def _channel_warnings(channel: Channel) -> Iterator[tuple[str, dict[str, Any]]]:
    if channel.accept_no_watchdog:
        yield "bench.warn_unwatched", {"names": ", ".join(channel.accept_no_watchdog)}
    if channel.accept_dead_cells:
        yield "bench.warn_dead_cells", {"cells": channel.accept_dead_cells}
    roles = {item.role for sensor in channel.sensors for item in sensor.inputs}
    if "cell_surface" not in roles and channel.bms is None:
        yield "bench.warn_no_surface", {}
    if channel.limits.voltage_max_V <= TOUCH_SAFE_V:
        return
    if channel.level == "pack" and channel.cutoff is not None and channel.cutoff.precharge is None:
        yield "bench.warn_no_precharge", {}
    if channel.accept_no_insulation is not None:
        yield "bench.warn_insulation_elsewhere", {"by": channel.accept_no_insulation}
    elif channel.insulation is None:
        yield ("bench.warn_insulation_bms" if channel.bms else "bench.warn_no_insulation"), {}


def check_report(bench: Bench, *, connect: bool = False) -> dict[str, Any]:
    """Everything ``station bench check`` tells. Raises DriverError as ``check_drivers`` does."""
    rows = check_drivers(bench, connect=connect)
    return {
        "ok": not any("problem" in row for row in rows),
        "name": bench.name,
        "title": bench.title.model_dump(),
        "simulated": bench.simulation is not None,
        "channels": [channel.id for channel in bench.channels],
        "calibration": bench.calibration,
        "instruments": rows,
        "wiring": [wiring(channel) for channel in bench.channels],
        "warnings": warnings(bench, rows),
    }


def ask_all(bench: Bench, leave: Collection[str]) -> list[dict[str, Any]]:
    """Who answers at every address of the bench; ``leave`` are addresses that are in use and not touched.

    ``state``: ``answered``, ``wrong`` (another one than expected), ``silent``, ``in_use``, ``joined`` (a pair
    is its parts). ``protections`` are what a power instrument has of its own.
    """
    left = {canonical_address(address) for address in leave}
    rows = []
    for place, ref in places(bench):
        row: dict[str, Any] = {"place": place, "state": "joined", "identity": None, "protections": None}
        if ref.address is not None:
            in_use = canonical_address(ref.address) in left
            row |= {"state": "in_use"} if in_use else _ask(ref)
        rows.append(row)
    return rows


def _ask(ref: InstrumentRef) -> dict[str, Any]:
    from drivers import catalogue
    from drivers.errors import DriverError, WrongInstrument

    expect = {str(part): text for part, text in ref.expect.items()}
    try:
        instrument = catalogue.open_instrument(ref.driver, ref.address, ref.options)
        try:
            identity = catalogue.check_identity(instrument, expect, ref.address or "")
            return {
                "state": "answered",
                "identity": asdict(identity),
                "protections": _protections(getattr(instrument, "capabilities", None)),
            }
        finally:
            instrument.close()
    except WrongInstrument as error:
        return {"state": "wrong", "identity": error.params["got"], "problem": str(error)}
    except DriverError as error:
        return {"state": "silent", "problem": str(error)}


def _protections(able: Capabilities | None) -> dict[str, Any] | None:
    """Ranges, and what turns the output off by itself when the host falls silent."""
    if able is None:
        return None
    return {
        "voltage_V": [able.voltage_V.low, able.voltage_V.high],
        "current_A": [able.current_A.low, able.current_A.high],
        "power_W": [able.power_W.low, able.power_W.high],
        "watchdog_s": None
        if able.watchdog is None
        else [able.watchdog.timeout_s.low, able.watchdog.timeout_s.high],
        "load_on_timer_s": None
        if able.load_on_timer is None
        else [able.load_on_timer.low, able.load_on_timer.high],
        "remote_sense": able.remote_sense,
        "timing": sorted(kind.value for kind in able.timing),
    }
