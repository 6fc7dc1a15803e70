"""What the simulated cyclers must know to be those that a bench file describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from station.bench import Channel, InstrumentRef

CYCLERS = {"neware-bts8", "arbin-cti", "maccor-macnet"}


def cycler_options(ref: InstrumentRef, users: Sequence[tuple[Channel, InstrumentRef]]) -> dict[str, Any]:
    """Options of the server at ``ref``'s address, which stands in the first of its ``users``' channels."""
    options: dict[str, Any] = {
        name: ref.options[name]
        for name in (
            "voltage_max_V",
            "current_max_A",
            "record_period_min_s",
            "username",
            "password",
            "schedule",
            "procedure",
        )
        if name in ref.options
    }
    options["places"] = [
        {
            **(_device(user) if ref.driver == "neware-bts8" else {}),
            "chlid": user.options.get("channel", 1),
            **({} if channel is users[0][0] else {"bench_channel": channel.id}),
        }
        for channel, user in users
    ]
    return options


def _device(user: InstrumentRef) -> dict[str, Any]:
    return {"devid": user.options.get("device", 0), "subdevid": user.options.get("subdevice", 1)}
