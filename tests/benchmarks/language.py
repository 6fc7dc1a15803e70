"""How long a profile of ten thousand steps takes: read alone, and checked with plan, timeline and balance."""

from __future__ import annotations

import time

from profiles import check_text
from profiles.yaml_file import problems_of
from tests.benchmarks.table import Row

STEPS = 10_000
HEAD = """\
schema: pulse-station/profile/1
name: long
title: {zh: 长, en: Long}
description: {zh: 长, en: Long}
steps:
  - {step: contact_check}
"""


def text_of(steps: int) -> str:
    """Rests and pulse pairs in turn."""
    lines = [
        f"  - {{step: pulse_pair, current_C: {1 + number % 3}, duration_s: {0.5 + number % 7}, rest_s: 75}}\n"
        if number % 2
        else f"  - {{step: rest, duration_s: {1 + number % 50}}}\n"
        for number in range(steps)
    ]
    return HEAD + "".join(lines)


def seconds() -> tuple[float, float]:
    """Best of three, processor time (others may share the machine): to read, and to read and check."""
    text = text_of(STEPS)
    read_s, checked_s = float("inf"), float("inf")
    for _ in range(3):
        began = time.process_time()
        profile, problems = problems_of(text)
        read_s = min(read_s, time.process_time() - began)
        assert profile is not None
        assert not problems
        began = time.process_time()
        assert check_text(text, nominal_capacity_Ah=20).ok
        checked_s = min(checked_s, time.process_time() - began)
    return read_s, checked_s


def rows() -> list[Row]:
    """The asked-for second holds for reading and checking together."""
    read_s, checked_s = seconds()
    return [
        Row(f"{STEPS} steps read from YAML, processor time", read_s, "s", 1.0),
        Row(f"{STEPS} steps read, planned and checked, processor time", checked_s, "s", 1.0),
    ]
