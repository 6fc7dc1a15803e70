"""Whole tests on the demo bench: four channels at once, and measured cells against their recordings."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from station.engine.record.journal import read_journal
from tests.scenarios.bench.pulse_table import recorded_resistances
from tests.scenarios.bench.stand import CAPACITY_Ah, Stand, ended, start, station

AGREE = 0.02
BATTERIES = {
    "1": {
        "kind": "measured",
        "chemistry": "LFP",
        "cell_id": "LFP35-035",
        "soc": "random",
        "history": "random",
    },
    "2": {"kind": "measured", "cell_id": "LMO10-070", "soc": "random"},
}
Rows = dict[str, dict[str, Any]]


def records(stand: Stand, command: str) -> dict[str, Any]:
    answer = station("records", command, "--data", str(stand.data))
    assert answer.exit_code == 0, answer
    return dict(answer.data)


def run_together(stand: Stand, profile: str, channels: str, speed: float) -> tuple[Rows, Rows]:
    """Run a profile on several channels at the same time: records, and truths from before."""
    stand.heal(speed=speed)
    for channel, battery in BATTERIES.items():
        stand.ask("connect", channel=channel, battery=battery, seed=int(channel))
    truths = {channel: stand.truth(channel) for channel in channels}
    client = stand.client()
    runs = {channel: start(client, profile, channel) for channel in channels}
    rows = {channel: ended(client, run_id, 100) for channel, run_id in runs.items()}
    assert not {channel: row["error"] for channel, row in rows.items() if row["outcome"] != "completed"}
    return rows, truths


@pytest.fixture(scope="module")
def four(stand: Stand) -> tuple[Rows, Rows]:
    """``rapid`` on all four channels."""
    return run_together(stand, "rapid", "1234", 10.0)


@pytest.fixture(scope="module")
def two(stand: Stand) -> tuple[Rows, Rows]:
    """``reference`` on the two cells."""
    return run_together(stand, "reference", "12", 30.0)


@pytest.mark.timeout(120)
def test_four_channels_at_once(stand: Stand, four: tuple[Rows, Rows]) -> None:
    rows, _ = four
    listed = {row["run_id"]: row for row in records(stand, "list")["runs"]}
    for channel, row in rows.items():
        assert (row["outcome"], row["state"]) == ("completed", "ended"), row["error"]
        assert row["exit_code"] in (0, 1, 3), row["result"]["error"]
        assert listed[row["run_id"]]["verdict"] == row["verdict"]
        assert stand.dead(channel)
        assert not any(stand.truth(channel)["output_on"])
        assert row["result"]["safe"]["verified"] is True


def test_raw_files_are_there_with_their_checksums(stand: Stand, four: tuple[Rows, Rows]) -> None:
    for row in four[0].values():
        assert {file["kind"] for file in row["files"]} == {"journal", "run", "result", "signed"}
        for file in row["files"]:
            content = (stand.data / file["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file["sha256"]
            assert file["check"] == "ok"
    assert records(stand, "verify")["files"] == 16


def test_journals_are_complete_and_hold_every_edge(stand: Stand, four: tuple[Rows, Rows]) -> None:
    for channel, row in four[0].items():
        journal = read_journal(stand.data / "runs" / row["run_id"] / "journal.jsonl")
        assert journal.end is not None
        assert journal.end["outcome"] == "completed"
        assert not journal.torn
        plan = journal.header["plan"]["segments"]
        flows = [0.0, *(segment["current_A"] for segment in plan)]
        changes = [n for n in range(len(plan)) if flows[n] != flows[n + 1]]
        edges = [edge for edge in journal.edges if edge["achieved_s"] is not None]
        assert sorted({edge["segment"] for edge in edges}) == changes, (channel, journal.edges)
        # Where the edge was looked for: a late start of a whole group moves asked and achieved alike.
        assert max(abs(edge["achieved_s"] - edge["asked_s"]) for edge in edges) < 2.0
        assert journal.column("t_s")[-1] > journal.header["plan"]["segments"][-1]["duration_s"]
        assert abs(journal.column("current_A")).max() == pytest.approx(max(map(abs, flows)), rel=0.01)


def test_the_battery_saw_what_was_planned(stand: Stand, four: tuple[Rows, Rows]) -> None:
    """The charge that really flowed is the contact pulse's alone: the pairs cancel."""
    for channel, row in four[0].items():
        journal = read_journal(stand.data / "runs" / row["run_id"] / "journal.jsonl")
        planned_As = sum(s["current_A"] * s["duration_s"] for s in journal.header["plan"]["segments"])
        largest_As = max(abs(s["current_A"]) * s["duration_s"] for s in journal.header["plan"]["segments"])
        moved_As = stand.truth(channel)["charge_Ah"] * 3600
        assert abs(moved_As - planned_As) < 0.15 * largest_As, channel


def check_resistances(result: dict[str, Any], truth: dict[str, Any], channel: str) -> int:
    recorded = recorded_resistances(truth)
    compared = 0
    for block in result["blocks"]:
        for pulse in block["pulses"]:
            rate_C = pulse["current_A"] / CAPACITY_Ah[channel]
            match = min(recorded, key=lambda known: abs(known - rate_C))
            if abs(match - rate_C) > 0.01 or pulse["duration_s"] < 4:
                continue
            measured_V = abs(pulse["end_voltage_V"] - pulse["voltage_before_V"])
            measured_ohm = pulse["resistance_ohm"]["5"] or measured_V / abs(pulse["current_A"])
            assert measured_ohm == pytest.approx(recorded[match], rel=AGREE), (channel, rate_C, pulse)
            compared += 1
    return compared


def check_soh(result: dict[str, Any], truth: dict[str, Any]) -> None:
    soh = result["soh"]
    if soh is None:
        assert result["abstained"]
        assert result["verdict"] in ("no_verdict", "quarantine")
        assert result["reason"]
        return
    assert 0 < soh["low90"] < soh["estimate"] < soh["high90"] < 1.5
    assert abs(soh["estimate"] - truth["soh"]) < 0.2


def test_rapid_measures_what_was_recorded(four: tuple[Rows, Rows]) -> None:
    rows, truths = four
    assert check_resistances(rows["1"]["result"], truths["1"], "1") == 2
    for channel in "12":
        check_soh(rows[channel]["result"], truths[channel])


@pytest.mark.timeout(120)
def test_reference_measures_what_was_recorded(two: tuple[Rows, Rows]) -> None:
    rows, truths = two
    assert check_resistances(rows["1"]["result"], truths["1"], "1") == 10
    # LMO cells were recorded up to the charge pulse of the third amplitude.
    assert check_resistances(rows["2"]["result"], truths["2"], "2") == 5
    for channel in "12":
        check_soh(rows[channel]["result"], truths[channel])
