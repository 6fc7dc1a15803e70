"""What power instruments share whose pulse edges the host sends: no sequencer, perhaps no watchdog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from drivers.capabilities import Span
from drivers.contracts.power import PowerPort, Protection, SafeState, SequenceState, SequenceStep
from drivers.errors import InstrumentError, Unsupported
from drivers.ranges import require_in


class CommandedPort(PowerPort):
    """Checks against ratings and protection; every part without a sequencer raises Unsupported."""

    address: str
    _protection: Protection | None = None

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        self._no_sequencer(f"{len(steps)} steps")

    def start_sequence(self) -> None:
        self._no_sequencer("start")

    def sequence_state(self) -> SequenceState:
        return SequenceState.STOPPED

    def stop_sequence(self) -> None:
        """Return to zero current: nothing else is running."""
        self.set_current(0.0)

    def arm_watchdog(self, timeout_s: float) -> None:
        self._no_watchdog(f"{timeout_s:g} s")

    def feed_watchdog(self) -> None:
        self._no_watchdog("feed")

    def disarm_watchdog(self) -> None:
        self._no_watchdog("disarm")

    def verify_safe(self) -> SafeState:
        on = self.output_is_on()
        return SafeState(on, self.read().current_A)

    # ------------------------------------------------------------------ for drivers

    def _no_sequencer(self, what: str) -> NoReturn:
        raise Unsupported(
            f"{self.address}: there is no sequencer ({what})",
            remedy="Use a profile with commanded timing.",
            address=self.address,
        )

    def _no_watchdog(self, what: str) -> NoReturn:
        raise Unsupported(
            f"{self.address}: there is no host watchdog that is known ({what})",
            remedy="Use a guard-driven cut-off relay.",
            address=self.address,
        )

    def _check_protection(self, protection: Protection) -> None:
        """Raise OutOfRange where a protection exceeds the instrument's rating."""
        span, p = self.capabilities, protection
        for value, allowed, what, unit in (
            (p.voltage_max_V, span.voltage_V, "highest voltage", "V"),
            (p.voltage_min_V, Span(0.0, p.voltage_max_V), "lowest voltage", "V"),
            (p.charge_current_max_A, Span(0.0, span.current_A.high), "charge current limit", "A"),
            (p.discharge_current_max_A, Span(0.0, -span.current_A.low), "discharge current limit", "A"),
            (p.charge_power_max_W, Span(0.0, span.power_W.high), "charge power limit", "W"),
            (p.discharge_power_max_W, Span(0.0, -span.power_W.low), "discharge power limit", "W"),
        ):
            require_in(value, allowed, what, unit, self.address, "instrument rating")

    def _checked_current(self, current_A: float) -> Protection:
        """The protection in force. Raises OutOfRange for a current outside, InstrumentError without one."""
        protection = self._prepared()
        allowed = Span(-protection.discharge_current_max_A, protection.charge_current_max_A)
        require_in(current_A, allowed, "current", "A", self.address, "protection")
        return protection

    def _prepared(self) -> Protection:
        if self._protection is None:
            raise InstrumentError(
                f"{self.address}: not prepared",
                remedy="Call prepare(protection) first.",
                address=self.address,
                error_code=0,
                text="not prepared",
            )
        return self._protection

    def _refused(self, command: str, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {command!r}: {why}",
            remedy="Check the front panel: remote control, interlock, and alarms.",
            address=self.address,
            error_code=0,
            text=why,
            command=command,
        )
