"""Gathers what the checks before energy need; builds the envelope and the instrument's protection."""

from __future__ import annotations

import time
from collections.abc import Callable

from drivers.capabilities import Capabilities
from drivers.contracts.bms import Bms, BmsSnapshot
from drivers.contracts.power import PowerPort, Protection
from profiles.plan import End
from profiles.quantities import needs_of
from station.engine.base.beside import beside
from station.engine.base.end_voltage import end_cell_V
from station.engine.base.job import Job
from station.engine.before import dead_man
from station.engine.measure.sensors import Sensors
from station.safety.checks import CheckInputs, CheckResult
from station.safety.checks.plan import (
    plan_current,
    plan_end_cells,
    plan_end_voltage,
    plan_power,
    plan_quantity,
)
from station.safety.chemistry import ChemistryLimits, temperature_defaults_degC
from station.safety.envelope import (
    Envelope,
    EnvelopePart,
    battery_part,
    build_envelope,
    chemistry_part,
    plan_part,
)

BMS_WAIT_S = 3.0
HARDWARE_MARGIN_V = 0.03
"""The instrument's own limits lie this far (per cell) outside the envelope: the sample check trips first."""


def wait_for_bms(bms: Bms, on_step: Callable[[], None]) -> BmsSnapshot:
    """The first complete and healthy snapshot, else the last one seen within 3 s (real time)."""
    bms.start()
    end = time.monotonic() + BMS_WAIT_S
    while True:
        on_step()
        snapshot = bms.snapshot()
        pack = snapshot.signals.get("pack_voltage_V")
        heard = pack is not None and pack.value is not None and not snapshot.faults
        if snapshot.gives_cells and not snapshot.cell_voltages_V:
            heard = False
        insulation = snapshot.signals.get("insulation_ohm")
        if insulation is not None and insulation.value is None:
            heard = False  # this BMS tells it, only not yet
        if heard or time.monotonic() >= end:
            return snapshot
        time.sleep(0.02)


def check_inputs(
    job: Job,
    power: PowerPort,
    sensors: Sensors,
    bms: BmsSnapshot | None,
    voltage_V: float | None,
    chemistry: ChemistryLimits,
    *,
    has_cutoff: bool,
) -> CheckInputs:
    """What the rules judge, from a scan, a BMS snapshot and one reading of the instrument."""
    scan = sensors.latest()
    temperatures = temperature_defaults_degC()
    limits, profile = job.channel.limits, job.profile_limits
    low = max(
        (temperatures["charge_min"], "chemistry"),
        (limits.temperature_min_degC, "bench"),
        (-273.0 if profile.temperature_min_degC is None else profile.temperature_min_degC, "profile"),
        key=_number,
    )
    high = min(
        (temperatures["charge_max"], "chemistry"),
        (limits.temperature_max_degC, "bench"),
        (1e3 if profile.temperature_max_degC is None else profile.temperature_max_degC, "profile"),
        key=_number,
    )
    pack = bms.signals.get("pack_voltage_V") if bms is not None else None
    cells: tuple[float | None, ...] = scan.cells_V if scan is not None else ()
    if bms is not None and bms.cell_voltages_V:
        cells = (*cells, *bms.cell_voltages_V)
    return CheckInputs(
        voltage_V=voltage_V,
        chemistry=chemistry,
        series_cells=job.series_cells,
        charge_min_degC=low[0],
        charge_max_degC=high[0],
        temperature_source=low[1] if low[1] == high[1] else f"{low[1]}, {high[1]}",
        has_terminals=sensors.has("terminals"),
        terminals_V=scan.terminals_V if scan is not None else None,
        has_surface=sensors.has("cell_surface"),
        surface_degC=scan.surface_degC if scan is not None else None,
        has_bms=bms is not None,
        bms_pack_V=pack.value if pack is not None else None,
        bms_faults=bms.faults if bms is not None else (),
        cell_voltages_V=cells,
        bms_pack_age_s=pack.age_s if pack is not None else 0.0,
        bms_gives_cells=bms is not None and bms.gives_cells,
        bms_cells_age_s=bms.cell_voltages_age_s if bms is not None else 0.0,
        bms_temperature_degC=_value(bms, "temperature_degC"),
        level=job.channel.level,
        unwatched=dead_man.unwatched(job, power.capabilities),
        has_cutoff=has_cutoff,
        has_precharge=job.channel.cutoff is not None and job.channel.cutoff.precharge is not None,
        accept_no_watchdog=job.channel.accepted_unwatched(),
        accept_dead_cells=job.channel.accept_dead_cells,
    )


