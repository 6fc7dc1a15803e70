"""What the service tells of its bench."""

from __future__ import annotations

from functools import cache
from typing import Any

import profiles
from station.bench import Bench, Channel, bench_clock
from station.errors import StationError


def describe(bench: Bench) -> dict[str, Any]:
    """The bench, its channels and the profiles; ``speed`` is None when a simulated bench does not answer."""
    try:
        speed: float | None = bench_clock(bench)
    except StationError:
        speed = None
    return {
        "name": bench.name,
        "title": bench.title.model_dump(),
        "simulated": bench.simulation is not None,
        "speed": speed,
        "channels": [_channel_row(channel, bench) for channel in bench.channels],
        "profiles": _profile_list(),
        "grades": _grade_list(),
    }


def _channel_row(channel: Channel, bench: Bench) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name.model_dump(),
        "level": channel.level,
        "series_cells": channel.series_cells,
        "checklist": bench.connection.mode_of(channel.level) if bench.connection else "off",
        "limits": channel.limits.model_dump(),
    }


@cache
def _grade_list() -> list[dict[str, Any]]:
    """The grades in use, best first, with the lowest SOH (a fraction) that earns each."""
    from station.models.rulebook import load_rules  # brings the numerics along: not at start-up

    return [{"grade": step.grade, "soh_min": step.soh_min.value} for step in load_rules().grades]


@cache
def _profile_list() -> list[dict[str, Any]]:
    """The built-in profiles: name, title, description, duration in s (the same for every capacity)."""
    listed = []
    for name in profiles.builtin_names():
        profile = profiles.load(name)
        duration_s = profiles.resolve(profile, nominal_capacity_Ah=1.0).duration_s
        listed.append(
            {
                "name": profile.name,
                "title": profile.title.model_dump(),
                "description": profile.description.model_dump(),
                "duration_s": duration_s,
            }
        )
    return listed
