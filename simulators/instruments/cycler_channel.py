"""What all simulated cyclers share: a channel that plays a schedule by itself and keeps records.

It stands in a channel's circuit like any power instrument. Protections are judged with every step of the
circuit, at the instrument's own terminals; records are kept at exact simulated times: one after each period,
counted from the beginning of a step, and one at the end of a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from simulators.faults import MESSAGE_FAULTS, POWER_FAULTS, READING_FAULTS, FaultSet, FaultSpec
from simulators.instruments.readings import Readings
from simulators.network import Drive
from simulators.wiring import NEVER_S, Circuit

CYCLER_FAULTS = {
    "record_missing": FaultSpec("every so many-th record is never told", 7.0),
    "record_doubled": FaultSpec("each record is told twice"),
    "records_stop": FaultSpec("from now on no new record is told, although the test runs"),
    "start_refused": FaultSpec("no test starts"),
    "front_pause": FaultSpec("a person holds the test at the cycler, once"),
    "front_stop": FaultSpec("a person stops the test at the cycler, once"),
    "stop_ignored": FaultSpec("a stop is acknowledged and nothing happens"),
}
_LEFT_OUT = ("unit_suffix", "remote_lost", "front_panel", "output_trip")
SAME_S = 1e-6
Kind = Literal["charge", "discharge", "rest", "cv"]


@dataclass(frozen=True)
class Step:
    """Currents and voltages as positive magnitudes; a limit that is not set is ``inf`` or 0.

    ``cv`` holds ``voltage_V`` with at most ``current_A`` until the current falls below ``until_A``.
    """

    kind: Kind
    current_A: float = 0.0
    duration_s: float = inf
    until_V: float | None = None
    voltage_V: float = 0.0
    until_A: float = 0.0


@dataclass(frozen=True)
class Limits:
    """The schedule's own protections; currents as positive magnitudes."""

    voltage_min_V: float = -inf
    voltage_max_V: float = inf
    charge_max_A: float = inf
    discharge_max_A: float = inf


@dataclass(frozen=True)
class Record:
    """One record; ``step`` counts from 1, ``step_time_s`` from the beginning of that step."""

    number: int
    step: int
    step_time_s: float
    test_time_s: float
    at_s: float
    voltage: str
    current: str
    charge_Ah: float
    energy_Wh: float


