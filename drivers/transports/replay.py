"""A recording played back as a CAN bus: drivers hear it as it was; what they send goes nowhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import can


class ReplayBus(can.BusABC):
    """Gives the frames at their recorded distances, ``speed`` times as fast; then sets ``finished``."""

    def __init__(
        self,
        frames: Sequence[can.Message],
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.channel_info = "recording"
        self.finished = threading.Event()
        self.dropped = 0
        self._frames = frames
        self._speed = speed
        self._clock = clock
        self._next = 0
        self._began_s: float | None = None
        self._pause = threading.Event()
        super().__init__(channel="recording")

    def now_s(self) -> float:
        """The recording's own clock, in s since its first frame: as fast as it is played."""
        return 0.0 if self._began_s is None else (self._clock() - self._began_s) * self._speed

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        if self._began_s is None:
            self._began_s = self._clock()
        if self._next >= len(self._frames):
            self.finished.set()
            self._pause.wait(0.05 if timeout is None else min(timeout, 0.05))
            return None, False
        frame = self._frames[self._next]
        due_s = self._began_s + (frame.timestamp - self._frames[0].timestamp) / self._speed
        wait_s = due_s - self._clock()
        if wait_s > 0:
            self._pause.wait(wait_s if timeout is None else min(wait_s, timeout))
            if timeout is not None and wait_s > timeout:
                return None, False
        self._next += 1
        return frame, False

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002 - python-can's
        self.dropped += 1

    def shutdown(self) -> None:
        super().shutdown()
        self._pause.set()
