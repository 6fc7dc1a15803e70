"""What a channel's circuit asks of the instruments that stand in it."""

from __future__ import annotations

from typing import Protocol

from simulators.network import Drive


class Participant(Protocol):
    """An instrument that acts on time."""

    def next_event_s(self) -> float:
        """Simulated time of the next thing it does by itself; ``inf`` if none."""
        ...

    def run_event(self, time_s: float) -> None:
        """Do it. Must move ``next_event_s`` on."""
        ...


class PowerElement(Participant, Protocol):
    """An instrument that can move energy."""

    def drive(self, voltage_V: float) -> Drive | None:
        """What it does at a terminal voltage near ``voltage_V``; None with the output off."""
        ...

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        """Take note of a finished step, e.g. for integrators and protections."""
        ...