def _number(limit: tuple[float, str]) -> float:
    return limit[0]


def _value(bms: BmsSnapshot | None, name: str) -> float | None:
    signal = bms.signals.get(name) if bms is not None else None
    return None if signal is None else signal.value


def battery_voltage(
    job: Job, power: PowerPort, sensors: Sensors, snapshot: BmsSnapshot | None
) -> tuple[float | None, bool]:
    """The battery's voltage and whether only the BMS knows it. Raises DriverError.

    With a pre-charge the instrument senses on its own side of the open contactor and cannot see it.
    """
    cutoff = job.channel.cutoff
    if cutoff is None or cutoff.precharge is None:
        return power.read().voltage_V, False
    if sensors.has("terminals"):
        scan = sensors.latest()
        return (scan.terminals_V if scan is not None else None), False
    return _value(snapshot, "pack_voltage_V"), True


def terminals_now(sensors: Sensors, on_step: Callable[[], None]) -> float | None:
    """The voltage at the battery's terminals from a fresh scan; None where no input sees it."""
    if not sensors.has("terminals"):
        return None
    beside(sensors.scan_again, on_step)
    scan = sensors.latest()
    return None if scan is None else scan.terminals_V


def voltmeter_ohm(job: Job) -> float:
    """The smallest input resistance among the scanners that watch the chassis."""
    roles = {"minus_chassis", "plus_chassis"}
    return min(
        sensor.input_ohm for sensor in job.channel.sensors if roles & {item.role for item in sensor.inputs}
    )


def envelope_parts(job: Job, chemistry: ChemistryLimits, capabilities: Capabilities) -> list[EnvelopePart]:
    """What chemistry, bench, profile and instrument demand."""
    return [
        *known_parts(job, chemistry),
        EnvelopePart(
            "instrument",
            voltage_max_V=capabilities.voltage_V.high,
            charge_current_max_A=capabilities.current_A.high,
            discharge_current_max_A=-capabilities.current_A.low,
            power_max_W=max(capabilities.power_W.high, -capabilities.power_W.low),
        ),
    ]


def known_parts(job: Job, chemistry: ChemistryLimits) -> list[EnvelopePart]:
    """What is known without asking an instrument: what chemistry, bench and profile demand."""
    limits, profile = job.channel.limits, job.profile_limits
    capacity_Ah = job.battery.nominal_capacity_Ah
    profile_A = _times(profile.current_max_C, capacity_Ah)
    return [
        chemistry_part(chemistry),
        EnvelopePart(
            "bench",
            voltage_min_V=limits.voltage_min_V,
            voltage_max_V=limits.voltage_max_V,
            charge_current_max_A=limits.charge_current_max_A,
            discharge_current_max_A=limits.discharge_current_max_A,
            power_max_W=limits.power_max_W,
            temperature_min_degC=limits.temperature_min_degC,
            temperature_max_degC=limits.temperature_max_degC,
            temperature_rate_max_K_per_min=limits.temperature_rate_max_K_per_min,
            charge_max_Ah=limits.charge_max_Ah,
            discharge_max_Ah=limits.discharge_max_Ah,
            energy_max_Wh=limits.energy_max_Wh,
            cell_spread_max_V=limits.cell_spread_max_V,
            cell_temperature_spread_max_K=limits.cell_temperature_spread_max_K,
        ),
        battery_part(capacity_Ah),
        EnvelopePart(
            "profile",
            cell_voltage_min_V=profile.cell_voltage_min_V,
            cell_voltage_max_V=profile.cell_voltage_max_V,
            charge_current_max_A=profile_A,
            discharge_current_max_A=profile_A,
            temperature_min_degC=profile.temperature_min_degC,
            temperature_max_degC=profile.temperature_max_degC,
            temperature_rate_max_K_per_min=profile.temperature_rate_max_K_per_min,
            charge_max_Ah=_times(profile.charge_max_of_capacity, capacity_Ah),
            discharge_max_Ah=_times(profile.discharge_max_of_capacity, capacity_Ah),
            energy_max_Wh=_times(profile.cell_energy_max_Wh_per_Ah, capacity_Ah * job.series_cells),
            cell_spread_max_V=profile.cell_spread_max_V,
            cell_temperature_spread_max_K=profile.cell_temperature_spread_max_K,
        ),
    ]


