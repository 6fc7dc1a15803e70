"""Whether the channels of a bench can run a profile, and where not: why, by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import profiles
from drivers.capabilities import Capabilities
from drivers.errors import DriverError
from profiles.quantities import needs_of
from station.bench import Bench, Channel
from station.engine.play.timing import choose_timing, groups
from station.errors import UsageError


@dataclass(frozen=True)
class Ability:
    """What one channel says to a profile; ``unknown`` is what only its hardware tells."""

    channel: str
    driver: str
    problems: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def able(self) -> bool:
        """Nothing is known that speaks against it."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "channel": self.channel,
            "driver": self.driver,
            "able": self.able,
            "problems": list(self.problems),
            "unknown": list(self.unknown),
        }


def abilities(
    profile: profiles.Profile,
    bench: Bench,
    nominal_capacity_Ah: float,
    capabilities: dict[str, Capabilities],
    *,
    speed: float = 1.0,
    only: str = "",
) -> list[Ability]:
    """Every channel of ``bench`` (or ``only`` one). ``capabilities`` by channel, as far as they are known."""
    return [
        _ability(profile, channel, nominal_capacity_Ah, capabilities.get(channel.id), speed)
        for channel in bench.channels
        if only in ("", channel.id)
    ]


def _ability(
    profile: profiles.Profile,
    channel: Channel,
    capacity_Ah: float,
    capabilities: Capabilities | None,
    speed: float,
) -> Ability:
    limits = channel.limits
    current = profiles.CurrentLimits(limits.charge_current_max_A, limits.discharge_current_max_A)
    try:
        plan = profiles.resolve(profile, nominal_capacity_Ah=capacity_Ah, limits=current)
    except profiles.ProfileError as error:
        return Ability(channel.id, channel.power.driver, (f"{error.field}: {error.message}",))
    problems = _unseen(plan, channel)
    unknown: list[str] = []
    if capabilities is None:
        unknown.append("what the instrument can do: it is asked when it is connected")
    else:
        problems += _unmade(plan, capabilities, speed)
    return Ability(channel.id, channel.power.driver, tuple(dict.fromkeys(problems)), tuple(unknown))


def _unseen(plan: profiles.Plan, channel: Channel) -> list[str]:
    texts = [text for s in plan.segments if s.until is not None for text in s.until.conditions]
    needs = needs_of([*texts, *(junction.text for junction in plan.junctions)])
    if any(s.act is not None and s.act.kind == "bms" for s in plan.segments):
        needs.setdefault("bms", "bms_request")
    has = {item.role for sensor in channel.sensors for item in sensor.inputs}
    found = [
        f"{quantity} is asked for, and the channel has no {need}"
        for need, quantity in needs.items()
        if need not in has and not (need == "bms" and channel.bms is not None)
    ]
    held = [s.control for s in plan.segments if s.control is not None]
    runs_full = any(s.end is not None for s in plan.segments) or any(one.mode == "voltage" for one in held)
    if runs_full and channel.level != "cell" and "cell" not in has:
        found.append("cells in series are run to a voltage that nobody measures cell by cell")
    return found


def _unmade(plan: profiles.Plan, capabilities: Capabilities, speed: float) -> list[str]:
    found: list[str] = []
    for group in groups(plan):
        largest_A = max(segment.current_A for segment in group)
        smallest_A = min(segment.current_A for segment in group)
        if largest_A > capabilities.current_A.high * (1 + 1e-9):
            gives_A = capabilities.current_A.high
            found.append(f"steps[{group[0].step}]: {largest_A:.4g} A, the instrument gives {gives_A:g} A")
        if smallest_A < capabilities.current_A.low * (1 + 1e-9):
            takes_A = -capabilities.current_A.low
            found.append(f"steps[{group[0].step}]: {-smallest_A:.4g} A, the instrument takes {takes_A:g} A")
        try:
            choose_timing(group, plan.timing, capabilities, speed)
        except UsageError as error:
            found.append(f"steps[{group[0].step}]: {error.message}")
    return found


def capabilities_of(channel: Channel) -> Capabilities | None:
    """What the channel's instrument says it can do; None where it does not answer. Nothing is switched on."""
    from drivers.catalogue import open_instrument
    from drivers.contracts.cycler import Cycler
    from drivers.contracts.power import PowerPort
    from station.engine.base.cycler_port import CyclerPort

    options: dict[str, Any] = dict(channel.power.options)
    for key, part in channel.power.parts().items():
        options[key] = part.model_dump(mode="json", exclude={"expect", "calibration"})
    try:
        instrument = open_instrument(channel.power.driver, channel.power.address, options)
    except DriverError:
        return None
    try:
        port = CyclerPort(instrument) if isinstance(instrument, Cycler) else instrument
        return port.capabilities if isinstance(port, PowerPort) else None
    except DriverError:
        return None
    finally:
        instrument.close()
