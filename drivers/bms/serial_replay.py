"""A recording of a serial line played as it was; nothing is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from drivers.bms.family import Family
from drivers.bms.serial_decoder import SerialDecoder
from drivers.bms.serial_logs import Chunk
from drivers.bms.snapshot import snapshot_of
from drivers.contracts.bms import BmsSnapshot


class SerialReplay:
    """Gives the bytes at their recorded distances, ``speed`` times as fast; then sets ``finished``."""

    def __init__(self, family: Family, chunks: Sequence[Chunk], speed: float) -> None:
        self.family = family
        self.decoder = SerialDecoder(family, recorded=True)
        self.finished = threading.Event()
        self._chunks = chunks
        self._speed = speed
        self._began_s: float | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start playing. Idempotent."""
        if self._thread is None:
            self._began_s = time.monotonic()
            self._thread = threading.Thread(target=self._play, name="serial-replay", daemon=True)
            self._thread.start()

    def now_s(self) -> float:
        """The recording's own clock, in s since its first byte."""
        return 0.0 if self._began_s is None else (time.monotonic() - self._began_s) * self._speed

    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting."""
        return snapshot_of(self.decoder.store, self.now_s())

    def close(self) -> None:
        """Stop playing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _play(self) -> None:
        first_s = self._chunks[0].t_s
        for chunk in self._chunks:
            at_s = chunk.t_s - first_s
            wait_s = (at_s - self.now_s()) / self._speed
            if self._stop.wait(max(0.0, wait_s)):
                return
            self.decoder.on_bytes(at_s, chunk.data)
            if chunk.label:
                self.decoder.framing.discard()
        self.decoder.end()
        self.finished.set()
