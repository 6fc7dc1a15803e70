"""The Arbin and Maccor drivers on the wire: against others' simulators and against ours."""

from __future__ import annotations

import gc
import json
import os
import socket
import struct
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from drivers.arbin_frames import INFO, LOGIN, request
from drivers.catalogue import open_instrument
from drivers.contracts.cycler import CannotSay, Cycler, CyclerState, CyclerStep, Schedule
from drivers.contracts.power import Protection
from drivers.errors import InstrumentError, OutOfRange
from simulators.bench import running
from simulators.config import BenchSimulation

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    spoofer: Any = pytest.importorskip("pyctiarbin.arbinspoofer.arbin_spoofer")
    messages: Any = pytest.importorskip("pyctiarbin.messages")
    macnet: Any = pytest.importorskip("pymacnet")
    maccor_spoofer: Any = pytest.importorskip("pymacnet.maccorspoofer")

SPEED = 30.0
CELL = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 20.0, "soh": 0.9, "soc": 0.5}
RATING = {"voltage_max_V": 5.0, "current_max_A": 50.0}
LIMITS = Protection(2.5, 4.3, 30.0, 30.0, 100.0, 100.0)
PULSE = Schedule((CyclerStep(10.0, 20.0), CyclerStep(0.0, 5.0), CyclerStep(-10.0, 20.0)), LIMITS, 0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, Any]]:
    kinds = {"arbin-cti": 5, "maccor-macnet": 7}
    binary = free_port()
    more = {"arbin-cti": {}, "maccor-macnet": {"binary_port": binary}}
    channels = [
        {
            "id": kind,
            "battery": CELL,
            "instruments": [{"kind": kind, "options": {"places": [{"chlid": number}], **more[kind]}}],
        }
        for kind, number in kinds.items()
    ]
    with running(BenchSimulation.model_validate({"speed": SPEED, "channels": channels})) as info:
        yield {**info, "binary": binary}


def address(bench: dict[str, Any], kind: str) -> str:
    return next(f"tcp://127.0.0.1:{i['port']}" for i in bench["instruments"] if i["kind"] == kind)


def opened(kind: str, where: str, **options: Any) -> Any:
    return open_instrument(kind, where, {**RATING, **options})


@pytest.fixture(params=["arbin-cti", "maccor-macnet"])
def channel(request: pytest.FixtureRequest, bench: dict[str, Any]) -> Iterator[Cycler]:
    more: dict[str, Any] = (
        {"channel": 5, "limits_in_schedule": True} if "arbin" in request.param else {"channel": 7}
    )
    made = opened(request.param, address(bench, request.param), **more)
    yield made
    made.make_safe()
    made.close()


_name = iter(range(1000))


