"""One turn of the main loop: show that it lives, look for reasons to end, take what an operator asks."""

from __future__ import annotations

import time

from station.engine.base.stop import PauseRequested, SkipRequested
from station.engine.session import Session
from station.lifecycle import State

TOTALS_PERIOD_S = 5.0


class Turn:
    """Called between any two steps that take time; raises whatever ends or interrupts the run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._next_totals = 0.0

    def __call__(self) -> None:
        """Raises StationError, StopRequested; PauseRequested, SkipRequested only while a plan is played."""
        s = self._session
        if s.guard is not None:
            s.guard.stamp()
            s.guard.check()
        if s.instruments.bms is not None:
            s.instruments.bms.beat()
        s.stop.check()
        if s.journal is not None:
            s.journal.check()
        now = time.monotonic()
        if s.feed_every_s and now >= s.next_feed:
            s.next_feed = now + s.feed_every_s
            s.power().feed_watchdog()
        if now >= s.next_state:
            s.tell_state()
            for notice in s.sensors.notices():
                s.note(*notice)
        if now >= self._next_totals and s.journal is not None and s.sampler is not None:
            self._next_totals = now + TOTALS_PERIOD_S
            s.journal.totals(s.clock.now_s(), s.sampler.rules.throughput.as_dict())
        if s.stop.asked:
            self._operate()

    def _operate(self) -> None:
        s = self._session
        while (operation := s.stop.take_operation()) is not None:
            if not s.may()[operation]:
                s.note("run.operation_refused", "info", {"operation": operation, "state": s.state.value})
            elif operation == "resume":
                s.resume_asked = True
            else:
                s.allow(playing=False)
                raise PauseRequested if operation == "pause" else SkipRequested


class Beat:
    """For the ordered shutdown: the guard sees progress, and the first steps are not held up by telling."""

    def __init__(self, session: Session) -> None:
        self._session, self._told = session, False

    def __call__(self) -> None:
        """Between two parts of a shutdown. Never raises."""
        self._session.stamp()
        if self._session.instruments.bms is not None:
            self._session.instruments.bms.beat()
        if not self._told and self._session.state is State.STOPPING:
            self._told = True
            self._session.tell_state()
