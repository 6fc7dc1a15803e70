"""A test that decides on the way what to measure, through service, worker and simulators."""

from __future__ import annotations

from typing import Any

import pytest

from station.engine.record.journal_reader import read_journal
from station.service.config import ServiceConfig
from station.service.run import run_to_end
from tests.scenarios.bench.adviser import wide_pair_then_enough
from tests.scenarios.bench.profiles import CONTACT, write_profile
from tests.scenarios.bench.stand import Stand
from tests.station.service.running import request, running_service

SPEED = 20.0
BATTERY = {"kind": "measured", "chemistry": "LFP", "cell_id": "LFP35-035", "soc": 0.5}
BUDGET_S = 3600.0
STEPS = [
    CONTACT,
    {"step": "pulse_pair", "current_C": 2.5, "duration_s": 0.7, "rest_s": 10.5},
    {
        "step": "adaptive", "goal": {"half_width_points": 3.0}, "budget_s": BUDGET_S, "charge_max_C": 2.5,
        "discharge_max_C": 2.5, "answer_timeout_s": 45.0,
    },
]  # fmt: skip


@pytest.mark.timeout(120)
def test_it_ends_before_its_budget_with_a_verdict(stand: Stand) -> None:
    profile = write_profile(stand.folder, "short-adaptive", STEPS)
    stand.heal(speed=SPEED)
    stand.ask("connect", channel="1", battery=BATTERY, seed=1)
    truth = stand.truth()
    seen: list[dict[str, Any]] = []

    def look(state: dict[str, Any]) -> None:
        if state["adaptive"] and (not seen or seen[-1] != state["adaptive"]):
            seen.append(state["adaptive"])

    config = ServiceConfig(bench=stand.bench, data=stand.data, advise=wide_pair_then_enough)
    with running_service(config) as client:
        order = request("B-A", profile=str(profile), nominal_capacity_Ah=35.0, chemistry="LFP")
        result = run_to_end(client, order, look)
        row = client.run(result["run_id"])
    assert result["outcome"] == "completed", result["error"]
    assert result["error"] is None
    assert result["safe"]["verified"]
    assert stand.dead()
    # The operator saw what was decided and why.
    assert [told["code"] for told in seen] == ["adaptive.next", "adaptive.enough"]
    assert seen[0]["params"]["kind"] == "pulse_pair"
    assert seen[0]["params"]["time_s"] == pytest.approx(160.0)
    journal = read_journal(stand.data / "runs" / result["run_id"] / "journal.jsonl")
    assert [record["answer"] for record in journal.rounds] == ["next", "enough"]
    assert row["duration_s"] < BUDGET_S / 2
    # What was decided on the way is what the verdict stands on.
    widths = {round(pulse["duration_s"], 1) for block in result["blocks"] for pulse in block["pulses"]}
    assert 5.0 in widths
    soh = result["soh"]
    assert soh is not None, result["reason"]
    assert soh["low90"] < soh["estimate"] < soh["high90"]
    # It was told from that row alone; the noise of one pair moves both, within what the interval says.
    assert soh["low90"] < seen[-1]["params"]["soh"] < soh["high90"]
    assert abs(soh["estimate"] - truth["soh"]) < 0.2
    assert result["verdict"] in ("pass", "fail", "no_verdict")
