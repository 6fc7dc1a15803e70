"""A look at the leads through the wire: it names what is wrong and never switches anything on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.engine.harness import Process, SimBench


@pytest.fixture
def look(healthy: SimBench) -> Iterator[Process]:
    message = {"look": {"bench": healthy.bench(), "channel": "1", "chemistry": "NMC", "speed": 20.0}}
    process = Process(["station.engine.worker"], message)
    yield process
    process.stop()


def seen(look: Process, code: str | None) -> dict[str, Any]:
    def wanted(line: dict[str, Any]) -> bool:
        return line.get("type") == "look" and (line["finding"] or {}).get("code") == code

    return look.wait_for(wanted)


def test_polarity_and_open_clamps_are_named_while_connecting(healthy: SimBench, look: Process) -> None:
    good = seen(look, None)
    assert good["ok"]
    assert 3.0 < good["voltage_V"] < 4.2
    assert good["terminals_V"] == pytest.approx(good["voltage_V"], abs=0.05)
    healthy.ask("fault", channel="1", name="polarity_reversed")
    assert seen(look, "safety.check.polarity")["voltage_V"] < -3.0
    assert healthy.truth()["output_on"] == [False]
    healthy.ask("clear_faults")
    healthy.ask("fault", channel="1", name="sense_open")
    seen(look, "safety.check.voltage_agreement")
    healthy.ask("clear_faults")
    seen(look, None)
    look.close_stdin()
    ended = look.wait_for(lambda line: line.get("type") == "look_ended")
    assert ended["finding"] is None
    assert look.child.wait(timeout=10) == 0
    truth = healthy.truth()
    assert truth["output_on"] == [False]
    assert truth["charge_Ah"] == 0.0
