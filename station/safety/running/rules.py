"""All rules of a running test, in the order in which they are asked."""

from __future__ import annotations

from typing import Any

from drivers.contracts.bms import BmsSnapshot
from station.errors import LimitTripped
from station.safety.envelope import Envelope
from station.safety.running.bms_age import BmsAge
from station.safety.running.bms_agreement import BmsAgreement
from station.safety.running.bms_health import BmsHealth
from station.safety.running.cell_spread import CellSpread
from station.safety.running.cell_sum import CellSum
from station.safety.running.current_tracking import CurrentTracking
from station.safety.running.dead_cells import DeadCells
from station.safety.running.frozen_reading import FrozenReading
from station.safety.running.half_current import HalfCurrent
from station.safety.running.pack_contactors import PackContactorsOpen
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.sample_clock import SampleClock
from station.safety.running.sample_gap import SampleGap
from station.safety.running.sensor_age import Problem, SensorAge
from station.safety.running.temperature_rate import TemperatureRate
from station.safety.running.temperature_spread import TemperatureSpread
from station.safety.running.temperatures import Temperatures
from station.safety.running.thermal_runaway import ThermalRunaway
from station.safety.running.throughput import Throughput
from station.safety.running.voltage_agreement import VoltageAgreement
from station.safety.running.voltage_dip import VoltageDip
from station.safety.running.voltage_falling import VoltageFalling
from station.safety.running.witness import Rig, ScanView, Witness
from station.safety.sample import Sample

SLOW_S = 0.1
"""Real time between two looks at what changes slowly: the ages of the sensors."""
STEADY_S, STEADY = 0.3, 0.02
"""How long before a scan, and within what fraction, the measured current must have been the same."""
RUNAWAY_BEHIND = frozenset({"temperature_max", "voltage_min"})


