"""The operator window through a working day in a hurry: every tick and every message of it, not the waiting.

Eight hours are 288 000 ticks of the page. A scripted service sends what four channels under test send in that
time, breaks the connection now and then, trips, asks for acknowledgements, and the language changes. What is
looked at again and again is this process: memory, descriptors, threads, widgets, Python objects.
"""

from __future__ import annotations

import argparse
import gc
import math
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtWidgets import QApplication, QWidget

from station.errors import StationError
from station.ui.app import OperatorWindow, application
from station.ui.texts import Texts
from tests.soak.watch import Growth, Look, growth, look
from tests.ui.scripted import ScriptedBackend, fault, idle, running, verdict

TICKS_PER_S = 10
TEST_S = 175.0
PAUSE_S = 20.0
LOST_EVERY_S = 900.0
LANGUAGE_EVERY_S = 600.0
LOOKS = 100
RSS_PERCENT_MAX = 5.0
"""More growth than this from the first to the last quarter is a finding; so is one descriptor or thread."""


class Day(ScriptedBackend):
    """A service whose messages come in batches, one a tick; ``give`` returns when the window has them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = deque(maxlen=100)  # type: ignore[assignment]  # a day of questions is not this window's memory
        self.answers["run"] = {"result": None}
        self._batches: queue.Queue[list[dict[str, Any]] | None] = queue.Queue()

    def give(self, batch: list[dict[str, Any]] | None) -> None:
        """One tick's messages; None breaks the connection."""
        self._batches.put(batch)
        self._batches.join()

    def live(self, stop: threading.Event) -> Iterator[dict[str, Any] | None]:
        """Until the connection is broken or the window closes."""
        good = {"connected": True, "relay_ok": True, "estop_ok": True, "interlock_ok": True}
        yield {"type": "state", "channels": {str(n): idle() for n in range(1, 5)}, "guard": good}
        while not stop.is_set():
            try:
                batch = self._batches.get(timeout=0.2)
            except queue.Empty:
                yield None
                continue
            if batch is None:
                self._batches.task_done()
                raise StationError("the connection broke", code="service.unreachable")
            yield from batch
            self._batches.task_done()


