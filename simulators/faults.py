"""Named faults of one instrument or of one channel's wiring, switched while the bench runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

FaultValue = bool | int | float | str


class FaultError(ValueError):
    """A fault that the target does not know, or a value that it cannot take."""


@dataclass(frozen=True)
class FaultSpec:
    """One fault a target can show: what its value means, and the value meant by plain ``true``."""

    meaning: str
    default: FaultValue = True


MESSAGE_FAULTS: Mapping[str, FaultSpec] = {
    "link_silent": FaultSpec("the cable is dead: bytes are lost in both directions"),
    "late_reply": FaultSpec("each reply is held back this many real seconds", 0.5),
    "link_slow": FaultSpec("each reply is held back this many real seconds", 0.2),
    "split_reply": FaultSpec("each reply arrives in one-byte pieces"),
    "merge_replies": FaultSpec("replies wait for each other (at most 10 ms) and share a packet"),
    "link_reset": FaultSpec("connections are reset and new ones refused"),
    "second_client_refused": FaultSpec("no connection is accepted while there is one"),
    "hang_up_after_reply": FaultSpec("each reply is the last of its connection"),
    "echo": FaultSpec("what comes is sent back at once, as on a two-wire bus"),
    "garbage": FaultSpec("replies are random bytes"),
    "stale_frame": FaultSpec("the reply before comes once more, ahead of the next one"),
    "stale_after_reconnect": FaultSpec("a new connection begins with the last reply of the one before"),
    "query_silent": FaultSpec("every so many-th query gets no answer", 5.0),
}
"""Of every link, whatever its protocol."""
LINK_FAULTS: Mapping[str, FaultSpec] = {
    **MESSAGE_FAULTS,
    "crlf": FaultSpec("replies end with CR LF"),
    "spare_line": FaultSpec("this extra line follows each reply", "0"),
}
"""Of a link that carries lines of text."""
READING_FAULTS: Mapping[str, FaultSpec] = {
    "sentinel_reading": FaultSpec("each measurement answers this text", "9.9E+37"),
    "frozen_reading": FaultSpec("each measurement repeats the value it had when the fault began"),
}
POWER_FAULTS: Mapping[str, FaultSpec] = {
    "sense_open": FaultSpec("sense leads are off: the instrument reads its own terminals"),
    "current_sign": FaultSpec("measured current has the wrong sign"),
    "nan_reading": FaultSpec("each measurement answers nan"),
    "unit_suffix": FaultSpec("measurements carry their unit"),
    "current_scale": FaultSpec("the measured current is multiplied by this", 0.5),
    "half_current": FaultSpec("half of the set current flows: one of two parallel stages is out"),
    "remote_lost": FaultSpec("the front panel has taken over: commands are refused, queries answered"),
    "front_panel": FaultSpec("a person turns the output over at the front panel, once"),
    "trip": FaultSpec("a protection turns the output off once; it may be switched on again"),
    "output_trip": FaultSpec("a protection holds the output off; setpoints remain"),
}
WIRING_FAULTS: Mapping[str, FaultSpec] = {
    "sense_open": FaultSpec("sense leads of all power instruments are off"),
    "polarity_reversed": FaultSpec("the battery is connected the wrong way round"),
    "contact_resistance": FaultSpec("extra resistance in ohm in the power path", 0.005),
    "contactor_welded": FaultSpec("the contactor stays closed whatever its coil does"),
    "contact_rising": FaultSpec(
        "a contact in the power path grows by this many ohm per simulated second", 1e-4
    ),
    "bms_opens_contactors": FaultSpec("the pack's own contactors are open"),
    "temperature_ramp": FaultSpec("every cell is heated by this many kelvin per simulated second", 0.2),
    "internal_short": FaultSpec("this many ohm across one cell, inside it", 1.0),
}
#: Only where there is a pre-charge.
PRECHARGE_FAULTS: Mapping[str, FaultSpec] = {
    "precharge_open": FaultSpec("the pre-charge resistor is broken"),
    "precharge_welded": FaultSpec("the pre-charge contactor stays closed whatever its coil does"),
}
#: Only where the insulation is simulated.
INSULATION_FAULTS: Mapping[str, FaultSpec] = {
    "insulation_low": FaultSpec("this many ohm between the minus pole and chassis", 10_000.0),
    "insulation_low_plus": FaultSpec("this many ohm between the plus pole and chassis", 10_000.0),
}
RELAY_FAULTS: Mapping[str, FaultSpec] = {
    "estop": FaultSpec("the emergency stop is pressed"),
    "interlock": FaultSpec("the interlock circuit is open"),
    **MESSAGE_FAULTS,
    "length_wrong": FaultSpec("the length field of each reply says two bytes more than there are"),
    "address_shift": FaultSpec("coils and inputs count from 1: each address meets the one before"),
    "relay_frozen": FaultSpec("the board answers, but its contacts stay as they are, timers too"),
    "relay_power_lost": FaultSpec("the board is without power: every coil open, no answer"),
}


class FaultSet:
    """The faults of one target. ``active`` maps names to values; empty means healthy."""

    def __init__(self, target: str, *known: Mapping[str, FaultSpec]) -> None:
        self.target = target
        self._known: dict[str, FaultSpec] = {name: spec for group in known for name, spec in group.items()}
        self.active: dict[str, FaultValue] = {}
        self._listeners: list[Callable[[str], None]] = []

    def __contains__(self, name: object) -> bool:
        return name in self.active

    def learn(self, known: Mapping[str, FaultSpec]) -> None:
        """From now on the target can show these, too."""
        self._known.update(known)

    def knows(self, name: str) -> bool:
        """Whether this target can show the fault."""
        return name in self._known

    def names(self) -> tuple[str, ...]:
        """All faults this target can show."""
        return tuple(sorted(self._known))

    def specs(self) -> dict[str, FaultSpec]:
        """All faults this target can show, with what they mean."""
        return dict(sorted(self._known.items()))

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(name)`` after each change."""
        self._listeners.append(listener)

    def set(self, name: str, value: FaultValue | None = True) -> None:
        """Begin a fault; ``None``, ``False`` or 0 ends it. Raises FaultError."""
        if name not in self._known:
            raise FaultError(f"{self.target} has no fault {name!r}; it has {', '.join(self.names())}")
        default = self._known[name].default
        if value is None or value is False or (not isinstance(value, str) and value == 0):
            self.active.pop(name, None)
        else:
            self.active[name] = self._checked(name, default if value is True else value, default)
        for listener in self._listeners:
            listener(name)

    def clear(self) -> None:
        """End all faults."""
        for name in tuple(self.active):
            self.set(name, None)

    def number(self, name: str, otherwise: float = 0.0) -> float:
        """Value of an active numeric fault, else ``otherwise``."""
        value = self.active.get(name)
        return otherwise if value is None else float(value)

    def _checked(self, name: str, value: FaultValue, default: FaultValue) -> FaultValue:
        if isinstance(default, float):
            try:
                number = float(value)
            except ValueError as error:
                raise FaultError(f"fault {name!r} of {self.target} takes a number, not {value!r}") from error
            if number < 0:
                raise FaultError(f"fault {name!r} of {self.target} cannot be negative ({number})")
            return number
        return value
