"""Independent clients read what the service says: asyncua's client, and paho through a real broker."""

from __future__ import annotations

import asyncio
import math
import queue
import socket
from typing import Any

import paho.mqtt.client as mqtt
import pysparkplug
import pytest
from asyncua import Client, ua

from station.plant.opcua import NAMESPACE, OpcUaServer
from station.plant.sparkplug import SparkplugNode
from station.plant.watch import FIELDS, Seen
from tests.station.plant.broker import mosquitto

BENCH = {"name": "testbench", "channels": [{"id": "1"}, {"id": "2"}]}


class Bench:
    """What a look finds; a test changes it."""

    def __init__(self) -> None:
        self.reached = True
        self.channels: dict[str, dict[str, Any]] = {key: dict.fromkeys(FIELDS) for key in ("1", "2")}
        self.channels["1"] |= {"state": "running", "voltage_V": 3.31, "current_A": -35.0, "battery": "B-1"}

    def look(self) -> Seen:
        channels = self.channels if self.reached else {key: dict.fromkeys(FIELDS) for key in self.channels}
        return Seen(self.reached, {key: dict(values) for key, values in channels.items()})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_opc_ua_client_reads_and_may_not_write() -> None:
    bench = Bench()

    async def tried() -> None:
        endpoint = f"opc.tcp://127.0.0.1:{free_port()}/pulse"
        server = OpcUaServer(endpoint, BENCH, bench.look)
        await server.start()
        try:
            async with Client(endpoint) as client:
                index = await client.get_namespace_index(NAMESPACE)

                async def node(channel: str, name: str) -> Any:
                    steps = ("testbench", "FunctionalUnitSet", f"Channel {channel}", "FunctionSet", name)
                    return await client.nodes.objects.get_child([f"{index}:{step}" for step in steps])

                voltage, idle = await node("1", "voltage_V"), await node("2", "voltage_V")
                assert await voltage.read_value() == 3.31
                assert await (await node("1", "state")).read_value() == "running"
                nothing = await idle.read_data_value(raise_on_bad_status=False)
                assert not nothing.StatusCode.is_good()
                assert nothing.Value.Value is None or math.isnan(nothing.Value.Value)
                with pytest.raises(ua.UaStatusCodeError):
                    await voltage.write_value(ua.DataValue(ua.Variant(9.9, ua.VariantType.Double)))
                bench.reached = False
                await server.refresh()
                lost = await voltage.read_data_value(raise_on_bad_status=False)
                assert not lost.StatusCode.is_good()
                assert lost.Value.Value is None or math.isnan(lost.Value.Value)
        finally:
            await server.close()

    asyncio.run(tried())


def test_a_subscriber_gets_births_changes_and_deaths() -> None:
    bench = Bench()
    heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
    with mosquitto() as port:
        subscriber = mqtt.Client(client_id="subscriber")
        subscriber.on_message = lambda _client, _data, message: heard.put((message.topic, message.payload))
        ready: queue.Queue[bool] = queue.Queue()
        subscriber.on_subscribe = lambda *_: ready.put(True)
        subscriber.connect("127.0.0.1", port)
        subscriber.subscribe("spBv1.0/#")
        subscriber.loop_start()
        ready.get(timeout=10)
        node = SparkplugNode("yard", BENCH, bench.look)
        node.connect("127.0.0.1", port)

        def until(kind: str, device: str) -> dict[str, Any]:
            while True:
                topic, payload = heard.get(timeout=10)
                parts = topic.split("/")
                if parts[1:3] == ["yard", kind] and parts[-1] == device:
                    decoder = {"DBIRTH": pysparkplug.DBirth, "DDATA": pysparkplug.DData}[kind]
                    return {metric.name: metric.value for metric in decoder.decode(payload).metrics}

        born = until("DBIRTH", "channel-1")
        assert (born["voltage_V"], born["battery"], born["soh"]) == (3.31, "B-1", None)
        bench.channels["1"]["voltage_V"] = 3.25
        node.refresh()
        assert until("DDATA", "channel-1") == {"voltage_V": 3.25}
        bench.reached = False
        node.refresh()
        assert until("DDATA", "channel-1")["voltage_V"] is None
        node.close()
        while "NDEATH" not in heard.get(timeout=10)[0]:
            pass
        subscriber.loop_stop()
        subscriber.disconnect()
