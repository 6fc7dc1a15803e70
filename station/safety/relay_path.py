"""The guard's own path to the power: one thread that owns the relay board.

Everybody else only says what is wanted and is told what was seen. A slow or dead board
delays this thread alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future

from drivers.contracts.relay import CoilContradiction, RelayBoard
from drivers.errors import DriverError
from station.safety.guard_settings import CutoffWiring
from station.safety.relay_hold import HoldTimers
from station.safety.relay_state import Pending, RelaySnapshot, SwitchResult

VERIFY_S = 0.5
"""A contactor that has not followed its coil by then is stuck, a coil that has not followed is frozen."""
VERIFY_POLL_S = 0.01
RETRY_S = 0.5
LOOP_HUNG_S = 1.0
"""The deciding loop turns every 10 ms; one that has not turned for this long decides nothing any more."""


class RelayPath(threading.Thread):
    """``switch`` wants a coil closed or open; ``on_snapshot`` hears of every change (in this thread).

    ``alive`` is called by the loop that decides: only while it turns do closed coils stay closed.
    """

    def __init__(
        self,
        open_board: Callable[[], RelayBoard],
        coils: Mapping[str, CutoffWiring],
        *,
        estop: int | None,
        interlock: int | None,
        poll_s: float,
        hold_s: float | None,
        on_snapshot: Callable[[RelaySnapshot], None],
    ) -> None:
        super().__init__(name="relay-path", daemon=True)
        self._open_board = open_board
        self._coils = dict(coils)
        self._estop, self._interlock = estop, interlock
        self._poll_s, self._wanted_hold_s = poll_s, hold_s
        self._on_snapshot = on_snapshot
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._board: RelayBoard | None = None
        self._hold: HoldTimers | None = None
        self._retry_at = 0.0
        self._wanted = dict.fromkeys(self._coils, False)
        self._written: dict[str, bool] = {}
        self._pending: dict[str, Pending] = {}
        self._stuck: set[str] = set()
        self._frozen: set[str] = set()
        self._contrary_since: dict[str, float] = {}
        self.snapshot = RelaySnapshot(ok=False, problem="not read yet")
        self.first_pass = threading.Event()
        self.last_pass = self._turned = time.monotonic()

    @property
    def hold_s(self) -> float | None:
        """How long a closed coil lasts without this program; None where the board has no such timer."""
        hold = self._hold
        return None if hold is None else hold.hold_s

    def alive(self) -> None:
        """The deciding loop has turned."""
        self._turned = time.monotonic()

    def switch(self, key: str, closed: bool) -> Future[SwitchResult]:
        """Want a coil closed or open; the result comes when the board has confirmed or denied it."""
        future: Future[SwitchResult] = Future()
        if key not in self._coils:
            future.set_result(SwitchResult(False, "guard.no_cutoff"))
            return future
        with self._lock:
            if closed and not self.snapshot.ok:
                future.set_result(SwitchResult(False, "guard.relay_lost"))
                return future
            self._wanted[key] = closed
            # Written again even if it seems to be there already: a cut is never skipped on old knowledge.
            self._written.pop(key, None)
            earlier = self._pending.get(key)
            futures = [future]
            if earlier is not None and earlier.closed == closed:
                futures += earlier.futures
            elif earlier is not None:
                earlier.settle(SwitchResult(False, "guard.superseded"))
            self._pending[key] = Pending(closed, time.monotonic() + VERIFY_S, futures)
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
                    self._once_more(error)
                except Exception as error:  # noqa: BLE001 - the guard outlives any driver defect, and says so
                    self._lost(f"{type(error).__name__}: {error}")
            self.last_pass = time.monotonic()
            self.first_pass.set()
            self._wake.wait(VERIFY_POLL_S if self._pending and self._board else self._poll_s)
            self._wake.clear()
        if self._board is not None:
            self._board.close()

    def _once_more(self, error: DriverError) -> None:
        """One exchange may be lost on a busy network or computer: a fresh link at once, and no second try.

        A board that was lost already is not tried twice. What has fallen off meanwhile stays open.
        """
        if self._board is None:
            self._lost(error.message)
            return
        self._board.close()
        self._board = None
        try:
            self._pass(self._hold)
        except DriverError as again:
            self._lost(again.message)

    def _pass(self, hold: HoldTimers | None = None) -> None:
        board = self._board
        if board is None:
            board = self._board = self._open_board()
            self._written.clear()
            self._hold = hold or self._timers(board)
        for key, closed in self._due():
            self._write(board, key, closed)
        self._publish(self._read(board))

    def _timers(self, board: RelayBoard) -> HoldTimers | None:
        span, wanted_s = board.hold_timer, self._wanted_hold_s
        return (
            None if span is None or wanted_s is None else HoldTimers(min(max(wanted_s, span.low), span.high))
        )

    def _due(self) -> list[tuple[str, bool]]:
        """What has to be written now: cuts first, then closings and renewals."""
        now, hold = time.monotonic(), self._hold
        idle_s = now - self._turned
        with self._lock:
            for key, wanted in self._wanted.items():
                # What the board has opened, or may have, is not closed again: that would be a decision.
                if wanted and (idle_s > LOOP_HUNG_S or (hold is not None and hold.lapsed(key, now))):
                    self._wanted[key] = False
                    self._written.pop(key, None)
            todo = [(k, w) for k, w in self._wanted.items() if self._written.get(k) is not w]
            if hold is not None and idle_s < hold.hold_s / 2:
                todo += [
                    (k, True)
                    for k, w in self._wanted.items()
                    if w and self._written.get(k) and hold.due(k, now)
                ]
        return sorted(todo, key=lambda item: item[1])

    def _write(self, board: RelayBoard, key: str, closed: bool) -> None:
        coil, hold = self._coils[key].coil, self._hold
        with self._lock:
            if self._wanted[key] is not closed:
                return  # changed since this pass began; the next one writes it
        sent_at = time.monotonic()
        if closed and hold is not None and hold.lapsed(key, sent_at):
            return  # this process was held up just now; the next pass gives the coil up
        try:
            if closed and hold is not None:
                board.hold_coil(coil, hold.hold_s)
                hold.held(key, sent_at)
            else:
                board.set_coil(coil, closed)
        except CoilContradiction:
            return  # told by what is read back; written again in the next pass
        if hold is not None and not closed:
            hold.dropped(key)
        with self._lock:
            if self._wanted[key] is closed:
                self._written[key] = closed

    def _read(self, board: RelayBoard) -> RelaySnapshot:
        coils = _range(board.coils, [wiring.coil for wiring in self._coils.values()])
        feedback = [w.feedback_input for w in self._coils.values()]
        inputs = _range(board.inputs, [n for n in (*feedback, self._estop, self._interlock) if n is not None])
        on = {key: coils[w.coil] for key, w in self._coils.items()}
        contact = {
            key: on[key] if w.feedback_input is None else inputs[w.feedback_input]
            for key, w in self._coils.items()
        }
        with self._lock:
            self._settle(on, contact)
            stuck, frozen = frozenset(self._stuck), frozenset(self._frozen)
        return RelaySnapshot(
            ok=True,
            estop_ok=None if self._estop is None else inputs[self._estop],
            interlock_ok=None if self._interlock is None else inputs[self._interlock],
            # In transition "open" needs both coil and contact open, "closed" both closed.
            closed={
                k: (on[k] and contact[k]) if self._wanted[k] else (on[k] or contact[k]) for k in self._coils
            },
            stuck=stuck,
            frozen=frozen,
        )

    def _settle(self, on: Mapping[str, bool], contact: Mapping[str, bool]) -> None:
        now = time.monotonic()
        for key in self._coils:
            if not on[key]:
                self._frozen.discard(key)
                if not contact[key]:
                    self._stuck.discard(key)
            self._watch_contrary(key, on[key], now)
            pending = self._pending.get(key)
            if pending is None:
                continue
            written = self._written.get(key) is pending.closed
            reached = on[key] and contact[key] if pending.closed else not on[key] and not contact[key]
            if reached and written:
                result = SwitchResult(True)
            elif now >= pending.deadline:
                result = self._failed(key, pending.closed, on[key])
            else:
                continue
            del self._pending[key]
            pending.settle(result)

    def _failed(self, key: str, closed: bool, on: bool) -> SwitchResult:
        if closed:
            self._wanted[key] = False
            self._written.pop(key, None)
            return SwitchResult(False, "guard.cutoff_not_closing" if on else "guard.relay_frozen")
        if on:
            self._frozen.add(key)
            return SwitchResult(False, "guard.relay_frozen")
        self._stuck.add(key)
        return SwitchResult(False, "guard.cutoff_stuck")

    def _watch_contrary(self, key: str, on: bool, now: float) -> None:
        """A coil that is on though nobody wants it is written again, and frozen if that does not help."""
        if not on or self._wanted[key]:
            self._contrary_since.pop(key, None)
            return
        if self._written.get(key) is False:
            self._written.pop(key)
        if now - self._contrary_since.setdefault(key, now) >= VERIFY_S:
            self._frozen.add(key)

    def _lost(self, problem: str) -> None:
        if self._board is not None:
            self._board.close()
            self._board = None
        self._retry_at = time.monotonic() + RETRY_S
        with self._lock:
            self._wanted = dict.fromkeys(self._coils, False)
            self._contrary_since.clear()
            pending, self._pending = self._pending, {}
        self._publish(
            RelaySnapshot(
                ok=False, stuck=frozenset(self._stuck), frozen=frozenset(self._frozen), problem=problem
            )
        )
        for entry in pending.values():
            entry.settle(SwitchResult(False, "guard.relay_lost"))

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
