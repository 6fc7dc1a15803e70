"""What is known of a pack at the moment: the newest value of each signal, and named findings."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from drivers.bms.layout import Field, Value

FINDINGS = {
    "checksum_wrong": "the checksum of a frame is wrong; the frame is left out",
    "length_wrong": "a frame or reply has not the length it should have; it is left out",
    "counter_frozen": "the counter of a message stands still; its values are left out",
    "frames_missed": "the counter of a message jumped: frames are missing",
    "message_missing": "a message that the pack sends by itself has stopped coming",
    "silent": "nothing of this family was heard",
    "stopped": "the pack was heard and then no more, while the line went on",
    "two_packs": "a message comes far more often than one pack sends it: two packs on one bus",
    "not_available": "a signal says 'not available', as after waking",
    "implausible": "a signal tells what no battery can have; that value is left out",
    "negative_response": "the pack refused a request",
    "isotp_truncated": "a reply broke off before its end",
    "isotp_sequence": "a reply lost frames on the way",
    "isotp_malformed": "a diagnostic frame has no valid form",
    "tp_truncated": "a long message broke off before its end",
    "tp_aborted": "a long message was aborted",
    "tp_malformed": "a transport frame has no valid form",
    "frame_malformed": "bytes on the line form no valid frame",
    "no_reply": "the pack did not answer a request",
    "written_to": "a tool on this bus sent a request that changes something in the pack",
    "error_frame": "the bus reported an error frame",
}
"""Every finding's name and what it means."""


@dataclass(frozen=True)
class Reading:
    """The newest value of a signal. ``t_s``: when it arrived; ``value`` None: not available."""

    name: str
    number: int | None
    value: float | str | None
    unit: str
    resolution: float | None
    t_s: float
    evidence: str
    group: str
    source: str

    def age_s(self, now_s: float) -> float:
        """How long ago it arrived."""
        return now_s - self.t_s


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: ``kind`` (of FINDINGS), where, how often, and when."""

    kind: str
    where: str
    count: int
    first_s: float
    last_s: float
    detail: str = ""


Watcher = Callable[[float, Value], None]


class SignalStore:
    """Takes values from one thread, is read from any other."""

    def __init__(self, watch: Watcher | None = None) -> None:
        self._lock = threading.Lock()
        self._watch = watch
        self.before_reading: Callable[[], None] | None = None
        """Called before anything is read: values may still wait to be put."""
        self._newest: dict[tuple[str, int | None], tuple[float, Value]] = {}
        self._faults: dict[tuple[str, int | None], str] = {}
        self._findings: dict[tuple[str, str], Finding] = {}

    def put(self, t_s: float, values: Iterable[Value]) -> None:
        """Take the values of one payload that arrived at ``t_s``."""
        with self._lock:
            for value in values:
                field, number = value.field, value.number
                if number is not None and field.limit and self._beyond(field.limit, number):
                    continue
                key = (field.name, number)
                if self.before_reading is not None and self._newest.get(key, (t_s, None))[0] > t_s:
                    continue  # it waited to be read, and a reply has told the signal since
                self._newest[key] = (t_s, value)
                if field.fault:
                    self._heed_fault(key, field, value.raw)
                if value.raw is not None and value.value is None:
                    self._find(t_s, "not_available", field.name)
                if self._watch is not None:
                    self._watch(t_s, value)

    def take_over(self, t_s: float, value: Value) -> None:
        """The last of many values that were read at once; nobody is told of it."""
        field, key = value.field, (value.field.name, value.number)
        with self._lock:
            if self._newest.get(key, (t_s, None))[0] > t_s:
                return
            self._newest[key] = (t_s, value)
            self._heed_fault(key, field, value.raw)

    def _heed_fault(self, key: tuple[str, int | None], field: Field, raw: int | None) -> None:
        if not field.fault:
            return
        if raw in field.fault_when if field.fault_when else bool(raw):
            self._faults[key] = field.fault
        else:
            self._faults.pop(key, None)

    def _beyond(self, limit: str, number: int) -> bool:
        known = self._newest.get((limit, None))
        return known is not None and isinstance(known[1].value, float) and number > known[1].value

    def find(self, t_s: float, kind: str, where: str = "", detail: str = "") -> None:
        """Note a finding."""
        with self._lock:
            self._find(t_s, kind, where, detail)

    def find_many(self, kind: str, where: str, count: int, first_s: float, last_s: float) -> None:
        """Note the same finding ``count`` times, the first and the last of them at these times."""
        with self._lock:
            before = self._findings.get((kind, where))
            if before is not None:
                count += before.count
                first_s, last_s = min(first_s, before.first_s), max(last_s, before.last_s)
            self._findings[kind, where] = Finding(kind, where, count, first_s, last_s)

    def _find(self, t_s: float, kind: str, where: str, detail: str = "") -> None:
        before = self._findings.get((kind, where))
        self._findings[kind, where] = Finding(
            kind,
            where,
            1 if before is None else before.count + 1,
            t_s if before is None else before.first_s,
            t_s,
            detail or (before.detail if before else ""),
        )

    def _catch_up(self) -> None:
        if self.before_reading is not None:
            self.before_reading()

    def findings(self) -> list[Finding]:
        """All findings so far, the earliest first."""
        self._catch_up()
        with self._lock:
            return sorted(self._findings.values(), key=lambda found: found.first_s)

    def readings(self) -> list[Reading]:
        """The newest reading of every signal."""
        self._catch_up()
        with self._lock:
            newest = list(self._newest.items())
        return [
            Reading(
                name, number, value.value, value.field.unit, value.field.resolution,
                t_s, value.field.evidence, value.field.group, value.field.source,
            )
            for (name, number), (t_s, value) in newest
        ]  # fmt: skip

    def get(self, name: str, number: int | None = None) -> Reading | None:
        """One signal's newest reading; None before the first."""
        return next((r for r in self.readings() if (r.name, r.number) == (name, number)), None)

    def members(self, name: str) -> list[Reading]:
        """The newest reading of every member of a numbered signal, in order."""
        found = [r for r in self.readings() if r.name == name and r.number is not None]
        return sorted(found, key=lambda reading: reading.number or 0)

    def faults(self) -> tuple[str, ...]:
        """The faults that the pack reports at the moment."""
        self._catch_up()
        with self._lock:
            return tuple(dict.fromkeys(self._faults.values()))

    def counts(self) -> Counter[str]:
        """How many findings of each kind."""
        total: Counter[str] = Counter()
        for found in self.findings():
            total[found.kind] += found.count
        return total
