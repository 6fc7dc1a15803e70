"""Makes alarms of what the service tells its clients: events, faults of channels, the guard's inputs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from station.lifecycle import ACTIVE, State
from station.service.alarms.alarm import Alarm
from station.service.alarms.book import AlarmBook
from station.service.alarms.priorities import GUARD_INPUTS, LASTING, RETURNS, is_alarm

NEXT_START = "next start"
"""Who acknowledges what the last test left behind when the next one begins."""


class AlarmWatch:
    """Hears every live message. ``channels`` are the bench's."""

    def __init__(self, book: AlarmBook, channels: Collection[str]) -> None:
        self._book, self._channels = book, frozenset(channels)
        self._running: dict[str, str | None] = {}
        self._was: dict[str, str] = {}
        self.people: dict[str, str | None] = {}
        """Who is acknowledging a channel at this moment."""

    def heard(self, message: dict[str, Any]) -> None:
        """One live message, as clients get it."""
        kind = message.get("type")
        if kind == "event":
            self._event(message)
        elif kind == "channel":
            self.channel(str(message["channel"]), message["state"])
        elif kind == "guard":
            self._guard(message["guard"])

    def reconcile(self, channels: dict[str, dict[str, Any]]) -> None:
        """At the start of a service: what an earlier one left is held against what is now.

        What belonged to a run is over with it; the guard's inputs are told by its first status.
        """
        for channel, state in channels.items():
            self.channel(channel, state)
        self._book.clear(lambda a: a.channel not in channels and not (a.channel is None and _of_guard(a)))

    def channel(self, channel: str, state: dict[str, Any]) -> None:
        """A channel's tile: its fault is an alarm as long as it is latched.

        Out of a fault leads nothing but a person, and so does the way from a verdict to an idle channel.
        """
        where, run_id, fault = str(state["state"]), state["run_id"], state["fault"]
        book, was = self._book, self._was.get(channel, where)
        self._was[channel] = where
        if where in ACTIVE:
            if self._running.get(channel, "") != run_id:
                self._running[channel] = run_id
                book.clear(lambda a: a.channel == channel)
                book.acknowledge_all(lambda a: a.channel == channel, NEXT_START)
            return
        self._running.pop(channel, None)
        stays: Alarm | None = None
        if fault is not None and not state["acknowledged"]:
            stays = book.sustain(
                channel, str(fault["code"]), "alarm", run_id=run_id, params=fault.get("params") or {},
                message=str(fault.get("message", "")), remedy=str(fault.get("remedy", "")),
                latched=where == State.FAULT,
            )  # fmt: skip
        if where == State.IDLE and was != where:
            book.acknowledge_all(lambda a: a.channel == channel, self.people.get(channel))
        book.clear(lambda a: a.channel == channel and a is not stays)

    def _event(self, message: dict[str, Any]) -> None:
        code, level = str(message.get("code")), str(message.get("level"))
        params = message.get("params") or {}
        channel = message.get("channel")
        if channel is None and code.startswith("guard.") and params.get("channel") in self._channels:
            channel = params["channel"]  # what the guard did to one channel
        if code in RETURNS:
            self._book.clear(lambda a: a.code == RETURNS[code] and a.channel == channel)
            return
        if code == "engine.check" and level == "alarm" and params.get("rule"):
            code = (
                f"safety.check.{params['rule']}"  # as the fault that follows it: one alarm, in its own words
            )
        if not is_alarm(code, level):
            return
        run_id = message.get("run_id") or self._running.get(str(channel))
        alarm = self._add(channel, code, level, run_id, params, message)
        lasts = code in LASTING if channel is None else channel in self._running
        if not lasts and not alarm.latched:  # it has happened and is over
            self._book.clear(lambda a: a is alarm)

    def _add(
        self,
        channel: str | None,
        code: str,
        level: str,
        run_id: str | None,
        params: dict[str, Any],
        message: dict[str, Any],
    ) -> Alarm:
        more: dict[str, Any] = {
            "run_id": run_id,
            "params": params,
            "message": str(message.get("message", "")),
            "remedy": str(message.get("remedy", "")),
        }
        if channel is None and code in LASTING:  # told by the guard's status as well
            return self._book.sustain(channel, code, level, **more)
        return self._book.raise_(channel, code, level, **more)

    def _guard(self, status: dict[str, Any]) -> None:
        """An input that is not known changes nothing: silence is neither good nor bad news."""
        for field, code in GUARD_INPUTS.items():
            if status.get(field) is False:
                self._book.sustain(None, code, "alarm")
            elif status.get(field) is True:
                self._cleared(code)
        if status.get("connected") is True:
            self._cleared("guard.lost")

    def _cleared(self, code: str) -> None:
        self._book.clear(lambda a: a.channel is None and a.code == code)


def _of_guard(alarm: Alarm) -> bool:
    return alarm.code.startswith("guard.")
