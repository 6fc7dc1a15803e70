"""The states of a channel and the only ways between them."""

from __future__ import annotations

from station.lifecycle.machine import Forbidden, Machine
from station.lifecycle.table import ACTIVE, ENERGY, TRANSITIONS, Event, State, Transition

__all__ = ["ACTIVE", "ENERGY", "TRANSITIONS", "Event", "Forbidden", "Machine", "State", "Transition"]
