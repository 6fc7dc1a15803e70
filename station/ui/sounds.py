"""Three sounds of the station's own making: accepted, done, attention. Never the only way something is told.

They are sine tones made here and played by a program of the system, in a thread; where there is none, or
it fails, the station is silent.
"""

from __future__ import annotations

import contextlib
import io
import math
import queue
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

from station.ui.asking import Sound

RATE_HZ: Final = 22_050
TONES: Final[dict[Sound, tuple[tuple[float, float], ...]]] = {
    "accepted": ((1760.0, 0.07),),
    "done": ((880.0, 0.12), (1174.7, 0.12), (1568.0, 0.22)),
    "attention": ((440.0, 0.16), (0.0, 0.06), (440.0, 0.16), (0.0, 0.06), (330.0, 0.3)),
}
"""Frequency in Hz (0: silence) and duration in s: one short high, three that rise, three low that fall."""
_PLAYERS: Final = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
_PATIENCE_S: Final = 3.0


@cache
def sound_file(sound: Sound) -> bytes:
    """A WAV file: one channel, 16 bit. Each tone swells and fades for 8 ms, so that nothing clicks."""
    frames = bytearray()
    for frequency_Hz, duration_s in TONES[sound]:
        count = round(duration_s * RATE_HZ)
        edge = 0.008 * RATE_HZ
        for n in range(count):
            level = min(1.0, n / edge, (count - n) / edge)
            frames += struct.pack(
                "<h", round(14_000 * level * math.sin(2 * math.pi * frequency_Hz * n / RATE_HZ))
            )
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(bytes(frames))
    return out.getvalue()


def system_player() -> Callable[[Path], None] | None:
    """What plays a WAV file on this system and waits for its end; None when nothing does."""
    if sys.platform == "win32":
        import winsound

        return lambda path: winsound.PlaySound(str(path), winsound.SND_FILENAME)
    for name, *options in _PLAYERS:
        if (found := shutil.which(name)) is not None:
            return partial(_run, (found, *options))
    return None


def _run(command: tuple[str, ...], path: Path) -> None:
    null = subprocess.DEVNULL
    subprocess.run(
        [*command, str(path)], check=True, timeout=_PATIENCE_S, stdin=null, stdout=null, stderr=null
    )


class Sounds:
    """``play`` never waits. A sound that comes while two wait already is left out."""

    def __init__(self, player: Callable[[Path], None] | None = None) -> None:
        self._player = player or system_player()
        self._wanted: queue.Queue[Sound | None] = queue.Queue(maxsize=2)
        self._thread: threading.Thread | None = None
        self.played: list[Sound] = []
        """The last sounds asked for, newest last."""

    def play(self, sound: Sound) -> None:
        """Sound this."""
        self.played = [*self.played[-19:], sound]
        if self._player is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="sounds", daemon=True)
            self._thread.start()
        with contextlib.suppress(queue.Full):
            self._wanted.put_nowait(sound)

    def close(self) -> None:
        """Make no sound any more."""
        self._player = None
        with contextlib.suppress(queue.Full):
            self._wanted.put_nowait(None)

    def _work(self) -> None:
        with tempfile.TemporaryDirectory(prefix="pulse-station-") as folder:
            while (sound := self._wanted.get()) is not None:
                player = self._player
                if player is None:
                    return
                path = Path(folder) / f"{sound}.wav"
                if not path.exists():
                    path.write_bytes(sound_file(sound))
                try:
                    player(path)
                except (OSError, RuntimeError, subprocess.SubprocessError):
                    self._player = None  # no device: silent from now on, everything is on the page anyway
                    return
