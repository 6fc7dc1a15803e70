"""What a worker is told, and what is on record before it starts."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from station.errors import RecordError, StationError
from station.evidence import station_key
from station.evidence.clock import check_clock
from station.records import Records
from station.service.config import ServiceConfig
from station.service.ending import RunFacts
from station.service.history import INTAKE_EVENT
from station.service.orders import Order


def new_run_id(channel: str) -> str:
    """Sortable by time (UTC), unique: ``20261123T023500-1-a1b2c3``."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{channel}-{secrets.token_hex(3)}"


def make_facts(order: Order, config: ServiceConfig, speed: float) -> RunFacts:
    """A new run for ``order``."""
    run_id = new_run_id(order.channel.id)
    return RunFacts(
        run_id=run_id,
        run_dir=config.paths.run(run_id),
        battery=order.battery.text,
        bench=config.bench.name,
        channel=order.channel.id,
        profile=order.plan.profile,
        nominal_capacity_Ah=order.nominal_capacity_Ah,
        chemistry=order.chemistry,
        simulated=config.bench.simulation is not None,
        speed=speed,
        files=order.files,
    )


def make_job(
    order: Order, facts: RunFacts, config: ServiceConfig, guard: dict[str, Any] | None
) -> dict[str, Any]:
    """The worker's first line."""
    return {
        "run_id": facts.run_id,
        "run_dir": str(facts.run_dir),
        "bench": config.bench_as_json(),
        "channel": facts.channel,
        "battery": {
            "code": facts.battery,
            "nominal_capacity_Ah": facts.nominal_capacity_Ah,
            "chemistry": facts.chemistry,
            "level": order.channel.level,
            "series_cells": order.channel.series_cells,
        },
        "plan": order.plan.as_dict(),
        "speed": facts.speed,
        "profile_limits": order.profile_limits,
        "profile": order.profile,
        "guard": guard,
    }


def record_start(records: Records, order: Order, facts: RunFacts) -> None:
    """The run's folder, the battery, the run, and what its label warns of. Raises RecordError."""
    try:
        facts.run_dir.mkdir(parents=True)
    except OSError as error:
        raise RecordError(
            f"the run's folder {facts.run_dir} cannot be made: {error.strerror or error}",
            remedy="check that the data folder can be written and has free space",
            code="record.unavailable",
            file=str(facts.run_dir),
            reason=str(error.strerror or error),
        ) from error
    code = order.battery
    records.register_battery(
        code.text,
        level=code.level or order.channel.level,
        chemistry=facts.chemistry,
        nominal_capacity_Ah=facts.nominal_capacity_Ah,
        maker=code.maker,
        made_on=code.made_on,
    )
    clock = check_clock(datetime.now(UTC), (records.newest_event() or {}).get("t_utc"))
    records.start_run(
        run_id=facts.run_id,
        station=_station(records),
        battery=facts.battery,
        bench=facts.bench,
        channel=facts.channel,
        profile=facts.profile,
        plan_digest=order.plan.digest,
        nominal_capacity_Ah=facts.nominal_capacity_Ah,
        chemistry=facts.chemistry,
        speed=facts.speed,
        simulated=facts.simulated,
    )
    records.add_event(
        "run.started",
        {
            "battery": facts.battery,
            "channel": facts.channel,
            "profile": facts.profile,
            "plan_digest": order.plan.digest,
            "nominal_capacity_Ah": facts.nominal_capacity_Ah,
            "chemistry": facts.chemistry,
            "accept_no_watchdog": list(order.channel.accept_no_watchdog),
            "accept_no_insulation": order.channel.accept_no_insulation,
            "accept_dead_cells": order.channel.accept_dead_cells,
        },
        run_id=facts.run_id,
    )
    if order.intake is not None:
        records.add_event(INTAKE_EVENT, order.intake, run_id=facts.run_id)
    told = code.warnings(level=order.channel.level, chemistry=facts.chemistry)
    for warning, params in [*told, *clock]:
        records.add_event(warning, params, level="warning", run_id=facts.run_id)


def _station(records: Records) -> str | None:
    """Who this station is; a key that cannot be read now is told when the result is signed."""
    try:
        return station_key(records.folder).key_id
    except StationError:
        return None
