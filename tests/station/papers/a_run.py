"""A run as the records give it, of a simulated cell, and 40 000 samples of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from station.papers.facts import RunFacts, facts_of
from station.papers.plots import Samples

RUN = "20261128T013803-1-118c63"
CODE = "08BPE12345671A2B00012342"
HEADER: dict[str, Any] = {
    "battery": {"level": "cell", "series_cells": 1},
    "channel": {
        "power": {
            "driver": "delta-sm15k",
            "address": "tcp://x:1",
            "calibration": {"due": "2027-03-31", "certificate": "CNAS-4711"},
        },
        "sensors": [{"driver": "keysight-34970a", "address": "x", "expect": {"model": "34970A"}}],
    },
}
ANSWERED = "manufacturer DELTA ELEKTRONIKA BV, model SM70-CP-450, serial 000010207248, firmware H0_P0150"


def row(**changes: Any) -> dict[str, Any]:
    """As ``show_run`` gives it."""
    pulses = [
        {"start_s": 20.0 * n, "duration_s": 1.0, "current_A": 17.5 * (-1) ** n,
         "resistance_ohm": {"0.1": 0.0018 + n * 1e-5, "1": None}}
        for n in range(1, 9)
    ]  # fmt: skip
    steps = [{"code": "decision.use_grade", "outcome": "unknown", "value": "B", "limit": "C",
              "params": {"best": "A", "worst": "D"}}]  # fmt: skip
    result = {
        "level": "cell", "series_cells": 1, "abstained": False, "model_id": "52cada14ddba",
        "soh": {"estimate": 0.9322, "low90": 0.8445, "high90": 1.0199},
        "chemistry": {"label": "LFP", "confidence": 0.99}, "version": "0.1.0",
        "blocks": [{"recipe": "LFP 35 Ah", "pulses": pulses}],
        "decision": {
            "outcome": {"best": "A", "worst": "D", "uses": [
                {"use": "base_station", "status": "conditional", "steps": steps},
                {"use": "e_bike", "status": "blocked", "steps": []},
            ]},
            "rules": {"name": "default", "version": "1", "sha256": "b876be4b" * 8, "content": {"uses": [
                {"use": "base_station", "title": {"zh": "通信基站备电", "en": "base-station backup"}},
                {"use": "e_bike", "title": {"zh": "电动自行车", "en": "electric bicycle"}},
            ]}},
        },
    }  # fmt: skip
    check = {"rule": "identity", "place": "power", "answered": ANSWERED}
    return {
        "run_id": RUN, "battery": CODE, "bench": "demo", "channel": "1", "profile": "rapid",
        "plan_digest": "6bce0801" * 8, "simulated": True, "speed": 1.0, "outcome": "completed",
        "started_utc": "2026-11-28T01:38:03.134357Z", "duration_s": 167.1, "nominal_capacity_Ah": 35.0,
        "chemistry": None, "verdict": "pass", "grade": "B", "error": None, "resumes": 0, "result": result,
        "events": [
            {"code": "engine.check", "level": "info", "params": check},
            {"code": "engine.calibration_unknown", "level": "warning", "params": {"places": "sensors[0]"}},
        ],
        "files": [{"kind": "result", "path": "runs/x/result.json", "sha256": "e5f14146" * 8}],
        **changes,
    }  # fmt: skip


def facts(**changes: Any) -> RunFacts:
    """Facts of that run."""
    return facts_of(row(**changes), HEADER)


def samples() -> Samples:
    """With a dip of one sample."""
    t = np.linspace(0.0, 167.0, 40_000)
    voltage = np.full(len(t), 3.3)
    voltage[12_345] = 2.0
    return Samples(t, voltage, np.where(t % 20 < 1, 17.5, 0.0))
