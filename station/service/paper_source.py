"""What papers are made from: a run's record, and its samples from the raw file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.errors import DataError
from station.papers.facts import RunFacts, facts_of
from station.papers.plots import Samples
from station.records import Records


def run_facts(records: Records, data: Path, run_id: str) -> tuple[RunFacts, Samples | None]:
    """Facts and samples of a run. Raises UsageError (``record.no_run``); a missing raw file is no error here.

    A raw file that is not what the record's checksum says raises DataError: nothing is printed from it.
    """
    row = records.show_run(run_id)
    changed = [file["path"] for file in row["files"] if file["check"] == "changed"]
    if changed:
        raise DataError(
            f"run {run_id}: {', '.join(changed)} is not what was recorded",
            remedy="restore the file from a backup; no paper is made from changed data",
            code="paper.data_changed",
            run_id=run_id,
            file=changed[0],
        )
    path = data / "runs" / run_id / "run.parquet"
    if not path.is_file():
        return facts_of(row), None
    from station.rawfiles import read_record

    recording = read_record(path, nominal_capacity_Ah=row["nominal_capacity_Ah"])
    measured = recording.samples
    samples = None
    if measured is not None:
        samples = Samples(measured.time_s, measured.voltage_V, measured.current_A)
    return facts_of(row, recording.metadata), samples


def label_facts(row: dict[str, Any]) -> RunFacts:
    """For a label the record alone is enough."""
    return facts_of(row)
