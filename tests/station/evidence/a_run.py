"""A small finished run on real files, signed as the service signs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from station.evidence import sign_run, station_key
from station.rawfiles import write_run_parquet
from station.records import Records

RUN = "20261128T100000-1-a1b2c3"


def add_run(
    records: Records, run_id: str = RUN, battery: str = "04QCB76836300JBC40000903", **more: Any
) -> Path:
    """On record with journal, run file, result and signed result. Returns its folder."""
    folder = records.folder / "runs" / run_id
    folder.mkdir(parents=True)
    records.register_battery(
        battery, level="cell", nominal_capacity_Ah=280.0, maker="04Q", made_on="2021-12-04"
    )
    facts = {
        "battery": battery, "bench": "demo", "channel": "1", "profile": "rapid", "plan_digest": "d" * 64,
        "nominal_capacity_Ah": 280.0, "chemistry": "LFP", "speed": 1.0, "simulated": False,
    }  # fmt: skip
    records.start_run(run_id=run_id, **{**facts, **more})
    records.add_event("run.started", {"battery": battery}, run_id=run_id)
    records.add_event("run.ended", {"verdict": "pass"}, run_id=run_id, t_s=20.0)
    (folder / "journal.jsonl").write_text('{"k":"header"}\n["s",0.0,1.0,3.3,0.0]\n', encoding="utf-8")
    t = np.arange(0.0, 20.0, 0.1)
    columns = {
        "Test Time / s": t,
        "Unix Time / s": 1.8e9 + t,
        "Voltage / V": 3.3 - 0.05 * (t > 10),
        "Current / A": -28.0 * (t > 10),
        "Step Count / 1": 1 + (t > 10).astype(int),
        "Cycle Count / 1": np.ones(len(t), dtype=int),
        "Record Index / 1": np.arange(1, len(t) + 1),
        "Surface Temperature / degC": np.full(len(t), 25.0),
        "Ambient Temperature / degC": np.full(len(t), 24.0),
        "Commanded Current / A": -28.0 * (t > 10),
        "Terminals Voltage / V": np.full(len(t), np.nan),
    }
    write_run_parquet(folder / "run.parquet", columns, {"run_id": run_id, "nominal_capacity_Ah": 280.0})
    soh = {"estimate": 0.81, "low90": 0.78, "high90": 0.84}
    result: dict[str, Any] = {
        "run_id": run_id, "battery": battery, "verdict": "pass", "grade": "A", "soh": soh, "abstained": False,
        "blocks": [], "soh_method": "pulses", "tiny": 1e-7, "whole": 1.0, "text": "余能 – ü",
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    for name, kind in (("journal.jsonl", "journal"), ("run.parquet", "run"), ("result.json", "result")):
        records.add_file(run_id, folder / name, kind)
    records.save_result(run_id, result, version="1")
    signed = sign_run(folder, result, records.newest_event(), station_key(records.folder))
    records.add_file(run_id, signed, "signed")
    records.update_run(
        run_id, state="ended", outcome="completed", verdict="pass", grade="A", soh=0.81, soh_low90=0.78,
        soh_high90=0.84, ended_utc="2026-11-28T10:03:00.000000Z",
    )  # fmt: skip
    return folder
