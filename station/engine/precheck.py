"""Gathers what the checks before energy need, and builds the envelope and the instrument's own protection."""

from __future__ import annotations

import time
from collections.abc import Callable

from drivers.capabilities import Capabilities
from drivers.contracts.bms import Bms, BmsSnapshot
from drivers.contracts.power import PowerPort, Protection
from station.engine.job import Job
from station.engine.sensors import Sensors
from station.errors import CheckFailed
from station.safety.checks import CheckInputs, CheckResult
from station.safety.chemistry import ChemistryLimits, temperature_defaults_degC
from station.safety.envelope import Envelope, EnvelopePart, build_envelope, chemistry_part

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
    pack = bms.signals.get("pack_voltage_V") if bms is not None else None
    cells: tuple[float | None, ...] = scan.cells_V if scan is not None else ()
    if bms is not None and bms.cell_voltages_V:
        cells = (*cells, *bms.cell_voltages_V)
    return CheckInputs(
        voltage_V=voltage_V,
        chemistry=chemistry,
        series_cells=job.series_cells,
        charge_min_degC=max(
            temperatures["charge_min"], limits.temperature_min_degC, profile.temperature_min_degC or -273.0
        ),
        charge_max_degC=min(
            temperatures["charge_max"], limits.temperature_max_degC, profile.temperature_max_degC or 1e3
        ),
        has_terminals=sensors.has("terminals"),
        terminals_V=scan.terminals_V if scan is not None else None,
        has_surface=sensors.has("cell_surface"),
        surface_degC=scan.surface_degC if scan is not None else None,
        has_bms=bms is not None,
        bms_pack_V=pack.value if pack is not None else None,
        bms_faults=bms.faults if bms is not None else (),
        cell_voltages_V=cells,
        has_watchdog=power.capabilities.watchdog is not None,
        has_cutoff=has_cutoff,
        accept_no_watchdog=job.channel.accept_no_watchdog,
    )


def make_envelope(job: Job, chemistry: ChemistryLimits, capabilities: Capabilities) -> Envelope:
    """Merge chemistry, bench, profile, instrument and plan. Raises UsageError, CheckFailed."""
    limits, profile = job.channel.limits, job.profile_limits
    capacity_Ah = job.battery.nominal_capacity_Ah
    profile_A = None if profile.current_max_C is None else profile.current_max_C * capacity_Ah
    parts = [
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
        ),
        EnvelopePart(
            "profile",
            cell_voltage_min_V=profile.cell_voltage_min_V,
            cell_voltage_max_V=profile.cell_voltage_max_V,
            charge_current_max_A=profile_A,
            discharge_current_max_A=profile_A,
            temperature_min_degC=profile.temperature_min_degC,
            temperature_max_degC=profile.temperature_max_degC,
        ),
        EnvelopePart(
            "instrument",
            voltage_max_V=capabilities.voltage_V.high,
            charge_current_max_A=capabilities.current_A.high,
            discharge_current_max_A=-capabilities.current_A.low,
            power_max_W=max(capabilities.power_W.high, -capabilities.power_W.low),
        ),
    ]
    envelope = build_envelope(parts, series_cells=job.series_cells)
    _plan_fits(job, envelope)
    charge_A = max([0.0, *(s.current_A for s in job.plan.segments)])
    discharge_A = max([0.0, *(-s.current_A for s in job.plan.segments)])
    # What the plan never asks for is never allowed either.
    plan = EnvelopePart("plan", charge_current_max_A=charge_A, discharge_current_max_A=discharge_A)
    return build_envelope([*parts, plan], series_cells=job.series_cells)


def _plan_fits(job: Job, envelope: Envelope) -> None:
    for segment in job.plan.segments:
        limit = envelope.charge_current_max_A if segment.current_A > 0 else envelope.discharge_current_max_A
        if abs(segment.current_A) > limit.value * (1 + 1e-9):
            raise CheckFailed(
                f"the plan asks for {segment.current_A:.4g} A, the {limit.source} allows {limit.value:.4g} A",
                remedy="use a channel with a larger limit or a profile with smaller currents",
                code="safety.check.plan_current",
                rule="plan_current",
                value=abs(segment.current_A),
                limit=limit.value,
                unit="A",
            )


def plan_power(job: Job, envelope: Envelope, rested_V: float) -> CheckResult:
    """The largest pulse at the rested voltage stays below the power limit."""
    largest_W = max(abs(segment.current_A) for segment in job.plan.segments) * abs(rested_V)
    limit = envelope.power_max_W
    return CheckResult(
        "plan_power",
        largest_W <= limit.value,
        largest_W,
        limit.value,
        "W",
        f"the plan needs {largest_W:.4g} W, the {limit.source} allows {limit.value:.4g} W",
        "use a channel with a larger limit or a profile with smaller currents",
    )


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
