"""A pack of any described family behind one address, for the command line."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import can

from drivers.bms.can_pack import CanPack, CanPackOptions
from drivers.bms.errors import BadReplay
from drivers.bms.family import Family
from drivers.bms.log_decode import frames_of
from drivers.bms.log_files import SUFFIXES
from drivers.bms.serial_logs import read_serial_log
from drivers.bms.serial_pack import SerialPack, SerialPackOptions
from drivers.bms.serial_replay import SerialReplay
from drivers.bms.signals import Reading
from drivers.spec import BadOptions
from drivers.transports.can_bus import open_can
from drivers.transports.open_raw import open_raw
from drivers.transports.replay import ReplayBus

_LINES = "this family speaks on a serial line: use serial:DEVICE, tcp://HOST:PORT or replay:FILE"
STOPPED_S = 5.0
"""A pack whose newest value is older than this has stopped."""


class LivePack:
    """What the commands need of a pack."""

    def __init__(
        self, pack: CanPack | SerialPack | SerialReplay, finished: threading.Event | None = None
    ) -> None:
        self._pack = pack
        self._finished, self._recorded = finished or threading.Event(), finished is not None

    def start(self) -> None:
        """Begin to ask where there is something to ask."""
        self._pack.start()
        if isinstance(self._pack, CanPack) and not self._recorded:
            self._pack.look_for_others()

    def wait(self, timeout_s: float) -> bool:
        """Wait; True when there is nothing more to come (the end of a recording)."""
        return self._finished.wait(timeout_s)

    def read_history(self) -> list[Reading]:
        """Ask for what the pack remembers. Raises TransportError."""
        assert not isinstance(self._pack, SerialReplay)  # a file is decoded, not played, for that
        self._pack.identify()
        return self._pack.read(["history", "identity"])

    def table(self) -> dict[str, Any]:
        """Everything known at the moment as plain data."""
        now_s, store = self._pack.now_s(), self._pack.decoder.store
        snapshot = self._pack.snapshot()
        rows = [
            {
                "name": r.name,
                "number": r.number,
                "value": r.value,
                "unit": r.unit,
                "resolution": r.resolution,
                "age_s": round(max(0.0, r.age_s(now_s)), 3),
                "evidence": r.evidence,
            }
            for r in sorted(store.readings(), key=lambda r: (r.name, r.number or 0))
        ]
        findings = [
            {"kind": f.kind, "where": f.where, "count": f.count, "detail": f.detail} for f in store.findings()
        ]
        known = {found["kind"] for found in findings}
        if not rows and "silent" not in known:
            findings.append({"kind": "silent", "where": "", "count": 1, "detail": ""})
        quiet_s = min((r.age_s(now_s) for r in store.readings()), default=0.0)
        if quiet_s > STOPPED_S and "stopped" not in known:
            findings.append({"kind": "stopped", "where": "", "count": 1, "detail": f"{quiet_s:.1f} s"})
        return {
            "family": self._pack.family.name,
            "frames": dict(self._pack.decoder.frames),
            "signals": rows,
            "faults": list(snapshot.faults),
            "findings": findings,
        }


@contextmanager
def open_pack(
    family: Family, address: str, *, record: Path | None = None, keep_awake: bool = False
) -> Iterator[LivePack]:
    """Open a pack; ``replay:FILE?speed=10`` plays a recording. ``record``: a file for what is heard.

    Raises TransportError, BadOptions, BadLog.
    """
    if family.model.bus == "serial":
        with _serial(family, address, record) as pack:
            yield pack
        return
    if record is not None and record.suffix.lower() not in SUFFIXES:
        raise BadOptions(f"{record} has no known ending", remedy=f"Use one of {', '.join(SUFFIXES)}.")
    if record is not None and record.suffix.lower() == ".trc" and family.model.bus == "can-fd":
        raise BadOptions(f"{record}: CAN FD cannot be written as TRC", remedy="Use .log, .asc or .blf.")
    finished, clock = None, time.monotonic
    if address.startswith("replay:"):
        path, speed, channel = _played(address)
        player = ReplayBus(frames_of(family, path, channel), speed)
        bus: can.BusABC = player
        finished, clock = player.finished, player.now_s
    else:
        bus = open_can(address)
    writer = can.Logger(str(record)) if record is not None else None
    also = () if writer is None else (writer.on_message_received,)
    options = CanPackOptions(family=family.name, keep_awake=keep_awake)
    can_pack = CanPack(bus, address, family, options, clock, also)
    try:
        yield LivePack(can_pack, finished)
    finally:
        can_pack.close()
        if writer is not None:
            writer.stop()


def _played(address: str) -> tuple[Path, float, str]:
    """File, speed and bus of ``replay:FILE?speed=10&channel=can1``. Raises BadReplay."""
    path, _, query = address.removeprefix("replay:").partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    channel, told = options.pop("channel", ""), options.pop("speed", "1")
    try:
        speed = float(told)
    except ValueError:
        speed = math.nan
    if options or not 0 < speed < math.inf:
        problem = f"unknown {', '.join(options)}" if options else f"speed {told!r}"
        raise BadReplay(
            f"{address}: {problem}", remedy="Write replay:FILE?speed=10.", file=path, problem=problem
        )
    return Path(path), speed, channel


@contextmanager
def _serial(family: Family, address: str, record: Path | None) -> Iterator[LivePack]:
    if address.startswith("replay:"):
        assert family.model.line is not None
        path, speed, _ = _played(address)
        player = SerialReplay(family, read_serial_log(path, family.model.line.framing), speed)
        try:
            yield LivePack(player, player.finished)
        finally:
            player.close()
        return
    link = open_raw(address, _LINES)
    out = record.open("w", encoding="utf-8") if record is not None else None

    def write(t_s: float, data: bytes) -> None:
        if out is not None:
            out.write(f"{t_s:.6f} {data.hex(' ')}\n")

    pack = SerialPack(link, address, family, SerialPackOptions(family=family.name), also=(write,))
    try:
        yield LivePack(pack)
    finally:
        pack.close()
        if out is not None:
            out.close()
