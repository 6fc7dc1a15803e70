"""What can go wrong on one simulated bench, for a person or program that wants to choose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simulators.channel import SimulatedChannel
from simulators.faults import FaultSet
from simulators.instruments.label_printer import PrinterServer
from simulators.instruments.safety_io import SafetyIO


def known_faults(
    channels: Mapping[str, SimulatedChannel],
    io: SafetyIO | None,
    printers: Mapping[str, PrinterServer] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Every fault: channel, instrument (None: the wiring), name, meaning, default, active value or False.

    Those of the relay module and of the label printers (``instrument``: their ids) belong to no channel.
    """
    places: list[tuple[str | None, str | None, FaultSet]] = []
    for identifier, channel in channels.items():
        places.append((identifier, None, channel.circuit.faults))
        places += [(identifier, unit.kind, unit.faults) for unit in channel.units]
    if io is not None:
        places.append((None, "modbus-relay", io.faults))
    places += [(None, name, server.printer.faults) for name, server in printers.items()]
    return [
        {
            "channel": channel,
            "instrument": instrument,
            "name": name,
            "meaning": spec.meaning,
            "default": spec.default,
            "active": faults.active.get(name, False),
        }
        for channel, instrument, faults in places
        for name, spec in faults.specs().items()
    ]
