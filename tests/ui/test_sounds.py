"""Three sounds that differ, played in a thread, and silence where nothing plays."""

from __future__ import annotations

import io
import subprocess
import threading
import wave
from pathlib import Path

from station.ui.sounds import TONES, Sounds, sound_file


def test_three_sounds_that_differ() -> None:
    lengths = set()
    for sound in TONES:
        with wave.open(io.BytesIO(sound_file(sound))) as file:
            lengths.add(file.getnframes())
            assert file.getframerate() == 22_050
    assert len(lengths) == 3


def test_a_player_that_fails_leaves_silence() -> None:
    called = threading.Event()

    def broken(path: Path) -> None:
        assert path.read_bytes() == sound_file("done")
        called.set()
        raise subprocess.CalledProcessError(1, "player")

    sounds = Sounds(broken)
    sounds.play("done")
    assert called.wait(5)
    for _ in range(5):
        sounds.play("attention")
    assert sounds.played[-1] == "attention"
    sounds.close()
