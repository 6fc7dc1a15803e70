"""Live messages: complete for who keeps up, thinned for who does not, and never in anybody's way."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from station.service.buffer import LiveBuffer
from station.service.hub import Hub
from station.service.live_client import LiveClient
from station.service.paths import ServiceAddress
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.running import request, running_service, until


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10))
def test_a_full_buffer_drops_samples_only(kinds: list[bool], capacity: int) -> None:
    buffer = LiveBuffer[int](capacity)
    for number, is_sample in enumerate(kinds):
        buffer.put(number, is_sample=is_sample)
    taken = buffer.take_all()
    assert len(taken) <= capacity
    assert taken == sorted(taken)
    important = [number for number, is_sample in enumerate(kinds) if not is_sample]
    if buffer.overflowed:
        assert len(important) > capacity
    else:
        assert [number for number in taken if not kinds[number]] == important
        assert len(taken) + buffer.dropped == len(kinds)


def test_subscriber_gets_the_snapshot_first_and_none_at_the_end() -> None:
    async def scene() -> list[str | None]:
        hub = Hub()
        hub.publish({"type": "event", "code": "before"})
        subscriber = hub.join(lambda: {"channels": {}})
        hub.publish({"type": "event", "code": "after"})
        hub.close()
        return [await subscriber.next() for _ in range(3)]

    first, second, third = asyncio.run(scene())
    assert first is not None
    assert '"state"' in first
    assert second is not None
    assert "after" in second
    assert third is None


def test_a_subscriber_that_misses_a_state_is_told_to_start_anew() -> None:
    async def scene() -> tuple[bool, bool]:
        hub = Hub(capacity=5)
        subscriber = hub.join(dict)
        for _ in range(100):
            hub.publish({"type": "samples"})
        before = subscriber.behind.is_set()
        for number in range(10):
            hub.publish({"type": "channel", "n": number})
        return before, subscriber.behind.is_set()

    assert asyncio.run(scene()) == (False, True)


def test_live_client_sees_a_whole_run(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client, client.live() as live:
        messages: list[dict[str, Any]] = []
        until(lambda: messages.extend(live.messages()) or bool(messages))
        assert messages[0]["type"] == "state"
        assert set(messages[0]["channels"]) == {"1", "2", "3"}
        run_id = client.start_run(request("GOOD-1"))
        until(lambda: messages.extend(live.wait(0.1)) or any(m["type"] == "result" for m in messages))
        kinds = {message["type"] for message in messages}
        assert kinds == {"state", "channel", "samples", "event", "result"}
        (told,) = [message for message in messages if message["type"] == "result"]
        assert told["run_id"] == run_id
        assert told["result"]["verdict"] == "pass"
        samples = [message for message in messages if message["type"] == "samples"]
        assert len(samples) == 5
        assert samples[0]["channel"] == "1"
        assert live.dropped == 0


def test_a_client_that_never_reads_holds_up_nobody(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        address = client.address
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect((address.host, address.port))
            lazy.sendall(
                f"GET /api/live?token={address.token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            assert lazy.recv(12) == b"HTTP/1.1 101"
            results = [run_to_end(client, request(f"NOISY-{n}")) for n in range(3)]
            assert [result["exit_code"] for result in results] == [0, 0, 0]
            assert client.state()["channels"]["1"]["state"] == "verdict"


def test_live_client_that_is_not_fetched_keeps_states_and_counts_samples(tmp_path: Path) -> None:
    with (
        running_service(fakes.config(tmp_path)) as client,
        LiveClient(lambda: client.address, capacity=100) as live,
    ):
        until(lambda: live.connection == "connected")
        run_to_end(client, request("NOISY-1"))
        until(lambda: live.dropped > 0)
        kinds = [message["type"] for message in until(live.messages)]
        assert kinds[0] == "state"
        assert "result" in kinds or until(lambda: any(m["type"] == "result" for m in live.messages()))


def test_live_client_follows_the_service_to_its_new_address(tmp_path: Path) -> None:
    addresses: list[ServiceAddress] = []
    with LiveClient(lambda: addresses[-1] if addresses else None) as live:
        with running_service(fakes.config(tmp_path)) as client:
            addresses.append(client.address)
            until(lambda: live.connection == "connected")
        until(lambda: live.connection == "lost")
        live.messages()
        with running_service(fakes.config(tmp_path)) as client:
            addresses.append(client.address)
            until(lambda: live.connection == "connected")
            assert until(live.messages)[0]["type"] == "state"
    assert live.connection == "closed"


def test_live_needs_the_token(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        url = f"ws://{client.address.host}:{client.address.port}/api/live?token=guess"
        with pytest.raises(InvalidStatus), connect(url, proxy=None):
            pass
