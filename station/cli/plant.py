"""``station plant``: the bench as other systems of a plant see it, read-only."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.cli.options import BenchOption, DataOption, data_folder
from station.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from station.plant.watch import Seen

app = typer.Typer(help="OPC UA and MQTT Sparkplug B, read-only.", no_args_is_help=True)


@app.command("opcua")
def opcua(
    bench: BenchOption = "demo",
    endpoint: Annotated[str, typer.Option("--endpoint")] = "opc.tcp://127.0.0.1:4840/pulse",
    data: DataOption = None,
) -> None:
    """Serve the bench by OPC UA until it is ended."""
    import asyncio

    from station.plant.opcua import OpcUaServer

    described, look = _bench(bench, data_folder(data))

    async def serve() -> None:
        server = OpcUaServer(endpoint, described, look)
        await server.start()
        note(endpoint)
        try:
            await asyncio.Event().wait()
        finally:
            await server.close()

    asyncio.run(serve())


@app.command("sparkplug")
def sparkplug(
    broker: Annotated[str, typer.Argument(help="HOST or HOST:PORT of the MQTT broker.")],
    group: Annotated[str, typer.Option("--group", help="Sparkplug group.")] = "pulse-station",
    bench: BenchOption = "demo",
    data: DataOption = None,
) -> None:
    """Publish the bench to an MQTT broker until it is ended."""
    from station.plant.sparkplug import SparkplugNode

    host, _, port = broker.partition(":")
    described, look = _bench(bench, data_folder(data))
    node = SparkplugNode(group, described, look)
    node.connect(host, int(port or 1883))
    note(f"{group} at {host}:{port or 1883}")
    try:
        while True:
            time.sleep(1.0)
            node.refresh()
    finally:
        node.close()


def _bench(name: str, data: Path) -> tuple[dict[str, Any], Callable[[], Seen]]:
    """The bench by its file, and a look at its service, which may come and go."""
    from station.bench import load_bench
    from station.plant.watch import look
    from station.service.client import ServiceClient, find_address

    bench = load_bench(name)
    known = tuple(channel.id for channel in bench.channels)

    def seen() -> Seen:
        address = find_address(data, bench.name)
        if address is None:
            return look(None, known)
        with ServiceClient(address, data=data, bench=bench.name, timeout_s=3.0) as client:
            return look(client, known)

    return {"name": bench.name, "channels": [{"id": channel} for channel in known]}, seen
