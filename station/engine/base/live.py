"""What the service sees of a run: JSON lines on stdout that never hold up the measurement."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from station.engine.base.thinning import Thinning
from station.safety.sample import Sample

QUEUE_MAX = 500
POINT_S = 0.05
"""Of each span of so much real time the extremes go out, at most six points."""
BATCH_S = 0.2


class LiveWriter:
    """A bounded queue and a thread that writes to a file descriptor.

    When the reader is slow, sample batches are dropped first and counted in ``dropped``;
    messages that matter once (state, event, ended) drop only when the queue holds nothing else.
    """

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._queue: deque[tuple[bool, bytes]] = deque()
        self._condition = threading.Condition()
        self._closing = False
        self._writing = False
        self._broken = False
        self.dropped = 0
        self._batch: dict[str, Any] = _empty_batch()
        self._thinning = Thinning()
        self._last_point = self._last_batch = 0.0
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    def send(self, message: dict[str, Any], *, droppable: bool = False) -> None:
        """Queue one message; never blocks."""
        line = json.dumps(message, ensure_ascii=False, default=str).encode() + b"\n"
        with self._condition:
            if len(self._queue) >= QUEUE_MAX:
                self.dropped += 1
                if droppable:
                    return
                for index, (may_drop, _) in enumerate(self._queue):
                    if may_drop:
                        del self._queue[index]
                        break
                else:
                    self._queue.popleft()
            self._queue.append((droppable, line))
            self._condition.notify()

    def sample(self, sample: Sample) -> None:
        """Thin the samples to what a screen can show and send them in batches."""
        self._thinning.add(sample)
        now = time.monotonic()
        if now - self._last_point < POINT_S:
            return
        self._last_point = now
        if now - self._last_batch >= BATCH_S:
            self.flush_samples()
            self._last_batch = now
        else:
            self._put_points()

    def flush_samples(self) -> None:
        """Send the points gathered so far."""
        self._put_points()
        if self._batch["t"]:
            self.send(self._batch, droppable=True)
            self._batch = _empty_batch()

    def _put_points(self) -> None:
        batch = self._batch
        for sample in self._thinning.take():
            batch["t"].append(round(sample.t_s, 4))
            batch["voltage_V"].append(sample.voltage_V)
            batch["current_A"].append(sample.current_A)
            batch["surface_degC"] = sample.surface_degC

    def close(self, timeout_s: float = 2.0) -> bool:
        """Write what is queued within ``timeout_s``; False when the reader did not take it all."""
        end = time.monotonic() + timeout_s
        with self._condition:
            self._closing = True
            self._condition.notify()
            while (self._queue or self._writing) and not self._broken and time.monotonic() < end:
                self._condition.wait(0.05)
            return not self._queue and not self._writing and not self._broken

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._queue:
                    if self._closing:
                        return
                    self._condition.wait()
                data = memoryview(self._queue.popleft()[1])
                self._writing = True
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                # Nobody reads any more. Standard input says so as well, and that ends the run.
                with self._condition:
                    self._broken = True
                    self._queue.clear()
            with self._condition:
                self._writing = False
                self._condition.notify_all()


def _empty_batch() -> dict[str, Any]:
    return {"type": "samples", "t": [], "voltage_V": [], "current_A": [], "surface_degC": None}


class CommandReader(threading.Thread):
    """Reads JSON lines from a descriptor; ``on_end`` when it closes."""

    def __init__(
        self, on_message: Callable[[dict[str, Any]], None], on_end: Callable[[], None], descriptor: int = 0
    ) -> None:
        super().__init__(name="commands", daemon=True)
        self._on_message, self._on_end = on_message, on_end
        self._descriptor = descriptor

    def run(self) -> None:
        """Read to the end. A line that is not a JSON object is ignored: it commands nothing."""
        rest = b""
        while True:
            try:
                data = os.read(self._descriptor, 65_536)
            except OSError:
                data = b""
            if not data:
                self._on_end()
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                try:
                    message = json.loads(line)
                except ValueError:
                    continue
                if isinstance(message, dict):
                    self._on_message(message)
