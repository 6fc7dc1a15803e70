"""The window's copy of what the service says: channels, guard, alarms, curves. It decides nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from station.ui.alarms import Alarm, AlarmList
from station.ui.backend import Message
from station.ui.views import UNSAFE_STATES, BenchInfo, ChannelInfo, ChannelState, GuardStatus

if TYPE_CHECKING:
    from station.curves import Pyramid
    from station.errors import StationError

FORCE_AFTER_S = 2.0
"""A channel that is not safe so long after a person's stop may be cut by force."""
SILENCE_S = 5.0
"""The page asks for a sign of life every 1.5 s; silence longer than this means the values shown are old."""


@dataclass
class Slot:
    """One channel: what the service said last, and the curves of its current run."""

    info: ChannelInfo
    state: ChannelState = field(default_factory=ChannelState)
    curve_run: str | None = None
    result: dict[str, Any] | None = None
    version: int = 0
    curve_version: int = 0
    live_V: float | None = None
    live_A: float | None = None
    live_degC: float | None = None
    stop_asked_s: float | None = None
    """When a person's stop of the current run was seen first, by the mirror's steady clock."""

    @cached_property
    def voltage(self) -> Pyramid:
        """Volts of the current run. Its arithmetic is loaded when first needed: a quicker start."""
        from station.curves import Pyramid

        return Pyramid()

    @cached_property
    def current(self) -> Pyramid:
        """Amperes of the current run."""
        from station.curves import Pyramid

        return Pyramid()

    @property
    def has_curve(self) -> bool:
        """Whether there is anything to draw."""
        return "voltage" in self.__dict__ and self.voltage.last_s is not None

    def clear_curves(self) -> None:
        """Forget what was drawn of another run."""
        if "voltage" in self.__dict__:
            self.voltage.clear()
        if "current" in self.__dict__:
            self.current.clear()


