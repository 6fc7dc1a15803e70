"""Feeds the rules with synthetic samples, scans and looks at a BMS, in time that only this moves."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from drivers.contracts.bms import BmsSignal, BmsSnapshot
from station.engine.measure.means import Recent
from station.errors import LimitTripped
from station.safety import EnvelopePart, Sample, build_envelope, chemistry_limits
from station.safety.envelope import Envelope, battery_part, chemistry_part
from station.safety.running import Note, Rig, RunningRules, Witness


@dataclass(frozen=True)
class FedScan:
    serial: int
    start_s: float
    end_s: float
    at: float
    surfaces_degC: tuple[float | None, ...] = ()
    terminals_V: float | None = None
    cells_V: tuple[float | None, ...] = ()

    @property
    def surface_degC(self) -> float | None:
        known = [value for value in self.surfaces_degC if value is not None]
        return max(known) if known and len(known) == len(self.surfaces_degC) else None


def envelope_of(*parts: EnvelopePart, cells: int = 1, capacity_Ah: float = 20.0) -> Envelope:
    bench = EnvelopePart(
        "bench",
        charge_current_max_A=60,
        discharge_current_max_A=60,
        power_max_W=300.0 * cells,
        temperature_max_degC=50,
    )
    chemistry = chemistry_part(chemistry_limits("NMC"))
    return build_envelope([chemistry, bench, battery_part(capacity_Ah), *parts], series_cells=cells)


class Feed:
    """A cell of 3.65 V behind 3 mΩ at 100 Hz, a scan each half second.

    Everything that a test wants to bend is an attribute or a function of time.
    """

    def __init__(
        self,
        *,
        envelope: Envelope | None = None,
        roles: Sequence[str] = ("cell_surface", "terminals"),
        cells: int = 1,
        rate_Hz: float = 100.0,
        speed: float = 1.0,
        noise_V: float = 0.0003,
        step_V: float = 0.0001,
        scan_s: float = 0.5,
        range_A: float = 100.0,
        judge_clock: bool = True,
    ) -> None:
        self.rig = Rig(
            range_A, step_V, 0.001, cells, frozenset(roles), max(2.0, 3 * scan_s), speed, judge_clock
        )
        self.rules = RunningRules(
            envelope or envelope_of(cells=cells),
            self.rig,
            problem=lambda: [{"code": "driver.transport", "message": "gone", "params": {}}],
        )
        self.recent = Recent(10.0)
        self.witness = Witness(self.recent)
        self.random = random.Random(7)
        self.period_s, self.scan_s, self.noise_V, self.step_V = 1 / rate_Hz, scan_s, noise_V, step_V
        self.cells = cells
        self.t_s = self.real_s = 0.0
        self.unix_s = 1e9
        self.command_A = 0.0
        self.gain = 1.0
        self.frozen: tuple[float, float] | None = None
        self.extra_V: Callable[[float], float] = lambda _: 0.0
        self.degC: Callable[[float], Sequence[float | None]] = lambda _: (25.0,)
        self.terminals: Callable[[float], float | None] = lambda voltage_V: voltage_V
        self.cells_V: Callable[[float], tuple[float | None, ...]] = lambda _: ()
        self.bms: Callable[[float], BmsSnapshot] | None = None
        self.scanning = True
        self.scanned_before_s = 0.0  # how long before the sample that brings it the scan ended
        self.notes: list[Note] = []
        self._scan: FedScan | None = None
        self._next_scan_s = self._next_look_s = 0.0

    def command(self, current_A: float) -> None:
        if current_A != self.command_A:
            self.command_A, self.witness.steady_since_s = current_A, self.t_s

    def true_V(self) -> float:
        return self.cells * (3.65 + 0.003 * self.command_A * self.gain) + self.extra_V(self.t_s)

    def sample(self) -> Sample:
        voltage_V = self.true_V() + self.random.gauss(0, self.noise_V)
        current_A = self.command_A * self.gain + self.random.gauss(0, 0.01)
        voltage_V = round(voltage_V / self.step_V) * self.step_V
        if self.frozen is not None:
            voltage_V, current_A = self.frozen
        surface = self._scan.surface_degC if self._scan is not None else None
        return Sample(self.t_s, self.unix_s, voltage_V, round(current_A, 3), self.command_A, 3, surface)

    def step(self, sample: Sample | None = None) -> LimitTripped | None:
        """One sample further; what tripped."""
        self.t_s += self.period_s
        self.real_s += self.period_s / self.rig.speed
        self.unix_s += self.period_s / self.rig.speed
        sample = sample or self.sample()
        if self.scanning and self.t_s >= self._next_scan_s:
            self._next_scan_s = self.t_s + self.scan_s
            self._scan = FedScan(
                (self._scan.serial if self._scan else 0) + 1,
                self.t_s - self.scanned_before_s - 0.05,
                self.t_s - self.scanned_before_s,
                self.real_s,
                tuple(self.degC(self.t_s)),
                self.terminals(self.true_V()),
                self.cells_V(self.t_s),
            )
        self.witness.scan, self.witness.real_s, self.witness.bms = self._scan, self.real_s, None
        if self.bms is not None and self.real_s >= self._next_look_s:
            self._next_look_s, self.witness.bms = self.real_s + 0.1, self.bms(self.t_s)
        self.rules.sensor_age.look(self._scan)
        tripped = self.rules.check_envelope(sample)
        if tripped is None:
            self.recent.add(sample)
            tripped = self.rules.check(sample, self.witness)
        self.notes += self.rules.notes.pending
        self.rules.notes.pending.clear()
        return tripped

    def run(self, seconds: float) -> LimitTripped | None:
        """Go on for so long; the first that tripped, or None."""
        end_s = self.t_s + seconds
        while self.t_s < end_s:
            tripped = self.step()
            if tripped is not None:
                return tripped
        return None

    def pulses(
        self, current_A: float = 50.0, *, pulse_s: float = 5.0, rest_s: float = 10.0
    ) -> LimitTripped | None:
        """A charge pulse, a rest, a discharge pulse, a rest."""
        for amps, seconds in (
            (0.0, 2.0),
            (current_A, pulse_s),
            (0.0, rest_s),
            (-current_A, pulse_s),
            (0.0, rest_s),
        ):
            self.command(amps)
            tripped = self.run(seconds)
            if tripped is not None:
                return tripped
        return None

    def skip(self, seconds: float) -> None:
        """Time passes without a sample."""
        self.t_s += seconds
        self.real_s += seconds / self.rig.speed
        self.unix_s += seconds / self.rig.speed

    def codes(self) -> list[str]:
        return [note.code for note in self.notes]


def code_of(tripped: LimitTripped | None) -> str | None:
    return None if tripped is None else tripped.code


def bms_of(
    pack_V: float | None,
    current_A: float | None,
    *,
    age_s: float = 0.05,
    degC: float | None = 25.0,
    cells_V: tuple[float, ...] = (),
    cells_age_s: float = 0.5,
    faults: tuple[str, ...] = (),
    gives_cells: bool = False,
) -> BmsSnapshot:
    signals = {
        "pack_voltage_V": BmsSignal(pack_V, age_s),
        "current_A": BmsSignal(current_A, age_s),
        "temperature_degC": BmsSignal(degC, age_s),
    }
    return BmsSnapshot(signals, faults, cells_V, cells_age_s, gives_cells)


__all__ = ["FedScan", "Feed", "bms_of", "code_of", "envelope_of", "replace"]
