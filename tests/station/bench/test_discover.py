"""Discovery asks *IDN? and nothing else, leaves alone what is in use, and names the driver that fits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.errors import DriverError, TransportError
from simulators.bench import running
from simulators.clock import ManualTime
from simulators.config import BenchSimulation
from station.bench import load_bench
from station.bench.discover import addresses_of, as_bench_entries, discover
from station.bench.draft import draft_bench
from station.cli.main import invoke
from station.service.bench_check import check_report
from tests.drivers.loads_rig import Cell

LIMITS = (
    "    limits: {voltage_min_V: 2.5, voltage_max_V: 4.2, charge_current_max_A: 1,"
    " discharge_current_max_A: 1, power_max_W: 5}\n"
)
IDN = b"DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0\n"


class Instrument:
    """A line server that keeps every byte it is sent."""

    def __init__(self) -> None:
        self.heard = b""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.door.accept()
            except OSError:
                return
            with link:
                while part := link.recv(1000):
                    self.heard += part
                    if part.endswith(b"\n"):
                        link.sendall(IDN)


@pytest.fixture
def instrument() -> Iterator[Instrument]:
    made = Instrument()
    yield made
    made.door.close()


def test_it_asks_the_identity_and_nothing_else(instrument: Instrument) -> None:
    address = f"tcp://127.0.0.1:{instrument.port}"
    (found,) = discover([f"127.0.0.1:{instrument.port}"], kinds=())
    assert instrument.heard == b"*IDN?\n"
    assert (found.state, found.driver, found.address) == ("answered", "delta-sm15k", address)
    assert found.identity is not None
    assert found.identity["serial"] == "000010207248"
    entries = as_bench_entries([found])
    assert "driver: delta-sm15k" in entries
    assert f"address: {address}" in entries
    assert 'serial: "000010207248"' in entries


def test_what_is_in_use_is_not_touched_however_its_address_is_written(instrument: Instrument) -> None:
    (found,) = discover(
        [f"TCPIP0::localhost::{instrument.port}::SOCKET"],
        kinds=(),
        leave=[f"tcp://127.0.0.1:{instrument.port}"],
    )
    assert (found.state, instrument.heard) == ("in_use", b"")


def test_silence_and_what_cannot_be_asked_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    silent, relay = discover([f"127.0.0.1:{port}", "modbus-tcp://127.0.0.1:502"], kinds=())
    assert (silent.state, silent.identity) == ("silent", None)
    assert (relay.state, relay.note) == ("listed", "modbus")


def test_a_host_means_its_usual_ports_and_nonsense_is_refused() -> None:
    assert "tcp://10.0.0.9:5025" in addresses_of("10.0.0.9")
    with pytest.raises(TransportError):
        addresses_of("gopher://10.0.0.9")


LINES = (
    "delta-sm15k", "ea-psb10000", "itech-it6000c", "rigol-dl3021", "siglent-sdl1000x", "keysight-el30000",
    "itech-it8500-scpi", "korad-kel103", "tti-ld400p", "keysight-34970a", "keithley-daq6510", "hioki-bt3562",
)  # fmt: skip
"""Simulated instruments that answer ``*IDN?``, called like the driver that has to know them."""


def test_every_instrument_with_an_identity_is_recognised_and_becomes_a_bench_file(tmp_path: Path) -> None:
    units = [{"kind": kind} for kind in (*LINES, "kunkin-kp184")]
    settings = BenchSimulation.model_validate(
        {"channels": [{"id": "1", "battery": {}, "instruments": units}]}
    )
    with running(settings, battery_builder=Cell, monotonic=ManualTime()) as info:
        where = {unit["kind"]: f"tcp://{unit['host']}:{unit['port']}" for unit in info["instruments"]}
        asked = [where[kind] for kind in LINES]
        found = discover([*asked, f"kunkin-kp184={where['kunkin-kp184']}"], kinds=())
        assert {one.address: one.driver for one in found} == {
            **{where[kind]: kind for kind in LINES},
            where["kunkin-kp184"]: "kunkin-kp184",
        }
        (korad,) = [one.identity for one in found if one.driver == "korad-kel103"]
        assert korad is not None  # no commas in its answer: as its driver takes it apart
        assert (korad["model"], korad["serial"]) == ("KEL103", "00022116")
        file = tmp_path / "draft.yaml"
        file.write_text(draft_bench(found), encoding="utf-8")
        bench = load_bench(str(file))
        assert [channel.power.driver for channel in bench.channels] == [
            "delta-sm15k",
            "ea-psb10000",
            "itech-it6000c",
        ]
        assert {sensor.driver for sensor in bench.channels[0].sensors} >= {
            "keysight-34970a",
            "keithley-daq6510",
        }
        left = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#   addr")]
        assert any(where["kunkin-kp184"] in line for line in left)
        only_first = bench.model_copy(update={"channels": bench.channels[:1]})
        (row, *_), warned = (
            (report := check_report(only_first, connect=True))["instruments"],
            report["warnings"],
        )
        assert row["firmware"] == "H0_P0150"
        assert row["protections"]["watchdog_s"] == [0.02, 10.0]
        assert not [one for one in warned if one["code"] == "bench.warn_beyond_rating"]
        limits = bench.channels[0].limits.model_copy(update={"power_max_W": 20000.0})
        wide = bench.channels[0].model_copy(update={"limits": limits})
        (beyond,) = [
            one["params"]
            for one in check_report(only_first.model_copy(update={"channels": (wide,)}), connect=True)[
                "warnings"
            ]
            if one["code"] == "bench.warn_beyond_rating"
        ]
        assert (beyond["limit"], beyond["rating"]) == ("power_max_W", 15000.0)


def test_every_instrument_is_asked_and_each_fault_told(
    instrument: Instrument, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong instrument in the first place does not hide that the second is silent."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        silent = door.getsockname()[1]
    power = "    power: {{driver: {}, address: 'tcp://127.0.0.1:{}', expect: {{model: {}}}}}\n"
    channel = '  - id: "{}"\n    name: {{zh: 通道, en: Channel}}\n    level: cell\n'
    text = draft_bench([]).split("channels:")[0] + "channels:\n"
    for number, (model, port) in enumerate([("SM70-CP-450", instrument.port), ("SM500-CP-90", silent)]):
        text += channel.format(number) + power.format("delta-sm15k", port, model) + LIMITS
    file = tmp_path / "bench.yaml"
    file.write_text(text, encoding="utf-8")
    assert invoke(["bench", "check", str(file)]) == 0
    capsys.readouterr()
    assert invoke(["bench", "check", str(file), "--connect"]) == 4
    told = capsys.readouterr().out
    assert "2 of its instruments are not" in told
    assert "SM500-CP-90" in told
    assert str(silent) in told


def test_a_fault_of_the_file_says_at_which_instrument(tmp_path: Path) -> None:
    file = tmp_path / "bench.yaml"
    head = draft_bench([]).split("channels:")[0]
    power = "    power: {driver: ea-psb10000, address: 'tcp://127.0.0.1:1'}\n"
    file.write_text(
        f'{head}channels:\n  - id: "7"\n    name: {{zh: 通道, en: C}}\n    level: cell\n{power}{LIMITS}'
    )
    with pytest.raises(DriverError, match=r"channel 7 power: .*voltage_max_V"):
        check_report(load_bench(str(file)))


def test_nothing_found_is_still_a_text_that_says_so() -> None:
    assert "channels: []" in draft_bench([])
