"""The simulated BTS 8 server with aurora-neware as its client and files of aurora-unicycler."""

from __future__ import annotations

import socket
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.bench import running
from simulators.config import BenchSimulation
from simulators.instruments.neware_steps import read_step_file

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    neware: Any = pytest.importorskip("aurora_neware")
    unicycler: Any = pytest.importorskip("aurora_unicycler")

SPEED = 50.0
CELL = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 20.0, "soh": 0.9, "soc": 0.5}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    places = [
        {"devid": 21, "subdevid": 1, "chlid": 1},
        {"devid": 21, "subdevid": 2, "chlid": 3, "bench_channel": "2"},
    ]
    bench = {
        "speed": SPEED,
        "channels": [
            {
                "id": "1",
                "battery": CELL,
                "instruments": [{"kind": "neware-bts8", "options": {"places": places}}],
            },
            {"id": "2", "battery": {**CELL, "soc": 0.3}},
        ],
    }
    with running(BenchSimulation.model_validate(bench)) as info:
        yield info["instruments"][0]["port"]


def protocol(name: str, folder: Path) -> Path:
    """A step file as their own writer makes it."""
    made = unicycler.CyclingProtocol(
        sample={"name": name, "capacity_mAh": 20_000},
        record={"time_s": 0.1},
        safety={
            "max_voltage_V": 4.3,
            "min_voltage_V": 2.5,
            "max_current_mA": 60_000,
            "min_current_mA": -60_000,
        },
        method=[
            {"step": "constant_current", "current_mA": 10_000, "until_time_s": 5},
            {"step": "open_circuit_voltage", "until_time_s": 10},
            {"step": "constant_current", "current_mA": -10_000, "until_time_s": 5},
            {"step": "loop", "loop_to": 1, "cycle_count": 2},
        ],
    )
    file = folder / f"{name}.xml"
    made.to_neware_xml(save_path=file)
    return file


def test_a_whole_test_by_their_client(port: int, tmp_path: Path) -> None:
    with neware.NewareAPI("127.0.0.1", port) as api:
        assert set(api.channel_map) == {"21-1-1", "21-2-3"}
        both = api.inquire()
        assert {row["workstatus"] for row in both.values()} == {"finish"}
        assert both["21-1-1"]["voltage"] > both["21-2-3"]["voltage"] > 3.0
        assert set(api.getchlstatus()) == {"21-1-1", "21-2-3"}
        started = api.start("21-2-3", "sample 1", protocol("sample-1", tmp_path), tmp_path)
        assert started[0]["start"] == "ok"
        with pytest.raises(ValueError, match="blocked"):
            api.start("21-2-3", "again", protocol("again", tmp_path), tmp_path)
        busy = api.inquire("21-2-3")["21-2-3"]
        assert busy["workstatus"] == "working"
        assert api.inquire("21-1-1")["21-1-1"]["workstatus"] == "finish"
        end = time.monotonic() + 10
        while api.inquire("21-2-3")["21-2-3"]["workstatus"] != "finish":
            assert time.monotonic() < end
        told = api.inquiredf("21-2-3")["21-2-3"]
        data = api.download("21-2-3", 0)
        assert len(data["seqid"]) == told["count"] == 400
        assert data["seqid"] == list(range(1, 401))
        assert sorted(set(data["stepid"])) == [1, 2, 3, 4, 5, 6]
        first = [
            row for row in zip(data["stepid"], data["testtime"], data["curr"], strict=True) if row[0] == 1
        ]
        assert [row[1] for row in first] == list(range(100, 5001, 100))
        assert first[-1][2] == pytest.approx(10.0, abs=0.02)
        third = [curr for step, curr in zip(data["stepid"], data["curr"], strict=True) if step == 3]
        assert third[-1] == pytest.approx(-10.0, abs=0.02)
        assert min(data["cap"]) >= 0.0
        log = api.downloadlog("21-2-3")
        assert [entry["log_code"] for entry in log] == [100000, 100001]


def test_stop_and_a_protection(port: int, tmp_path: Path) -> None:
    with neware.NewareAPI("127.0.0.1", port) as api:
        assert api.stop("21-1-1")[0]["stop"] == "false"
        assert api.start("21-1-1", "s", protocol("s", tmp_path), tmp_path)[0]["start"] == "ok"
        assert api.stop("21-1-1")[0]["stop"] == "ok"
        assert api.inquire("21-1-1")["21-1-1"]["workstatus"] == "stop"
        tight = protocol("t", tmp_path)
        tight.write_text(tight.read_text().replace('"43000.000000"', '"30000.000000"'))
        api.start("21-1-1", "t", tight, tmp_path)
        assert api.inquire("21-1-1")["21-1-1"]["workstatus"] == "protect"
        missing = tmp_path / "empty.xml"
        missing.write_text("<root/>")
        assert api.start("21-1-1", "e", missing, tmp_path)[0]["start"] == "false"


def test_two_clients_and_the_other_terminator(port: int) -> None:
    text = '<?xml version="1.0" encoding="UTF-8" ?><bts version="1.0">{}</bts>#\r\n'
    login = "<cmd>connect</cmd><username>admin</username><password>neware</password><type>bfgs</type>"
    with (
        socket.create_connection(("127.0.0.1", port), 5) as one,
        socket.create_connection(("127.0.0.1", port), 5) as two,
    ):
        for link in (one, two):
            link.sendall(text.format(login).encode())
            assert b"<result>ok</result>" in link.recv(4096)
        # Junk between two requests, and a reply to the second one only.
        two.sendall(b"\xff\x00junk#\r\n" + text.format("<cmd>getdevinfo</cmd>").encode())
        assert b'Channelid="3"' in two.recv(4096)


@pytest.mark.parametrize("text", ["", "<root>", "<root/>", '<root><config type="Step File"/></root>', "\x00"])
def test_no_step_file(text: str) -> None:
    with pytest.raises(ValueError, match=r"step|XML"):
        read_step_file(text)
