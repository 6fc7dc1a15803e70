"""Which of the campaign's cases a run of all tests makes."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence

from tests.campaign.faults import Case
from tests.campaign.sweep import choose
from tests.deep import DEEP

DEEP_RUNS = 300


def sample(cases: Sequence[Case], seed: int) -> list[Case]:
    """Every fault at least once, and every moment on every kind of channel; more of them when deep."""
    if os.environ.get(DEEP):
        return choose(cases, DEEP_RUNS, seed)
    return covering(cases, seed)


def covering(cases: Sequence[Case], seed: int) -> list[Case]:
    """One case of each fault, where kind and moment were seen least so far; then what is still unseen."""
    shuffled = list(cases)
    random.Random(seed).shuffle(shuffled)
    of_fault: dict[str, list[Case]] = {}
    for case in shuffled:
        of_fault.setdefault(case.fault.name, []).append(case)
    places: Counter[tuple[str, str]] = Counter()
    kinds: Counter[str] = Counter()
    chosen: list[Case] = []

    def take(case: Case) -> None:
        chosen.append(case)
        places[case.kind, case.moment] += 1
        kinds[case.kind] += 1

    # Those with the least choice first: the others can fill what they leave.
    for waiting in sorted(of_fault.values(), key=len):
        take(min(waiting, key=lambda case: (places[case.kind, case.moment], kinds[case.kind])))
    for case in shuffled:
        if not places[case.kind, case.moment]:
            take(case)
    return sorted(chosen, key=lambda case: case.number)
