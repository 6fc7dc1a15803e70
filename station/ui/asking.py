"""What the desk asks of the service, and what it tells the operator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from station.errors import StationError

Sound = Literal["accepted", "done", "attention"]
Level = Literal["info", "ready", "question", "refusal"]


@dataclass(frozen=True)
class Request:
    """What the service is asked; ``kind`` is the backend's method."""

    kind: Literal[
        "start",
        "stop",
        "stop_all",
        "force",
        "pause",
        "resume",
        "skip",
        "acknowledge",
        "battery",
        "run",
        "state",
        "bench",
        "own_id",
        "print_label",
    ]
    channel: str | None = None
    profile: str | None = None
    battery: str | None = None
    nominal_capacity_Ah: float | None = None
    chemistry: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Prompt:
    """The line at the top: a text's key with its parameters, or a message of the station by code."""

    level: Level
    key: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    error: StationError | None = None
