"""Which channels of a bench can run a profile on a battery, and why the others cannot.

The same rules as before energy, as far as they need no instrument: its own ranges and its timing are known
only once it answers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import profiles
from profiles.yaml_file import Find
from station.bench import Bench, Channel
from station.errors import StationError
from station.service.orders import current_limits
from station.service.profile_shelf import as_usage


def fits(
    bench: Bench,
    text: str,
    *,
    nominal_capacity_Ah: float,
    chemistry: str | None = None,
    find: Find | None = None,
) -> list[dict[str, Any]]:
    """One row per channel: ``channel``, ``name``, ``ok``, ``limits`` in A, ``problems`` (code, params, …).

    ``find``: the station's own profiles, which this one may call.
    """
    return [_row(bench, channel, text, nominal_capacity_Ah, chemistry, find) for channel in bench.channels]


def _row(
    bench: Bench, channel: Channel, text: str, capacity_Ah: float, chemistry: str | None, find: Find | None
) -> dict[str, Any]:
    row: dict[str, Any] = {"channel": channel.id, "name": channel.name.model_dump(), "problems": []}
    try:
        limits = current_limits(channel, chemistry, capacity_Ah)
        row["limits"] = {"charge_max_A": limits.charge_max_A, "discharge_max_A": limits.discharge_max_A}
        checked = profiles.check_text(text, nominal_capacity_Ah=capacity_Ah, limits=limits, find=find)
        found: list[StationError] = [as_usage(problem) for problem in checked.problems]
        if checked.plan is not None and checked.profile is not None:
            found += _before_energy(bench, channel, checked, capacity_Ah, chemistry)
    except StationError as error:
        found = [error]
    row["problems"] = [error.as_dict() for error in found]
    row["ok"] = not found
    return row


def _before_energy(
    bench: Bench, channel: Channel, checked: profiles.Checked, capacity_Ah: float, chemistry: str | None
) -> list[StationError]:
    from station.engine.base.job import Job, JobBattery
    from station.engine.before.precheck import known_parts, merged, plan_results
    from station.safety.chemistry import chemistry_limits

    assert checked.plan is not None
    assert checked.profile is not None
    assert checked.timeline is not None
    battery = JobBattery(code="", nominal_capacity_Ah=capacity_Ah, chemistry=chemistry, level=channel.level)
    job = Job("", Path(), bench, channel, battery, checked.plan, 1.0, None, checked.profile.limits)
    cell = chemistry_limits(chemistry, nominal_capacity_Ah=capacity_Ah)
    envelope = merged(job, known_parts(job, cell))
    # Power was counted at the highest voltage that the battery may have, by current_limits.
    results = plan_results(job, envelope, 0.0)
    found: list[StationError] = [result.error() for result in results if not result.ok]
    for moved_Ah, limit in (
        (checked.timeline.charge_Ah, envelope.charge_max_Ah),
        (checked.timeline.discharge_Ah, envelope.discharge_max_Ah),
    ):
        if limit is not None and moved_Ah > limit.value:
            found.append(_too_much(moved_Ah, limit.value, limit.source))
    return found


def _too_much(moved_Ah: float, limit_Ah: float, source: str) -> StationError:
    from station.errors import UsageError

    return UsageError(
        f"the plan may move {moved_Ah:.3g} Ah, the {source} allows {limit_Ah:.3g} Ah in one run",
        remedy="make the profile shorter, or raise the limit where it belongs",
        code="profile.moves_too_much",
        moved_Ah=moved_Ah,
        limit_Ah=limit_Ah,
        source=source,
    )
