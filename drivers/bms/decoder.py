"""Follows one CAN bus of a family: frames in, signals with arrival times and named findings out."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import pairwise

from drivers.bms.family import Family, Message
from drivers.bms.isotp_listen import IsoTpListener, Told
from drivers.bms.j1939_listen import TpListener, TpTold
from drivers.bms.late_values import LateValues
from drivers.bms.newest import NewestPayloads
from drivers.bms.signals import SignalStore, Watcher
from drivers.bms.silence import GoingOn, Unanswered
from drivers.bms.uds import CHANGING_SERVICES, PENDING, answers_not, is_changing, negative, reason

_TIMES_KEPT = 16
_TWO_PACKS_RATE = 1.6
"""Two windows in a row with more than this times the due frames have two senders: one alone may be a burst of
a host that was busy."""
_WINDOW_S, _WINDOW_PERIODS = 1.0, 20.0
_SLOW_WINDOW_S, _SLOW_WINDOW_PERIODS = 4.0, 5.0
"""Of a message that comes once a second 20 periods are too long to wait for."""
_SHORT_FRAMES = 8
_MISSING_PERIODS = 5.0


@dataclass
class _Heard:
    """What is remembered of one message."""

    times: deque[float] = field(default_factory=lambda: deque(maxlen=_TIMES_KEPT))
    counter: int | None = None
    repeats: int = 0
    count: int = 0
    used: int = 0
    last_s: float = -math.inf
    missing: bool = False
    window_from_s: float = -math.inf
    window_count: int = 0
    window_s: float = math.inf
    windows: int = 0
    windows_full: int = 0


@dataclass(frozen=True)
class Exchange:
    """A diagnostic message that was heard: ``said`` by tester or pack."""

    t_s: float
    said: str
    payload: bytes


class CanDecoder:
    """Feed it frames in order; it never raises for what a frame contains."""

    def __init__(
        self,
        family: Family,
        watch: Watcher | None = None,
        keep_exchanges: int = 1000,
        *,
        newest_only: bool = False,
        late: bool = False,
        recorded: bool = False,
        bus_speed: float = 1.0,
    ) -> None:
        """``newest_only``: every frame is checked, but values are read from the newest of each kind alone.

        ``late``: they are read of all, but at once by ``late.read``, where the family allows it.
        ``recorded``: at its end requests without answers, a pack that fell silent and one too many are found.
        ``bus_speed``: how many times as often as described messages come.
        """
        self.family = family
        self.store = SignalStore(watch)
        self._newest = NewestPayloads(self.store.put) if newest_only else None
        if self._newest is not None:
            self.store.before_reading = self._newest.read
        self.late = LateValues(self.store.put) if late and LateValues.able(family) else None
        self.exchanges: list[Exchange] = []
        self.frames: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        """How often each diagnostic answer was heard, by its name."""
        self._keep = keep_exchanges
        self._two_packs_rate = _TWO_PACKS_RATE * max(1.0, bus_speed)
        self._heard: dict[str, _Heard] = {}
        self._transport = TpListener()
        self._replies: dict[tuple[int, bool], IsoTpListener] = {}
        self._requests: dict[tuple[int, bool], IsoTpListener] = {}
        self._now_s = -math.inf
        self._unanswered = Unanswered(self.store) if recorded else None
        self._going_on = GoingOn() if recorded else None
        if family.model.diagnostics is not None:
            for pair in family.model.diagnostics.pairs:
                self._replies[pair.reply_id, pair.extended] = IsoTpListener()
                self._requests[pair.request_id, pair.extended] = IsoTpListener()

    def on_frame(self, t_s: float, frame: int, extended: bool, data: bytes) -> None:
        """Take one received frame."""
        self.frames["received"] += 1
        if t_s > self._now_s:
            self._now_s = t_s
        key = (frame, extended)
        if self.family.model.j1939 and extended and TpListener.is_transport(frame):
            self.frames["transport"] += 1
            for long in self._transport.take(t_s, frame, data):
                self._long(t_s, long)
        elif key in self._replies:
            self.frames["diagnostic"] += 1
            for told in self._replies[key].take(t_s, data):
                self._answer(t_s, frame, told)
        elif key in self._requests:
            self.frames["diagnostic"] += 1
            for told in self._requests[key].take(t_s, data):
                self._asked(t_s, told)
        elif (message := self.family.message(frame, extended)) is not None:
            self._message(t_s, message, data)
        else:
            self.frames["foreign"] += 1

    def on_error_frame(self, t_s: float) -> None:
        """The bus told of an error."""
        self.frames["errors"] += 1
        self.store.find(t_s, "error_frame")

    def look(self, now_s: float) -> None:
        """Note messages that have stopped coming; call it now and then, at the latest before reading."""
        for message in self.family.messages:
            if message.period_s is None or not message.expected:
                continue
            heard = self._heard.get(message.name)
            if heard is None or heard.missing:
                continue
            if now_s - heard.last_s > _MISSING_PERIODS * message.period_s:
                heard.missing = True
                self.store.find(now_s, "message_missing", message.name)

    def end(self) -> None:
        """The recording has ended: what is not whole now never will be."""
        for told in (t for listener in self._replies.values() for t in listener.end()):
            self._answer(self._now_s, 0, told)
        for long in self._transport.end():
            self._long(self._now_s, long)
        if math.isfinite(self._now_s):
            self.look(self._now_s)
        else:
            self._now_s = 0.0
        for message in self.family.messages:
            if message.expected and message.name not in self._heard:
                self.store.find(self._now_s, "message_missing", message.name, "never heard")
        if self._unanswered is not None:
            self._rates_of_a_short_recording()
            self._unanswered.end(self._now_s)
        if self._going_on is not None:
            self._going_on.end(self._now_s, self.frames["used"], self.store)
        if not self.frames["used"]:
            self.store.find(self._now_s, "silent")

    def good(self) -> set[str]:
        """The messages of which at least one frame was whole and right."""
        return {name for name, heard in list(self._heard.items()) if heard.used}

    def missing(self) -> list[str]:
        """The messages that have stopped coming, as of the last ``look``."""
        return [name for name, heard in list(self._heard.items()) if heard.missing]

    def periods(self) -> dict[str, tuple[int, float | None]]:
        """Of each message heard: how many, and the median time in s between the last ones."""
        found = {}
        for name, heard in list(self._heard.items()):
            gaps = sorted(b - a for a, b in pairwise(tuple(heard.times)))
            found[name] = (heard.count, gaps[len(gaps) // 2] if gaps else None)
        return found

    # ------------------------------------------------------------------ parts

    def _message(self, t_s: float, message: Message, data: bytes) -> None:
        heard = self._heard.get(message.name)
        if heard is None:
            heard = self._heard[message.name] = _Heard()
        heard.count += 1
        if not data:
            self.frames["empty"] += 1  # a wake-up frame
            return
        if not message.layout.fits(data):
            self.frames["length_wrong"] += 1
            self.store.find(t_s, "length_wrong", message.name, f"{len(data)} bytes")
            return
        if message.checksum is not None and not message.checksum.right(data):
            self.frames["checksum_wrong"] += 1
            self.store.find(t_s, "checksum_wrong", message.name)
            return
        if message.counter is not None and self._stands_still(t_s, message, heard, data):
            self.frames["frozen"] += 1
            return
        self._rate(t_s, message, heard)
        heard.missing = False
        heard.last_s = t_s
        heard.used += 1
        self.frames["used" if message.from_pack else "station"] += 1  # a station's own are no pack
        if not message.from_pack:
            return
        if (going := self._going_on) is not None:
            if t_s - going.last_s > going.longest_s:
                going.paused(t_s - going.last_s)
            going.last_s = t_s
        if self._newest is not None:
            self._newest.take(t_s, message.layout, data)
        elif self.late is not None:
            self.late.take(t_s, message.layout, data)
        else:
            self.store.put(t_s, message.layout.read(data))

    def _stands_still(self, t_s: float, message: Message, heard: _Heard, data: bytes) -> bool:
        assert message.counter is not None
        count, before = message.counter.read(data), heard.counter
        heard.counter = count
        if before is None:
            return False
        step = (count - before) % (1 << message.counter.length)
        if step == 0:
            heard.repeats += 1
            if heard.repeats >= message.frozen_after:
                self.store.find(t_s, "counter_frozen", message.name)
                return True
            return False
        heard.repeats = 0
        if step > 1:
            self.store.find(t_s, "frames_missed", message.name)
        return False

    def _rate(self, t_s: float, message: Message, heard: _Heard) -> None:
        heard.times.append(t_s)
        if message.period_s is None or not message.from_pack:
            return
        took_s = t_s - heard.window_from_s
        if not 0 <= took_s < math.inf:
            heard.window_from_s, heard.window_count = t_s, 0
            heard.window_s = _window_s(message.period_s)
            return
        heard.window_count += 1
        if took_s < heard.window_s:
            return
        full = heard.window_count > self._two_packs_rate * took_s / message.period_s
        heard.windows_full = heard.windows_full + 1 if full else 0
        heard.windows += 1
        heard.window_from_s, heard.window_count = t_s, 0
        if heard.windows_full >= 2:
            self.store.find(t_s, "two_packs", message.name)

    def _rates_of_a_short_recording(self) -> None:
        """It ended before two windows were full: the last frames must do."""
        for message in self.family.messages:
            heard = self._heard.get(message.name)
            if heard is None or heard.windows > 1 or not message.period_s or len(heard.times) < _SHORT_FRAMES:
                continue
            times = tuple(heard.times)
            over_one = sorted(c - a for a, c in zip(times, times[2:], strict=False))
            most_s = over_one[3 * len(over_one) // 4]  # a burst of a host that was busy is but a part of them
            if 0 < most_s < 2 * message.period_s / self._two_packs_rate:
                self.store.find(times[-1], "two_packs", message.name)

    def _long(self, t_s: float, long: TpTold) -> None:
        message = self.family.message(long.frame_id, True) or self.family.message_to_all(long)
        where = message.name if message is not None else f"PGN {long.pgn:04X}"
        if long.trouble is not None:
            self.store.find(t_s, long.trouble, where)
        elif message is None or long.payload is None:
            self.frames["foreign"] += 1
        else:
            self._message(t_s, message, long.payload)

    def _keep_exchange(self, t_s: float, said: str, payload: bytes) -> None:
        if len(self.exchanges) < self._keep:
            self.exchanges.append(Exchange(t_s, said, payload))

    def _asked(self, t_s: float, told: Told) -> None:
        if told.payload is None:
            return
        self._keep_exchange(t_s, "tester", told.payload)
        if self._unanswered is not None and not answers_not(told.payload):
            self._unanswered.asked(t_s, self.family.name_of_request(told.payload))
        if is_changing(told.payload):
            what = f"{CHANGING_SERVICES[told.payload[0]]}: {told.payload[:8].hex(' ')}"
            self.store.find(t_s, "written_to", f"{told.payload[0]:02X}", what)

    def _answer(self, t_s: float, frame: int, told: Told) -> None:
        if told.trouble is not None:
            if self._unanswered is not None:
                self._unanswered.answered()  # badly, and told so
            self.store.find(t_s, told.trouble, f"{frame:X}" if frame else "")
            return
        if told.payload is None:
            return
        self._keep_exchange(t_s, "pack", told.payload)
        refused = negative(told.payload)
        if self._unanswered is not None and (refused is None or refused[1] != PENDING):
            self._unanswered.answered()
        if refused is not None:
            if refused[1] != PENDING:
                self.store.find(
                    t_s, "negative_response", f"{refused[0]:02X} {reason(refused[1])}", told.payload.hex(" ")
                )
            return
        reply = self.family.reply_on(told.payload)
        if reply is None:
            return
        if not reply.layout.fits(told.payload):
            self.store.find(t_s, "length_wrong", reply.name, f"{len(told.payload)} bytes")
            return
        self.frames["used"] += 1
        if self._going_on is not None:
            self._going_on.heard(t_s)
        self.answered[reply.name] += 1
        self.store.put(t_s, reply.layout.read(told.payload))


def _window_s(period_s: float) -> float:
    """How long frames of one message are counted before their rate is judged."""
    slow_s = max(_SLOW_WINDOW_S, _SLOW_WINDOW_PERIODS * period_s)
    return max(_WINDOW_S, min(_WINDOW_PERIODS * period_s, slow_s))
