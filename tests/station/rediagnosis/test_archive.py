"""An archive judged anew: complete, resumed, the same on every kind of worker, and damage told by its run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from station.cli.main import app
from station.errors import DataError, UsageError
from station.records import open_records
from station.rediagnosis.archive import ANSWERS, changes, rediagnose
from station.rediagnosis.job import Job, jobs, judge, judges_here
from station.rediagnosis.workers import Cores, DaskCluster

RUNS = Path(__file__).parents[2] / "data" / "runs"
COUNT = 6


class InTurn:
    """Does jobs in this process, and counts them."""

    def __init__(self, most: int | None = None) -> None:
        self.done = 0
        self._most = most

    def answers(self, given: Iterable[Job]) -> Iterator[dict[str, Any]]:
        for job in given:
            if self.done == self._most:
                raise KeyboardInterrupt
            self.done += 1
            yield judge(job)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    with open_records(data) as records:
        for number in range(COUNT):
            name, capacity = (("lfp20_rapid", 20.0), ("lfp35_rapid", 35.0))[number % 2]
            run_id, battery = f"20260101T000000-1-{number:06x}", f"B{number}"
            folder = data / "runs" / run_id
            folder.mkdir(parents=True)
            shutil.copy(RUNS / f"{name}.parquet", folder / "run.parquet")
            (folder / "journal.jsonl").write_text("")
            records.register_battery(battery)
            records.start_run(
                run_id=run_id, battery=battery, bench="demo", channel="1", profile="rapid", plan_digest="d",
                nominal_capacity_Ah=capacity, chemistry=None, speed=1.0, simulated=True,
            )  # fmt: skip
            records.update_run(run_id, state="ended", outcome="completed", verdict="fail")
    return data


@pytest.fixture(scope="module")
def wanted(archive: Path) -> list[Job]:
    with open_records(archive) as records:
        return list(jobs(records))


@pytest.fixture(scope="module")
def reference(wanted: list[Job], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return rediagnose(wanted, InTurn(), tmp_path_factory.mktemp("reference"), judges=judges_here())


def test_every_run_is_judged_once(reference: list[dict[str, Any]], wanted: list[Job]) -> None:
    assert [answer["run_id"] for answer in reference] == sorted(job.run_id for job in wanted)
    assert len(reference) == COUNT
    assert all(answer["error"] is None and answer["result"]["soh"] for answer in reference)


@pytest.mark.timeout(120)
def test_all_cores_give_the_same(wanted: list[Job], reference: list[dict[str, Any]], tmp_path: Path) -> None:
    assert rediagnose(wanted, Cores(2), tmp_path, judges=judges_here()) == reference


@pytest.mark.timeout(120)
def test_a_cluster_gives_the_same(
    wanted: list[Job], reference: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr("station.rediagnosis.workers.CHUNK", 2)  # three of them
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        host="127.0.0.1",
        local_directory=tmp_path,
    ) as cluster:
        workers = DaskCluster(cluster.scheduler_address)
        assert rediagnose(wanted, workers, tmp_path / "out", judges=judges_here()) == reference


def test_no_cluster_is_a_named_error(wanted: list[Job], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        rediagnose(wanted, DaskCluster("nowhere"), tmp_path, judges=judges_here())
    assert refused.value.code == "rediagnose.cluster"


def test_what_was_cut_off_goes_on(wanted: list[Job], reference: list[dict[str, Any]], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        rediagnose(wanted, InTurn(most=4), tmp_path, judges=judges_here())
    path = tmp_path / ANSWERS
    path.write_bytes(path.read_bytes()[:-20])  # the last line is torn
    again = InTurn()
    assert rediagnose(wanted, again, tmp_path, judges=judges_here()) == reference
    assert again.done == COUNT - 3
    assert rediagnose(wanted, InTurn(most=0), tmp_path, judges=judges_here()) == reference


def test_answers_of_other_models_are_not_mixed_in(wanted: list[Job], tmp_path: Path) -> None:
    rediagnose(wanted[:1], InTurn(), tmp_path, judges=judges_here())
    with pytest.raises(DataError) as refused:
        rediagnose(wanted, InTurn(), tmp_path, judges="others")
    assert refused.value.code == "rediagnose.other"
    with pytest.raises(DataError):
        rediagnose(wanted[:1], InTurn(), tmp_path / "new", judges="others")


def test_a_damaged_run_is_told_and_the_others_go_on(wanted: list[Job], tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "run.parquet").write_bytes(b"PAR1 and nothing")
    broken = Job(**{**wanted[0].__dict__, "run_dir": str(bad)})
    answers = rediagnose([broken, wanted[1]], InTurn(), tmp_path / "out", judges=judges_here())
    by_run = {answer["run_id"]: answer for answer in answers}
    assert by_run[broken.run_id]["error"]["code"].startswith("data.")
    assert by_run[wanted[1].run_id]["error"] is None
    told = changes(answers, {job.run_id: {"verdict": "fail"} for job in wanted})
    assert {row["run_id"] for row in told} == {broken.run_id, wanted[1].run_id}


def test_the_command_tells_whose_verdict_changes(archive: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(
        app,
        ["rediagnose", "--out", str(tmp_path), "--cores", "1", "--data", str(archive), "--json"],
    )
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["judged"] == COUNT
    assert len(told["changes"]) == COUNT
    assert {row["before"]["verdict"] for row in told["changes"]} == {"fail"}