class RunningRules:
    """``check_envelope`` first, on every sample; then ``check``, on every sample that has both readings.

    ``notes.pending`` holds what is to be told without ending the test; whoever calls empties it.
    ``problem`` says what the scanners complain of. ``began_s`` and ``real_s`` are bench and real time now.
    """

    def __init__(
        self,
        envelope: Envelope,
        rig: Rig,
        *,
        problem: Problem = list,
        began_s: float = 0.0,
        real_s: float = 0.0,
    ) -> None:
        self.notes = Notes()
        self._envelope, self._rest_A = envelope, rig.floor_A
        self._serial = 0
        self._uncompared: ScanView | None = None
        self._slow_at = real_s
        self.temperatures = Temperatures(rig)
        self.rate = TemperatureRate(self.temperatures, envelope.temperature_rate_max_K_per_min, self.notes)
        self.runaway = ThermalRunaway(self.temperatures, envelope.temperature_max_degC)
        self.temperature_spread = TemperatureSpread(envelope.cell_temperature_spread_max_K, self.notes)
        self.cell_spread = CellSpread(envelope.cell_spread_max_V)
        self.cell_sum = CellSum(rig, self.notes)
        self.dead_cells = DeadCells(rig.dead_cells)
        self.voltage_agreement = VoltageAgreement(rig)
        self.sensor_age = SensorAge(rig, self.notes, problem, began_s, real_s)
        self.bms_age, self.bms_health = BmsAge(self.notes), BmsHealth(envelope, self.dead_cells)
        self.bms_agreement, self.pack_contactors = BmsAgreement(), PackContactorsOpen()
        self.throughput = Throughput(envelope)
        self.tracking, self.half_current = CurrentTracking(rig), HalfCurrent(rig)
        self.dip, self.falling = VoltageDip(rig), VoltageFalling(rig)
        self._fast = tuple(
            rule.check
            for rule in (
                self.half_current,
                FrozenReading(rig),
                self.tracking,
                self.throughput,
                self.dip,
                self.falling,
                SampleGap(self.notes),
                SampleClock(rig, self.notes),
            )
        )
        self._fast_by_others = (self.tracking.check, self.throughput.check)

    def check_envelope(self, sample: Sample) -> LimitTripped | None:
        """Judge voltage, current, power, temperature, and whether there is a reading at all."""
        tripped = self._envelope.check(sample)
        if tripped is not None and tripped.params["rule"] in RUNAWAY_BEHIND:
            hot = tripped.params["rule"] == "temperature_max"
            return self.runaway.judge(sample, hot=hot) or tripped
        return tripped

    def voltage_interrupted(self) -> None:
        """The voltages from here on cannot be compared with those before."""
        self.dip.forget()

    def check(self, sample: Sample, witness: Witness, *, by_others: bool = False) -> LimitTripped | None:
        """What ``sample`` and what is known beside it break, or None. Both readings must be there.

        ``by_others``: the voltage is not the instrument's own, so rules about its course keep still.
        """
        for fast in self._fast_by_others if by_others else self._fast:
            tripped = fast(sample, witness)
            if tripped is not None:
                return tripped
        assert sample.current_A is not None
        if sample.command_A or abs(sample.current_A) > self._rest_A:
            self.temperatures.flow_s = sample.t_s
        scan = witness.scan
        if scan is not None and scan.serial != self._serial:
            self._serial = scan.serial
            # One that still waits for its sample is not pushed out by the next.
            self._uncompared = self._uncompared or scan
            tripped = self._check_scan(scan, sample)
            if tripped is not None:
                return tripped
        if self._uncompared is not None and sample.t_s - sample.spread_s >= self._uncompared.end_s:
            tripped = self._compare(self._uncompared, sample, witness)
            self._uncompared = None
            if tripped is not None:
                return tripped
        if witness.bms is not None:
            tripped = self._check_bms(witness.bms, sample, witness)
            if tripped is not None:
                return tripped
        if witness.real_s < self._slow_at:
            return None
        self._slow_at = witness.real_s + SLOW_S
        assert sample.voltage_V is not None
        self.runaway.begin(sample.voltage_V)
        return self.sensor_age.check_age(sample, witness.real_s)

    def describe(self) -> list[dict[str, Any]]:
        """Every rule with its limit and whose it is, for the record."""
        owners = (*vars(self).values(), *(getattr(check, "__self__", None) for check in self._fast))
        infos = {
            info.name: info
            for owner in owners
            for info in (vars(owner).values() if hasattr(owner, "__dict__") else ())
            if isinstance(info, RuleInfo)
        }
        return [infos[name].as_dict() for name in sorted(infos)]

    def _check_scan(self, scan: ScanView, sample: Sample) -> LimitTripped | None:
        self.temperatures.add_scan(scan)
        return (
            self._check_temperatures(sample)
            or self.temperature_spread.check_scan(scan, sample)
            or self._envelope.check_cells(scan.cells_V)
            or self.cell_spread.check_cells(scan.cells_V, "scanner", sample)
        )

    def _compare(self, scan: ScanView, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Scanner against instrument, once a sample behind the scan shows that no edge came in its middle: an
        instrument that plays its own program may be some hundredths of a second ahead of its commands."""
        if not witness.recent.steady(scan.start_s - STEADY_S, self._rest_A, STEADY):
            return None
        return self.voltage_agreement.check_scan(scan, sample, witness) or self.cell_sum.check_scan(
            scan, sample, witness
        )

    def _check_bms(self, bms: BmsSnapshot, sample: Sample, witness: Witness) -> LimitTripped | None:
        self.temperatures.add_bms(bms, sample)
        tripped = self.pack_contactors.check_bms(bms, sample)
        tripped = (
            tripped or self._check_temperatures(sample) or self.bms_age.check_bms(bms, sample, witness.real_s)
        )
        if tripped is not None:
            return tripped
        tripped = self.bms_health.check_bms(bms, sample)
        if tripped is not None:
            hot = tripped.params["rule"] == "temperature_max"
            return (self.runaway.judge(sample, hot=True) or tripped) if hot else tripped
        cells_V = self.dead_cells.living(bms.cell_voltages_V)
        tripped = self.cell_spread.check_cells(cells_V, "BMS", sample)
        if tripped is not None or self.bms_age.pack_stale:
            return tripped
        return self.bms_agreement.check_bms(bms, sample, witness) or self.cell_sum.check_bms(
            bms, sample, witness
        )

    def _check_temperatures(self, sample: Sample) -> LimitTripped | None:
        return self.runaway.check_temperatures(sample) or self.rate.check_temperatures(sample)
