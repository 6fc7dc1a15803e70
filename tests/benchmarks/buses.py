"""Four fully loaded 500 kbit/s buses at once: received over loopback TCP, checked, decoded, logged.

One process takes all four, as it would be worst; in the station every channel has a process of its own. The
sender keeps real time in another process. What was sent, received, found good and written to the logs is
counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import can

from drivers.bms.can_pack import CanPack, CanPackOptions
from drivers.bms.family import load_family
from drivers.bms.log_files import read_log
from drivers.transports.can_bus import open_can
from tests.benchmarks.table import Row

BUSES = 4
SECONDS = 20.0


def rows() -> list[Row]:
    """Frames lost at each stage, and processor time in s for a second of all four."""
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), BUSES, SECONDS)


def run(folder: Path, buses: int, seconds: float) -> list[Row]:
    """The same for any number of buses; leaves nothing but the logs in ``folder``."""
    command = [sys.executable, "-m", "tests.benchmarks.bus_feeder", str(buses), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as feeder:
        assert feeder.stdout is not None
        assert feeder.stdin is not None
        ports = feeder.stdout.readline().split()
        family = load_family("nissan-leaf")
        logs = [can.Logger(str(folder / f"bus{number}.log")) for number in range(buses)]
        options = CanPackOptions(family="nissan-leaf", poll=False)
        packs = [
            CanPack(
                open_can(f"socketcand://127.0.0.1:{port}/can{number}", 10.0), f"{number}", family, options,
                also=(logs[number].on_message_received,),
            )
            for number, port in enumerate(ports)
        ]  # fmt: skip
        began = time.process_time()
        wall = time.monotonic()
        sent, took_s, late_s, fed_s = (float(part) for part in _follow(feeder, packs))
        _settle(packs, int(sent))
        cpu_s, whole_s = time.process_time() - began, time.monotonic() - wall
        counted = [dict(pack.decoder.frames) for pack in packs]
        missed = sum(pack.decoder.store.counts()["frames_missed"] for pack in packs)
        for pack in packs:
            pack.close()
        for log in logs:
            log.stop()
        feeder.stdin.write("\n")
        feeder.stdin.flush()
    logged = [len(read_log(folder / f"bus{number}.log").frames) for number in range(buses)]
    whole = int(sent) * buses
    return [
        Row(f"frames sent on {buses} buses in {took_s:.1f} s", whole, "", whole),
        Row("… not received", whole - sum(one.get("received", 0) for one in counted), "", 0),
        Row("… not found good", whole - sum(one.get("used", 0) for one in counted), "", 0),
        Row("… jumps of counters", missed, "", 0),
        Row("… not in the logs", whole - sum(logged), "", 0),
        Row("processor time of the receiver for one second of all buses", cpu_s / seconds, "s", 1.0),
        Row("… of the sender", fed_s / seconds, "s", 1.0),
        Row("sender behind its time, at most", late_s, "s", 0.5),
        Row("receiver done after the last frame", whole_s - took_s, "s", 1.0),
    ]  # fmt: skip


def _follow(feeder: subprocess.Popen[str], packs: list[CanPack]) -> list[str]:
    """Look at the packs ten times a second, as a test does, until the sender is done."""
    import threading

    said: list[str] = []
    assert feeder.stdout is not None
    reader = threading.Thread(target=lambda: said.extend(feeder.stdout.readline().split()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    while reader.is_alive():
        for pack in packs:
            pack.snapshot()
        reader.join(0.1)
    return said


def _settle(packs: list[CanPack], sent: int) -> None:
    """Until everything has come, or nothing more comes for 5 s."""
    newest, since = -1, time.monotonic()
    while time.monotonic() - since < 5.0:
        now = sum(pack.decoder.frames["received"] for pack in packs)
        if now == sent * len(packs):
            return
        if now != newest:
            newest, since = now, time.monotonic()
        time.sleep(0.05)
