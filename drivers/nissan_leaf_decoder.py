"""Turns the Leaf battery controller's broadcast frames into signals with ages.

A frame counts only when its checksum is right and its counter moves; a raw
value of all ones (0x3FF) means "not available" for the first moments after
wake-up and is never a number.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cantools.database import DecodeError

from drivers.contracts.bms import BmsSignal
from drivers.nissan_leaf_frames import crc_is_right

_SENTINEL = 0x3FF
_FROZEN_AFTER = 3
_CHECKED = {0x1DB, 0x1DC, 0x55B}
_COUNTED = {0x1DB, 0x1DC, 0x55B}
_ZE1_ONLY = {0x1C2, 0x1ED, 0x380, 0x5BF, 0x5EB}
_KILO = 1000.0

# (frame, DBC signal) -> (our name, factor to SI, whether all ones means not available)
_SIGNALS = {
    (0x1DB, "PackVolt"): ("pack_voltage_V", 1.0, True),
    (0x1DB, "Current"): ("current_A", 1.0, True),
    (0x1DB, "Failsafe"): ("failsafe", 1.0, False),
    (0x1DB, "RelayCutReq"): ("relay_cut_request", 1.0, False),
    (0x1DB, "MainRelayOn"): ("relay_permission", 1.0, False),
    (0x1DB, "Interlock"): ("interlock", 1.0, False),
    (0x1DB, "FullCharge"): ("full_charge", 1.0, False),
    (0x1DC, "DischgLimit"): ("discharge_power_limit_W", _KILO, True),
    (0x1DC, "ChgLimit"): ("charge_power_limit_W", _KILO, True),
    (0x55B, "SOC"): ("soc_pct", 1.0, True),
    (0x55B, "Empty"): ("empty", 1.0, False),
    (0x5BC, "SOH"): ("soh_pct", 1.0, False),
}
_TEMPERATURE = {1: "temperature_degC", 3: "temperature_min_degC"}  # 1 warmest, 3 coldest cell sensor
NAMES = tuple(name for name, _, _ in _SIGNALS.values()) + tuple(_TEMPERATURE.values())


@dataclass(frozen=True)
class FrameCounts:
    """What happened to the frames seen so far. ``missed`` is told by gaps in the counters."""

    received: int = 0
    used: int = 0
    foreign: int = 0
    empty: int = 0
    undecodable: int = 0
    bad_crc: int = 0
    frozen: int = 0
    missed: int = 0


@dataclass
class _Counter:
    last: int | None = None
    repeats: int = 0


class LeafDecoder:
    """Feed it frames from the receiving thread; read signals from any other."""

    def __init__(self, database: Any, clock: Callable[[], float], current_sign: int = 1) -> None:
        self._messages = {message.frame_id: message for message in database.messages}
        self._clock = clock
        self._current_sign = current_sign
        self._lock = threading.Lock()
        self._values: dict[str, tuple[float | None, float]] = {}
        self._counters = {frame: _Counter() for frame in _COUNTED}
        self._seen: set[int] = set()
        self._counts = FrameCounts()
        self.first_good = threading.Event()

    def on_frame(self, frame: int, data: bytes) -> None:
        """Take one received frame. Never raises for what a frame contains."""
        now = self._clock()
        with self._lock:
            self._seen.add(frame)
            what = self._take(frame, data, now)
            c = self._counts
            self._counts = replace(c, received=c.received + 1, **{what: getattr(c, what) + 1})

    def _take(self, frame: int, data: bytes, now: float) -> str:
        if not data:
            return "empty"
        message = self._messages.get(frame)
        if message is None:
            return "foreign"
        if frame in _CHECKED and not crc_is_right(data):
            return "bad_crc"
        try:
            raw: dict[str, int] = message.decode(data, scaling=False, decode_choices=False)
        except (DecodeError, ValueError):
            return "undecodable"
        if frame in _COUNTED and self._is_frozen(frame, raw["PRUN"]):
            return "frozen"
        self._store(frame, message, raw, now)
        if frame == 0x1DB:
            self.first_good.set()
        return "used"

    def _is_frozen(self, frame: int, count: int) -> bool:
        counter = self._counters[frame]
        if counter.last is None:
            counter.last = count
            return False
        step = (count - counter.last) % 4
        counter.last = count
        if step == 0:
            counter.repeats += 1
            return counter.repeats >= _FROZEN_AFTER
        counter.repeats = 0
        if step > 1:
            self._counts = replace(self._counts, missed=self._counts.missed + step - 1)
        return False

    def _store(self, frame: int, message: Any, raw: dict[str, int], now: float) -> None:
        for name, number in raw.items():
            signal = message.get_signal_by_name(name)
            if frame == 0x5C0 and name == "Temp" and raw["TempMux"] in _TEMPERATURE:
                missing = number == 0xFF
                value = number * float(signal.scale) + float(signal.offset)
                self._values[_TEMPERATURE[raw["TempMux"]]] = (None if missing else value, now)
                continue
            entry = _SIGNALS.get((frame, name))
            if entry is None:
                continue
            ours, factor, has_sentinel = entry
            if has_sentinel and number == _SENTINEL:
                self._values[ours] = (None, now)
                continue
            value = (number * float(signal.scale) + float(signal.offset)) * factor
            if ours == "current_A":
                # On this bus discharge is negative already: positive charges.
                value *= self._current_sign
            self._values[ours] = (value, now)

    def signals(self) -> dict[str, BmsSignal]:
        """Get every known signal; never seen ones are None with infinite age."""
        now = self._clock()
        with self._lock:
            values = dict(self._values)
        never: tuple[float | None, float] = (None, -math.inf)
        return {
            name: BmsSignal(value, now - seen)
            for name, (value, seen) in ((name, values.get(name, never)) for name in NAMES)
        }

    def frozen(self) -> tuple[str, ...]:
        """Get the frames whose counter stands still at the moment."""
        with self._lock:
            return tuple(
                f"{frame:03X}" for frame, c in sorted(self._counters.items()) if c.repeats >= _FROZEN_AFTER
            )

    def counts(self) -> FrameCounts:
        """Get the counters of received, dropped and refused frames."""
        with self._lock:
            return self._counts

    def generation(self) -> str:
        """Get ZE0, AZE0 or ZE1 from the frames seen; '' before any Leaf frame."""
        with self._lock:
            seen = set(self._seen)
        if seen & _ZE1_ONLY:
            return "ZE1"
        if 0x59E in seen:
            return "AZE0"
        return "ZE0" if 0x1DB in seen else ""
