"""Stop pressed in the real window → the current commanded to zero on the wire."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.farm import SHORT_CONTACT, Farm, write_profile
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.tap import Tap
from tests.benchmarks.waiting import pause, wait_until

CHANNELS, ROUNDS = 8, 8
PULSES = [SHORT_CONTACT, *[{"step": "pulse_pair", "current_C": 1.0, "duration_s": 100.0, "rest_s": 1.0}] * 2]
FIRST_PULSE_S = 5.0
ZERO = "SOURce:CURrent 0.0000"
STOP_ALL = "Escape"


@contextmanager
def display() -> Iterator[str]:
    """A virtual display on a free number."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as stream:
            number = stream.readline().strip()
        try:
            yield f":{number}"
        finally:
            server.terminate()


class Window:
    """The operator window as a program of its own on a display, and a hand at its keyboard."""

    def __init__(self, farm: Farm, on: str) -> None:
        self._environment = {**os.environ, "DISPLAY": on, "QT_QPA_PLATFORM": "xcb"}
        command = ["-m", "station.ui.app", "--bench", str(farm.file), "--data", str(farm.folder / "data")]
        self._process = subprocess.Popen(
            [sys.executable, *command, "--lang", "zh", "--fullscreen"], env=self._environment
        )
        found = wait_until(self._search, "the window opens", 30.0)
        self._hand("windowfocus", "--sync", found)

    def _search(self) -> str:
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self._process.pid)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        return done.stdout.split("\n")[0].strip()

    def _hand(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self._environment, check=True)

    def press(self, key: str) -> float:
        """Press a key; returns the monotonic time just before."""
        before_s = time.monotonic()
        self._hand("key", key)
        return before_s

    def close(self) -> None:
        """End the program."""
        self._process.terminate()
        self._process.wait(10)


def times_ms() -> list[float]:
    """From the key that stops all to the zero on each channel's wire."""
    times = []
    with Tap() as tap, Farm(CHANNELS, tap=tap) as farm, display() as on:
        assert farm.client
        window = Window(farm, on)
        try:
            pause(3.0)
            profile = write_profile(farm.folder, "window", PULSES, sampling_Hz=100.0)
            for _ in range(ROUNDS):
                runs = farm.start(profile)
                pause(FIRST_PULSE_S)
                for channel in farm.channels:
                    tap.seen(channel)
                pressed_s = window.press(STOP_ALL)
                farm.wait(runs)
                for channel in farm.channels:
                    seen = tap.seen(channel)
                    zero_s = next(at for at, way, text in seen if way == "tx" and text == ZERO)
                    times.append((zero_s - pressed_s) * 1e3)
                farm.acknowledge()
        finally:
            window.close()
    return times


def rows() -> list[Row]:
    """One key, all channels, again and again."""
    times = times_ms()
    name = f"stop pressed → zero on the wire ({len(times)} stops)"
    return [
        Row(f"{name}, p50", percentile(times, 0.5), "ms", 150.0),
        Row(f"{name}, p99", percentile(times, 0.99), "ms", 150.0),
    ]