@contextmanager
def theirs() -> Iterator[None]:
    """Other people's clients leave sockets to the collector, which complains at some later test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
        gc.collect()


def test_a_schedule_is_handed_over_played_and_read(channel: Cycler) -> None:
    name = f"PS-{next(_name)}-{os.getpid()}"
    assert channel.status().state.over
    assert 3.0 < channel.read().voltage_V < 4.2
    channel.upload(PULSE, name)
    channel.start(name)
    seen = []
    while not channel.status().state.over:
        seen += channel.records(len(seen))
    assert channel.status().state is CyclerState.FINISHED
    assert [record.number for record in seen] == list(range(1, len(seen) + 1))
    assert {1, 3} <= {record.step for record in seen} <= {1, 2, 3}
    for record in seen:
        step = PULSE.steps[record.step - 1]
        assert 0 <= record.step_time_s <= step.duration_s + 0.01
        assert record.current_A == pytest.approx(step.current_A, abs=0.05)
    assert not channel.verify_safe().output_on
    with pytest.raises(InstrumentError):
        channel.start(name)  # names are unique


def test_a_stop_ends_the_current(channel: Cycler) -> None:
    name = f"PS-{next(_name)}-{os.getpid()}"
    channel.upload(PULSE, name)
    channel.start(name)
    assert channel.verify_safe().output_on
    channel.make_safe()
    state = channel.verify_safe()
    assert not state.output_on
    assert abs(state.current_A) < 0.1


def test_its_own_protection_ends_a_test(channel: Cycler) -> None:
    name = f"PS-{next(_name)}-{os.getpid()}"
    tight = Protection(2.5, 3.0, 30.0, 30.0, 100.0, 100.0)
    channel.upload(Schedule(PULSE.steps, tight, 0.1), name)
    channel.start(name)
    channel.read()
    assert channel.status().state is CyclerState.PROTECTED


def test_what_it_cannot_say(channel: Cycler) -> None:
    for steps, number in (
        ((), 0),
        ((CyclerStep(1.0, 1.0),) * 8, channel.capabilities.sequence_steps_max + 1),
        ((CyclerStep(1.0, 1.0), CyclerStep(1.0, 1.0, until_V=4.0)), 2),
        ((CyclerStep(1.0, 0.0),), 1),
    ):
        with pytest.raises(CannotSay) as caught:
            channel.upload(Schedule(steps, LIMITS, 0.1), "PS-x")
        assert caught.value.params["step"] == number
    with pytest.raises(OutOfRange):
        channel.upload(Schedule((CyclerStep(40.0, 1.0),), LIMITS, 0.1), "PS-x")


def test_an_arbin_schedule_without_limits_protects_nothing(bench: dict[str, Any]) -> None:
    arbin = opened("arbin-cti", address(bench, "arbin-cti"), channel=5)
    assert arbin.protections == frozenset()
    arbin.close()


# ---------------------------------------------------------------- others' simulators and clients


@theirs()
def test_arbin_driver_on_their_spoofer() -> None:
    port = free_port()
    served = spoofer.ArbinSpoofer({"ip": "127.0.0.1", "port": port, "num_channels": 4})
    served.start()
    try:
        served.update_channel_status(
            2, {"channel": 2, "voltage_v": 3.7, "current_a": -1.5, "test_time_s": 12.5}
        )
        made = opened("arbin-cti", f"tcp://127.0.0.1:{port}", channel=3)
        for _ in range(3):  # frames two bytes longer than they say leave nothing behind
            reading = made.read()
            assert (reading.voltage_V, reading.current_A) == (pytest.approx(3.7), -1.5)
        made.stop()
        made.close()
    finally:
        served.stop()


@theirs()
def test_maccor_driver_on_their_spoofer() -> None:
    ports = free_port(), free_port()
    served = maccor_spoofer.MaccorSpoofer(
        {"server_ip": "127.0.0.1", "json_port": ports[0], "tcp_port": ports[1], "num_channels": 4}
    )
    served.start()
    try:
        served.update_channel_status(2, {"Voltage": 3.71, "Current": 1.5, "RF1": 2, "Stat": 2})
        made = opened("maccor-macnet", f"tcp://127.0.0.1:{ports[0]}", channel=3)
        assert made.identify().manufacturer == "MACCOR"
        assert (made.read().voltage_V, made.read().current_A) == (3.71, -1.5)
        assert made.status().state is CyclerState.RUNNING
        made.upload(PULSE, "PS-1")
        made.close()
    finally:
        served.stop()


@theirs()
def test_their_arbin_client_on_our_server(bench: dict[str, Any], tmp_path: Any) -> None:
    (tmp_path / ".env").write_text("ARBIN_CTI_USERNAME=admin\nARBIN_CTI_PASSWORD=000000\n")
    port = int(address(bench, "arbin-cti").rsplit(":", 1)[1])
    pyctiarbin = pytest.importorskip("pyctiarbin")
    config = {
        "channel": 5, "test_name": "theirs", "schedule_name": "pulse_station.sdx", "ip_address": "127.0.0.1",
        "port": port, "timeout_s": 5.0, "msg_buffer_size": 4096,
    }  # fmt: skip
    client = pyctiarbin.ChannelInterface(config, str(tmp_path / ".env"))
    shown = client.read_channel_status()
    assert 3.0 < shown["voltage_v"] < 4.2
    assert client.assign_schedule()
    assert client.stop_test()
    assert not client.set_meta_variable(1, 1.0)  # nothing runs


@theirs()
def test_their_maccor_client_on_our_server() -> None:
    json_port, binary_port = free_port(), free_port()
    options = {"places": [{"chlid": 4}], "binary_port": binary_port}
    channel = {
        "id": "1",
        "battery": CELL,
        "instruments": [{"kind": "maccor-macnet", "port": json_port, "options": options}],
    }
    with running(BenchSimulation.model_validate({"channels": [channel]})):
        client = macnet.ChannelInterface(
            {
                "channel": 4, "test_name": "theirs", "test_procedure": "PULSE-STATION", "c_rate_ah": 1,
                "v_max_safety_limit_v": 4.3, "v_min_safety_limit_v": 2.5, "i_max_safety_limit_a": 20,
                "i_min_safety_limit_a": 20, "power_safety_limit_chg_w": 90, "power_safety_limit_dsg_w": 90,
                "v_max_v": 4.2, "v_min_v": 2.7, "data_record_time_s": 1, "data_record_voltage_delta_vbys": 0,
                "data_record_current_delta_abys": 0, "server_ip": "127.0.0.1", "json_msg_port": json_port,
                "bin_msg_port": binary_port, "msg_buffer_size_bytes": 4096,
            }
        )  # fmt: skip
        assert client.get_num_channels() == 16
        assert client.set_channel_variable(1, 2.5)
        assert client.start_test_with_direct_control()
        assert client.set_direct_mode_output(2.0, 4.2)
        shown = client.read_channel_status()
        assert (shown["RF1"], shown["Stat"]) == (1, 2)
        assert shown["Current"] == pytest.approx(2.0, abs=0.05)
        assert client.reset_channel()


@theirs()
def test_their_maccor_cycler_client_reads_all_channels(bench: dict[str, Any]) -> None:
    """What it asks of the system and of every channel, and a procedure started and reset by it."""
    where = int(address(bench, "maccor-macnet").rsplit(":", 1)[1])
    client = macnet.CyclerInterface(
        {
            "server_ip": "127.0.0.1",
            "json_msg_port": where,
            "bin_msg_port": bench["binary"],
            "msg_buffer_size_bytes": 4096,
        }
    )
    assert client.read_system_info()["APIVersion"] == 1
    assert client.read_general_info()["TestChannels"] == client.get_num_channels() == 16
    shown = client.read_all_channel_statuses()
    assert len(shown) == 16
    assert 3.0 < client.read_channel_status(7)["Voltage"] < 4.2


def json_answer(link: socket.socket, function: tuple[int, int], **params: Any) -> Any:
    text = json.dumps(
        {
            "jsonrpc": "2.0",
            "method": "MacNet",
            "params": {"FClass": function[0], "FNum": function[1], **params},
            "id": 5,
        }
    )
    link.sendall(text.encode())
    return json.loads(link.makefile("rb").readline())


def test_what_else_macnet_is_asked(bench: dict[str, Any]) -> None:
    """Functions of the vendor's table that no known client uses: JSON and binary tell the same."""
    unit = next(i for i in bench["instruments"] if i["kind"] == "maccor-macnet")
    with socket.create_connection(("127.0.0.1", unit["port"]), timeout=5) as link:
        assert json_answer(link, (8, 1), User="a", Password="b")["result"]["Result"] == "OK"
        volts = json_answer(link, (4, 2), Chan=5, Len=3)["result"]["Volts"]
        assert [volt > 3.0 for volt in volts] == [False, True, False]
        start = {"Chan": 6, "TestName": "asked", "ProcName": "PULSE-STATION"}
        assert json_answer(link, (6, 5), Chan=6)["result"]["Result"] == "OK"
        assert json_answer(link, (6, 11), **start)["result"]["Result"] == "OK"
        assert json_answer(link, (6, 11), **{**start, "ProcName": "other"})["result"]["Result"] == 14
        assert json_answer(link, (6, 2), **{**start, "Chan": 65535})["result"]["Result"] == 24
        assert json_answer(link, (6, 6), Chan=6)["result"]["Result"] == "OK"
        safe = {"VSafeMax": 4.3, "VSafeMin": 2.5, "ISafeChg": 20, "ISafeDis": 20}
        powers = {"PBatSafeChg": 90, "PBatSafeDis": 90}
        assert json_answer(link, (6, 10), Chan=6, **safe, **powers)["result"]["VSafeMin"] == 2.5
    with socket.create_connection(("127.0.0.1", bench["binary"]), timeout=5) as link:

        def ask(function: tuple[int, int], length: int, data: bytes = b"") -> bytes:
            link.sendall(struct.pack("<HHHH", *function, 6, length) + data)
            head = link.recv(8, socket.MSG_WAITALL)
            assert struct.unpack("<HHH", head[:6]) == (*function, 6)
            (size,) = struct.unpack("<H", head[6:])
            return link.recv(size, socket.MSG_WAITALL) if size else b""

        assert struct.unpack("<2f", ask((4, 2), 2)) == (pytest.approx(volts[1], abs=0.01), 0.0)
        direct = struct.pack("<25s4fBB3f", b"by binary", 2.0, 4.2, 0.0, 0.0, 4, ord("C"), 1.0, 0.0, 0.0)
        assert len(direct) == 55
        assert ask((6, 7), 55, direct) == b"\0\0"
        assert ask((6, 7), 55, direct) == b"\2\0", "the channel is in use"
        assert struct.unpack("<BBH", ask((4, 1), 1)) == (4, 0, 2), "at rest, active"
        assert ask((6, 3), 0) == b"\0\0"
        assert struct.unpack("<BBH", ask((4, 1), 1))[2] == 3, "suspended"
        assert ask((6, 4), 0) == b"\0\0"
        assert ask((6, 6), 0) == struct.pack("<H", 15), "it runs"
        assert ask((6, 5), 0) == b"\0\0"
        assert struct.unpack("<BBH", ask((4, 1), 1))[2] == 0


