"""The state of a bench, looked at again and again; what is not known is None and never an old value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from station.errors import StationError
from station.service.client import ServiceClient

FIELDS: Final[dict[str, tuple[type, str]]] = {
    "state": (str, ""),
    "battery": (str, ""),
    "profile": (str, ""),
    "run_id": (str, ""),
    "elapsed_s": (float, "s"),
    "remaining_s": (float, "s"),
    "voltage_V": (float, "V"),
    "current_A": (float, "A"),
    "surface_degC": (float, "degC"),
    "verdict": (str, ""),
    "grade": (str, ""),
    "soh": (float, "1"),
    "fault": (str, ""),
}
"""Name, kind and unit of everything that is told of a channel. Positive current charges."""


@dataclass(frozen=True)
class Seen:
    """One look: whether the service answered, and the values of each channel."""

    reached: bool
    channels: dict[str, dict[str, Any]]


def look(client: ServiceClient | None, known: tuple[str, ...]) -> Seen:
    """The values of all channels; those of ``known`` channels are None where nothing answers."""
    if client is not None:
        try:
            state = client.state()
            return Seen(True, dict(_channels(state["channels"])))
        except StationError:
            pass
    return Seen(False, {channel: dict.fromkeys(FIELDS) for channel in known})


def _channels(states: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for channel, state in states.items():
        values = {name: state.get(name) for name in FIELDS}
        values["soh"] = (state.get("soh") or {}).get("estimate")
        values["fault"] = (state.get("fault") or {}).get("code")
        yield (
            channel,
            {name: None if value is None else FIELDS[name][0](value) for name, value in values.items()},
        )
