"""From the reply that crosses a limit to the first byte of the off command, on the wire."""

from __future__ import annotations

from itertools import dropwhile

from station.ui.painting import Painting
from tests.benchmarks.farm import SHORT_CONTACT, Farm, write_profile
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.tap import Tap
from tests.benchmarks.waiting import pause, wait_until

CHANNELS, ROUNDS = 8, 13
CROSSINGS = (("MEASure:VOLtage?", "5.1000"), ("MEASure:CURrent?", "199.0000"))
ASKING = ("MEASure:", "SYSTem:COMmunicate:WATchdog?", "PROGram:SELected:STAte?")
PULSES = [SHORT_CONTACT, *[{"step": "pulse_pair", "current_C": 1.0, "duration_s": 60.0, "rest_s": 1.0}] * 5]
FIRST_PULSE_S = 5.0


def reactions_ms() -> tuple[list[float], list[float]]:
    """To the first byte of the shutdown, and to the command that switches the output off."""
    first, off = [], []
    with Tap() as tap, Farm(CHANNELS, tap=tap) as farm, Painting(seconds=900, channels=CHANNELS):
        profile = write_profile(farm.folder, "reaction", PULSES, sampling_Hz=100.0)
        for number in range(ROUNDS):
            runs = farm.start(profile)
            pause(FIRST_PULSE_S)
            query, reply = CROSSINGS[number % len(CROSSINGS)]
            for channel in farm.channels:
                tap.seen(channel)
                tap.cross(channel, query, reply)
                pause(0.25)
            wait_until(lambda runs=runs: farm.in_states(runs, {"fault"}), "all channels trip")
            for channel in farm.channels:
                one = _reaction_s(tap.seen(channel))
                first.append(one[0] * 1e3)
                off.append(one[1] * 1e3)
            farm.acknowledge()
    return first, off


def _reaction_s(seen: list[tuple[float, str, str]]) -> tuple[float, float]:
    """From the crossing reply to the first command that is no question, and to the output's end."""
    after = list(dropwhile(lambda one: not one[2].startswith("crossed"), seen))
    crossed_s = after[0][0]
    commands = [(at, text) for at, way, text in after if way == "tx" and not text.startswith(ASKING)]
    off_s = next(at for at, text in commands if text == "OUTPut 0")
    return commands[0][0] - crossed_s, off_s - crossed_s


def rows() -> list[Row]:
    """The times of over a hundred trips in the middle of a pulse."""
    first, off = reactions_ms()
    name = f"limit crossed → first byte of the shutdown ({len(first)} trips)"
    return [
        Row(f"{name}, p50", percentile(first, 0.5), "ms", 2.0),
        Row(f"{name}, p99", percentile(first, 0.99), "ms", 2.0),
        Row("limit crossed → output off command, p99", percentile(off, 0.99), "ms", 2.0),
    ]
