"""What the operator is doing: the code scanned, the channel chosen, and what each action leads to.

No Qt and no waiting here: actions come in, requests go out through ``ask``, answers come back by
``answered``. Scanning never energises anything; only ``start`` asks for a test, and only when everything it
needs is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from station.errors import StationError
from station.ui.codes import BadScan, Command, read_scan
from station.ui.facts import missing_facts
from station.ui.mirror import Mirror, Slot
from station.ui.views import BenchInfo

REFUSAL_S: Final = 8.0
"""How long a refusal stays in the prompt when nothing else is done."""


Word = Literal["pause", "resume", "skip"]
_WORDS: Final[dict[str, Word]] = {"PAUSE": "pause", "RESUME": "resume", "SKIP": "skip"}


@dataclass(frozen=True)
class Request:
    """What the service is asked; ``kind`` is the backend's method."""

    kind: Literal[
        "start",
        "stop",
        "stop_all",
        "force",
        "pause",
        "resume",
        "skip",
        "acknowledge",
        "battery",
        "run",
        "state",
        "bench",
    ]
    channel: str | None = None
    profile: str | None = None
    battery: str | None = None
    nominal_capacity_Ah: float | None = None
    chemistry: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Prompt:
    """The line at the top: a text's key with its parameters, or a message of the station by code."""

    level: Literal["info", "ready", "refusal"]
    key: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    error: StationError | None = None


