"""The bench file: what ships is good, what is wrong is named with its line."""

from __future__ import annotations

import datetime
import json
import socket
import threading
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from profiles.schema import to_draft7
from station.bench import Bench, BenchClock, bench_clock, load_bench, locate_bench
from station.bench.clock import ask_simulation
from station.errors import BenchError, InstrumentFault

DEMO = locate_bench("demo").read_text(encoding="utf-8")


def write(folder: Path, text: str) -> str:
    path = folder / "bench.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_demo_bench_has_two_cells_a_module_and_a_pack() -> None:
    bench = load_bench("demo")
    assert [channel.level for channel in bench.channels] == ["cell", "cell", "module", "pack"]
    assert bench.channel("2").power.driver == "supply-and-load"
    assert bench.channel("4").bms is not None
    assert all(channel.cutoff for channel in bench.channels)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("level: pack", "level: wagon", "level"),
        ("power_max_W: 190", "power_max_W: lots", "power_max_W"),
        ("power_max_W: 190", "power_max_W: 190\n      colour: red", "colour"),
        ("name: demo\n", "name: DEMO BENCH\n", "name"),
    ],
)
def test_a_wrong_field_is_named_with_file_line_and_remedy(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    assert old in DEMO
    with pytest.raises(BenchError) as caught:
        load_bench(write(tmp_path, DEMO.replace(old, new, 1)))
    line = caught.value.params["line"]
    assert field in caught.value.params["field"]
    assert (
        new.split("\n")[-1 if "colour" in new else 0].split(":")[0].strip()
        in DEMO.replace(old, new, 1).splitlines()[line - 1]
    )
    assert caught.value.remedy
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id: "2"', 'id: "1"', "same id"),
        ("coil: 1,", "coil: 0,", "share a cut-off"),
        ("voltage_min_V: 240", "voltage_min_V: 500", "below voltage_max_V"),
        ('"4": {kind', '"9": {kind', "unknown channels"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        load_bench(write(tmp_path, DEMO.replace(old, new, 1)))


def test_a_cutoff_without_a_guard_is_refused(tmp_path: Path) -> None:
    start, end = DEMO.index("guard:"), DEMO.index("simulation:")
    with pytest.raises(BenchError, match="no guard"):
        load_bench(write(tmp_path, DEMO[:start] + DEMO[end:]))


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "\x00"])
def test_no_bench_at_all(tmp_path: Path, text: str) -> None:
    with pytest.raises(BenchError):
        load_bench(write(tmp_path, text))
    with pytest.raises(BenchError, match="no bench file"):
        load_bench(str(tmp_path / "none.yaml"))


def test_the_exported_schema_accepts_the_demo_bench() -> None:
    schema = to_draft7(Bench.model_json_schema(by_alias=True))
    Draft7Validator.check_schema(schema)
    data = YAML(typ="safe", pure=True).load(DEMO)
    Draft7Validator(schema).validate(json.loads(json.dumps(data)))


def test_bench_time_runs_faster_by_the_speed() -> None:
    fast, slow = BenchClock(speed=50.0), BenchClock(speed=1.0)
    fast.sleep_until(1.0)
    assert fast.now_s() >= 1.0
    assert slow.now_s() < fast.now_s()


