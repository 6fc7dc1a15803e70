"""From a start request to an order a worker can carry out, or a named refusal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import profiles
from profiles.hashing import profile_hash
from station.bench import Bench, Channel
from station.errors import UsageError
from station.reports.battery_code import BatteryCode, read_code
from station.reports.decision import today
from station.reports.history import check_intake
from station.safety.chemistry import chemistry_limits
from station.service.profile_shelf import ProfileShelf, as_usage


@dataclass(frozen=True)
class Order:
    """A checked request: what to run, on what, where."""

    channel: Channel
    battery: BatteryCode
    nominal_capacity_Ah: float
    chemistry: str | None
    plan: profiles.Plan
    profile_limits: dict[str, Any]
    intake: dict[str, Any] | None = None
    profile: dict[str, Any] | None = None
    """What the plan was made from, for the run's record: canonical text, hash, who approved it."""
    files: Path | None = None
    """Where the pictures lie that its prompts show."""


def find_channel(bench: Bench, channel_id: str) -> Channel:
    """The channel. Raises UsageError."""
    try:
        return bench.channel(channel_id)
    except KeyError as error:
        known = ", ".join(channel.id for channel in bench.channels)
        raise UsageError(
            f"bench {bench.name} has no channel {channel_id!r}",
            remedy=f"use one of: {known}",
            code="usage.channel",
            channel=channel_id,
            known=known,
        ) from error


def make_order(
    bench: Bench,
    *,
    channel: str,
    profile: str | profiles.Profile,
    battery: str,
    nominal_capacity_Ah: float | None,
    chemistry: str | None,
    on_record: dict[str, Any] | None,
    intake: dict[str, Any] | None = None,
    shelf: ProfileShelf | None = None,
) -> Order:
    """Check a request against the bench; what it leaves out comes from the battery's record.

    ``nominal_capacity_Ah`` is that of one series group, ``intake`` what is known of the battery's past;
    ``profile`` is a name, a file, or the profile itself; ``shelf`` has the station's own. Raises UsageError.
    """
    place = find_channel(bench, channel)
    code = read_code(battery)
    told = check_intake(intake, today=today())
    known = on_record or {}
    capacity_Ah = nominal_capacity_Ah if nominal_capacity_Ah is not None else known.get("nominal_capacity_Ah")
    if capacity_Ah is None:
        raise UsageError(
            f"the nominal capacity of battery {code.text} is not known",
            remedy="give the capacity printed on it, in Ah (of one series group for a module or pack)",
            code="usage.capacity_missing",
            battery=code.text,
        )
    if not math.isfinite(capacity_Ah) or not 0 < capacity_Ah <= 10_000:
        raise UsageError(
            f"a nominal capacity of {capacity_Ah:g} Ah is not possible",
            remedy="give the capacity printed on the battery, in Ah",
            code="usage.capacity",
            value=capacity_Ah if math.isfinite(capacity_Ah) else str(capacity_Ah),
        )
    chemistry = chemistry or known.get("chemistry")
    if chemistry is not None:
        chemistry = chemistry_limits(chemistry).name
    limits = current_limits(place, chemistry, capacity_Ah)
    loaded, plan = _plan(profile, capacity_Ah, limits, shelf)
    stored = _stored(loaded, shelf)
    files = _files(profile, shelf)
    return Order(place, code, capacity_Ah, chemistry, plan, loaded.limits.model_dump(), told, stored, files)


def _files(profile: str | profiles.Profile, shelf: ProfileShelf | None) -> Path | None:
    """Beside the profile's file; for one of the station's own in the folder of them all."""
    if isinstance(profile, str) and Path(profile).suffix in (".yaml", ".yml"):
        return Path(profile).resolve().parent
    return None if shelf is None else shelf.own.folder.resolve()


def _stored(profile: profiles.Profile, shelf: ProfileShelf | None) -> dict[str, Any]:
    approval = None if shelf is None else shelf.approvals.of(profile.name)
    approved = None if approval is None else {"who": approval.who, "t_utc": approval.t_utc}
    return {"canonical": profile.canonical(), "hash": profile_hash(profile), "approved": approved}


def current_limits(channel: Channel, chemistry: str | None, capacity_Ah: float) -> profiles.CurrentLimits:
    """What the bench allows this channel, in A.

    Its power counts at the highest voltage that this battery, or else the channel, may have.
    """
    limits = channel.limits
    voltage_V = limits.voltage_max_V
    if chemistry is not None:
        cell_V = chemistry_limits(chemistry, nominal_capacity_Ah=capacity_Ah).protection_max_V
        voltage_V = min(voltage_V, cell_V * channel.series_cells)
    by_power_A = limits.power_max_W / voltage_V
    return profiles.CurrentLimits(
        charge_max_A=min(limits.charge_current_max_A, by_power_A),
        discharge_max_A=min(limits.discharge_current_max_A, by_power_A),
    )


def _plan(
    name: str | profiles.Profile,
    capacity_Ah: float,
    limits: profiles.CurrentLimits,
    shelf: ProfileShelf | None,
) -> tuple[profiles.Profile, profiles.Plan]:
    try:
        if isinstance(name, profiles.Profile):
            profile, file = name, name.name
        else:
            profile, file = profiles.load(name) if shelf is None else shelf.load(name), name
        return profile, profiles.resolve(profile, nominal_capacity_Ah=capacity_Ah, limits=limits, file=file)
    except profiles.ProfileError as error:
        raise as_usage(error) from error
