"""The gate before energy: every rule in its order, each told whether it passes or not; a refusal ends it.

The order is the one of a pack stand: who are you → guard and interlocks → readings, polarity, charge state,
BMS, temperature → plan → insulation → pre-charge → contactor. The contact check follows inside the run.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from drivers.contracts.bms import BmsSnapshot
from drivers.contracts.power import PowerPort
from drivers.errors import DriverError
from station.bench.model import GuardInputs
from station.engine.base.guard_link import GuardLink
from station.engine.base.instruments import Instruments
from station.engine.base.job import Job
from station.engine.base.timebase import Clock
from station.engine.before import precheck
from station.engine.before.insulation import read_insulation
from station.engine.before.pack_contactors import OwnContactors, own_contactors, told_insulation_ohm
from station.engine.before.precharge import Precharger, residual_after
from station.engine.measure.sensors import Sensors
from station.errors import InterlockOpen, told
from station.safety.checks import CheckResult, contactor, insulation, require, run_checks, supervision
from station.safety.checks.instruments import calibrations, identity
from station.safety.chemistry import ChemistryLimits, chemistry_limits
from station.safety.envelope import Envelope

INSULATION_AGE_MAX_S = 15.0
"""The BMS's own insulation value is asked every 5 s; an older one is not of this connection."""


@dataclass(frozen=True)
class Battery:
    """What stands behind the leads. ``by_bms``: until the contactor closes only the BMS sees it."""

    voltage_V: float
    by_bms: bool
    chemistry: ChemistryLimits
    working_V: float
    snapshot: BmsSnapshot | None


