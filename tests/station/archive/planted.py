"""An archive whose truth is known: a channel that reads too high, one that drifts, two suppliers, a vehicle
taken apart, a second life, a queue for the traceability platform."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from station import identity
from station.exports.trace import add, export
from station.records import Records

CHANNELS: Final = "1234"
PER_CHANNEL: Final = 28
HIGH, DRIFTING = "3", "2"
"""Reads resistances 6 % too high; its temperature reading rises by 3 degC over its tests."""
VIN: Final = "LRW3E7EB8PC875463"
PACK, MODULE = "03UPE01000011C85A00FTY20", "03UMEA100088ADC1M0000088"
CELLS: Final = ("04QCB76836300JBC40000903", "04QCB52091380JG120006435", "OLD-CELL-17")
NEW_CODE: Final = "PS-261128-7KQM4XR"
SIGNED: Final = {"who": "王工", "why": "车辆拆解"}


def results(records: Records) -> None:
    """Judged tests on every channel; the last four batteries of each were tested twice."""
    chance = np.random.default_rng(5)
    batteries: dict[str, tuple[float, float]] = {}
    for turn in range(PER_CHANNEL):
        for channel in CHANNELS:
            again = turn >= PER_CHANNEL - 4
            battery = f"STOCK-{channel}-{turn - 4 * again:03d}"
            ohm, soh = batteries.setdefault(
                battery, (2e-3 * float(chance.lognormal(0, 0.03)), float(chance.uniform(0.66, 0.96)))
            )
            wrong = 1.06 if channel == HIGH else 1.0
            drift_K = 3.0 * turn / PER_CHANNEL if channel == DRIFTING else 0.0
            degC = 25.0 + drift_K + float(chance.normal(0, 0.3))
            nominal_Ah = (20.0, 68.0)[turn % 2 if not again else (turn - 4) % 2]
            yard = ("报废车厂", "Yard 7", "Müller GmbH")[(turn * 3 + int(channel)) % 5 % 3]
            verdict = "pass" if soh > 0.8 else "quarantine" if soh < 0.69 else "fail"
            verdict = "no_verdict" if turn == 9 else verdict
            seen = soh + float(chance.normal(0, 0.008))
            pulse = {"resistance_ohm": {"0.1": ohm * wrong * float(chance.lognormal(0, 0.01)), "1": None}}
            _one(
                records, f"r-{turn:03d}-{channel}", battery, channel, nominal_Ah, verdict, seen,
                {
                    "blocks": [{"ocv_V": 3.3, "temperature_degC": degC, "pulses": [pulse]}],
                    "level": "cell", "series_cells": 1, "history": {"known": {"source": yard}},
                },
            )  # fmt: skip


def _one(
    records: Records, run_id: str, battery: str, channel: str, nominal_Ah: float, verdict: str, soh: float,
    result: dict[str, Any], *, simulated: bool = True,
) -> None:  # fmt: skip
    records.register_battery(battery, nominal_capacity_Ah=nominal_Ah, chemistry="LFP", maker="04Q")
    records.start_run(
        run_id=run_id, battery=battery, bench="testbench", channel=channel, profile="rapid",
        plan_digest="0" * 64, nominal_capacity_Ah=nominal_Ah, chemistry="LFP", speed=1.0, simulated=simulated,
    )  # fmt: skip
    low, high = soh - 0.03, soh + 0.03
    records.save_result(
        run_id, {**result, "soh": {"estimate": soh, "low90": low, "high90": high}}, version="test"
    )
    records.update_run(
        run_id, state="ended", outcome="completed", exit_code=0, verdict=verdict,
        grade="A" if verdict == "pass" else None, soh=soh, soh_low90=low, soh_high90=high,
        duration_s=300.0, ended_utc="2026-11-20T09:00:00.000000Z",
    )  # fmt: skip


def identities(records: Records) -> None:
    """A vehicle with its pack, module and cells, one of them with a new code; corrections; look-alikes."""
    identity.link(records, VIN, PACK, parent_level="vehicle", **SIGNED)
    identity.link(records, PACK, MODULE, **SIGNED)
    for code in CELLS:
        identity.link(records, MODULE, code, child_level="cell" if code == CELLS[2] else None, **SIGNED)
    _one(
        records, "real-1", CELLS[0], "1", 68.0, "pass", 0.83,
        {"blocks": [], "level": "cell", "history": {"known": {"source": "Yard 7"}}}, simulated=False,
    )  # fmt: skip
    identity.recode(records, CELLS[0], NEW_CODE, who="王工", why="梯次利用新产品")
    records.correct("battery", CELLS[0], "nominal_capacity_Ah", 65.0, who="Ada Admin", why="label misread")
    records.register_battery("OLD-CELL-I7", nominal_capacity_Ah=68.0, chemistry="LFP")


def queue(records: Records) -> None:
    """Items in every state: overdue, soon, cut off in the middle, exported, confirmed."""
    folder = records.folder / "trace"
    folder.mkdir(exist_ok=True)
    (folder / "settings.yaml").write_text(
        "site: {code: 91310000MA1FL0000X, name: 示范拆解厂}\n", encoding="utf-8"
    )
    out = Path(records.folder) / "trace" / "out"
    out.mkdir(exist_ok=True)
    by = "王工"
    add(records, "intake", PACK, happened_on=date(2026, 10, 12), by=by)
    done = export(records, "intake", out, "csv", by=by)
    assert done is not None
    records.answer_batch(done["batch"], taken=True, receipt="SY-20261020-0007", by=by)
    add(records, "intake", MODULE, happened_on=date(2026, 11, 20), by=by)
    export(records, "intake", out, "xlsx", by=by)
    given = {"destination_name": "储能示范站", "application": "储能", "mass_kg": "11.4"}
    add(records, "second_life_product", NEW_CODE, happened_on=date(2026, 11, 25), given=given, by=by)
    add(records, "departure", CELLS[1], happened_on=date(2026, 10, 30), given=given, by=by)
    records.begin_batch("departure", "departure-20261121T101500-0a1b2c", by=by)
    add(records, "departure", CELLS[2], happened_on=date(2026, 9, 1), given=given, by=by)


def planted(records: Records) -> None:
    """All of it."""
    results(records)
    identities(records)
    queue(records)
