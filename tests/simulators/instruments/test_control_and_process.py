"""Control port, configuration, and the bench as its own process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import simulators
from simulators.bench import running
from simulators.config import BenchSimulation


def test_info_and_truth(start, delta_unit, rigol_unit) -> None:
    bench = start([delta_unit, rigol_unit], battery={"cells": 2})
    info = bench.control("info")
    assert info["ok"] is True
    assert (info["bench"], info["speed"], info["channels"]) == ("test bench", 1.0, ["1"])
    assert [(u["kind"], u["channel"]) for u in info["instruments"]] == [
        ("delta-sm15k", "1"),
        ("rigol-dl3021", "1"),
    ]
    assert info["instruments"][0]["address"] == "{}:{}".format(*bench.address("delta-sm15k"))
    truth = bench.truth()
    assert (truth["chemistry"], truth["capacity_Ah"], truth["cell_ids"]) == ("NMC", 50.0, ["c0", "c1"])
    assert truth["soh"] == pytest.approx(50 / 55)
    assert (truth["output_on"], truth["cutoff_closed"]) == ([False, False], True)


def test_speed_changes_live_without_a_jump(start, delta_unit) -> None:
    bench = start([delta_unit])
    bench.advance(2.0)
    assert bench.control("speed", value=20)["speed"] == 20
    assert bench.truth()["time_s"] == pytest.approx(2.0)
    bench.advance(1.0)
    assert bench.truth()["time_s"] == pytest.approx(22.0)


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ({"op": "dance"}, "unknown operation 'dance'"),
        ({"op": "truth", "channel": "9"}, "no channel '9'; there are 1"),
        ({"op": "truth"}, "missing field 'channel'"),
        ({"op": "speed", "value": -1}, "speed"),
        ({"op": "estop", "pressed": True}, "no relay module"),
        ({"no": "op"}, '"op"'),
    ],
)
def test_bad_requests_are_answered_with_the_reason(start, delta_unit, request_, part: str) -> None:
    bench = start([delta_unit])
    answer = json.loads(bench._control.ask(json.dumps(request_)))
    assert answer["ok"] is False
    assert part in answer["error"]


def test_bad_battery_is_refused_and_the_old_one_stays(tmp_path) -> None:
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    settings = BenchSimulation.model_validate_json(path.read_text(encoding="utf-8"))
    with running(settings) as info:
        before = _ask(info["control"], op="truth", channel="1")
        answer = _ask(info["control"], op="connect", channel="1", battery={"kind": "lemon"})
        assert answer["ok"] is False
        assert "lemon" in answer["error"]
        assert _ask(info["control"], op="truth", channel="1")["soc"] == before["soc"]


def test_line_that_is_no_json_is_answered(start, delta_unit) -> None:
    bench = start([delta_unit])
    assert json.loads(bench._control.ask("{nonsense"))["ok"] is False
    assert bench.control("info")["ok"] is True


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"colour": "red"}, "colour"),
        ({"speed": 0}, "speed"),
        ({"channels": []}, "channels"),
        ({"channels": [{"id": "1"}, {"id": "1"}]}, "repeat"),
        ({"channels": [{"id": "1", "wiring": {"cutoff_coil": "x"}}]}, "need a relay"),
        ({"relay": {}, "channels": [{"id": "1", "wiring": {"cutoff_coil": "x"}}]}, "'x' is not among"),
        ({"channels": [{"id": "1", "instruments": [{"kind": "toaster"}]}]}, "toaster"),
        (
            {
                "channels": [
                    {
                        "id": "1",
                        "instruments": [
                            {"kind": "keysight-34970a", "options": {"channels": {"101": {"point": "cell"}}}}
                        ],
                    }
                ]
            },
            "needs number",
        ),
    ],
)
def test_configuration_errors_name_the_field(change, part: str) -> None:
    with pytest.raises(ValidationError, match=part):
        BenchSimulation.model_validate({"channels": [{"id": "1"}], **change})


def test_taken_port_is_an_error_and_leaves_nothing_open(ohmic_battery) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = BenchSimulation.model_validate(
            {
                "channels": [
                    {
                        "id": "1",
                        "instruments": [{"kind": "delta-sm15k"}, {"kind": "rigol-dl3021", "port": port}],
                    }
                ]
            }
        )
        with (
            pytest.raises(OSError, match="address already in use"),
            running(settings, battery_builder=lambda *_: ohmic_battery),
        ):
            pass


def test_configuration_in_the_readme_runs() -> None:
    readme = Path(simulators.__file__).with_name("README.md").read_text(encoding="utf-8")
    example = readme.split("```json")[1].split("```")[0]
    with running(BenchSimulation.model_validate_json(example)) as info:
        assert info["channels"] == ["1", "2"]
        assert len(info["instruments"]) == 4


def _process(*extra: str, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", *extra],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


CONFIG = {
    "name": "process",
    "relay": {"coils": {"cut": 0}},
    "channels": [
        {
            "id": "1",
            "battery": {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 50},
            "wiring": {"cutoff_coil": "cut"},
            "instruments": [{"kind": "delta-sm15k"}, {"kind": "keysight-34970a"}, {"kind": "leaf-bms"}],
        }
    ],
}


def _ask(address: str, **request) -> dict:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client, client.makefile("rw") as stream:
        stream.write(json.dumps(request) + "\n")
        stream.flush()
        return dict(json.loads(stream.readline()))


@pytest.mark.parametrize("ending", ["stdin", "sigterm", "shutdown"])
def test_process_announces_itself_and_ends_cleanly(tmp_path, ending: str) -> None:
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    with _process("--config", str(path), "--until-stdin-closes") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        assert len(ready["instruments"]) == 3
        assert _ask(ready["control"], op="truth", channel="1")["cutoff_closed"] is False
        if ending == "stdin":
            assert process.stdin is not None
            process.stdin.close()
        elif ending == "sigterm":
            process.send_signal(signal.SIGTERM)
        else:
            assert _ask(ready["control"], op="shutdown") == {"ok": True}
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_configuration_from_standard_input() -> None:
    with _process("--config", "-", "--until-stdin-closes") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(CONFIG) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["bench"] == "process"
        process.stdin.close()
        assert process.wait(10) == 0


def test_bad_configuration_ends_with_code_2_and_a_reason(tmp_path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"channels": []}', encoding="utf-8")
    with _process("--config", str(path)) as process:
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "bad.json" in errors
    assert "channels" in errors
