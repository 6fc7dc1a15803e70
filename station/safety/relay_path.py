"""The guard's own path to the power: one thread that owns the relay board.

Everybody else only says what is wanted and is told what was seen. A slow or dead board
delays this thread alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from drivers.contracts.relay import RelayBoard
from drivers.errors import DriverError
from station.safety.guard_settings import CutoffWiring

VERIFY_S = 0.5
"""A contactor that has not followed its coil by then is stuck."""
VERIFY_POLL_S = 0.01
RETRY_S = 0.5


@dataclass(frozen=True)
class RelaySnapshot:
    """What the board answered last. None where an input is not wired, or nothing was ever read.

    ``closed`` holds, per channel, the feedback input where wired, else the coil's read-back.
    """

    ok: bool
    estop_ok: bool | None = None
    interlock_ok: bool | None = None
    closed: Mapping[str, bool] = field(default_factory=dict)
    stuck: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True)
class SwitchResult:
    """Whether a cut-off was confirmed to be where it was wanted; ``code`` names the failure."""

    ok: bool
    code: str = ""


@dataclass
class _Pending:
    closed: bool
    deadline: float
    futures: list[Future[SwitchResult]]


class RelayPath(threading.Thread):
    """``switch`` wants a cut-off open or closed; ``on_snapshot`` hears of every change (in this thread)."""

    def __init__(
        self,
        open_board: Callable[[], RelayBoard],
        cutoffs: Mapping[str, CutoffWiring],
        *,
        estop: int | None,
        interlock: int | None,
        poll_s: float,
        on_snapshot: Callable[[RelaySnapshot], None],
    ) -> None:
        super().__init__(name="relay-path", daemon=True)
        self._open_board = open_board
        self._cutoffs = dict(cutoffs)
        self._estop, self._interlock = estop, interlock
        self._poll_s = poll_s
        self._on_snapshot = on_snapshot
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._board: RelayBoard | None = None
        self._retry_at = 0.0
        self._wanted = dict.fromkeys(self._cutoffs, False)
        self._written: dict[str, bool] = {}
        self._pending: dict[str, _Pending] = {}
        self._stuck: set[str] = set()
        self.snapshot = RelaySnapshot(ok=False, problem="not read yet")
        self.first_pass = threading.Event()
        self.last_pass = time.monotonic()

    def switch(self, channel: str, closed: bool) -> Future[SwitchResult]:
        """Want a cut-off closed or open; the result comes when the board has confirmed or denied it."""
        future: Future[SwitchResult] = Future()
        if channel not in self._cutoffs:
            future.set_result(SwitchResult(False, "guard.no_cutoff"))
            return future
        with self._lock:
            if closed and not self.snapshot.ok:
                future.set_result(SwitchResult(False, "guard.relay_lost"))
                return future
            self._wanted[channel] = closed
            # Written again even if it seems to be there already: a cut is never skipped on old knowledge.
            self._written.pop(channel, None)
            earlier = self._pending.get(channel)
            futures = [future]
            if earlier is not None and earlier.closed == closed:
                futures += earlier.futures
            elif earlier is not None:
                for old in earlier.futures:
                    old.set_result(SwitchResult(False, "guard.superseded"))
            self._pending[channel] = _Pending(closed, time.monotonic() + VERIFY_S, futures)
        self._wake.set()
        return future

    def stop(self) -> None:
        """End the thread after its present pass."""
        self._stopping = True
        self._wake.set()

    def run(self) -> None:
        """Pass after pass until stopped."""
        while not self._stopping:
            if self._board is not None or time.monotonic() >= self._retry_at:
                try:
                    self._pass()
                except DriverError as error:
                    self._lost(error.message)
                except Exception as error:  # noqa: BLE001 - the guard outlives any driver defect, and says so
                    self._lost(f"{type(error).__name__}: {error}")
            self.last_pass = time.monotonic()
            self.first_pass.set()
            self._wake.wait(VERIFY_POLL_S if self._pending and self._board else self._poll_s)
            self._wake.clear()
        if self._board is not None:
            self._board.close()

    def _pass(self) -> None:
        if self._board is None:
            self._board = self._open_board()
            self._written.clear()
        board = self._board
        with self._lock:
            todo = [(c, w) for c, w in self._wanted.items() if self._written.get(c) is not w]
        for channel, closed in sorted(todo, key=lambda item: item[1]):  # cuts before closings
            board.set_coil(self._cutoffs[channel].coil, closed)
            with self._lock:
                if self._wanted[channel] is closed:
                    self._written[channel] = closed
        self._publish(self._read(board))

    def _read(self, board: RelayBoard) -> RelaySnapshot:
        coils = _range(board.coils, [wiring.coil for wiring in self._cutoffs.values()])
        feedback = [w.feedback_input for w in self._cutoffs.values()]
        inputs = _range(board.inputs, [n for n in (*feedback, self._estop, self._interlock) if n is not None])
        closed = {
            channel: coils[w.coil] if w.feedback_input is None else coils[w.coil] or inputs[w.feedback_input]
            for channel, w in self._cutoffs.items()
        }
        confirmed = {
            channel: coils[w.coil] if w.feedback_input is None else coils[w.coil] and inputs[w.feedback_input]
            for channel, w in self._cutoffs.items()
        }
        with self._lock:
            self._settle(closed, confirmed)
            stuck = frozenset(self._stuck)
        return RelaySnapshot(
            ok=True,
            estop_ok=None if self._estop is None else inputs[self._estop],
            interlock_ok=None if self._interlock is None else inputs[self._interlock],
            # In transition "open" needs both coil and contact open, "closed" both closed.
            closed={c: confirmed[c] if self._wanted[c] else closed[c] for c in self._cutoffs},
            stuck=stuck,
        )

    def _settle(self, closed: Mapping[str, bool], confirmed: Mapping[str, bool]) -> None:
        now = time.monotonic()
        for channel in self._cutoffs:
            pending = self._pending.get(channel)
            if not closed[channel]:
                self._stuck.discard(channel)
            if pending is None or self._written.get(channel) is not pending.closed:
                continue
            reached = confirmed[channel] if pending.closed else not closed[channel]
            if reached:
                result = SwitchResult(True)
            elif now >= pending.deadline:
                result = SwitchResult(
                    False, "guard.cutoff_not_closing" if pending.closed else "guard.cutoff_stuck"
                )
                if pending.closed:
                    self._wanted[channel] = False
                else:
                    self._stuck.add(channel)
            else:
                continue
            del self._pending[channel]
            for future in pending.futures:
                future.set_result(result)

    def _lost(self, problem: str) -> None:
        if self._board is not None:
            self._board.close()
            self._board = None
        self._retry_at = time.monotonic() + RETRY_S
        with self._lock:
            self._wanted = dict.fromkeys(self._cutoffs, False)
            pending, self._pending = self._pending, {}
        self._publish(RelaySnapshot(ok=False, stuck=frozenset(self._stuck), problem=problem))
        for entry in pending.values():
            for future in entry.futures:
                future.set_result(SwitchResult(False, "guard.relay_lost"))

    def _publish(self, snapshot: RelaySnapshot) -> None:
        changed = snapshot != self.snapshot
        self.snapshot = snapshot
        if changed:
            self._on_snapshot(snapshot)


def _range(ask: Callable[[int, int], list[bool]], numbers: list[int]) -> dict[int, bool]:
    """Ask for the smallest range that holds ``numbers``; empty when there are none."""
    if not numbers:
        return {}
    first = min(numbers)
    values = ask(first, max(numbers) - first + 1)
    return {number: values[number - first] for number in numbers}
