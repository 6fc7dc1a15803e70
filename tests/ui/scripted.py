"""A service that says what the test wants: no network, no clock of its own."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Iterator
from typing import Any

from station.errors import StationError
from tests.ui.service_alarms import ServiceAlarms

SILENT = {
    "code": "driver.transport",
    "message": "no answer",
    "params": {"address": "tcp://192.168.1.41:5025"},
}
"""An instrument's complaint, as the service tells it among an alarm's facts."""
CODES = {
    "1": "04QCB76G88201JD1A0000017",
    "2": "08RPE21B55103KA4C0000209",
    "3": "0B2CB43H10077LC9D0000388",
    "4": "011PE9KX80042MB2F0000051",
}
PROFILES = [
    {
        "name": "adaptive",
        "title": {"zh": "自适应检测（≤35 分钟）", "en": "Adaptive (≤35 min)"},
        "description": "",
        "duration_s": 1930,
    },
    {
        "name": "screen",
        "title": {"zh": "快速筛查（22 秒）", "en": "Screen (22 s)"},
        "description": "",
        "duration_s": 22,
    },
    {
        "name": "rapid",
        "title": {"zh": "快速检测（3 分钟）", "en": "Rapid (3 min)"},
        "description": "",
        "duration_s": 175,
    },
    {
        "name": "reference",
        "title": {"zh": "参考检测（14 分钟）", "en": "Reference (14 min)"},
        "description": "",
        "duration_s": 815,
    },
    {
        "name": "capacity",
        "title": {"zh": "容量检测（约 40 小时）", "en": "Capacity (about 40 h)"},
        "description": "",
        "duration_s": 236_000,
    },
]
NAMES = [
    ({"zh": "单体 1 · 双向源", "en": "Cell 1 · bidirectional source"}, "cell", 1),
    ({"zh": "单体 2 · 负载加电源", "en": "Cell 2 · load and supply"}, "cell", 1),
    ({"zh": "模组", "en": "Module"}, "module", 6),
    ({"zh": "电池包 · CAN", "en": "Pack · CAN"}, "pack", 96),
]
GRADES = [{"grade": g, "soh_min": v} for g, v in (("A", 0.8), ("B", 0.7), ("C", 0.6), ("D", 0.5))]
GOOD_GUARD = {"relay_ok": True, "estop_ok": True, "interlock_ok": True, "cutoffs": {}, "trips": []}


def bench(channels: int = 4, simulated: bool = True, speed: float = 1.0) -> dict[str, Any]:
    """A bench with so many channels."""
    infos = []
    for index in range(channels):
        name, level, cells = NAMES[index % 4]
        infos.append(
            {"id": str(index + 1), "name": name, "level": level, "series_cells": cells, "limits": {}}
        )
    return {
        "name": "demo",
        "title": {"zh": "演示台（模拟仪器）", "en": "Demo bench (simulated instruments)"},
        "simulated": simulated,
        "speed": speed,
        "channels": infos,
        "profiles": PROFILES,
        "grades": GRADES,
    }


def may(*words: str) -> dict[str, bool]:
    """What the service says can be asked."""
    return {word: word in words for word in ("pause", "resume", "skip", "stop", "close")}


def idle(**fields: Any) -> dict[str, Any]:
    """A ChannelState as the service sends it."""
    state: dict[str, Any] = {
        "state": "idle",
        "run_id": None,
        "battery": None,
        "profile": None,
        "elapsed_s": None,
        "remaining_s": None,
        "progress": None,
        "voltage_V": None,
        "current_A": None,
        "surface_degC": None,
        "verdict": None,
        "grade": None,
        "soh": None,
        "resistance_mohm": None,
        "fault": None,
        "acknowledged": True,
        "interrupted": False,
        "may": may(),
    }
    return {**state, **fields}


ADAPTIVE = {
    "code": "adaptive.next",
    "params": {
        "round": 2, "kind": "pulse_block", "time_s": 800.0, "soh": 0.8123, "low90": 0.7811, "high90": 0.8435,
        "predicted_half_width": 0.0182,
    },
}  # fmt: skip
"""What an adaptive test has decided last."""


def running(channel: str, elapsed_s: float, total_s: float = 175.0, **fields: Any) -> dict[str, Any]:
    """A test under way."""
    given = {
        "state": "running",
        "run_id": f"run-{channel}",
        "battery": CODES[channel],
        "profile": "rapid",
        "elapsed_s": elapsed_s,
        "remaining_s": total_s - elapsed_s,
        "progress": elapsed_s / total_s,
        "surface_degC": 24.8,
        "may": may("pause", "skip", "stop"),
    }
    return idle(**{**given, **fields})


def verdict(
    channel: str, word: str, estimate: float | None = 0.861, half: float = 0.034, **fields: Any
) -> dict[str, Any]:
    """A judged battery."""
    soh = (
        None
        if estimate is None
        else {"estimate": estimate, "low90": estimate - half, "high90": estimate + half}
    )
    given = {"acknowledged": word == "pass", "grade": "A" if word == "pass" else None, **fields}
    return idle(
        state="verdict",
        run_id=f"run-{channel}",
        battery=CODES.get(channel, "X-0001"),
        profile="rapid",
        verdict=word,
        soh=soh,
        resistance_mohm=0.823,
        **given,
    )


def fault(channel: str, code: str = "safety.check_failed", **fields: Any) -> dict[str, Any]:
    """A latched fault."""
    given = {
        "code": code,
        "message": "Poor contact: sense voltage and scanner voltage differ by 38 mV at 3.5 A "
        "(10.9 mΩ, limit 5.0 mΩ)",
        "remedy": "Clean and tighten the sense leads at the terminals, then test again",
        "params": {},
    }
    return idle(
        state="fault",
        run_id=f"run-{channel}",
        battery=CODES[channel],
        profile="rapid",
        fault={**given, **fields},
        acknowledged=False,
    )


def paused(channel: str, elapsed_s: float, **fields: Any) -> dict[str, Any]:
    """A test that waits with its output off."""
    given = {"state": "paused", "may": may("resume", "stop"), **fields}
    return running(channel, elapsed_s, **given)


def interrupted(channel: str, **fields: Any) -> dict[str, Any]:
    """A test that a power loss cut off: it can go on or be closed."""
    state = fault(
        channel,
        "run.interrupted",
        message="the service ended while this test was running",
        remedy="check that the output is off, then let it go on, or acknowledge to close it",
    )
    return {**state, "interrupted": True, "may": may("resume", "close"), **fields}


def pulse_curve(
    until_s: float,
    *,
    ocv_V: float = 3.302,
    capacity_Ah: float = 35.0,
    cells: int = 1,
    r0: float = 0.8e-3,
    step_s: float = 0.05,
) -> dict[str, list[float]]:
    """Times, volts and amperes of the rapid test: drift check, contact check, one ±2.5 C pulse pair."""
    t, volts, amps = [], [], []
    slow, fast, moved = 0.0, 0.0, 0.0
    steps = int(until_s / step_s)
    for k in range(steps + 1):
        now = k * step_s
        current = 0.0
        if 10 <= now < 11:
            current = -0.1 * capacity_Ah
        elif 15 <= now < 20:
            current = 2.5 * capacity_Ah
        elif 95 <= now < 100:
            current = -2.5 * capacity_Ah
        fast += (current * 0.35 * r0 - fast) * step_s / 0.8
        slow += (current * 0.9 * r0 - slow) * step_s / 14.0
        moved += current * step_s / 3600 / capacity_Ah
        noise = 4e-5 * math.sin(k * 12.9898) * math.cos(k * 4.1414)
        t.append(round(now, 4))
        volts.append(cells * (ocv_V + current * r0 + fast + slow + 0.35 * moved + noise))
        amps.append(current + 0.01 * math.sin(k * 7.77))
    return {"t": t, "voltage_V": volts, "current_A": amps}


def samples(channel: str, curve: dict[str, list[float]]) -> dict[str, Any]:
    """A live message with a curve."""
    return {"type": "samples", "channel": channel, "surface_degC": 24.8, **curve}


class ScriptedBackend:
    """Says ``say(...)``; remembers what it was asked. ``answers[kind]`` is a value, or an error to raise."""

    def __init__(self, bench_answer: dict[str, Any] | None = None) -> None:
        self.bench_answer = bench_answer or bench()
        self.asked: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}
        self.gate = threading.Event()
        self.gate.set()
        self._messages: queue.SimpleQueue[dict[str, Any] | Exception] = queue.SimpleQueue()
        self.alarms = ServiceAlarms([info["id"] for info in self.bench_answer["channels"]])

    def say(self, *messages: dict[str, Any] | Exception) -> None:
        for message in messages:
            after = [] if isinstance(message, Exception) else self.alarms.after(message)
            self._messages.put(message)
            for alarm in after:
                self._messages.put(alarm)

    def greet(
        self, channels: dict[str, dict[str, Any]] | None = None, guard: dict[str, Any] | None = None
    ) -> None:
        """The first message of a live stream."""
        ids = [info["id"] for info in self.bench_answer["channels"]]
        given = channels or {}
        self.say(
            {
                "type": "state",
                "channels": {i: given.get(i, idle()) for i in ids},
                "guard": guard or GOOD_GUARD,
            }
        )

    @property
    def service(self) -> ScriptedService:
        return ScriptedService(self)

    def bench(self) -> dict[str, Any]:
        return self.bench_answer

    alive = True

    def state(self) -> dict[str, Any]:
        if not self.alive:
            raise StationError("no answer", code="service.unreachable")
        return {}

    def live(self, stop: threading.Event) -> Iterator[dict[str, Any] | None]:
        while not stop.is_set():
            try:
                message = self._messages.get(timeout=0.02)
            except queue.Empty:
                yield None
                continue
            if isinstance(message, Exception):
                raise message
            yield message

    def _answer(self, kind: str, *given: Any) -> Any:
        self.asked.append((kind, *given))
        if not self.gate.wait(60):
            raise TimeoutError("the test never opened the gate")
        answer = self.answers.get(kind)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def start(
        self,
        channel: str,
        profile: str,
        battery: str,
        nominal_capacity_Ah: float | None,
        chemistry: str | None,
    ) -> str:
        answer = self._answer("start", channel, profile, battery, nominal_capacity_Ah, chemistry)
        return str(answer or f"run-{channel}")

    def stop(self, channel: str) -> None:
        self._answer("stop", channel)

    def stop_all(self) -> None:
        self._answer("stop_all")

    def force(self, channel: str) -> None:
        self._answer("force", channel)

    def pause(self, channel: str) -> None:
        self._answer("pause", channel)

    def resume(self, channel: str) -> None:
        self._answer("resume", channel)

    def skip(self, channel: str) -> None:
        self._answer("skip", channel)

    def acknowledge(self, channel: str) -> None:
        self._answer("acknowledge", channel)

    def battery(self, code: str) -> dict[str, Any] | None:
        answer: dict[str, Any] | None = self._answer("battery", code)
        return answer

    def run(self, run_id: str) -> dict[str, Any]:
        return self._answer("run", run_id) or {}

    def own_id(self) -> dict[str, Any] | str:
        return self._answer("own_id") or {"code": "OWN-20261128-0007", "printed": False}

    def print_label(self, run_id: str) -> dict[str, Any] | None:
        answer: dict[str, Any] | None = self._answer("print_label", run_id)
        return answer

    def close(self) -> None:
        self.gate.set()


class ScriptedService:
    """The service's own client, for errands: remembers them as the backend does and does what they ask."""

    def __init__(self, backend: ScriptedBackend) -> None:
        self._backend = backend

    def _alarm(self, kind: str, *given: Any) -> Any:
        answer = self._backend._answer(kind, *given)
        book = self._backend.alarms.book
        before = {alarm.number: alarm for alarm in book}
        if kind == "acknowledge_alarm":
            book.acknowledge(given[0], "Li")
        elif kind == "acknowledge_alarms":
            book.acknowledge_all(lambda a: a.channel == given[0], "Li")
        elif kind == "shelve_alarm":
            book.shelve(given[0], "Wang", given[1], given[2])
        for alarm in before.values():
            self._backend._messages.put({"type": "alarm", "alarm": book.row(alarm)})
        return answer

    def acknowledge_alarm(self, number: int) -> Any:
        return self._alarm("acknowledge_alarm", number)

    def acknowledge_alarms(self, channel: str | None) -> Any:
        return self._alarm("acknowledge_alarms", channel)

    def shelve_alarm(self, number: int, duration_s: float, reason: str) -> Any:
        return self._alarm("shelve_alarm", number, duration_s, reason)

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **more: self._backend._answer(name, *given, *more.values())


MISSING = StationError(
    "the nominal capacity of battery X is not known",
    remedy="give the capacity printed on it, in Ah",
    code="usage.capacity_missing",
)