class Gate:
    """``note`` records an event (code, level, params); ``turn`` shows that the loop lives and may raise."""

    def __init__(
        self,
        job: Job,
        *,
        note: Callable[[str, str, dict[str, Any]], None],
        turn: Callable[[], None],
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self._job, self._note, self._turn, self._today = job, note, turn, today
        self._precharger: Precharger | None = None
        self._pack: OwnContactors | None = None

    @property
    def precharged(self) -> bool:
        """True once source and pack have been joined, if only by the resistor: ``after`` is owed then."""
        return self._precharger is not None and self._precharger.joined

    @property
    def own_contactors(self) -> bool:
        """True where the pack's own contactors are moved by this station."""
        return self._pack is not None

    def tell(self, results: Iterable[CheckResult]) -> None:
        """Record every result, then raise CheckFailed for the first that refuses."""
        results = list(results)
        self._record(results)
        require(results)

    def _record(self, results: Iterable[CheckResult]) -> None:
        for result in results:
            self._note(result.event, result.level, result.as_dict())

    def guard_present(self) -> None:
        """A channel with coils needs the guard; any other is told to run without. Raises CheckFailed."""
        channel = self._job.channel
        needs = channel.cutoff is not None or channel.insulation is not None
        self.tell([supervision.guard_present(has_guard=self._job.guard is not None, needs_guard=needs)])

    def instruments(self, instruments: Instruments) -> None:
        """Who answered, and whether their calibration is good. Raises CheckFailed."""
        job = self._job
        self.tell(
            [
                *(identity(facts) for facts in instruments.facts),
                *calibrations(
                    instruments.facts,
                    self._today(),
                    job.bench.calibration,
                    simulated=job.bench.simulation is not None,
                ),
            ]
        )

    def guard(self, connect: Callable[[], GuardLink]) -> GuardLink:
        """Greet the guard: it refuses while emergency stop or interlock are open. Raises InterlockOpen."""
        config = self._job.bench.guard
        inputs = GuardInputs() if config is None else config.inputs
        missing = tuple(name for name, number in inputs.model_dump().items() if number is None)
        try:
            link = connect()
        except InterlockOpen as error:
            refused = supervision.interlocks(missing, refusal=error.message, remedy=error.remedy)
            self._record([refused])
            raise
        self.tell([supervision.interlocks(missing)])
        return link

    def pack(
        self, power: PowerPort, sensors: Sensors, instruments: Instruments, guard: GuardLink | None
    ) -> None:
        """Close the pack's own contactors onto open leads, where the bench wants that.

        Raises CheckFailed, InterlockOpen, DriverError.
        """
        job, bms = self._job, instruments.bms
        if self._pack is None:
            self._pack = own_contactors(bms, tell=self.tell, note=self._record, turn=self._turn)
        if self._pack is None or bms is None:
            return
        snapshot = precheck.wait_for_bms(bms, self._turn)
        pack = snapshot.signals.get("pack_voltage_V")
        told_V = pack.value if pack is not None else None
        chemistry = chemistry_limits(
            job.battery.chemistry,
            nominal_capacity_Ah=job.battery.nominal_capacity_Ah,
            rested_cell_V=None if told_V is None else told_V / job.series_cells,
        )
        has_cutoff = job.channel.cutoff is not None
        inputs = precheck.check_inputs(
            job, power, sensors, snapshot, told_V, chemistry, has_cutoff=has_cutoff
        )
        self._pack.close(
            inputs,
            told_insulation_ohm(snapshot, INSULATION_AGE_MAX_S),
            self._thresholds(),
            sensors,
            guard,
            has_cutoff=has_cutoff,
        )

    def open_pack(self, sensors: Sensors, stamp: Callable[[], None]) -> list[dict[str, Any]]:
        """Open the pack's own contactors again, if this run has moved them. What is wrong; never raises."""
        return [] if self._pack is None else self._pack.open(sensors, stamp)

    def _thresholds(self) -> insulation.Thresholds:
        wiring = self._job.channel.insulation
        if wiring is None:
            return insulation.Thresholds()
        return insulation.Thresholds(wiring.fail_ohm_per_V, wiring.warn_ohm_per_V, "bench")

    def battery(self, power: PowerPort, sensors: Sensors, instruments: Instruments) -> Battery:
        """Read everything that sees the battery and judge it. Raises CheckFailed, UsageError, DriverError."""
        job = self._job
        bms = instruments.bms
        snapshot = precheck.wait_for_bms(bms, self._turn) if bms is not None else None
        voltage_V, by_bms = precheck.battery_voltage(job, power, sensors, snapshot)
        chemistry = chemistry_limits(
            job.battery.chemistry,
            nominal_capacity_Ah=job.battery.nominal_capacity_Ah,
            rested_cell_V=None if voltage_V is None else voltage_V / job.series_cells,
        )
        self._note("engine.limits", "info", {"chemistry": chemistry.name, "evidence": chemistry.evidence})
        inputs = precheck.check_inputs(
            job, power, sensors, snapshot, voltage_V, chemistry, has_cutoff=job.channel.cutoff is not None
        )
        self.tell(run_checks(inputs))
        assert voltage_V is not None  # reading_present has refused otherwise
        return Battery(voltage_V, by_bms, chemistry, inputs.working_V, snapshot)

    def plan(self, power: PowerPort, battery: Battery) -> Envelope:
        """Merge the limits and hold the plan against them. Raises CheckFailed, UsageError.

        A voltage with the power leads in it is told: resistances are too large then, and no SOH comes of it.
        """
        if not power.capabilities.remote_sense:
            self._note("engine.no_sense_leads", "warning", {"driver": self._job.channel.power.driver})
        parts = precheck.envelope_parts(self._job, battery.chemistry, power.capabilities)
        envelope = precheck.merged(self._job, parts)
        self.tell(precheck.plan_results(self._job, envelope, battery.voltage_V))
        return precheck.with_plan(self._job, parts)

    def insulation(self, battery: Battery, sensors: Sensors, guard: GuardLink | None) -> None:
        """Above 60 V: by the BMS, by the station's own measurement, or by name. Raises CheckFailed."""
        if not insulation.needs_insulation(battery.working_V):
            return
        channel, results = self._job.channel, list[CheckResult]()
        limits, snapshot = self._thresholds(), battery.snapshot
        told_ohm = None if snapshot is None else told_insulation_ohm(snapshot, INSULATION_AGE_MAX_S)
        if told_ohm is not None:
            results.append(insulation.by_bms(told_ohm, battery.working_V, limits))
            self._record(results)
        if channel.insulation is not None and guard is not None:
            readings = read_insulation(
                channel.insulation, precheck.voltmeter_ohm(self._job), sensors, guard, self._turn
            )
            results.append(insulation.measured(readings, battery.voltage_V, battery.working_V, limits))
            self._record(results[-1:])
        if not results:
            results.append(insulation.unknown(channel.accept_no_insulation))
            self._record(results)
        require(results)

    def contactor(
        self, power: PowerPort, battery: Battery, sensors: Sensors, guard: GuardLink | None, clock: Clock
    ) -> None:
        """Close the cut-off, where wired by way of the pre-charge. Raises CheckFailed, InterlockOpen."""
        if guard is None:
            return
        guard.check()
        guard.watch_progress()
        cutoff = self._job.channel.cutoff
        if cutoff is None:
            return
        if cutoff.precharge is None:
            guard.close_cutoff()
            self.tell([contactor.cutoff_step(battery.voltage_V, power.read().voltage_V)])
            return

        def terminals_V() -> float | None:
            return precheck.terminals_now(sensors, self._turn)

        self._precharger = Precharger(
            cutoff.precharge,
            guard,
            read_source=lambda: power.read().voltage_V,
            read_terminals=terminals_V,
            clock=clock,
            tell=lambda result: self.tell([result]),
            on_step=self._turn,
        )
        self._precharger.connect(battery.voltage_V, guard.close_cutoff, by_bms=battery.by_bms)

    def after(self, power: PowerPort, clock: Clock, stamp: Callable[[], None]) -> list[dict[str, Any]]:
        """Once the cut-off is open: are the source's terminals touch-safe within 5 s? What is wrong."""
        try:
            result = residual_after(lambda: power.read().voltage_V, clock, stamp)
        except DriverError as error:
            return [told(error)]
        self._record([result])
        return [] if result.ok else [told(result.error())]
