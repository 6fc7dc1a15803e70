"""``rapid`` on a channel of each cycler system, from the check before energy to the verdict, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.bench import load_bench
from tests.scenarios.bench.stand import Stand, ended, marking, start

FILE = Path(__file__).with_name("cyclers.yaml")
SPEED = 10.0
SYSTEMS = {"1": "neware", "3": "arbin", "4": "maccor"}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("cyclers")
    with marking(), Stand(folder, speed=SPEED, bench=load_bench(str(FILE))) as stand:
        truths = {channel: stand.truth(channel) for channel in SYSTEMS}
        client = stand.client()
        runs = {channel: start(client, "rapid", channel, nominal_capacity_Ah=35.0) for channel in SYSTEMS}
        found = {channel: ended(client, run_id, 100) for channel, run_id in runs.items()}
        yield {
            channel: {"row": found[channel], "truth": truths[channel], "dead": stand.dead(channel)}
            for channel in SYSTEMS
        }


@pytest.mark.timeout(180)
@pytest.mark.parametrize("channel", SYSTEMS, ids=SYSTEMS.values())
def test_the_right_verdict(rows: dict[str, dict[str, Any]], channel: str) -> None:
    row, truth, dead = (rows[channel][name] for name in ("row", "truth", "dead"))
    assert (row["outcome"], row["state"]) == ("completed", "ended"), row
    result = row["result"]
    assert result["safe"]["verified"] is True
    assert result["soh_method"] == "pulses"
    assert result["soh"]["low90"] <= truth["soh"] <= result["soh"]["high90"]
    assert row["verdict"] == "pass"
    assert dead