def test_what_else_cti_is_asked(bench: dict[str, Any]) -> None:
    """A jump, a stop of all channels, and what was moved, on a schedule that our driver handed over."""
    made = opened("arbin-cti", address(bench, "arbin-cti"), channel=5, limits_in_schedule=True)
    port = int(address(bench, "arbin-cti").rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:

        def ask(command: int, arguments: bytes) -> bytes:
            link.sendall(request(command, arguments))
            head = link.recv(12, socket.MSG_WAITALL)
            return head + link.recv(struct.unpack("<I", head[8:])[0] - 12, socket.MSG_WAITALL)

        def result(command: int, arguments: bytes) -> int:
            return ask(command, arguments)[24]

        def jump(step: int) -> int:
            return result(0xBB320005, struct.pack("<ii", step, 4) + bytes(102))

        ask(LOGIN, b"admin".ljust(32, b"\0") + b"000000".ljust(32, b"\0"))
        name = f"jump {os.getpid()}"
        made.upload(Schedule((CyclerStep(10.0, 3000.0), CyclerStep(-10.0, 3000.0)), LIMITS, 1.0), name)
        made.start(name)
        assert jump(1) == 0
        time.sleep(0.3)
        told = ask(INFO, struct.pack("<hhI", 4, 1, 0) + bytes(32))
        charged, discharged = struct.unpack_from("<ff", told, 1713)
        assert struct.unpack_from("<h", told, 28)[0] == 3, "it discharges"
        assert discharged > 10.0 * 0.3 * SPEED / 3600 * 0.9
        assert charged < discharged
        assert jump(7) == 0x19
        assert struct.unpack_from("<h", ask(INFO, struct.pack("<hhI", 4, 1, 0) + bytes(32)), 28)[0] == 15
        assert result(0xBB310001, struct.pack("<I?", 99, True) + bytes(103)) == 0, "all of them"
        assert result(0xBB320006, struct.pack("<I?", 4, False) + bytes(101)) == 0x10, "nothing is held"
    made.make_safe()
    made.close()


def test_our_arbin_requests_are_theirs() -> None:
    login = messages.Msg.Login.Client.pack({"username": "ab", "password": "cd"})
    assert request(LOGIN, b"ab".ljust(32, b"\0") + b"cd".ljust(32, b"\0")) == bytes(login)
    info = messages.Msg.ChannelInfo.Client.pack({"channel": 3})
    assert request(INFO, struct.pack("<hhI", 3, 1, 0) + bytes(32))[:24] == bytes(info)[:24]
    assert len(info) == 62