def batch_at(t_s: float) -> list[dict[str, Any]]:
    """What four channels say in the tenth of a second at ``t_s`` of the day."""
    said: list[dict[str, Any]] = []
    for n in range(1, 5):
        channel, cycle = str(n), TEST_S + PAUSE_S
        since = (t_s + n * 37.0) % cycle
        number = int((t_s + n * 37.0) // cycle)
        before = since - 1 / TICKS_PER_S
        if since < TEST_S:
            times = [before + 0.05, before + 0.1]
            current = -87.5 if since % 10 < 5 else 0.0
            said.append(
                {
                    "type": "samples",
                    "channel": channel,
                    "t": times,
                    "voltage_V": [3.3 + 8e-4 * current + 0.01 * math.sin(x) for x in times],
                    "current_A": [current, current],
                    "surface_degC": 25.0 + since / 100,
                }
            )
            if int(since) != int(before) or before < 0:
                state = {**running(channel, since, TEST_S), "run_id": f"run-{n}-{number}"}
                said.append({"type": "channel", "channel": channel, "state": state})
        elif before < TEST_S:
            end = (
                fault(channel)
                if number % 5 == 4
                else verdict(channel, ("pass", "fail", "quarantine")[number % 3])
            )
            said.append(
                {"type": "channel", "channel": channel, "state": {**end, "run_id": f"run-{n}-{number}"}}
            )
            if number % 5 == 4:
                said.append(
                    {"type": "event", "channel": channel, "t": since, "code": "safety.check_failed",
                     "level": "alarm", "params": {}}
                )  # fmt: skip
        elif since >= TEST_S + PAUSE_S / 2 > before:
            said.append({"type": "channel", "channel": channel, "state": idle()})
    return said


@dataclass
class Found:
    """What the day was like for the window."""

    hours: float
    ticks: int = 0
    messages: int = 0
    lost: int = 0
    dropped: int = 0
    seconds: float = 0.0
    slowest_tick_ms: float = 0.0
    widgets: list[int] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def growth(self) -> Growth:
        """Of this process."""
        return growth("window", self.looks)

    def problems(self) -> list[str]:
        """What must not be."""
        grown, found = self.growth(), []
        if grown.rss_percent > RSS_PERCENT_MAX:
            found.append(f"memory has grown by {grown.rss_percent:.1f} %")
        if grown.descriptors_after > grown.descriptors_before:
            found.append(f"descriptors {grown.descriptors_before:g} → {grown.descriptors_after:g}")
        if grown.threads_after > grown.threads_before:
            found.append(f"threads {grown.threads_before:g} → {grown.threads_after:g}")
        quarter = max(len(self.widgets) // 4, 1)
        if max(self.widgets[-quarter:]) > max(self.widgets[quarter : 2 * quarter]):
            found.append(
                f"widgets {max(self.widgets[quarter : 2 * quarter])} → {max(self.widgets[-quarter:])}"
            )
        return found


def soak(hours: float) -> Found:
    """Go through ``hours`` of the day."""
    app, day, found = application([]), Day(), Found(hours)
    process = psutil.Process()
    window = OperatorWindow(lambda: day, Texts("zh"))
    window.resize(1366, 768)
    window.show()
    window.page.open()
    _until(app, lambda: window.page.mirror.connected)
    total = int(hours * 3600 * TICKS_PER_S)
    every, began = max(total // LOOKS, 1), time.monotonic()
    for tick in range(total):
        t_s = tick / TICKS_PER_S
        if tick and tick % int(LOST_EVERY_S * TICKS_PER_S) == 0:
            day.give(None)
            found.lost += 1
            _until(app, lambda: not window.page.mirror.connected)
            _until(app, lambda: window.page.mirror.connected)
        if tick and tick % int(LANGUAGE_EVERY_S * TICKS_PER_S) == 0:
            window.page.switch_language()
        batch = batch_at(t_s)
        day.give(batch)
        before = time.perf_counter()
        window.page.tick()
        app.processEvents()
        found.slowest_tick_ms = max(found.slowest_tick_ms, (time.perf_counter() - before) * 1000)
        found.ticks += 1
        found.messages += len(batch)
        if tick % every == every - 1:
            found.looks.append(look(process))
            found.widgets.append(len(window.findChildren(QWidget)))
            found.objects.append(len(gc.get_objects()))
            sys.stderr.write(f"\r{t_s / 3600:.2f} h ")
    found.seconds = time.monotonic() - began
    found.dropped = window.page.link.dropped
    window.close()
    return found


def _until(app: QApplication, condition: Any, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        app.processEvents()
        if time.monotonic() > deadline:
            raise RuntimeError("the window does not follow")
        time.sleep(0.005)


def markdown(found: Found) -> str:
    """The page for the docs."""
    grown, problems = found.growth(), found.problems()
    return f"""# The window through a working day

`python3 run.py soak --window` gives the operator window everything that {found.hours:g} hours of four
channels under test send it, the waiting left out: {found.ticks} ticks of the page, {found.messages} messages,
{found.lost} lost and found connections, a change of language every ten minutes. First and last: medians of a
quarter each, after the first fifth.

| | first | last |
|---|---|---|
| memory, MB | {grown.rss_before_MB:.1f} | {grown.rss_after_MB:.1f} ({grown.rss_percent:+.1f} %) |
| open descriptors | {grown.descriptors_before:g} | {grown.descriptors_after:g} |
| threads | {grown.threads_before:g} | {grown.threads_after:g} |
| widgets | {found.widgets[len(found.widgets) // 4]} | {found.widgets[-1]} |
| Python objects | {found.objects[len(found.objects) // 4]} | {found.objects[-1]} |

Took {found.seconds:.0f} s; slowest tick {found.slowest_tick_ms:.0f} ms; samples dropped: {found.dropped}.
Findings: {"; ".join(problems) or "none"}.
"""


def main(arguments: list[str]) -> int:
    """``--window [--hours 8] [--report FILE]``; exit code 1 with any finding."""
    parser = argparse.ArgumentParser(prog="run.py soak --window")
    parser.add_argument("--hours", type=float, default=8.0, help="hours of the window's life")
    parser.add_argument("--report", type=Path, default=None, help="write the page there")
    options = parser.parse_args(arguments)
    found = soak(options.hours)
    page = markdown(found)
    sys.stdout.write("\n" + page)
    if options.report is not None:
        options.report.write_text(page, encoding="utf-8")
    return 1 if found.problems() else 0