def test_real_hardware_has_speed_one_and_no_simulation_to_ask() -> None:
    bench = load_bench("demo").model_copy(update={"simulation": None})
    assert bench_clock(bench) == 1.0
    with pytest.raises(BenchError, match="real hardware"):
        ask_simulation(bench, {"op": "speed", "value": 20})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b'{"ok": true, "speed": 20}\n', 20.0),
        (b'{"ok": true, "speed": 0}\n', "impossible speed"),
        (b'{"ok": true}\n', "impossible speed"),
        (b'{"ok": false, "error": "busy"}\n', "refuses"),
        (b"garbage\n", "does not answer"),
        (b"", "does not answer"),
    ],
)
def test_the_speed_is_what_the_simulated_bench_says(answer: bytes, outcome: float | str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(4096)
                link.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        demo = load_bench("demo")
        assert demo.simulation is not None
        simulation = demo.simulation.model_copy(update={"control": f"127.0.0.1:{port}"})
        bench = demo.model_copy(update={"simulation": simulation})
        try:
            if isinstance(outcome, float):
                assert bench_clock(bench) == outcome
            else:
                with pytest.raises(InstrumentFault, match=outcome):
                    bench_clock(bench)
        finally:
            thread.join()


def pack_bench(old: str, new: str) -> str:
    """The demo bench without what its pack channel has in wiring, changed in one place."""
    data = YAML(typ="safe", pure=True).load(DEMO)
    pack = data["channels"][3]
    pack["cutoff"] = {"coil": 3, "feedback_input": 5, "precharge": {"coil": 4, "resistance_ohm": 100.0}}
    pack["insulation"] = {"coil": 5, "resistance_ohm": 200e3}
    pack["sensors"][0]["inputs"] = [
        {"number": 101, "role": "cell_surface"},
        {"number": 111, "role": "minus_chassis"},
        {"number": 112, "role": "plus_chassis"},
    ]
    text = json.dumps(data, indent=1)
    assert old in text
    return text.replace(old, new, 1)


def test_pack_wiring_is_read(tmp_path: Path) -> None:
    bench = load_bench(write(tmp_path, pack_bench('"name"', '"name"')))
    pack = bench.channel("4")
    assert pack.cutoff is not None
    assert pack.cutoff.precharge is not None
    assert (pack.cutoff.precharge.timeout_s, pack.cutoff.precharge.tolerance_fraction) == (3.0, 0.05)
    assert pack.insulation is not None
    assert (pack.insulation.fail_ohm_per_V, pack.insulation.warn_ohm_per_V) == (100, 500)
    assert list(bench.channel("2").instruments()) == ["power", "power.supply", "power.load", "sensors[0]"]
    load = bench.channel("2").instruments()["power.load"]
    assert load.calibration is not None
    assert load.calibration.due == datetime.date(2099, 12, 31)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"coil": 4', '"coil": 3', "used twice"),
        ('"coil": 5', '"coil": 4', "used twice"),
        ('"role": "minus_chassis"', '"role": "ambient"', "needs the inputs minus_chassis"),
        ('"resistance_ohm": 100.0', '"resistance_ohm": 0', "greater than 0"),
        (
            '"resistance_ohm": 200000.0',
            '"resistance_ohm": 2e5, "fail_ohm_per_V": 50',
            "greater than or equal to 100",
        ),
        (
            '"resistance_ohm": 200000.0',
            '"resistance_ohm": 2e5, "fail_ohm_per_V": 600',
            "warn_ohm_per_V must not be below",
        ),
        ('"due": "2099-12-31"', '"due": "soon"', "date"),
        ('"level": "pack"', '"level": "pack", "accept_no_watchdog": true', "name the accepted drivers"),
        ('"level": "pack"', '"level": "pack", "accept_no_watchdog": ["rigol"]', "drives nothing here"),
        ('"level": "pack"', '"level": "pack", "accept_no_insulation": ""', "at least 3 characters"),
        ('"model": "DL3021"', '"modell": "DL3021"', "part in the options"),
    ],
)
def test_bad_pack_wiring_and_dates_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(BenchError, match=message) as caught:
        load_bench(write(tmp_path, pack_bench(old, new)))
    assert caught.value.params["line"] > 0
    assert caught.value.params["file"].endswith("bench.yaml")
    assert caught.value.params["field"]
    assert caught.value.remedy


def test_a_precharge_needs_somebody_who_knows_the_battery_voltage(tmp_path: Path) -> None:
    data = json.loads(pack_bench('"name"', '"name"'))
    del data["channels"][3]["bms"]
    with pytest.raises(BenchError, match="needs a terminals input or a bms"):
        load_bench(write(tmp_path, json.dumps(data)))


def test_only_known_drivers_can_be_accepted_without_watchdog(tmp_path: Path) -> None:
    text = pack_bench('"id": "2"', '"id": "2", "accept_no_watchdog": ["rigol-dl3021", "supply"]')
    channel = load_bench(write(tmp_path, text)).channel("2")
    assert channel.accept_no_watchdog == ("rigol-dl3021", "supply")
    assert channel.accepted_unwatched() == ("rigol-dl3021", "delta-sm15k")


def test_two_channels_cannot_name_the_same_power_instrument(tmp_path: Path) -> None:
    """However the address is written, and also where it is one half of a joined pair."""
    text = pack_bench("tcp://127.0.0.1:18464", "TCPIP0::localhost::18463::SOCKET")
    with pytest.raises(BenchError, match="channels 2 and 3 name the same power instrument") as caught:
        load_bench(write(tmp_path, text))
    assert caught.value.code == "bench.shared_power"


def test_channels_may_share_a_scanner_but_not_an_input(tmp_path: Path) -> None:
    data = json.loads(pack_bench("127.0.0.1::18502", "127.0.0.1::18501"))
    with pytest.raises(BenchError, match="channels 1 and 2 both use input 101"):
        load_bench(write(tmp_path, json.dumps(data)))
    for number, item in zip((121, 102, 131), data["channels"][1]["sensors"][0]["inputs"], strict=True):
        item["number"] = number
    bench = load_bench(write(tmp_path, json.dumps(data)))
    assert [len(bench.shared_scanners(channel)) for channel in bench.channels] == [1, 1, 0, 0]