def _times(share: float | None, whole: float) -> float | None:
    return None if share is None else share * whole


def merged(job: Job, parts: list[EnvelopePart]) -> Envelope:
    """The envelope without the plan. Raises UsageError."""
    return build_envelope(parts, series_cells=job.series_cells)


def with_plan(job: Job, parts: list[EnvelopePart]) -> Envelope:
    """The envelope of this run: what the plan never asks for is never allowed either. Raises UsageError."""
    plan = plan_part(
        job.plan.bounds(),
        nominal_capacity_Ah=job.battery.nominal_capacity_Ah,
        voltage_max_V=merged(job, parts).voltage_max_V.value,
        range_A=next(part.charge_current_max_A or 0.0 for part in parts if part.source == "instrument"),
    )
    return build_envelope([*parts, plan], series_cells=job.series_cells)


def plan_results(job: Job, envelope: Envelope, rested_V: float) -> list[CheckResult]:
    """Whether the plan's currents, its largest power and the voltages it runs to fit. Raises UsageError."""
    currents_A = [segment.current_A for segment in job.plan.segments]
    ends_V = sorted(
        {end_cell_V(job, segment.end) for segment in job.plan.segments if segment.end is not None}
        | {
            end_cell_V(job, End(segment.control.cell_V, 0.0, must_reach=False))
            for segment in job.plan.segments
            if segment.control is not None and segment.control.mode == "voltage"
        }
    )
    highest_V = max([rested_V, *(end_V * job.series_cells for end_V in ends_V)])
    results = [plan_current(currents_A, envelope), plan_power(currents_A, envelope, highest_V)]
    if ends_V:
        sees_cells = any(item.role == "cell" for sensor in job.channel.sensors for item in sensor.inputs)
        results.append(plan_end_voltage(ends_V, envelope, job.series_cells))
        results.append(plan_end_cells(job.series_cells, sees_cells=sees_cells))
    return [*results, *plan_needs(job)]


def plan_needs(job: Job) -> list[CheckResult]:
    """Whether this channel sees what the plan's conditions ask for; nothing where they ask for nothing more
    than voltage and current."""
    texts = [text for s in job.plan.segments if s.until is not None for text in s.until.conditions]
    texts += [junction.text for junction in job.plan.junctions]
    needs = needs_of(texts)
    if any(s.act is not None and s.act.kind == "bms" for s in job.plan.segments):
        needs.setdefault("bms", "bms_request")
    has: set[str] = {item.role for sensor in job.channel.sensors for item in sensor.inputs}
    if job.channel.bms is not None:
        has.add("bms")
    return [plan_quantity(quantity, need, seen=need in has) for need, quantity in needs.items()]


def bench_protection(job: Job, capabilities: Capabilities) -> Protection:
    """What the bench alone allows: written before the first reading, when the battery is not known yet."""
    limits = job.channel.limits
    return Protection(
        voltage_min_V=max(limits.voltage_min_V, capabilities.voltage_V.low),
        voltage_max_V=min(limits.voltage_max_V, capabilities.voltage_V.high),
        charge_current_max_A=min(limits.charge_current_max_A, capabilities.current_A.high),
        discharge_current_max_A=min(limits.discharge_current_max_A, -capabilities.current_A.low),
        charge_power_max_W=min(limits.power_max_W, capabilities.power_W.high),
        discharge_power_max_W=min(limits.power_max_W, -capabilities.power_W.low),
    )


def hardware_protection(job: Job, envelope: Envelope, capabilities: Capabilities) -> Protection:
    """What is written into the instrument: the envelope with a little room, inside the bench's limits."""
    room_V = HARDWARE_MARGIN_V * job.series_cells
    limits = job.channel.limits
    return Protection(
        voltage_min_V=max(
            envelope.voltage_min_V.value - room_V, limits.voltage_min_V, capabilities.voltage_V.low
        ),
        voltage_max_V=min(
            envelope.voltage_max_V.value + room_V, limits.voltage_max_V, capabilities.voltage_V.high
        ),
        charge_current_max_A=envelope.charge_current_max_A.value,
        discharge_current_max_A=envelope.discharge_current_max_A.value,
        charge_power_max_W=min(envelope.power_max_W.value, capabilities.power_W.high),
        discharge_power_max_W=min(envelope.power_max_W.value, -capabilities.power_W.low),
    )
