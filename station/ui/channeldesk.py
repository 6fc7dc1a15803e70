"""What the operator does with channels: choose, start, stop, pause, acknowledge, print; and what comes of it.

Only ``start`` asks for a test, and only when everything it needs is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from station.errors import StationError
from station.ui.asking import Prompt, Request, Sound
from station.ui.athand import AtHand
from station.ui.codes import LabelPart
from station.ui.facts import missing_facts
from station.ui.mirror import Mirror, Slot
from station.ui.views import BenchInfo

REFUSAL_S: Final = 8.0
"""How long a refusal stays in the prompt when nothing else is done."""
TOLD_S: Final = 3.0
"""How long what was done stays there; then the line says again what to do."""

Word = Literal["pause", "resume", "skip"]


class ChannelDesk:
    """Channels, tests and the prompt. ``tick`` gives seconds of a steady clock."""

    def __init__(self, mirror: Mirror, ask: Callable[[Request], None], tick: Callable[[], float]) -> None:
        self.mirror = mirror
        self._ask = ask
        self._tick = tick
        self.at_hand: AtHand | None = None
        self.part: LabelPart | None = None
        self.selected: str | None = None
        self.profile: str | None = None
        self.panel: str | None = None
        """The panel that is open: ``pad``, ``result``, ``profiles``, ``menu``, or another page's own."""
        self.pending: set[tuple[str, str | None]] = set()
        self.on_sound: Callable[[Sound], None] = lambda _: None
        self.before_start: Callable[[str], str | None] = lambda _: None
        """Asked before a start on a channel; gives the key of the refusal, or None."""
        self.asked_first: Callable[[], str | None] = lambda: None
        """The prompt of what is to be answered before a start, or None."""
        self._said: tuple[float, Prompt] | None = None
        self._held: Request | None = None

    # -- looking -------------------------------------------------------------------------------

    @property
    def code(self) -> str | None:
        """The code of the battery in hand."""
        return self.at_hand.code if self.at_hand else None

    @property
    def known(self) -> dict[str, Any] | None:
        """What the records know of it."""
        return self.at_hand.known if self.at_hand else None

    @property
    def missing(self) -> frozenset[str]:
        """What the service has asked for before it would start."""
        return self.at_hand.missing if self.at_hand else frozenset()

    @property
    def chemistries(self) -> tuple[str, ...]:
        """The chemistries the service would take."""
        return self.at_hand.chemistries if self.at_hand else ()

    def prompt(self) -> Prompt:
        """What to tell the operator now."""
        if self._said:
            since_s = self._tick() - self._said[0]
            if since_s <= (REFUSAL_S if self._said[1].level == "refusal" else TOLD_S):
                return self._said[1]
        mirror, at_hand = self.mirror, self.at_hand
        if not mirror.connected:
            return Prompt("info", "prompt.reconnecting" if mirror.ever_connected else "prompt.connecting")
        if mirror.guard.estop_ok is False:
            return Prompt("info", "prompt.estop")
        if mirror.guard.interlock_ok is False:
            return Prompt("info", "prompt.interlock")
        if self.part is not None:
            part = self.part
            return Prompt("question", "prompt.part", {"left": part.left, "length": part.length})
        if ("own_id", None) in self.pending:
            return Prompt("info", "prompt.own_asked")
        if at_hand is None:
            return Prompt("info", "prompt.scan")
        if at_hand.doubtful:
            return Prompt("question", "prompt.goods")
        if at_hand.needs_yes:
            run = at_hand.tested or {}
            params = {"verdict": run.get("verdict"), "at": str(run.get("started_utc") or "")[:10]}
            return Prompt("question", "prompt.tested", params)
        if at_hand.missing:
            return Prompt("info", "prompt.missing", {"code": at_hand.code})
        own = "own_" if at_hand.own else ""
        if self.selected is None:
            return Prompt("info", f"prompt.{own}choose_channel", {"code": at_hand.code})
        if ("start", self.selected) in self.pending:
            return Prompt("info", "prompt.starting", {"channel": self.selected})
        if (asked_first := self.asked_first()) is not None:
            return Prompt("info", asked_first)
        return Prompt("ready", f"prompt.{own}ready", {"channel": self.selected, "code": at_hand.code})

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

    def _slot(self, channel: str | None) -> Slot | None:
        return self.mirror.slots.get(channel or "")

    # -- telling -------------------------------------------------------------------------------

    def _refuse(self, key: str, **params: Any) -> None:
        self._said = (self._tick(), Prompt("refusal", key, params))
        self.on_sound("attention")

    def _refuse_unserved(self) -> None:
        """The service is lost, or has not been found yet since the window was opened."""
        self._refuse("refuse.service_lost" if self.mirror.ever_connected else "refuse.connecting")

    def _refuse_unseen(self, slot: Slot) -> None:
        """A result or a fault waits; an interrupted test is not to be closed by mistake."""
        key = "refuse.interrupted" if slot.state.may.close else "refuse.unacknowledged"
        self._refuse(key, channel=slot.info.id)

    def _refuse_channel(self, channel: str) -> None:
        """There is none of that name; which ones there are is not known before the service answers."""
        if self.mirror.ever_connected:
            self._refuse("refuse.no_such_channel", channel=channel)
        else:
            self._refuse_unserved()

    def _tell(self, key: str, **params: Any) -> None:
        self._said = (self._tick(), Prompt("info", key, params))

    # -- choosing ------------------------------------------------------------------------------

    def select(self, channel: str) -> None:
        """Choose a channel; start, stop and acknowledge then mean it."""
        if channel not in self.mirror.slots:
            self._refuse_channel(channel)
            return
        self._said = None
        if channel != self.selected:
            self._drop_held()
            if self.at_hand:
                self.at_hand.missing = frozenset()
        self.selected = channel
        slot = self.mirror.slots[channel]
        if self.code and slot.state.needs_acknowledgement:
            self._refuse_unseen(slot)
        elif self.code and slot.state.active:
            self._refuse("refuse.channel_busy", channel=channel)
        else:
            self._clear_pass()

    def _clear_pass(self) -> None:
        """A pass gives way to the next battery on its channel."""
        slot = self._slot(self.selected)
        if self.code and slot and slot.state.state == "verdict" and self.free(slot):
            self._ask(Request("acknowledge", channel=slot.info.id))

    def choose_profile(self, name: str) -> None:
        """Choose the test to run."""
        self._said = None
        bench = self.mirror.bench
        profile = next((p for p in bench.profiles if p.name.lower() == name.lower()), None) if bench else None
        if bench is None:
            self._refuse_unserved()
        elif profile is None:
            self._refuse("refuse.no_such_profile", profile=name)
        else:
            self.profile = profile.name
            self.close_panel("profiles")

    def open_panel(self, panel: str) -> None:
        """Show a panel over the tiles; the same one again closes it."""
        self.panel = None if self.panel == panel else panel

    def close_panel(self, panel: str | None = None) -> None:
        """Close ``panel``, or whichever is open."""
        if panel is None or self.panel == panel:
            self.panel = None

    # -- the test ------------------------------------------------------------------------------

    def start(self, nominal_capacity_Ah: float | None = None, chemistry: str | None = None) -> None:
        """Ask for the test that is ready; says why when none is. Repeated presses ask once."""
        channel, at_hand = self.selected, self.at_hand
        slot = self._slot(channel)
        if ("start", channel) in self.pending:
            return
        self._said = None
        guard = self.mirror.guard
        if not self.mirror.connected or self.mirror.silent:
            self._refuse_unserved()
        elif self.part is not None:
            self._refuse("refuse.part_open")
        elif slot and slot.state.active and at_hand is None:
            self._tell("tell.already_running", channel=channel)
        elif at_hand is None:
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
        elif at_hand.doubtful:
            self._refuse("refuse.answer_goods")
        elif at_hand.needs_yes:
            self._refuse("refuse.answer_first")
        elif at_hand.missing and nominal_capacity_Ah is None and chemistry is None:
            self._refuse("refuse.facts_missing")
        elif (reason := self.before_start(channel)) is not None:
            self._refuse(reason, channel=channel)
        else:
            self._begin(
                Request("start", channel, self.profile, at_hand.code, nominal_capacity_Ah, chemistry), at_hand
            )

    def _begin(self, request: Request, at_hand: AtHand) -> None:
        """Send the start, or hold it until the records have said whether this battery was tested already."""
        if at_hand.looked_up:
            self._send(request)
        else:
            self._held = request
            self.pending.add(("start", request.channel))

    def _drop_held(self, channel: str | None = None) -> None:
        """A start that still waits is not wanted any more; ``channel``: only there."""
        held = self._held
        if held is not None and channel in (None, held.channel):
            self._held = None
            self.pending.discard(("start", held.channel))

    def stop(self, channel: str | None = None) -> None:
        """Ask for the controlled stop of ``channel`` (default: the selected one), whatever seems to run."""
        channel = channel or self.selected
        if channel is None:
            self._refuse("refuse.no_channel_to_stop")
            return
        self._drop_held(channel)
        idle = channel in self.mirror.slots and not self.mirror.slots[channel].state.active
        self._tell("tell.nothing_to_stop" if idle else "tell.stopping", channel=channel)
        self.mirror.stop_asked(channel)
        self._send(Request("stop", channel))

    def stop_all(self) -> None:
        """Ask for the controlled stop of every channel, whatever the window believes to be running."""
        self._drop_held()
        self._tell("tell.stopping_all")
        for channel in self.mirror.slots:
            self.mirror.stop_asked(channel)
        self._send(Request("stop_all"))

    def force(self, channel: str | None = None) -> None:
        """Ask to cut ``channel`` (default: the selected one) by force: a stop was in vain."""
        channel = channel or self.selected
        slot = self._slot(channel)
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
        slot = self._slot(channel)
        if channel is None or slot is None:
            self._refuse("refuse.no_channel")
        elif not self.mirror.connected or self.mirror.silent:
            self._refuse_unserved()
        elif not getattr(slot.state.may, word):
            self._refuse("refuse.not_now", channel=channel)
        else:
            self._tell(f"tell.{word}", channel=channel)
            self._send(Request(word, channel))

    def hold(self) -> None:
        """Pause the selected channel, or let it go on when it is paused or interrupted."""
        slot = self._slot(self.selected)
        self.ask_channel("resume" if slot is not None and slot.state.may.resume else "pause")

    def close(self, channel: str | None = None) -> None:
        """Close the interrupted test of ``channel`` (default: the selected one) for good."""
        channel = channel or self.selected
        slot = self._slot(channel)
        if channel is None or slot is None:
            self._refuse("refuse.no_channel")
        elif not slot.state.may.close:
            self._refuse("refuse.not_now", channel=channel)
        else:
            self.acknowledge(channel)

    # -- results -------------------------------------------------------------------------------

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

    def print_label(self, channel: str | None = None) -> None:
        """Print the label of the result on ``channel`` (default: the selected one) again."""
        channel = channel or self.selected
        slot = self._slot(channel)
        if channel is None or slot is None:
            self._refuse("refuse.no_channel")
        elif slot.state.state != "verdict" or slot.state.run_id is None:
            self._refuse("refuse.no_result", channel=channel)
        else:
            self._tell("tell.printing", channel=channel)
            self._send(Request("print_label", channel, run_id=slot.state.run_id))

    # -- answers -------------------------------------------------------------------------------

    def _send(self, request: Request) -> None:
        if (request.kind, request.channel) not in self.pending:
            self.pending.add((request.kind, request.channel))
            self._ask(request)

    def answered(self, request: Request, answer: Any) -> None:
        """The service's answer to ``request``: a value, or the StationError it refused with."""
        self.pending.discard((request.kind, request.channel))
        error = answer if isinstance(answer, StationError) else None
        if request.kind in ("state", "bench"):
            if not error:
                self.mirror.heard()
            if isinstance(answer, BenchInfo):
                self.mirror.bench_told(answer)
        elif request.kind == "run":
            slot = self._slot(request.channel)
            if slot and not error and slot.state.run_id == request.run_id and answer.get("result"):
                slot.result = {**answer["result"], "run_id": request.run_id}
                slot.version += 1
        elif error is not None:
            self._failed(request, error)
        elif request.kind == "start":
            self._tell("tell.started", channel=request.channel)
            if request.battery == self.code:
                self.at_hand = None
        elif request.kind == "acknowledge":
            self.mirror.alarms.acknowledge(request.channel)
        elif request.kind == "print_label":
            self._tell("tell.printed", channel=request.channel)

    def _failed(self, request: Request, error: StationError) -> None:
        at_hand = self.at_hand
        if request.kind == "start" and at_hand is not None and request.battery == at_hand.code:
            missing = missing_facts(error)
            if missing:
                at_hand.missing = missing
                at_hand.chemistries = tuple(str(c) for c in error.params.get("chemistries", ()))
                self._said = None
                return
        self._said = (self._tick(), Prompt("refusal", error=error))
        self.on_sound("attention")
