"""What the service tells of its bench."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.bench import Bench, Channel, bench_clock
from station.errors import StationError
from station.service.profile_shelf import ProfileShelf


def describe(bench: Bench, data: Path) -> dict[str, Any]:
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
        "profiles": ProfileShelf(data).rows(everyday=True),
        "grades": _grade_list(data),
        "barcode_scanner": bench.barcode_scanner,
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


def _grade_list(data: Path) -> list[dict[str, Any]]:
    """The grades in use, best first, with the lowest SOH (a fraction) that earns each."""
    from station.models.rulebook import RuleShelf  # brings the numerics along: not at start-up

    rules = RuleShelf(data / "rules").rules()
    return [{"grade": step.grade, "soh_min": step.soh_min.value} for step in rules.grades]
