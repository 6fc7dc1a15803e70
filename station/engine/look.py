"""A look at what hangs on a channel's leads: voltages only, the output stays off all the time.

A worker's first line ``{"look": {"bench", "channel", "chemistry"?, "nominal_capacity_Ah"?, "speed"}}`` makes
it say, about three times a second, ``{"type":"look","voltage_V","terminals_V","bms_V","cell_V","ok",
"finding"}`` until it is told to stop, its stdin closes or ``LOOK_MAX_S`` are over. ``finding`` is the first
check before energy that would refuse, in the words of those checks. No guard is greeted, no cut-off closed,
no current ever commanded.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import profiles
from drivers.catalogue import open_instrument
from drivers.contracts.bms import BmsSnapshot
from drivers.errors import DriverError, NoReading
from profiles.model import ProfileLimits
from station.bench import Bench, BenchClock
from station.engine.base.instruments import Instruments, Opener, open_instruments
from station.engine.base.job import Job, JobBattery
from station.engine.base.live import LiveWriter
from station.engine.base.outcome import StopRequested
from station.engine.base.stop import StopFlags
from station.engine.before import precheck
from station.engine.measure.sensors import SensorPoller, Sensors
from station.engine.measure.shared_scanner import sharing_opener
from station.errors import StationError, SupervisionLost, UsageError
from station.safety.checks import CheckResult, battery, readings
from station.safety.chemistry import chemistry_limits

PERIOD_S: Final = 0.3
LOOK_MAX_S: Final = 300.0
"""Nobody looks longer at one connection; the window asks again while it shows it."""
RULES: Final = (
    readings.reading_present,
    readings.polarity,
    readings.battery_present,
    readings.voltmeters_agree,
    readings.bms_agrees,
    battery.not_overdischarged,
    battery.ocv_in_window,
)
"""What can be said of a connection by voltages alone, in the order of the gate."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    bench: Bench
    channel: str
    chemistry: str | None = None
    nominal_capacity_Ah: float = Field(default=1.0, gt=0)
    speed: float = Field(default=1.0, gt=0)


def look(message: object, live: LiveWriter, stop: StopFlags, opener: Opener = open_instrument) -> int:
    """Look until somebody ends it. Returns the exit code; never raises for what can go wrong on a bench."""
    error: StationError | DriverError | None = None
    instruments = Instruments()
    try:
        job = _job(message)
        try:
            _follow(job, instruments, live, stop, opener)
        finally:
            _close(instruments)
    except (StopRequested, SupervisionLost):
        pass
    except (StationError, DriverError) as problem:
        error = problem
    live.send({"type": "look_ended", "finding": None if error is None else _words(error)})
    live.close()
    return 0 if error is None else 4


def _job(message: object) -> Job:
    """What the parts before energy know a channel by; the plan is one that nobody plays."""
    try:
        request = _Request.model_validate(message)
        channel = request.bench.channel(request.channel)
    except (ValidationError, KeyError) as error:
        raise UsageError(
            f"this is no look: {error}", remedy="start it through the service", code="usage.job"
        ) from error
    plan = profiles.resolve(profiles.load("screen"), nominal_capacity_Ah=request.nominal_capacity_Ah)
    told = JobBattery(
        code="look", nominal_capacity_Ah=request.nominal_capacity_Ah, chemistry=request.chemistry
    )
    return Job("look", Path(), request.bench, channel, told, plan, request.speed, None, ProfileLimits())


def _follow(job: Job, into: Instruments, live: LiveWriter, stop: StopFlags, opener: Opener) -> None:
    shared = sharing_opener(opener, job.bench, job.channel, job.speed, stop.check)
    open_instruments(job.channel, into, opener=shared, on_step=stop.check)
    wrong = next((facts for facts in into.facts if facts.wrong), None)
    if wrong is not None:
        raise UsageError(
            f"{wrong.place}: another instrument answers",
            remedy="check the address and the bench file",
            code="safety.check.identity",
            place=wrong.place,
        )
    power = into.power
    assert power is not None  # only a wrong one is left out
    power.make_safe()  # somebody may have left it on
    # Sets the sense inputs as well: some instruments see the battery only from here on. The output stays off.
    power.prepare(precheck.bench_protection(job, power.capabilities))
    clock = BenchClock(job.speed, 0.0)
    pollers = [
        SensorPoller(scanner, ref.inputs, ref.period_s, lambda: clock) for scanner, ref in into.scanners
    ]
    sensors = Sensors(pollers)
    for poller in pollers:
        poller.configure()
    if into.bms is not None:
        into.bms.start()
    end = time.monotonic() + LOOK_MAX_S
    while time.monotonic() < end:
        began = time.monotonic()
        stop.check()
        live.send(_once(job, into, sensors), droppable=True)
        stop.event.wait(max(0.0, began + PERIOD_S - time.monotonic()))


def _once(job: Job, into: Instruments, sensors: Sensors) -> dict[str, Any]:
    """One look: what is read, and what the gate would say of it."""
    power = into.power
    assert power is not None
    snapshot: BmsSnapshot | None = into.bms.snapshot() if into.bms is not None else None
    problem: DriverError | None = None
    voltage_V: float | None = None
    try:
        sensors.scan_again()
    except DriverError as error:
        problem = error
    try:
        voltage_V, _ = precheck.battery_voltage(job, power, sensors, snapshot)
    except NoReading:
        voltage_V = None
    scan = sensors.latest()
    finding = _words(problem) if problem is not None else _judged(job, into, sensors, snapshot, voltage_V)
    pack = snapshot.signals.get("pack_voltage_V") if snapshot is not None else None
    return {
        "type": "look",
        "voltage_V": voltage_V,
        "terminals_V": scan.terminals_V if scan is not None else None,
        "bms_V": pack.value if pack is not None else None,
        "cell_V": None if voltage_V is None else voltage_V / job.series_cells,
        "ok": finding is None,
        "finding": finding,
    }


def _judged(
    job: Job, into: Instruments, sensors: Sensors, snapshot: BmsSnapshot | None, voltage_V: float | None
) -> dict[str, Any] | None:
    assert into.power is not None
    chemistry = chemistry_limits(
        job.battery.chemistry,
        nominal_capacity_Ah=job.battery.nominal_capacity_Ah,
        rested_cell_V=None if voltage_V is None else voltage_V / job.series_cells,
    )
    inputs = precheck.check_inputs(
        job, into.power, sensors, snapshot, voltage_V, chemistry, has_cutoff=job.channel.cutoff is not None
    )
    for rule in RULES:
        result: CheckResult = rule(inputs)
        if not result.ok:
            return _words(result.error())
    return None


def _words(error: StationError | DriverError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "params": {key: value for key, value in error.params.items() if _plain(value)},
    }


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, list, tuple))


def _close(instruments: Instruments) -> None:
    """Whatever else failed: off, and every link closed."""
    power = instruments.power
    for close in (
        *([power.make_safe, power.close] if power is not None else []),
        *(scanner.close for scanner, _ in instruments.scanners),
        *([instruments.bms.close] if instruments.bms is not None else []),
    ):
        try:
            close()
        except DriverError:
            continue  # the link is dead: the output was never on
