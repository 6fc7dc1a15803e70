"""Follows a serial line of a family: bytes in, signals with arrival times and named findings out."""

from __future__ import annotations

from collections import Counter

from drivers.bms.family import Family
from drivers.bms.framings import framing
from drivers.bms.layout import Value
from drivers.bms.serial_frames import SerialFrame
from drivers.bms.signals import SignalStore, Watcher
from drivers.bms.silence import GoingOn, Unanswered


class SerialDecoder:
    """Feed it what arrives; it never raises for what bytes contain."""

    def __init__(self, family: Family, watch: Watcher | None = None, *, recorded: bool = False) -> None:
        """``recorded``: requests without answers and a board that falls silent are found."""
        assert family.model.line is not None
        self.family = family
        self.store = SignalStore(watch)
        self.frames: Counter[str] = Counter()
        self.framing = framing(family.model.line.framing)
        self.answered: Counter[str] = Counter()
        self.addresses: set[int] = set()
        self._now_s = 0.0
        self._unanswered = Unanswered(self.store) if recorded else None
        self._going_on = GoingOn() if recorded else None

    def on_bytes(self, t_s: float, data: bytes) -> list[SerialFrame]:
        """Take bytes that arrived at ``t_s``. Returns the frames that are whole now."""
        self._now_s = t_s
        found = self.framing.feed(data)
        for frame in found:
            self.on_serial_frame(t_s, frame)
        return found

    def on_serial_frame(self, t_s: float, frame: SerialFrame) -> None:
        """Take one frame that the framing found."""
        self.frames["received"] += 1
        if self._unanswered is not None:
            if frame.asked:
                reply = self.family.reply_of(frame.key)
                self._unanswered.asked(t_s, reply.name if reply is not None and reply.name else frame.key)
            else:
                self._unanswered.answered()
        if frame.trouble is not None:
            self.frames[frame.trouble] += 1
            self.store.find(t_s, frame.trouble, frame.key, frame.detail)
            return
        if frame.asked:
            self.frames["asked"] += 1
            return
        reply = self.family.reply_of(frame.key)
        if reply is None:
            self.frames["foreign"] += 1
            return
        if not reply.layout.fits(frame.payload):
            self.frames["length_wrong"] += 1
            self.store.find(t_s, "length_wrong", reply.name, f"{len(frame.payload)} bytes")
            return
        if frame.address is not None:
            self.addresses.add(frame.address)
            if len(self.addresses) > 1:
                heard = ", ".join(str(address) for address in sorted(self.addresses))
                self.store.find(t_s, "two_packs", "addresses", heard)
        self.frames["used"] += 1
        if self._going_on is not None:
            self._going_on.heard(t_s)
        self.answered[frame.key] += 1
        self.store.put(t_s, self._values(reply.layout.read(frame.payload)))

    @staticmethod
    def _values(values: list[Value]) -> list[Value]:
        """Signals of a module get its number, where the payload begins with one."""
        module = next((v.raw for v in values if v.field.name == "module_number"), None)
        if module is None:
            return values
        found = []
        for value in values:
            if value.field.name == "module_number":
                continue
            if value.number is not None:
                # cells and sensors of all modules are numbered through
                number = (module - 1) * _per_module(values, value.field.name) + value.number
                found.append(value._replace(number=number))
            else:
                found.append(value._replace(number=module))
        return found

    def end(self) -> None:
        """The recording has ended."""
        for frame in self.framing.end():
            self.on_serial_frame(self._now_s, frame)
        self.frames["noise_bytes"] = self.framing.noise
        if self._unanswered is not None:
            self._unanswered.end(self._now_s)
        if self._going_on is not None:
            self._going_on.end(self._now_s, self.frames["used"], self.store)
        if not self.frames["used"]:
            self.store.find(self._now_s, "silent")


def _per_module(values: list[Value], name: str) -> int:
    return sum(1 for value in values if value.field.name == name)
