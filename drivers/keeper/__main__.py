"""The process that sends: JSON lines on stdin, JSON lines back.

First line ``{"address","timeout_s","frames":[…]}``; then ``{"frames":[…]}`` replaces them, ``{"beat":1}``
shows that the driver lives, ``{"stop":1}`` ends. It answers ``{"ready":1,"hardware":…}`` and, at its end,
``{"ended":"stop|closed|no_beat|bus","detail":…,"periods":{…}}``.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import can

from drivers.errors import DriverError
from drivers.keeper.cyclic import Cyclic
from drivers.keeper.sending import Sending
from drivers.transports.can_bus import open_can

PRIORITY = 8
"""Before the workers (5), behind the guard (10): it takes a few per mille of a processor."""
SLACK_NS = 1_000
_PR_SET_TIMERSLACK = 29


def main() -> int:
    """Send until told to stop, the pipe closes, the beats stay away or the bus is gone."""
    lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    heard = threading.Event()
    take_precedence()
    try:
        first = json.loads(sys.stdin.readline())
        timeout_s = float(first["timeout_s"])
        frames = [Cyclic.from_json(one) for one in first["frames"]]
        bus = open_can(str(first["address"]))
    except (ValueError, KeyError, TypeError, DriverError) as error:
        tell({"ended": "bus", "detail": str(error), "periods": {}})
        return 1
    threading.Thread(target=listen, args=(lines, heard), daemon=True).start()
    sending = Sending(bus)
    ended, detail = "closed", ""
    try:
        quieten(bus)
        sending.set(frames)
        tell({"ready": 1, "hardware": sending.hardware})
        ended = send(bus, sending, lines, heard, timeout_s)
    except (can.CanError, OSError) as error:
        ended, detail = "bus", str(error)
    finally:
        with suppress(can.CanError, OSError):
            sending.stop()
        bus.shutdown()
    tell({"ended": ended, "detail": detail, "periods": sending.periods()})
    return 0


def send(
    bus: can.BusABC,
    sending: Sending,
    lines: queue.SimpleQueue[dict[str, Any] | None],
    heard: threading.Event,
    timeout_s: float,
) -> str:
    """The loop. Returns why it has ended."""
    discard = getattr(bus, "discard", None)
    beat_s = time.monotonic()
    while True:
        heard.clear()
        while not lines.empty():
            message = lines.get()
            if message is None:
                return "closed"
            if "stop" in message:
                return "stop"
            if "frames" in message:
                sending.set([Cyclic.from_json(one) for one in message["frames"]])
            beat_s = time.monotonic()
        if time.monotonic() - beat_s > timeout_s:
            return "no_beat"
        wait_s = sending.tick()
        if discard is not None:
            discard()
        heard.wait(min(wait_s, timeout_s / 4))


def listen(lines: queue.SimpleQueue[dict[str, Any] | None], heard: threading.Event) -> None:
    """Take lines from the driver; a closed pipe or nonsense is its end."""
    for line in sys.stdin:
        try:
            message = json.loads(line)
        except ValueError:
            break
        if not isinstance(message, dict):
            break
        lines.put(message)
        heard.set()
    lines.put(None)
    heard.set()


def quieten(bus: can.BusABC) -> None:
    """Have the kernel or adapter keep received frames away from this process, where it can."""
    with suppress(can.CanError, NotImplementedError):
        bus.set_filters([{"can_id": 0x1FFFFFFF, "can_mask": 0x1FFFFFFF}])


def take_precedence() -> None:
    """Real time where the computer allows it, and timers without slack. Never raises."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(SLACK_NS), 0, 0, 0)


def tell(message: dict[str, Any]) -> None:
    """One line to the driver; it may be gone."""
    with suppress(OSError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
