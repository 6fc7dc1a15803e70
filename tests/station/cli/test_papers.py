"""Papers by the command line, of a run on record with its raw file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from station.cli.main import invoke
from station.rawfiles import write_run_parquet
from station.records import open_records
from tests.station.papers.a_run import CODE, HEADER, RUN, row, samples


@pytest.fixture
def data(tmp_path: Path) -> Path:
    known = row()
    folder = tmp_path / "runs" / RUN
    folder.mkdir(parents=True)
    measured = samples()
    columns = {
        "Test Time / s": measured.time_s,
        "Voltage / V": measured.voltage_V,
        "Current / A": measured.current_A,
        "Step Count / 1": np.ones(len(measured.time_s), dtype=np.int64),
    }
    write_run_parquet(folder / "run.parquet", columns, HEADER)
    with open_records(tmp_path) as records:
        records.register_battery(CODE)
        fields = ("bench", "channel", "profile", "plan_digest", "nominal_capacity_Ah", "chemistry", "speed")
        records.start_run(
            run_id=RUN, battery=CODE, simulated=True, **{field: known[field] for field in fields}
        )
        records.save_result(RUN, known["result"], version="0.1.0")
        records.add_file(RUN, folder / "run.parquet", "run")
        records.update_run(RUN, state="ended", verdict="pass", grade="B", outcome="completed")
    return tmp_path


def test_every_paper_of_a_run(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("report", "certificate"):
        pdf = data / f"{kind}.pdf"
        assert invoke([kind, RUN, "-o", str(pdf), "--lang", "zh", "--data", str(data), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["run_id"] == RUN
        text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
        assert "合格" in text
        assert "CNAS-4711" in text  # from the raw file's description of the channel
    batch = data / "batch.pdf"
    assert invoke(["batch", "-o", str(batch), "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == {"pass": 1}
    label = data / "label.png"
    assert invoke(["label", RUN, "--png", str(label), "--size", "40x30", "--data", str(data)]) == 0
    assert label.read_bytes().startswith(b"\x89PNG")
    assert invoke(["command-sheet", "-o", str(data / "sheet.pdf")]) == 0


def test_changed_data_make_no_paper(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (data / "runs" / RUN / "run.parquet").open("ab") as stream:
        stream.write(b"x")
    assert invoke(["report", RUN, "-o", str(data / "x.pdf"), "--data", str(data), "--json"]) == 6
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "paper.data_changed"
    assert not (data / "x.pdf").exists()


def test_what_is_not_clear_is_a_usage_error(data: Path) -> None:
    assert invoke(["label", RUN, "--data", str(data)]) == 2
    assert invoke(["label", RUN, "--own-id", "--png", "x.png", "--data", str(data)]) == 2
    assert invoke(["label", RUN, "--png", "x.png", "--size", "big", "--data", str(data)]) == 2
