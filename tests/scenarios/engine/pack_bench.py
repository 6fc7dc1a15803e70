"""A simulated pack stand behind a bench file: insulation wiring, pre-charge, BMS, guard; real processes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from station.bench import Bench
from station.simulation import simulation_config, with_free_ports
from tests.scenarios.engine.harness import Process, SimBench

BATTERY = {
    "kind": "string",
    "series": 96,
    "cell": {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 40, "soh": 0.85, "soc": 0.55},
}
TITLE = {"zh": "包", "en": "pack"}
PACK: dict[str, Any] = {
    "schema": "pulse-station/bench/1",
    "name": "scenario",
    "title": TITLE,
    "channels": [
        {
            "id": "1",
            "name": TITLE,
            "level": "pack",
            "series_cells": 96,
            "power": {
                "driver": "delta-sm15k",
                "address": "tcp://127.0.0.1:18465",
                "options": {"remote_sense": True},
                "expect": {"model": "SM500-CP-90"},
            },
            "sensors": [
                {
                    "driver": "keysight-34970a",
                    "address": "TCPIP0::127.0.0.1::18504::SOCKET",
                    "expect": {"model": "34970A"},
                    "inputs": [
                        {"number": 101, "role": "cell_surface"},
                        {"number": 111, "role": "terminals"},
                        {"number": 112, "role": "minus_chassis"},
                        {"number": 113, "role": "plus_chassis"},
                    ],
                }
            ],
            "bms": {
                "driver": "nissan-leaf-bms",
                "address": "socketcand://127.0.0.1:18536/can0",
                "expect": {"model": "Leaf"},
            },
            "limits": {
                "voltage_min_V": 200,
                "voltage_max_V": 410,
                "charge_current_max_A": 36,
                "discharge_current_max_A": 36,
                "power_max_W": 14500,
            },
            "cutoff": {"coil": 0, "feedback_input": 2, "precharge": {"coil": 1, "resistance_ohm": 100.0}},
            "insulation": {"coil": 2, "resistance_ohm": 200e3},
        }
    ],
    "guard": {
        "relay": {"driver": "modbus-relay", "address": "modbus-tcp://127.0.0.1:18520?unit=1"},
        "inputs": {"estop": 0, "interlock": 1},
        "heartbeat_timeout_s": 0.5,
    },
    "simulation": {"control": "127.0.0.1:18400", "batteries": {"1": BATTERY}},
}


class PackBench(SimBench):
    """``python -m simulators`` with what the bench file above describes, on free ports."""

    def __init__(self, folder: Path, *, speed: float) -> None:
        self._bench = with_free_ports(Bench.model_validate(PACK))
        file = folder / "sim.json"
        file.write_text(json.dumps(simulation_config(self._bench, speed=speed)))
        self.process = Process(["simulators", "--config", str(file), "--until-stdin-closes"])
        self.info = self.process.wait_for(lambda line: "ready" in line)

    def bench(self, **channel: Any) -> dict[str, Any]:
        data: dict[str, Any] = copy.deepcopy(self._bench.model_dump(mode="json", by_alias=True))
        data["channels"][0] |= channel
        return data

    def reset(self, battery: dict[str, Any] | None = None, speed: float = 5.0) -> None:
        super().reset(battery or BATTERY, speed)
