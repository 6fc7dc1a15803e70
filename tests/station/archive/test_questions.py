"""Answers hold on results whose truth is known: planted channels, planted repeatability."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from station.archive.channels import compare_channels
from station.archive.facts import SCHEMA, facts_table
from station.archive.questions import repeatability, spreads, wilson, yields
from station.cli.main import app
from station.records import Records, open_records

CHANNELS = tuple("12345678")


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows with what is not given left empty."""
    numbered = [
        {"number": n, "run_id": f"r{n}", "bench": "b", "profile": "rapid", **row}
        for n, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(numbered, schema=SCHEMA)


def stock(seed: int, change: Callable[[str, int, float], float]) -> pa.Table:
    """60 batteries of two types on each of eight channels; ``change`` is what a channel makes of one."""
    chance = np.random.default_rng(seed)
    rows = []
    for number in range(60 * len(CHANNELS)):
        channel = CHANNELS[number % len(CHANNELS)]
        capacity, ohm = ((20.0, 2e-3), (68.0, 8e-4))[int(chance.integers(2))]
        rows.append(
            {
                "channel": channel, "battery": f"B{number}", "chemistry": "lfp", "verdict": "pass",
                "nominal_capacity_Ah": capacity, "level": "cell", "series_cells": 1,
                "soh": float(chance.uniform(0.7, 0.95)),
                "resistance_100ms_ohm": change(channel, number, ohm * float(chance.lognormal(0, 0.06))),
                "temperature_degC": 25.0 + float(chance.normal(0, 0.5)),
            }
        )  # fmt: skip
    return table(rows)


def told(rows: list[dict[str, Any]], which: str) -> set[tuple[str, str]]:
    return {(row["channel"], row["quantity"]) for row in rows if row[which]}


def test_a_channel_that_reads_five_percent_too_high_is_named_and_no_other() -> None:
    rows = compare_channels(stock(1, lambda channel, _, ohm: ohm * (1.05 if channel == "5" else 1)))
    assert told(rows, "named") == {("5", "resistance_100ms_ohm")}
    assert rows[0]["channel"] == "5"
    assert rows[0]["offset"] == pytest.approx(math.log(1.05), abs=3 * rows[0]["standard_error"])


def test_good_channels_are_rarely_named() -> None:
    named = [told(compare_channels(stock(seed, lambda _c, _n, ohm: ohm)), "named") for seed in range(20)]
    assert sum(len(one) for one in named) == 0


def test_a_channel_that_drifts_is_named() -> None:
    last = 60 * len(CHANNELS)
    rows = compare_channels(stock(2, lambda c, n, ohm: ohm * (1 + 0.3 * n / last if c == "2" else 1)))
    assert ("2", "resistance_100ms_ohm") in told(rows, "drifts")
    assert {channel for channel, _ in told(rows, "drifts")} == {"2"}


def test_repeatability_is_that_of_one_test() -> None:
    chance = np.random.default_rng(4)
    rows = []
    for battery in range(400):
        soh = float(chance.uniform(0.6, 1.0))
        for day in (1, 3):
            rows.append(
                {
                    "battery": f"B{battery}", "soh": soh + float(chance.normal(0, 0.012)), "verdict": "pass",
                    "started_utc": f"2026-03-{day:02d}T08:00:00.000000Z",
                    "resistance_100ms_ohm": 1e-3 * float(chance.lognormal(0, 0.02)),
                }
            )  # fmt: skip
    [row] = repeatability(table(rows))
    assert row["pairs"] == 400
    assert row["soh_sd"] == pytest.approx(0.012, rel=0.15)
    assert row["resistance_relative_sd"] == pytest.approx(0.02, rel=0.15)


def test_repeats_months_apart_are_no_repeats() -> None:
    rows = [
        {
            "battery": "B",
            "soh": 0.9,
            "resistance_100ms_ohm": 1e-3,
            "started_utc": f"2026-0{month}-01T08:00:00Z",
        }
        for month in (1, 6)
    ]
    assert repeatability(table(rows)) == []


def test_yield_and_spread_count_tests_and_batteries() -> None:
    rows = [
        {"battery": f"B{n % 4}", "maker": "001" if n % 4 < 2 else None, "verdict": verdict,
         "soh": 0.8 + n / 100, "chemistry": "nmc", "nominal_capacity_Ah": 21.0, "resistance_100ms_ohm": 1e-3}
        for n, verdict in enumerate(("pass", "fail", "pass", "quarantine", "pass", "no_verdict"))
    ]  # fmt: skip
    first, second = yields(table(rows))
    assert (first["group"], first["tests"], first["batteries"], first["pass"]) == ("001", 4, 2, 2)
    assert (second["group"], second["tests"], second["quarantine"]) == ("?", 2, 1)
    assert (first["pass_low90"], first["pass_high90"]) == pytest.approx(wilson(2, 4))
    [spread] = spreads(table(rows))
    assert (spread["group"], spread["batteries"]) == ("nmc 21 Ah", 4)
    assert spread["soh_median"] == pytest.approx(np.median([0.84, 0.85, 0.82, 0.83]))


def test_wilson_covers_the_known_case() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(9, 10)
    assert 0.65 < low < 0.67 < 0.97 < high < 0.99


def recorded(records: Records) -> None:
    """Three judged runs and one that never got a verdict."""
    for number, verdict in enumerate(("pass", "fail", "pass", None)):
        records.register_battery(f"B{number}", maker="001", chemistry="lfp")
        run_id = f"r{number}"
        records.start_run(
            run_id=run_id, battery=f"B{number}", bench="demo", channel="1", profile="rapid", plan_digest="d",
            nominal_capacity_Ah=20.0, chemistry="lfp", speed=1.0, simulated=True,
        )  # fmt: skip
        pulse = {"resistance_ohm": {"0.1": 1e-3 * (number + 1), "1": None}}
        result = {
            "soh": {"estimate": 0.8, "low90": 0.75, "high90": 0.85},
            "blocks": [{"ocv_V": 3.3, "temperature_degC": 25.0, "pulses": [pulse, pulse]}],
            "level": "cell", "series_cells": 1, "history": {"known": {"source": "yard 7"}},
        }  # fmt: skip
        records.save_result(run_id, result, version="1")
        records.update_run(run_id, state="ended", verdict=verdict)


def test_facts_come_from_the_records(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        recorded(records)
        rows = facts_table(records).to_pylist()
        assert facts_table(records, until="2000-01-01").num_rows == 0
    assert [row["run_id"] for row in rows] == ["r0", "r1", "r2"]
    last = rows[-1]
    assert last["resistance_100ms_ohm"] == pytest.approx(3e-3)
    assert last["resistance_1s_ohm"] is None
    assert (last["maker"], last["source"]) == ("001", "yard 7")
    assert last["soh_half90"] == pytest.approx(0.05)


def test_the_command_answers(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        recorded(records)
    answer = CliRunner().invoke(app, ["stats", "yield", "--by", "source", "--data", str(tmp_path), "--json"])
    assert answer.exit_code == 0, answer.output
    [row] = json.loads(answer.stdout)["rows"]
    assert (row["group"], row["tests"], row["pass"]) == ("yard 7", 3, 2)
    for question in ("spread", "repeat", "channels"):
        answer = CliRunner().invoke(app, ["stats", question, "--data", str(tmp_path)])
        assert answer.exit_code == 0, answer.output
