"""Paints the operator page with live curves for a while: a load to measure sampling beside, and its own rate.

``with Painting(seconds=20) as painting: …; painting.report()`` runs ``python -m station.ui.painting`` in a
process of its own, as the window is one in service. The readings are made up; nothing here touches a service.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from station.child_program import PAINTING, child_command
from station.ui.backend import Message

BLOCK_S: Final = 0.05
"""Each channel sends a block of samples this often, as a service does."""


class Painting:
    """The painting process. ``flat_out`` paints as fast as it can instead of as often as the window does."""

    def __init__(
        self, seconds: float, *, channels: int = 4, flat_out: bool = False, offscreen: bool = True
    ) -> None:
        command = [
            *child_command(PAINTING),
            "--seconds",
            str(seconds),
            "--channels",
            str(channels),
        ]
        environment = dict(os.environ)
        if offscreen:
            environment["QT_QPA_PLATFORM"] = "offscreen"
        self._seconds = seconds
        self._process = subprocess.Popen(
            command + (["--flat-out"] if flat_out else []), stdout=subprocess.PIPE, env=environment, text=True
        )

    def __enter__(self) -> Painting:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.communicate(timeout=10)

    def report(self) -> dict[str, float]:
        """Waits for the end: ``fps``, ``frames``, ``cpu_share`` of one core, ``frame_ms_p50``, ``_p99``."""
        out, _ = self._process.communicate(timeout=self._seconds + 60)
        if self._process.returncode != 0:
            raise RuntimeError(f"the painting process ended with {self._process.returncode}")
        answer: dict[str, float] = json.loads(out.splitlines()[-1])
        return answer


class _Feed:
    """A backend whose channels are all under test."""

    def __init__(self, channels: int) -> None:
        self._ids = [str(n + 1) for n in range(channels)]

    def bench(self) -> Message:
        channels = [{"id": i, "name": {"zh": f"单体 {i}", "en": f"Cell {i}"}} for i in self._ids]
        profile = {"name": "rapid", "title": {"zh": "快速检测（3 分钟）", "en": "Rapid (3 min)"}}
        return {
            "name": "painting",
            "simulated": True,
            "speed": 1.0,
            "channels": channels,
            "profiles": [profile],
        }

    def state(self) -> Message:
        return {}

    def _running(self, channel: str, t: float) -> Message:
        return {
            "state": "running", "run_id": f"run-{channel}", "battery": f"PAINT-{channel}", "profile": "rapid",
            "elapsed_s": t, "remaining_s": max(175 - t, 0), "progress": min(t / 175, 1.0),
        }  # fmt: skip

    def live(self, stop: threading.Event) -> Iterator[Message | None]:
        good = {"connected": True, "relay_ok": True, "estop_ok": True, "interlock_ok": True}
        yield {"type": "state", "channels": {i: self._running(i, 0.0) for i in self._ids}, "guard": good}
        begin, sent = time.monotonic(), 0.0
        while not stop.wait(BLOCK_S):
            now = time.monotonic() - begin
            t = [sent + (now - sent) * (k + 1) / 4 for k in range(4)]
            sent = now
            for n, channel in enumerate(self._ids):
                current = [-87.5 if (x + n) % 10 < 5 else 0.0 for x in t]
                voltage = [3.3 + 8e-4 * i + 0.01 * math.sin(x) for i, x in zip(current, t, strict=True)]
                yield {
                    "type": "samples",
                    "channel": channel,
                    "t": t,
                    "voltage_V": voltage,
                    "current_A": current,
                }
                if int(now * 5) != int((now - BLOCK_S) * 5):
                    yield {"type": "channel", "channel": channel, "state": self._running(channel, now)}

    def start(self, *_: Any) -> str:
        return "run"

    def stop(self, channel: str) -> None:
        """Nothing runs here."""

    def stop_all(self) -> None:
        """Nothing runs here."""

    def force(self, channel: str) -> None:
        """Nothing runs here."""

    def pause(self, channel: str) -> None:
        """Nothing runs here."""

    def resume(self, channel: str) -> None:
        """Nothing runs here."""

    def skip(self, channel: str) -> None:
        """Nothing runs here."""

    def acknowledge(self, channel: str) -> None:
        """Nothing is latched here."""

    def battery(self, code: str) -> Message | None:
        return {"code": code}

    def run(self, run_id: str) -> Message:
        return {"run_id": run_id}

    def own_id(self) -> Message | str:
        return {"code": "OWN-1", "printed": False}

    def print_label(self, run_id: str) -> Message | None:
        """Nothing is printed here."""

    def close(self) -> None:
        """Nothing to close."""


def feed(channels: int) -> _Feed:
    """A service whose channels are all under test, without end."""
    return _Feed(channels)


def _paint(seconds: float, channels: int, flat_out: bool) -> dict[str, float]:
    from PySide6.QtCore import QEvent, QObject, QTimer

    from station.ui.app import OperatorWindow, application
    from station.ui.texts import Texts

    app = application([])
    window = OperatorWindow(lambda: _Feed(channels), Texts("zh"))
    window.resize(1920, 1080)
    window.show()
    window.page.open()
    frames: list[float] = []

    class Counter(QObject):
        def eventFilter(self, _: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                frames.append(time.perf_counter())
            return False

    counter = Counter()

    def begin() -> None:
        window.page.tiles["1"].plot.installEventFilter(counter)
        marks.extend((time.perf_counter(), time.process_time()))
        if flat_out:
            again.start(0)

    def paint_all() -> None:
        for tile in window.page.tiles.values():
            slot = window.page.mirror.slots[tile.channel]
            slot.curve_version += 1
            tile.show_curves(slot, 2.0)
            tile.plot.repaint()

    marks: list[float] = []
    again = QTimer()
    again.timeout.connect(paint_all)
    QTimer.singleShot(1000, begin)
    QTimer.singleShot(int(1000 + seconds * 1000), app.quit)
    app.exec()
    wall, cpu = time.perf_counter() - marks[0], time.process_time() - marks[1]
    window.close()
    gaps = sorted((b - a) * 1000 for a, b in pairwise(frames)) or [math.inf]
    return {
        "fps": round(len(frames) / wall, 2), "frames": len(frames), "cpu_share": round(cpu / wall, 3),
        "frame_ms_p50": round(gaps[len(gaps) // 2], 2), "frame_ms_p99": round(gaps[int(len(gaps) * 0.99)], 2),
    }  # fmt: skip


def main() -> int:
    """Paint, then print one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m station.ui.painting")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--flat-out", action="store_true")
    options = parser.parse_args()
    sys.stdout.write(json.dumps(_paint(options.seconds, options.channels, options.flat_out)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
