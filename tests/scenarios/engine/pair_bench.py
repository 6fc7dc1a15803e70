"""The demo bench's channel of a supply and a load, alone: the load has no watchdog, so its cut-off counts."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from station.bench import Bench, load_bench
from station.simulation import simulation_config, with_free_ports
from tests.scenarios.engine.harness import Process, SimBench

BATTERY = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 10.0, "soh": 0.9, "soc": 0.5}
STEPS = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 1.0},
    {"step": "pulse_pair", "current_C": 1.0, "duration_s": 30.0, "rest_s": 1.0},
]


class PairBench(SimBench):
    """``python -m simulators`` with that one channel, called "1", on free ports."""

    def __init__(self, folder: Path, *, speed: float = 10.0) -> None:
        data = load_bench("demo").model_dump(mode="json", by_alias=True)
        pair = next(channel for channel in data["channels"] if channel["id"] == "2")
        data |= {"name": "scenario", "channels": [{**pair, "id": "1"}]}
        data["simulation"] |= {"batteries": {"1": BATTERY}}
        self._bench = with_free_ports(Bench.model_validate(data))
        file = folder / "sim.json"
        file.write_text(json.dumps(simulation_config(self._bench, speed=speed)))
        self.process = Process(["simulators", "--config", str(file), "--until-stdin-closes"])
        self.info = self.process.wait_for(lambda line: "ready" in line)

    def bench(self, **channel: Any) -> dict[str, Any]:
        data: dict[str, Any] = copy.deepcopy(self._bench.model_dump(mode="json", by_alias=True))
        data["channels"][0] |= channel
        return data

    def reset(self, battery: dict[str, Any] | None = None, speed: float = 10.0) -> None:
        super().reset(battery or BATTERY, speed)
