"""The bench file: what ships is good, what is wrong is named with its line."""

from __future__ import annotations

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
