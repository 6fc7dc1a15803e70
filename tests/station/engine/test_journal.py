from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from station.engine.record.journal import JournalWriter, read_journal
from station.engine.record.runfile import finalise
from station.errors import DataError
from station.safety import Sample


def write(path: Path, samples: int = 10, end: bool = True) -> JournalWriter:
    writer = JournalWriter(path, {"run_id": "r", "battery": {"nominal_capacity_Ah": 20.0}})
    for n in range(samples):
        writer.sample(Sample(n * 0.01, 1e9 + n * 0.01, 3.65 + n * 1e-4, -2.0, -2.0, n // 5, None, 24.5, 3.65))
    writer.event(0.02, "engine.test", "info", {"name": "试"})
    writer.edge(0.05, 1, 0.05, None, "not_seen")
    writer.cells(0.06, [3.6, None])
    if end:
        writer.end("completed", "run.completed", {}, {"verified": True})
    return writer


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "journal.jsonl")
    journal = read_journal(tmp_path / "journal.jsonl")
    assert journal.header["format"] == "pulse-station/journal/1"
    assert not journal.torn
    assert np.allclose(journal.column("t_s"), np.arange(10) * 0.01)
    assert journal.column("segment").tolist() == [0] * 5 + [1] * 5
    assert np.isnan(journal.column("surface_degC")).all()
    assert journal.events[0]["params"] == {"name": "试"}
    assert journal.edges[0]["achieved_s"] is None
    assert journal.cells[0]["voltages_V"] == [3.6, None]
    assert journal.end is not None


def test_on_disk_within_a_second_without_being_closed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writer = write(path, end=False)
    for _ in range(100):
        if len(read_journal(path).samples) == 10:
            break
        writer._ended.wait(0.01)  # the helper thread's own clock
    assert len(read_journal(path).samples) == 10
    writer.close()


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_torn_last_line_is_dropped(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal.jsonl"
    write(path)
    whole = read_journal(path)
    path.write_bytes(path.read_bytes()[:-cut])
    torn = read_journal(path)
    assert torn.torn
    assert torn.end is None
    assert torn.samples == whole.samples


def test_damage_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path)
    lines = path.read_bytes().split(b"\n")
    lines[4] = b"\x00\x00\x00"
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(DataError) as error:
        read_journal(path)
    assert error.value.params["line"] == 5


@pytest.mark.parametrize("text", ["", '{"k":"header"}\n', "x,y\n1,2\n3,4\n", '["s",1]\n'])
def test_other_files_are_not_journals(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text)
    with pytest.raises(DataError):
        read_journal(path)


def test_a_sample_without_a_reading_is_refused_where_it_is_given(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "journal.jsonl", {})
    with pytest.raises(ValueError, match="without reading"):
        journal.sample(Sample(0.0, 1.7e9, None, 1.0, 0.0, 0))
    journal.end("completed", "run.completed", {}, {})
    assert len(read_journal(journal.path).samples) == 0


def test_never_overwrites(tmp_path: Path) -> None:
    write(tmp_path / "journal.jsonl")
    with pytest.raises(DataError) as error:
        JournalWriter(tmp_path / "journal.jsonl", {})
    assert error.value.code == "data.journal_write"


def test_a_run_file_from_a_journal_that_was_cut_short(tmp_path: Path) -> None:
    write(tmp_path / "journal.jsonl", end=False).close()
    path = finalise(tmp_path)
    table = pq.read_table(path)
    assert table.num_rows == 10
    assert table["Current / A"].to_pylist() == [-2.0] * 10
    assert table["Step Count / 1"].to_pylist() == [1] * 5 + [2] * 5
    note = json.loads(table.schema.metadata[b"pulse_station"])
    assert note["nominal_capacity_Ah"] == 20.0
    assert note["end"] is None


def test_a_run_without_samples_has_no_file(tmp_path: Path) -> None:
    write(tmp_path / "journal.jsonl", samples=0)
    with pytest.raises(DataError) as error:
        finalise(tmp_path)
    assert error.value.code == "data.no_samples"
