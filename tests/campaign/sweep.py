"""Runs many cases: one rig for each kind of channel, side by side."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.campaign.case import RAN_ON, Row, run_case
from tests.campaign.faults import Case
from tests.campaign.kinds import KINDS
from tests.campaign.processes import Nursery
from tests.campaign.quality import Quality
from tests.campaign.rig import Rig

_Item = TypeVar("_Item")
HEALTHY_TRIES = 5
TRIES = 3
"""A busy computer may end a test (a late beat, a late relay) before the moment of its fault comes."""
AGAIN_AFTER_S = 1.5
"""Real time in which a guard that lost its board, or a reader its BMS, finds it again: each looks for it
every half second. Tests that are refused at once would all be over by then."""
BUSY_CODES = ("guard.relay_lost", "guard.worker_late")
"""What a busy computer ends a test with; a fault of relay board or process may do so itself."""
RIGS = {kind: 2 if kind == "pack" else 1 for kind in KINDS}
"""Benches of one kind; two where its runs take longest."""
BENCHES_PER_CORE = 3
"""A run waits more than it computes; with more of them relays and beats come late."""
_tick = threading.Event()
_learning = threading.Lock()
"""One at a time: a healthy run must not suffer from how busy the campaign itself makes the computer."""


def choose(cases: Sequence[Case], count: int | None, seed: int) -> list[Case]:
    """``count`` of the cases, every fault of every kind in turn; all of them for None."""
    if count is None or count >= len(cases):
        return list(cases)
    shuffled = list(cases)
    random.Random(seed).shuffle(shuffled)
    groups: dict[tuple[str, str], deque[Case]] = {}
    for case in shuffled:
        groups.setdefault((case.kind, case.fault.name), deque()).append(case)
    chosen: list[Case] = []
    while len(chosen) < count:
        for waiting in groups.values():
            if waiting and len(chosen) < count:
                chosen.append(waiting.popleft())
    return sorted(chosen, key=lambda case: case.number)


def sweep(
    cases: Sequence[Case],
    on_row: Callable[[Row], None] = lambda _: None,
    *,
    side_by_side: int | None = None,
    sabotage: str = "",
) -> list[Row]:
    """Run all ``cases``; rows come in the order in which they end. Raises when a rig cannot be kept up.

    ``side_by_side`` benches at a time; None means as many as this computer can play in time.
    ``sabotage`` names a defect that the workers are given after the healthy runs, see
    ``tests.campaign.sabotage``.
    """
    rows: list[Row] = []
    lock = threading.Lock()
    quality = Quality()
    failed: list[str] = []

    def tell(row: Row) -> None:
        with lock:
            rows.append(row)
            on_row(row)

    with tempfile.TemporaryDirectory(prefix="campaign-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        nursery = Nursery(folder)
        spoilt = Nursery(folder, sabotage) if sabotage else nursery

        jobs: deque[tuple[str, int, deque[Case], Sequence[str]]] = deque()
        for kind in KINDS:
            mine = [case for case in cases if case.kind == kind]
            waiting, lengths = deque(mine), sorted({case.fault.length for case in mine})
            jobs.extend((kind, number, waiting, lengths) for number in range(min(RIGS[kind], len(mine))))

        def work() -> None:
            try:
                while (job := _next(jobs)) is not None:
                    kind, number, waiting, lengths = job
                    _run_kind(kind, waiting, lengths, folder / str(number), (nursery, spoilt), quality, tell)
            except Exception:  # noqa: BLE001 - told by the main thread, which ends the sweep with it
                failed.append(traceback.format_exc())

        wanted = side_by_side or BENCHES_PER_CORE * (os.cpu_count() or 1)
        threads = [threading.Thread(target=work) for _ in range(min(wanted, len(jobs)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        nursery.close()
        spoilt.close()
    if failed:
        raise RuntimeError("\n".join(failed))
    assert len(rows) == len(cases), f"{len(rows)} of {len(cases)} runs"
    return rows


def _next(waiting: deque[_Item]) -> _Item | None:
    """The first of what waits, for the thread that asks first."""
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _run_kind(
    kind: str,
    waiting: deque[Case],
    lengths: Sequence[str],
    folder: Path,
    nurseries: tuple[Nursery, Nursery],
    quality: Quality,
    tell: Callable[[Row], None],
) -> None:
    """Take one case after the other from ``waiting``, which the other rigs of this kind do as well.

    The first of ``nurseries`` gives the workers of healthy runs, the second those of the cases.
    """
    if not waiting:
        return
    rig = Rig(KINDS[kind], folder, nurseries[0])
    try:
        for length in lengths:
            with _learning:
                if not quality.knows(rig.kind, length):
                    _learn(rig, length, quality)
        rig.nursery = nurseries[1]
        while (case := _next(waiting)) is not None:
            tell(_run_until_it_happens(rig, case, quality))
    finally:
        with contextlib.suppress(OSError):
            rig.close()


def _run_until_it_happens(rig: Rig, case: Case, quality: Quality) -> Row:
    """Where the test ended before the fault's moment came, once more; what was wrong stays wrong."""
    row = run_case(rig, case, quality)
    while _proves_nothing(row, case) and row.tries < TRIES:
        tries = row.tries + 1
        _tick.wait(AGAIN_AFTER_S)
        row = run_case(rig, case, quality)
        row.tries = tries
    return row


def _proves_nothing(row: Row, case: Case) -> bool:
    """The test ended before the fault came, or for another reason: this computer was too busy for it."""
    if row.starved and row.problems == [RAN_ON]:
        return True
    fault = case.fault
    to_be_late = fault.instrument == "modbus-relay" or fault.act is not None
    busy = row.code in BUSY_CODES and not to_be_late
    return not row.problems and (busy or not row.injected)


def _learn(rig: Rig, length: str, quality: Quality) -> None:
    """A healthy run first: what all others are held against; without it there is nothing to judge."""
    for _ in range(HEALTHY_TRIES):
        rig.renew(0)
        worker, run_dir, plan_s = rig.start(length)
        while worker.ended is None and worker.listen(plan_s + 20.0):
            pass
        ended = worker.ended
        worker.end()
        if ended is not None and ended["outcome"] == "completed":
            quality.learn(rig.kind, run_dir, length)
            return
    raise RuntimeError(f"{rig.kind.name}: a healthy {length} run does not complete: {ended}")
