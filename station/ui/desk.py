"""What the operator is doing: the battery in hand, the channel chosen, and what each action leads to.

No Qt and no waiting here: actions come in, requests go out through ``ask``, answers come back by
``answered``. Scanning never energises anything. What is done with channels is in ``channeldesk``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from station.errors import StationError
from station.reports.battery_code import join
from station.ui.asking import Prompt, Request
from station.ui.athand import AtHand, given_id, own_id
from station.ui.channeldesk import REFUSAL_S, ChannelDesk, Word
from station.ui.codes import BadScan, BatteryCode, Command, LabelPart, read_scan

__all__ = ["REFUSAL_S", "Desk", "Prompt", "Request"]

_WORDS: Final[dict[str, Word]] = {"PAUSE": "pause", "RESUME": "resume", "SKIP": "skip"}
_KEYS: Final = {"DOT": ".", "DASH": "-", "BACK": "back"}


class Desk(ChannelDesk):
    """The operator's side of the bench: scans, command barcodes, batteries without a code."""

    on_key: Callable[[str], bool] = staticmethod(lambda _: False)
    """Given a key for the open panel (a character or ``back``); whether there was one to take it."""
    on_chemistry: Callable[[str], bool] = staticmethod(lambda _: False)
    """Given a chemistry for the open panel, empty for unknown; whether there was one to take it."""
    on_submit: Callable[[], bool] = staticmethod(lambda: False)
    """Confirms the open panel; whether there was one."""
    on_language: Callable[[], None] = staticmethod(lambda: None)

    # -- scans ---------------------------------------------------------------------------------

    def scan(self, raw: str) -> None:
        """A scan or a typed line has come."""
        self._said = None
        read = read_scan(raw)
        if isinstance(read, BadScan):
            self._refuse(read.key, raw=read.raw[:60])
        elif isinstance(read, Command):
            self._command(read)
        elif isinstance(read, LabelPart):
            self._label_part(read)
        else:
            self._code(read)
        level = self.prompt().level
        if level != "refusal":
            self.on_sound("attention" if level == "question" and self.part is None else "accepted")

    def _label_part(self, read: LabelPart) -> None:
        """The first half of a label; the other one may have come before it."""
        before = self.at_hand
        if before is not None and not before.own:
            whole = join(before.code, read.text)
            if whole is not None:
                self.at_hand = None
                self._battery(AtHand(whole.text, joined=True))
                return
        if self.part == read:
            self._refuse("refuse.part_again", left=read.left, length=read.length)
        elif self._may_take(read.text):
            self.part, self.at_hand = read, None
            self._drop_held()

    def _code(self, read: BatteryCode) -> None:
        if self.part is not None:
            whole = join(self.part.text, read.code)
            if whole is not None:
                self._battery(AtHand(whole.text, joined=True))
            elif AtHand(read.code).label.standard:  # a whole label: the half one is forgotten
                self._battery(AtHand(read.code))
            else:
                self._refuse("refuse.part_unfit", raw=read.code)
        elif read.code == self.code:
            self._refuse("refuse.repeated", raw=read.code)
        else:
            self._battery(AtHand(read.code))

    def _may_take(self, code: str) -> bool:
        """Whether a battery can be taken in hand now; chooses the channel when only one is free."""
        slots = self.mirror.slots
        if not self.mirror.connected:
            self._refuse_unserved()
            return False
        for slot in slots.values():
            starting = ("start", slot.info.id) in self.pending and code == self.code
            held = slot.state.battery == code and (slot.state.active or slot.state.needs_acknowledgement)
            if held or starting:
                self._refuse("refuse.code_on_channel", raw=code, channel=slot.info.id)
                return False
        chosen = slots.get(self.selected or "")
        if chosen and chosen.state.needs_acknowledgement:
            self._refuse_unseen(chosen)
            return False
        if chosen is None or not self.free(chosen):
            free = [channel for channel, slot in slots.items() if self.free(slot)]
            if not free:
                self._refuse("refuse.no_free_channel")
                return False
            self.selected = free[0] if len(free) == 1 else None
        return True

    def _battery(self, at_hand: AtHand) -> None:
        if not self._may_take(at_hand.code):
            return
        self._drop_held()
        self.panel = None
        self.at_hand, self.part = at_hand, None
        self._ask(Request("battery", battery=at_hand.code))
        self._clear_pass()

    def no_code(self) -> None:
        """A battery without a code: ask for an ID of its own."""
        self._said = None
        if ("own_id", None) in self.pending:
            return
        if self.at_hand is not None and self.at_hand.own:
            self._refuse("refuse.own_open", code=self.at_hand.code)
        elif self._may_take(""):
            self._drop_held()
            self.panel = None
            self.at_hand = self.part = None
            self._send(Request("own_id"))

    def yes(self) -> None:
        """The answer to what is asked."""
        self._said = None
        if self.part is not None:
            text = self.part.text
            self._battery(AtHand(text))
        elif self.at_hand is not None and self.at_hand.doubtful:
            self.at_hand.taken = True
        elif self.at_hand is not None and self.at_hand.needs_yes:
            self.at_hand.again = True
        elif not self.on_submit():
            self._refuse("refuse.no_question")

    def no(self) -> None:
        """Put away what is in hand; close the panel."""
        self._said = None
        if self.panel is not None:
            self.panel = None
        elif self.at_hand is not None or self.part is not None:
            self.clear()
            self._tell("tell.put_away")
        else:
            self._refuse("refuse.no_question")

    def next(self, channel: str | None = None) -> None:
        """The battery on ``channel`` (default: the chosen one) is dealt with; the next one can come."""
        ended = [c for c, slot in self.mirror.slots.items() if slot.state.state == "verdict"]
        channel = channel or (self.selected if self.selected in ended or len(ended) != 1 else ended[0])
        slot = self._slot(channel)
        if slot is None or channel is None:
            self._refuse("refuse.no_channel")
        elif slot.state.active:
            self._refuse("refuse.channel_busy", channel=channel)
        elif slot.state.needs_acknowledgement:
            self._refuse_unseen(slot)
        else:
            self.clear()
            self.selected = channel
            self._tell("tell.next", channel=channel)
            if slot.state.state == "verdict":
                self._send(Request("acknowledge", channel))

    def clear(self) -> None:
        """Forget the code scanned and the panel that asks for facts."""
        self._said = None
        self._drop_held()
        self.at_hand = self.part = None

    def act(self, channel: str, action: str) -> None:
        """A button of a tile was pressed."""
        self.select(channel)
        if action == "stop":
            self.stop(channel)
        elif action == "force":
            self.force(channel)
        elif action == "close":
            self.close(channel)
        elif action == "acknowledge":
            self.acknowledge(channel)
        elif action == "show":
            self.open_panel("result")
        else:
            self.ask_channel("resume" if action == "go_on" else _WORDS[action.upper()], channel)

    # -- command barcodes ----------------------------------------------------------------------

    def _command(self, command: Command) -> None:
        word, argument = command.word, command.argument
        if word == "PROFILE":
            self.choose_profile((argument or "").lower())
        elif word == "KEY":
            key = _KEYS.get(argument or "", argument or "")
            if (len(key) > 1 and key != "back") or not self.on_key(key):
                self._refuse("refuse.no_panel")
        elif word == "CHEMISTRY":
            if not self.on_chemistry("" if argument == "UNKNOWN" else argument or ""):
                self._refuse("refuse.no_panel")
        elif word == "START":
            if not self.on_submit():
                self.start()
        elif word in _PLAIN:
            _PLAIN[word](self)
        else:
            channel = next((c for c in self.mirror.slots if argument and c.upper() == argument), None)
            if argument and channel is None:
                self._refuse_channel(argument)
            else:
                _OF_CHANNEL[word](self, channel)

    def _show(self, channel: str | None) -> None:
        if channel is not None:
            self.select(channel)
        self.open_panel("result")

    # -- answers -------------------------------------------------------------------------------

    def answered(self, request: Request, answer: Any) -> None:
        """The service's answer to ``request``: a value, or the StationError it refused with."""
        if request.kind == "battery":
            self._looked_up(request, answer)
        elif request.kind == "own_id":
            self.pending.discard((request.kind, None))
            given = given_id(answer)
            if self.at_hand is None and self.part is None:
                code, printed = given or (own_id(self.mirror.now()), False)
                self._battery(AtHand(code, own=True, printed=printed))
        else:
            super().answered(request, answer)

    def _looked_up(self, request: Request, answer: Any) -> None:
        at_hand = self.at_hand
        if at_hand is None or request.battery != at_hand.code or at_hand.looked_up:
            return
        at_hand.looked_up = True
        at_hand.known = answer if isinstance(answer, dict) else None
        if isinstance(answer, StationError):
            at_hand.known = None  # what the records would say is not known; the start itself will tell
        held, self._held = self._held, None
        if held is not None:
            self.pending.discard(("start", held.channel))
        if at_hand.needs_yes:
            self.on_sound("attention")
        elif held is not None:
            self._send(held)


_PLAIN: Final[dict[str, Callable[[Desk], None]]] = {
    "STOPALL": Desk.stop_all,
    "YES": Desk.yes,
    "NO": Desk.no,
    "NOCODE": Desk.no_code,
    "PAD": lambda desk: desk.open_panel("pad"),
    "LANGUAGE": lambda desk: desk.on_language(),
}
_OF_CHANNEL: Final[dict[str, Callable[[Desk, str | None], None]]] = {
    "NEXT": Desk.next,
    "REPRINT": Desk.print_label,
    "SHOW": Desk._show,
    "CHANNEL": lambda desk, channel: desk.select(channel or ""),
    "ACK": Desk.acknowledge,
    "STOP": Desk.stop,
    "FORCE": Desk.force,
    "PAUSE": lambda desk, channel: desk.ask_channel("pause", channel),
    "RESUME": lambda desk, channel: desk.ask_channel("resume", channel),
    "SKIP": lambda desk, channel: desk.ask_channel("skip", channel),
    "CLOSE": Desk.close,
}
