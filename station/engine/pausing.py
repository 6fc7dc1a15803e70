"""A pause: everything off and open, watched on, and nothing on again before the checks have passed anew."""

from __future__ import annotations

import time
from collections.abc import Callable

from drivers.errors import DriverError
from profiles.plan import Segment
from station.engine.before import precheck
from station.engine.before.gate import Gate
from station.engine.connect import Connection
from station.engine.session import Session
from station.engine.turn import Turn
from station.errors import CheckFailed, InstrumentFault, told
from station.lifecycle import Event
from station.safety.shutdown import SafeReport, ordered_shutdown

LOOK_S = 0.2
"""Real time between two samples in a pause: nothing is driven, but a battery can still heat up."""
STEP_S = 0.02


class Pausing:
    """``hold`` returns when the run may go on; raises what ends it, a stop included."""

    def __init__(self, session: Session, gate: Gate, turn: Turn, connection: Connection) -> None:
        self._session, self._gate, self._turn, self._connection = session, gate, turn, connection

    def hold(self, segment: Segment) -> None:
        """Rows in the pause bear ``segment``. Raises InstrumentFault when it cannot be verified off."""
        s = self._session
        safe = self._off()
        s.resume_asked = False
        began = time.monotonic()
        s.fire(Event.PAUSED)
        s.note("run.paused", "info", safe.as_dict())
        if self._gate.precharged:
            for problem in self._gate.after(s.power(), s.clock, s.stamp):
                s.note("run.pause_residual", "alarm", {"problem": problem})
        self._open_pack()
        assert s.sampler is not None
        with s.sampler.resting(self._battery_V()):
            while True:
                self._wait(segment)
                if self._checks_pass():
                    break
                s.resume_asked = False
                s.tell_state()
        s.resume_asked = False
        s.fire(Event.RESUMED)
        s.note("run.resumed", "info", {"paused_s": round(time.monotonic() - began, 2)})

    def _off(self) -> SafeReport:
        s = self._session
        cutoff, guard = s.job.channel.cutoff, s.guard
        safe = ordered_shutdown(
            s.power(),
            open_cutoff=guard.open_cutoff if guard is not None and cutoff is not None else None,
            current_tolerance_A=s.current_tolerance_A(),
            on_step=s.stamp,
        )
        if not safe.verified or safe.cutoff_open is False:
            raise InstrumentFault(
                f"paused, but not verified as off: {'; '.join(safe.problems)}",
                remedy="press the emergency stop if a current flows; look at instrument and cut-off",
                code="run.pause_unverified",
                **safe.as_dict(),
            )
        if s.feed_every_s:
            s.feed_every_s = 0.0
            s.power().disarm_watchdog()
        return safe

    def _battery_V(self) -> Callable[[], float | None] | None:
        """Who sees the battery while the cut-off is open; None where the instrument itself does."""
        s = self._session
        cutoff = s.job.channel.cutoff
        if cutoff is None or cutoff.precharge is None:
            return None
        bms = s.instruments.bms

        def voltage_V() -> float | None:
            snapshot = None if bms is None else bms.snapshot()
            if self._gate.own_contactors and snapshot is not None:
                told = snapshot.signals.get("pack_voltage_V")  # nothing stands at the terminals
                return None if told is None else told.value
            return precheck.battery_voltage(s.job, s.power(), s.sensors, snapshot)[0]

        return voltage_V

    def _wait(self, segment: Segment) -> None:
        s = self._session
        assert s.sampler is not None
        look_at = 0.0
        while not s.resume_asked:
            self._turn()
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK_S
                s.sampler.take_now(segment)
            s.clock.sleep_until(s.clock.now_s() + STEP_S * s.speed)

    def _checks_pass(self) -> bool:
        """Everything before energy once more. What a person can mend keeps the run paused."""
        s = self._session
        s.tell_state()
        s.note("run.resuming", "info", {})
        try:
            self._connection.again()
        except CheckFailed as error:
            self._open_again()
            s.note(
                "run.resume_refused",
                "alarm",
                {"code": error.code, "message": told(error), "remedy": told(error, "remedy")},
            )
            return False
        return True

    def _open_again(self) -> None:
        """A check may have failed after contacts had closed."""
        s = self._session
        if s.guard is None or s.job.channel.cutoff is None:
            return
        if not s.guard.open_cutoff():
            raise InstrumentFault(
                "the cut-off is not confirmed open again",
                remedy="press the emergency stop; look at the relay board",
                code="run.pause_unverified",
            )
        if self._gate.precharged:
            try:
                self._gate.after(s.power(), s.clock, s.stamp)
            except DriverError as error:
                s.note("run.pause_residual", "alarm", {"problem": told(error)})
        self._open_pack()

    def _open_pack(self) -> None:
        """A pack's own contactors are opened in a pause, too."""
        s = self._session
        for problem in self._gate.open_pack(s.sensors, s.stamp):
            s.note("run.pause_residual", "alarm", {"problem": problem})