class CyclerChannel:
    """One channel. ``state`` is idle, working, pause, finish, stop or protect."""

    def __init__(
        self,
        kind: str,
        circuit: Circuit,
        *,
        voltage_max_V: float,
        current_max_A: float,
        voltage_noise_V: float,
        current_noise_A: float,
        seed: int,
    ) -> None:
        power = {name: spec for name, spec in POWER_FAULTS.items() if name not in _LEFT_OUT}
        self.faults = FaultSet(kind, MESSAGE_FAULTS, READING_FAULTS, power, CYCLER_FAULTS)
        self.faults.on_change(self._fault_changed)
        self.circuit = circuit
        self.voltage_max_V, self.current_max_A = voltage_max_V, current_max_A
        self._readings = Readings(self.faults, seed=seed)
        self._readings.add("V", step=0.0, noise=voltage_noise_V)
        self._readings.add("A", step=0.0, noise=current_noise_A)
        self.state = "idle"
        self.test = ""
        self.tests = 0
        self.records: list[Record] = []
        self._steps: Sequence[Step] = ()
        self._limits = Limits()
        self._period_s = 1.0
        self._index = 0
        self._began_s = self._step_began_s = 0.0
        self._next_record_s = self._step_end_s = NEVER_S
        self._held_at_s = 0.0
        self._over = False
        self._charge_As = self._energy_Ws = 0.0
        self._totals = [0.0, 0.0, 0.0, 0.0]
        circuit.add_power(self)

    # ---- acting ---------------------------------------------------------------------------

    def start(self, name: str, steps: Sequence[Step], limits: Limits, period_s: float) -> bool:
        """Begin a test; False when one runs or this is refused."""
        self.circuit.advance()
        too_much = any(step.current_A > self.current_max_A * 1.000001 for step in steps)
        if self.state in ("working", "pause") or "start_refused" in self.faults or not steps or too_much:
            return False
        self.tests += 1
        self.test, self.records = name, []
        self._steps, self._limits, self._period_s = steps, limits, period_s
        self.state = "working"
        now_s = self.circuit.time_s
        self._began_s = now_s
        self._totals = [0.0, 0.0, 0.0, 0.0]
        self._enter(0, now_s)
        self.circuit.changed()
        return True

    def stop(self) -> bool:
        """End the test; False when none runs."""
        self.circuit.advance()
        if self.state not in ("working", "pause"):
            return False
        if "stop_ignored" not in self.faults:
            self._end("stop")
        return True

    def pause(self) -> bool:
        """Hold the test at zero current."""
        self.circuit.advance()
        if self.state != "working":
            return False
        self.state, self._held_at_s = "pause", self.circuit.time_s
        self.circuit.changed()
        return True

    def resume(self) -> bool:
        """Go on with a held test: all its times move by as long as it was held."""
        self.circuit.advance()
        if self.state != "pause":
            return False
        held_s = self.circuit.time_s - self._held_at_s
        self.state = "working"
        self._began_s += held_s
        self._step_began_s += held_s
        self._next_record_s += held_s
        self._step_end_s += held_s
        self.circuit.changed()
        return True

    def jump(self, index: int) -> bool:
        """Go to a step, from 0; a step that is not there ends the test. False when none runs or it ended."""
        self.circuit.advance()
        if self.state != "working":
            return False
        if not 0 <= index < len(self._steps):
            self._end("finish")
            return False
        self._enter(index, self.circuit.time_s)
        self.circuit.changed()
        return True

    def replace_step(self, step: Step) -> None:
        """From now on something else is driven, as in a directly controlled test."""
        self.circuit.advance()
        self._steps = (step,)
        self.circuit.changed()

    def switch_off(self) -> None:
        """Somebody cut it off: the test is over."""
        if self.state in ("working", "pause"):
            self._end("stop")

    def power_down(self) -> None:
        """The mains is gone."""
        self.circuit.advance()
        self.switch_off()

    # ---- looking --------------------------------------------------------------------------

    @property
    def output_on(self) -> bool:
        """Whether a test can drive a current."""
        return self.state == "working"

    @property
    def step(self) -> int:
        """The present step, from 1."""
        return self._index + 1

    @property
    def present(self) -> Step:
        """The step being played, or the last one played."""
        return self._steps[self._index]

    def kind_of(self, record: Record) -> Kind:
        """What was played when a record was made."""
        return self._steps[record.step - 1].kind

    @property
    def test_s(self) -> float:
        """How long the test has been running. Like all that follows at the time of the last ``refresh``:
        what is told together belongs together."""
        return self._until_s() - self._began_s

    @property
    def step_s(self) -> float:
        """How long the present step has."""
        return self._until_s() - self._step_began_s

    def moved(self) -> tuple[float, float]:
        """Ah and Wh of the present step, both positive."""
        return abs(self._charge_As) / 3600.0, abs(self._energy_Ws) / 3600.0

    def totals(self) -> tuple[float, float, float, float]:
        """Of the whole test: Ah charged, Ah discharged, Wh charged, Wh discharged, all positive."""
        charged_Ah, discharged_Ah, charged_Wh, discharged_Wh = self._totals
        return charged_Ah, discharged_Ah, charged_Wh, discharged_Wh

    def voltage(self, form: str) -> str:
        """What it measures now, as text."""
        return self._readings.show("V", self._true_V(), form)

    def current(self, form: str) -> str:
        """What it measures now, as text; positive charges."""
        return self._readings.show("A", self.circuit.share_A(self), form)

    def told(self, first: int, count: int) -> list[Record]:
        """Up to ``count`` records from number ``first`` on, with what the active faults do to them."""
        self.circuit.refresh()
        chosen = self.records[max(first, 1) - 1 :][:count]
        every = int(self.faults.number("record_missing"))
        if every:
            chosen = [record for record in chosen if record.number % every]
        if "record_doubled" in self.faults:
            chosen = [each for record in chosen for each in (record, record)]
        return chosen

    # ---- the circuit's view ---------------------------------------------------------------

    def drive(self, voltage_V: float) -> Drive | None:  # noqa: ARG002  (the circuit's signature)
        """What it does at present."""
        if self.state != "working":
            return None
        step = self.present
        share = 0.5 if "half_current" in self.faults else 1.0
        remote = "sense_open" not in self.faults and self.circuit.sense_connected
        if step.kind == "charge":
            return Drive(self.voltage_max_V, 0.0, step.current_A * share, remote)
        if step.kind == "discharge":
            return Drive(0.0, -step.current_A * share, 0.0, remote)
        if step.kind == "cv":
            return Drive(step.voltage_V, -step.current_A * share, step.current_A * share, remote)
        return None

    def next_event_s(self) -> float:
        """The next record or the end of the step; a record due at the end is that of the end."""
        if self.state != "working":
            return NEVER_S
        if self._next_record_s > self._step_end_s - SAME_S:
            return self._step_end_s
        return self._next_record_s

    def run_event(self, time_s: float) -> None:
        """Keep a record; at the end of a step go to the next one."""
        self.circuit.integrate_to(time_s)
        if self.state != "working":
            return
        self._keep(time_s)
        self._next_record_s += self._period_s
        if time_s < self._step_end_s:
            return
        if self._index + 1 < len(self._steps):
            self._enter(self._index + 1, time_s)
        else:
            self._end("finish")
        self.circuit.changed()

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        """Count, and look at the protections and at what ends a step."""
        if self.state != "working":
            return
        self._charge_As += current_A * duration_s
        self._energy_Ws += current_A * voltage_V * duration_s
        side = 0 if current_A >= 0.0 else 1
        self._totals[side] += abs(current_A) * duration_s / 3600.0
        self._totals[2 + side] += abs(current_A) * voltage_V * duration_s / 3600.0
        limits = self._limits
        if (
            not limits.voltage_min_V <= voltage_V <= limits.voltage_max_V
            or not -limits.discharge_max_A * 1.001 - 0.001 <= current_A <= limits.charge_max_A * 1.001 + 0.001
        ):
            self._end("protect")
            return
        step = self.present
        reached = step.until_V is not None and (
            voltage_V >= step.until_V if step.kind == "charge" else voltage_V <= step.until_V
        )
        if reached or (step.kind == "cv" and abs(current_A) < step.until_A):
            self._step_end_s = min(self._step_end_s, time_s)

    # ---- inside ---------------------------------------------------------------------------

    def _enter(self, index: int, time_s: float) -> None:
        step = self._steps[index]
        self._index, self._step_began_s = index, time_s
        self._charge_As = self._energy_Ws = 0.0
        self._next_record_s = time_s + self._period_s
        self._step_end_s = time_s + step.duration_s

    def _keep(self, time_s: float) -> None:
        if "records_stop" in self.faults:
            return
        charge_Ah, energy_Wh = self.moved()
        self.records.append(
            Record(
                len(self.records) + 1,
                self.step,
                time_s - self._step_began_s,
                time_s - self._began_s,
                time_s,
                self._readings.show("V", self._true_V(), "%.15g"),
                self._readings.show("A", self.circuit.share_A(self), "%.15g"),
                charge_Ah,
                energy_Wh,
            )
        )

    def _true_V(self) -> float:
        return self.circuit.sensed_V(remote="sense_open" not in self.faults)

    def _until_s(self) -> float:
        return self._held_at_s if self.state == "pause" else self.circuit.time_s

    def _end(self, state: str) -> None:
        self.state = state
        self._next_record_s = self._step_end_s = NEVER_S
        self.circuit.changed()

    def _fault_changed(self, name: str) -> None:
        if name in self.faults.active:
            if name == "trip" and self.state in ("working", "pause"):
                self._end("protect")
            elif name == "front_stop":
                self.stop()
            elif name == "front_pause":
                self.pause()
        self.circuit.changed()


def repeated(steps: Sequence[Step | tuple[int, int]]) -> list[Step]:
    """Loops unrolled: ``(to, times)`` plays everything from step ``to`` (from 1) to here so many times."""
    played: list[list[Step]] = []
    for item in steps:
        if isinstance(item, Step):
            played.append([replace(item)])
        else:
            to, times = item
            body = [step for part in played[to - 1 :] for step in part]
            played.append(body * (times - 1))
    return [step for part in played for step in part]