class Mirror:
    """Follows the live stream. ``now`` gives Unix seconds, ``tick`` seconds of a steady clock."""

    def __init__(self, now: Callable[[], float], tick: Callable[[], float]) -> None:
        self._now, self._tick = now, tick
        self.bench: BenchInfo | None = None
        self.slots: dict[str, Slot] = {}
        self.guard = GuardStatus()
        self.alarms = AlarmList()
        self.connected = False
        self.ever_connected = False
        self.lost_reason = ""
        self.lost_error: StationError | None = None
        self.dropped = 0
        self.bench_version = 0
        self.guard_fitted = True
        self._heard_at = tick()

    def now(self) -> float:
        """Unix seconds."""
        return self._now()

    # -- the connection ------------------------------------------------------------------------

    def bench_seen(self, bench: BenchInfo) -> None:
        """The service told what the bench is."""
        self.bench_told(bench)
        self.connected = self.ever_connected = True
        self.alarms.forget_own(None)

    def bench_told(self, bench: BenchInfo) -> None:
        """Take over what the bench is; only its speed may change while the service runs."""
        self.heard()
        rebuilt = not bench.same_but_speed(self.bench)
        self.bench = bench
        if rebuilt:
            self.slots = {info.id: self.slots.get(info.id, Slot(info)) for info in bench.channels}
            for info in bench.channels:
                self.slots[info.id].info = info
            self.bench_version += 1

    def heard(self) -> None:
        """The service gave a sign of life."""
        self._heard_at = self._tick()

    def connection_lost(self, reason: str, error: StationError | None = None) -> None:
        """The service is gone: values shown are old from now on; the workers switch their outputs off."""
        if self.connected:
            self.alarms.raise_(Alarm(self._now(), None, "ui.service_lost", message=reason))
        self.connected = False
        self.lost_reason, self.lost_error = reason, error
        self.guard = GuardStatus()
        for slot in self.slots.values():
            slot.live_V = slot.live_A = slot.live_degC = None
            slot.version += 1

    @property
    def silent(self) -> bool:
        """Connected, but nothing has come for too long."""
        return self.connected and self._tick() - self._heard_at > SILENCE_S

    def stop_asked(self, channel: str) -> None:
        """A person has asked this channel to stop."""
        slot = self.slots.get(channel)
        if slot is not None and slot.state.state in UNSAFE_STATES and slot.stop_asked_s is None:
            slot.stop_asked_s = self._tick()

    def force_due(self, slot: Slot) -> bool:
        """Whether the stop that was asked for has not led to a safe channel in time."""
        late = slot.stop_asked_s is not None and self._tick() - slot.stop_asked_s >= FORCE_AFTER_S
        return self.connected and late

    # -- the live stream -----------------------------------------------------------------------

    def apply(self, message: Message) -> None:
        """Take in one live message. What cannot be read is an alarm, not a crash and not a number."""
        self._heard_at = self._tick()
        try:
            self._take(message)
        except (KeyError, TypeError, ValueError) as error:
            kind = str(message.get("type"))
            self.alarms.raise_(
                Alarm(self._now(), None, "ui.unreadable", message=str(error), params={"kind": kind})
            )

    def _take(self, message: Message) -> None:
        kind = message["type"]
        if kind == "state":
            for channel, state in message["channels"].items():
                self._channel(channel, ChannelState.read(state))
            self.guard_fitted = message.get("guard") is not None
            self._guard(message.get("guard") or {})
            self.alarms.take_all(message.get("alarms") or [])
        elif kind == "channel":
            self._channel(message["channel"], ChannelState.read(message["state"]))
        elif kind == "samples":
            self._samples(message)
        elif kind == "curve":
            self._curve(message)
        elif kind == "guard":
            self._guard(message["guard"])
        elif kind == "alarm":
            self.alarms.take(message["alarm"])
        elif kind == "event":
            self._event(message)
        elif kind == "result":
            slot = self.slots[message["channel"]]
            slot.result = {**message["result"], "run_id": message.get("run_id")}
            slot.version += 1

    def _channel(self, channel: str, state: ChannelState) -> None:
        slot = self.slots.get(channel)
        if slot is None:
            return
        before, slot.state = slot.state, state
        slot.version += 1
        if state.state not in UNSAFE_STATES or state.run_id != before.run_id:
            slot.stop_asked_s = None
        if state.run_id != slot.curve_run and state.run_id is not None:
            self._new_run(slot, state.run_id)
        slot.live_V, slot.live_A = state.voltage_V, state.current_A
        slot.live_degC = state.surface_degC

    def _new_run(self, slot: Slot, run_id: str) -> None:
        slot.curve_run, slot.result = run_id, None
        slot.clear_curves()
        slot.curve_version += 1

    def _curve(self, message: Message) -> None:
        """All of a run's curve so far: this window came later, or has missed samples."""
        slot = self.slots.get(message["channel"])
        if slot is None or slot.state.run_id not in (None, message["run_id"]):
            return
        if message["run_id"] != slot.curve_run:
            self._new_run(slot, message["run_id"])
        from station.curves import from_message

        from_message(slot.voltage, message["voltage"])
        from_message(slot.current, message["current"])
        slot.curve_version += 1

    def _samples(self, message: Message) -> None:
        slot = self.slots.get(message["channel"])
        if slot is None or not message["t"]:
            return
        run_id = message.get("run_id")
        if run_id is not None and run_id != slot.curve_run:
            self._new_run(slot, run_id)
        import numpy as np

        t = np.asarray(message["t"], dtype=np.float64)
        voltage = np.asarray(message["voltage_V"], dtype=np.float64)
        current = np.asarray(message["current_A"], dtype=np.float64)
        if not len(t) == len(voltage) == len(current):
            raise ValueError("samples of unequal length")
        slot.voltage.add(t, voltage)
        slot.current.add(t, current)
        slot.live_V, slot.live_A = _last(voltage.tolist()), _last(current.tolist())
        if message.get("surface_degC") is not None:
            surface = np.atleast_1d(np.asarray(message["surface_degC"], dtype=np.float64))
            slot.live_degC = _last(surface.tolist())
        slot.curve_version += 1

    def _guard(self, status: Message) -> None:
        self.guard = GuardStatus.read(status)

    def _event(self, message: Message) -> None:
        if message.get("code") == "operator.stop":  # this window's, or somebody else's
            self.stop_asked(str(message.get("channel")))


def _last(values: list[float]) -> float | None:
    return values[-1] if math.isfinite(values[-1]) else None