class Desk:
    """The operator's side of the bench. ``tick`` gives seconds of a steady clock."""

    def __init__(self, mirror: Mirror, ask: Callable[[Request], None], tick: Callable[[], float]) -> None:
        self.mirror = mirror
        self._ask = ask
        self._tick = tick
        self.code: str | None = None
        self.known: dict[str, Any] | None = None
        self.selected: str | None = None
        self.profile: str | None = None
        self.missing: frozenset[str] = frozenset()
        self.chemistries: tuple[str, ...] = ()
        self.pending: set[tuple[str, str | None]] = set()
        self._said: tuple[float, Prompt] | None = None

    # -- looking -------------------------------------------------------------------------------

    def prompt(self) -> Prompt:
        """What to tell the operator now."""
        if self._said and self._tick() - self._said[0] <= REFUSAL_S:
            return self._said[1]
        mirror = self.mirror
        if not mirror.connected:
            return Prompt("info", "prompt.reconnecting" if mirror.ever_connected else "prompt.connecting")
        if mirror.guard.estop_ok is False:
            return Prompt("info", "prompt.estop")
        if mirror.guard.interlock_ok is False:
            return Prompt("info", "prompt.interlock")
        if self.missing:
            return Prompt("info", "prompt.missing", {"code": self.code})
        if self.code is None:
            return Prompt("info", "prompt.scan")
        if self.selected is None:
            return Prompt("info", "prompt.choose_channel")
        if ("start", self.selected) in self.pending:
            return Prompt("info", "prompt.starting", {"channel": self.selected})
        return Prompt("ready", "prompt.ready", {"channel": self.selected})

    def choose_defaults(self) -> None:
        """Choose what there is only one of, when the bench becomes known."""
        bench = self.mirror.bench
        if bench is None:
            return
        if self.selected not in self.mirror.slots:
            self.selected = bench.channels[0].id if len(bench.channels) == 1 else None
        names = [profile.name for profile in bench.profiles]
        if self.profile not in names:
            self.profile = "rapid" if "rapid" in names else (names[0] if names else None)

    def free(self, slot: Slot) -> bool:
        """Whether a test can begin there: idle, passed, or acknowledged."""
        busy = slot.state.active or ("start", slot.info.id) in self.pending
        return not busy and not slot.state.needs_acknowledgement

    def _refuse(self, key: str, **params: Any) -> None:
        self._said = (self._tick(), Prompt("refusal", key, params))

    def _refuse_unseen(self, slot: Slot) -> None:
        """A result or a fault waits; an interrupted test is not to be closed by mistake."""
        key = "refuse.interrupted" if slot.state.may.close else "refuse.unacknowledged"
        self._refuse(key, channel=slot.info.id)

    def _tell(self, key: str, **params: Any) -> None:
        self._said = (self._tick(), Prompt("info", key, params))

    # -- acting --------------------------------------------------------------------------------

    def scan(self, raw: str) -> None:
        """A scan or a typed line has come."""
        self._said = None
        read = read_scan(raw)
        if isinstance(read, BadScan):
            self._refuse(read.key, raw=read.raw[:60])
        elif isinstance(read, Command):
            self._command(read)
        else:
            self._battery(read.code)

    def _command(self, command: Command) -> None:
        argument = command.argument
        if command.word == "PROFILE":
            self.choose_profile((argument or "").lower())
            return
        channel = next((c for c in self.mirror.slots if argument and c.upper() == argument), None)
        if argument and channel is None:
            self._refuse("refuse.no_such_channel", channel=argument)
        elif command.word == "START":
            self.start()
        elif command.word == "STOPALL":
            self.stop_all()
        elif command.word == "STOP":
            self.stop(channel)
        elif command.word == "FORCE":
            self.force(channel)
        elif command.word in ("PAUSE", "RESUME", "SKIP"):
            self.ask_channel(_WORDS[command.word], channel)
        elif command.word == "CLOSE":
            self.close(channel)
        elif command.word == "ACK":
            self.acknowledge(channel)
        elif channel is not None:
            self.select(channel)

    def _battery(self, code: str) -> None:
        slots = self.mirror.slots
        if not self.mirror.connected:
            self._refuse("refuse.service_lost")
            return
        for slot in slots.values():
            starting = ("start", slot.info.id) in self.pending and code == self.code
            held = slot.state.battery == code and (slot.state.active or slot.state.needs_acknowledgement)
            if held or starting:
                self._refuse("refuse.code_on_channel", raw=code, channel=slot.info.id)
                return
        chosen = slots.get(self.selected or "")
        if chosen and chosen.state.needs_acknowledgement:
            self._refuse_unseen(chosen)
            return
        if chosen is None or not self.free(chosen):
            free = [channel for channel, slot in slots.items() if self.free(slot)]
            if not free:
                self._refuse("refuse.no_free_channel")
                return
            self.selected = free[0] if len(free) == 1 else None
        if code != self.code:
            self.known = None
        self.code, self.missing = code, frozenset()
        self._ask(Request("battery", battery=code))
        self._clear_pass()

    def _clear_pass(self) -> None:
        """A pass gives way to the next battery on its channel."""
        slot = self.mirror.slots.get(self.selected or "")
        if self.code and slot and slot.state.state == "verdict" and self.free(slot):
            self._ask(Request("acknowledge", channel=slot.info.id))

    def select(self, channel: str) -> None:
        """Choose a channel; start, stop and acknowledge then mean it."""
        if channel not in self.mirror.slots:
            self._refuse("refuse.no_such_channel", channel=channel)
            return
        self._said = None
        if channel != self.selected:
            self.missing = frozenset()
        self.selected = channel
        slot = self.mirror.slots[channel]
        if self.code and slot.state.needs_acknowledgement:
            self._refuse_unseen(slot)
        elif self.code and slot.state.active:
            self._refuse("refuse.channel_busy", channel=channel)
        else:
            self._clear_pass()

    def choose_profile(self, name: str) -> None:
        """Choose the test to run."""
        self._said = None
        bench = self.mirror.bench
        profile = next((p for p in bench.profiles if p.name.lower() == name.lower()), None) if bench else None
        if profile is None:
            self._refuse("refuse.no_such_profile", profile=name)
        else:
            self.profile = profile.name

    def start(self, nominal_capacity_Ah: float | None = None, chemistry: str | None = None) -> None:
        """Ask for the test that is ready; says why when none is. Repeated presses ask once."""
        channel = self.selected
        slot = self.mirror.slots.get(channel or "")
        if ("start", channel) in self.pending:
            return
        self._said = None
        guard = self.mirror.guard
        if not self.mirror.connected or self.mirror.silent:
            self._refuse("refuse.service_lost")
        elif slot and slot.state.active and self.code is None:
            self._tell("tell.already_running", channel=channel)
        elif self.code is None:
            self._refuse("refuse.no_code")
        elif slot is None or channel is None:
            self._refuse("refuse.no_channel")
        elif slot.state.needs_acknowledgement:
            self._refuse_unseen(slot)
        elif slot.state.active:
            self._refuse("refuse.channel_busy", channel=channel)
        elif guard.estop_ok is False:
            self._refuse("refuse.estop_open")
        elif guard.interlock_ok is False:
            self._refuse("refuse.interlock_open")
        elif self.profile is None:
            self._refuse("refuse.no_profile")
        elif self.missing and nominal_capacity_Ah is None and chemistry is None:
            self._refuse("refuse.facts_missing")
        else:
            self._send(Request("start", channel, self.profile, self.code, nominal_capacity_Ah, chemistry))

    def stop(self, channel: str | None = None) -> None:
        """Ask for the controlled stop of ``channel`` (default: the selected one), whatever seems to run."""
        channel = channel or self.selected
        if channel is None:
            self._refuse("refuse.no_channel_to_stop")
            return
        idle = channel in self.mirror.slots and not self.mirror.slots[channel].state.active
        self._tell("tell.nothing_to_stop" if idle else "tell.stopping", channel=channel)
        self.mirror.stop_asked(channel)
        self._send(Request("stop", channel))

    def force(self, channel: str | None = None) -> None:
        """Ask to cut ``channel`` (default: the selected one) by force: a stop was in vain."""
        channel = channel or self.selected
        slot = self.mirror.slots.get(channel or "")
        if channel is None or slot is None:
            self._refuse("refuse.no_channel")
        elif not self.mirror.force_due(slot):
            self._refuse("refuse.force_not_due", channel=channel)
        else:
            self._tell("tell.forcing", channel=channel)
            self._send(Request("force", channel))

    def ask_channel(self, word: Word, channel: str | None = None) -> None:
        """Ask for a pause, for going on, or to skip a step, of ``channel`` (default: the selected one)."""
        channel = channel or self.selected
        slot = self.mirror.slots.get(channel or "")
        if channel is None or slot is None:
            self._refuse("refuse.no_channel")
        elif not self.mirror.connected or self.mirror.silent:
            self._refuse("refuse.service_lost")
        elif not getattr(slot.state.may, word):
            self._refuse("refuse.not_now", channel=channel)
        else:
            self._tell(f"tell.{word}", channel=channel)
            self._send(Request(word, channel))

    def hold(self) -> None:
        """Pause the selected channel, or let it go on when it is paused or interrupted."""
        slot = self.mirror.slots.get(self.selected or "")
        self.ask_channel("resume" if slot is not None and slot.state.may.resume else "pause")

    def close(self, channel: str | None = None) -> None:
        """Close the interrupted test of ``channel`` (default: the selected one) for good."""
        channel = channel or self.selected
        slot = self.mirror.slots.get(channel or "")
        if channel is None or slot is None:
            self._refuse("refuse.no_channel")
        elif not slot.state.may.close:
            self._refuse("refuse.not_now", channel=channel)
        else:
            self.acknowledge(channel)

    def act(self, channel: str, action: str) -> None:
        """A button of a tile was pressed."""
        self.select(channel)
        if action == "stop":
            self.stop(channel)
        elif action == "force":
            self.force(channel)
        elif action == "close":
            self.close(channel)
        else:
            self.ask_channel("resume" if action == "go_on" else _WORDS[action.upper()], channel)

    def stop_all(self) -> None:
        """Ask for the controlled stop of every channel, whatever the window believes to be running."""
        self._tell("tell.stopping_all")
        for channel in self.mirror.slots:
            self.mirror.stop_asked(channel)
        self._send(Request("stop_all"))

    def acknowledge(self, channel: str | None = None) -> None:
        """Acknowledge ``channel`` (default: the selected one; else the only one that waits)."""
        waiting = [c for c, slot in self.mirror.slots.items() if self._waits(c, slot)]
        channel = channel or self.selected
        if (channel is None or channel not in waiting) and len(waiting) == 1:
            channel = waiting[0]
        self._said = None
        if channel is None or channel not in waiting:
            if waiting:
                self._refuse("refuse.choose_to_acknowledge")
            elif self.mirror.alarms.open_for(None):
                self.mirror.alarms.acknowledge(None)
            else:
                self._tell("tell.nothing_to_acknowledge")
            return
        if self.mirror.slots[channel].state.needs_acknowledgement:
            self._send(Request("acknowledge", channel))
        else:  # a warning of a test that goes on, or of one that is over: nothing is latched in the service
            self.mirror.alarms.acknowledge(channel)

    def _waits(self, channel: str, slot: Slot) -> bool:
        return slot.state.needs_acknowledgement or self.mirror.alarms.open_for(channel)

    def clear(self) -> None:
        """Forget the code scanned and the panel that asks for facts."""
        self._said = None
        self.code, self.known, self.missing = None, None, frozenset()

    def _send(self, request: Request) -> None:
        if (request.kind, request.channel) not in self.pending:
            self.pending.add((request.kind, request.channel))
            self._ask(request)

    # -- answers -------------------------------------------------------------------------------

    def answered(self, request: Request, answer: Any) -> None:
        """The service's answer to ``request``: a value, or the StationError it refused with."""
        self.pending.discard((request.kind, request.channel))
        error = answer if isinstance(answer, StationError) else None
        if request.kind == "battery":
            if request.battery == self.code and not error:
                self.known = answer
        elif request.kind in ("state", "bench"):
            if not error:
                self.mirror.heard()
            if isinstance(answer, BenchInfo):
                self.mirror.bench_told(answer)
        elif request.kind == "run":
            slot = self.mirror.slots.get(request.channel or "")
            if slot and not error and slot.state.run_id == request.run_id and answer.get("result"):
                slot.result = {**answer["result"], "run_id": request.run_id}
                slot.version += 1
        elif error is not None:
            self._failed(request, error)
        elif request.kind == "start":
            self._tell("tell.started", channel=request.channel)
            if request.battery == self.code:
                self.code, self.known, self.missing = None, None, frozenset()
        elif request.kind == "acknowledge":
            self.mirror.alarms.acknowledge(request.channel)

    def _failed(self, request: Request, error: StationError) -> None:
        if request.kind == "start" and request.battery == self.code:
            missing = missing_facts(error)
            if missing:
                self.missing = missing
                self.chemistries = tuple(str(c) for c in error.params.get("chemistries", ()))
                self._said = None
                return
        self._said = (self._tick(), Prompt("refusal", error=error))
