"""An OPC UA server over one bench: a device with a functional unit for each channel, as in LADS.

The companion specification of laboratory devices (OPC 30500-1) is the pattern for names and layout only; no
conformity is claimed, and its node set is not loaded. Everything is read-only: there is no method to call
and no node that a client may write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes

from station import __version__
from station.plant.watch import FIELDS, Seen

NAMESPACE: Final = "urn:pulse-station:bench"
PERIOD_S: Final = 1.0
_KINDS: Final = {str: ua.VariantType.String, float: ua.VariantType.Double}
BAD: Final = StatusCodes.BadNoCommunication
NONE: Final = StatusCodes.BadNoDataAvailable


class OpcUaServer:
    """Serves until ``close``; ``look`` is asked once a period, away from the event loop."""

    def __init__(self, endpoint: str, bench: dict[str, Any], look: Callable[[], Seen]) -> None:
        """``endpoint`` as ``opc.tcp://127.0.0.1:4840/pulse``; ``bench`` as the service describes it."""
        self._endpoint, self._bench, self._look = endpoint, bench, look
        self._server = Server()
        self._nodes: dict[tuple[str, str], Node] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Build the nodes and listen. Raises OSError where the port is taken."""
        await self._server.init()
        self._server.set_endpoint(self._endpoint)
        self._server.set_server_name("Pulse Station")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        index = await self._server.register_namespace(NAMESPACE)
        device = await self._server.nodes.objects.add_object(index, self._bench["name"])
        for name, value in (("Manufacturer", "Pulse Station"), ("SoftwareRevision", __version__)):
            await device.add_property(index, name, value, ua.VariantType.String)
        units = await device.add_folder(index, "FunctionalUnitSet")
        for channel in self._bench["channels"]:
            unit = await units.add_object(index, f"Channel {channel['id']}")
            functions = await unit.add_folder(index, "FunctionSet")
            for name, (kind, unit_text) in FIELDS.items():
                node = await functions.add_variable(
                    index, name, ua.Variant("" if kind is str else 0.0, _KINDS[kind]), datatype=None
                )
                if unit_text:
                    await node.add_property(index, "EngineeringUnits", unit_text, ua.VariantType.String)
                self._nodes[channel["id"], name] = node
        await self.refresh()
        await self._server.start()
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._server.stop()

    async def refresh(self) -> None:
        """One look, into all nodes: a value that nobody knows has a bad status, not a number."""
        seen = await asyncio.to_thread(self._look)
        for (channel, name), node in self._nodes.items():
            value = seen.channels.get(channel, {}).get(name)
            kind = _KINDS[FIELDS[name][0]]
            status = StatusCodes.Good if value is not None else NONE if seen.reached else BAD
            nothing: Any = "" if kind is ua.VariantType.String else float("nan")
            variant = ua.Variant(nothing if value is None else value, kind)
            told = ua.DataValue(variant, ua.StatusCode(ua.UInt32(status)))
            await self._server.write_attribute_value(node.nodeid, told)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(PERIOD_S)
            await self.refresh()
