"""Runs as files for others, read back by other programs; the queue of what platforms are told."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from station.cli.main import invoke
from station.errors import DataError, RecordError, UsageError
from station.exports import trace
from station.exports.run import BDF, FORMATS, export_run
from station.exports.tables import csv_bytes, xlsx_bytes
from station.exports.template import due_on, find_template, settings, templates
from station.identity import link, recode
from station.rawfiles import read_record
from station.records import Records, open_records
from tests.station.evidence.a_run import RUN, add_run

CELL, PACK = "04QCB76836300JBC40000903", "03UPE01000011C85A00FTY20"
SITE = "site: {code: 91370100MA3TEST00X, name: 测试公司}\nholidays: [2026-10-01, 2026-10-02]\n"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with open_records(tmp_path_factory.mktemp("data")) as opened:
        add_run(opened)
        yield opened


def test_bdf_tables_hold_every_sample_and_are_read_again(records: Records, tmp_path: Path) -> None:
    whole = pq.read_table(records.folder / "runs" / RUN / "run.parquet")
    day = records.show_run(RUN)["started_utc"][:10].replace("-", "")
    for form in ("bdf-csv", "bdf-parquet"):
        name, content = export_run(records, RUN, form)  # type: ignore[arg-type]
        assert name.startswith(f"PulseStation__04QCB76836300JBC40000903__{day}_a1b2c3.bdf.")
        path = tmp_path / name
        path.write_bytes(content)
        again = read_record(path, nominal_capacity_Ah=280.0)
        assert again.samples is not None
        assert list(again.samples.voltage_V) == whole["Voltage / V"].to_pylist()
        assert list(again.samples.current_A) == whole["Current / A"].to_pylist()
    header = export_run(records, RUN, "bdf-csv")[1].split(b"\r\n", 1)[0].decode()
    assert header.split(",") == list(BDF)


def test_a_workbook_has_all_of_it_and_no_formula(records: Records) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_run(records, RUN, "xlsx")[1]))
    assert book.sheetnames == ["summary", "samples", "pulses", "uncertainty", "events", "files"]
    assert book["samples"].max_row == 201
    assert [cell.value for cell in book["samples"][1]] == list(BDF)
    evil = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"x": (("a",), [["=1+1"], [-2.5], ["\x07b"]])})))
    assert [(row[0].value, row[0].data_type) for row in evil["x"].iter_rows(min_row=2)] == [
        ("=1+1", "s"), (-2.5, "n"), ("b", "s"),
    ]  # fmt: skip
    rows = list(csv.reader(io.StringIO(csv_bytes(("a", "b"), [("=cmd()", -1.5)]).decode("utf-8-sig"))))
    assert rows[1] == ["'=cmd()", "-1.5"]


def test_json_and_passport_fields_say_what_is_not_known(records: Records) -> None:
    told = json.loads(export_run(records, RUN, "json")[1])
    assert told["run"]["result"]["soh"]["estimate"] == 0.81
    assert len(told["samples"]["Voltage / V"]) == 200
    passport = json.loads(export_run(records, RUN, "passport")[1])
    fields = passport["fields"]
    assert fields["remainingCapacity"]["value"] == pytest.approx(0.81 * 280)
    assert fields["capacityFade"]["low90"] == pytest.approx(16.0)
    assert fields["manufacturingDate"]["value"] == "2021-12-04"
    assert passport["conformity"] == "not claimed"
    assert {"stateOfCertifiedEnergy", "batteryMass"} <= set(passport["not_known"])
    assert all(fields[name] is None for name in passport["not_known"])


def test_nothing_is_exported_from_changed_data(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        folder = add_run(records)
        (folder / "run.parquet").write_bytes(b"PAR1")
        for form in FORMATS:
            with pytest.raises(DataError) as refused:
                export_run(records, RUN, form)
            assert refused.value.code == "export.data_changed"


def test_the_command_writes_several_runs(
    records: Records, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = ["-o", str(tmp_path / "new" / "folder")]
    asked = ["export", RUN, "--format", "xlsx", *new, "--data", str(records.folder), "--json"]
    assert invoke(asked) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert Path(file["file"]).stat().st_size == file["bytes"] > 1000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Records]:
    (tmp_path / "trace").mkdir()
    (tmp_path / "trace" / "settings.yaml").write_text(SITE, encoding="utf-8")
    with open_records(tmp_path) as opened:
        add_run(opened)
        yield opened


def test_deadlines_count_working_days(site: Records) -> None:
    known, intake = settings(site.folder), find_template(site.folder, "intake")
    # 15 working days from Monday 28 September 2026, with two holidays in between.
    assert due_on(intake, date(2026, 9, 28), known) == date(2026, 10, 21)
    assert due_on(find_template(site.folder, "test"), date(2026, 9, 28), known) is None


def test_a_queue_of_four_kinds_is_exported_once_and_confirmed(site: Records, tmp_path: Path) -> None:
    link(site, PACK, CELL, who="Li", why="opened")
    recode(site, CELL, "02LCB01D150000123RC", who="Li", why="second life")
    on = date(2026, 11, 2)
    trace.add(site, "intake", CELL, happened_on=on, by="Li")
    _, again = trace.add(site, "intake", CELL, happened_on=on, by="Li")
    assert not again, "the same thing is told once"
    product = {"application": "4", "destination_name": "仓储"}
    item, _ = trace.add(
        site, "second_life_product", "02LCB01D150000123RC", happened_on=on, given=product, by="Li"
    )
    assert (item["fields"]["有无编码"], item["fields"]["原编码"]) == ("Y", CELL)
    trace.add(site, "departure", PACK, happened_on=on, given={"destination_name": "X"}, by="Li")
    assert trace.collect(site, by="Li") == {"queued": 1, "there": 0, "incomplete": 0}
    assert trace.collect(site, by="Li") == {"queued": 0, "there": 1, "incomplete": 0}
    rows = trace.queue(site, date(2026, 11, 22))
    assert [(row["template"], row["days_left"], row["urgency"]) for row in rows] == [
        ("intake", 1, "soon"), ("second_life_product", 1, "soon"), ("departure", 1, "soon"),
        ("test", None, "none"),
    ]  # fmt: skip
    for kind in ("csv", "xlsx", "json"):
        trace.add(site, "intake", f"FREE-{kind}", happened_on=on, by="Li")
        told = trace.export(site, "intake", tmp_path, kind, by="Li")  # type: ignore[arg-type]
        assert told is not None
        assert hashlib.sha256(Path(told["file"]).read_bytes()).hexdigest() == told["sha256"]
        site.answer_batch(told["batch"], taken=True, receipt="OK 1", by="Li")
    assert trace.export(site, "intake", tmp_path, "csv", by="Li") is None
    done = [row for row in trace.queue(site, on, all_states=True) if row["state"] == "confirmed"]
    assert len(done) == 4
    assert site.verify_chain() > 6


def test_a_batch_that_was_cut_off_is_written_again_under_its_name(
    site: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between its parts, or the disk is full: nothing is lost, and nothing is in two files."""
    for number in range(3):
        trace.add(site, "intake", f"FREE-{number}", by="Li")
    with pytest.raises(RecordError) as full:
        trace.export(site, "intake", tmp_path / "absent", "csv", by="Li")
    assert full.value.code == "record.unavailable"
    (batch,) = {row["batch"] for row in trace.queue(site, date(2026, 11, 28))}
    trace.add(site, "intake", "FREE-3", by="Li")

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Records, "end_batch", killed)
        with pytest.raises(Killed):
            trace.export(site, "intake", tmp_path, "csv", by="Li")
    told = trace.export(site, "intake", tmp_path, "csv", by="Li")
    assert told is not None
    assert (told["batch"], told["count"]) == (batch, 3)
    rest = trace.export(site, "intake", tmp_path, "csv", by="Li")
    assert rest is not None
    assert rest["count"] == 1
    assert len(list(tmp_path.glob("intake-*.csv"))) == 2
    site.answer_batch(rest["batch"], taken=False, receipt="field wrong", by="Li")
    again = trace.export(site, "intake", tmp_path, "csv", by="Li")
    assert again is not None
    assert again["batch"] != rest["batch"]


def test_what_is_missing_is_named_and_templates_can_be_replaced(records: Records, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as lacking:
        trace.add(records, "departure", CELL, by="Li")
    assert "whereaboutsName" in lacking.value.params["missing"]
    with pytest.raises(UsageError):
        find_template(tmp_path, "nothing")
    own = tmp_path / "trace" / "intake.yaml"
    own.parent.mkdir()
    own.write_text("name: intake\ntitle: {en: x}\nevidence: own\ncolumns: [{name: a, from: battery.code}]\n")
    assert [column.name for column in templates(tmp_path)["intake"].columns] == ["a"]
    own.write_text("name: [\n")
    with pytest.raises(DataError) as wrong:
        templates(tmp_path)
    assert wrong.value.code == "trace.template"
    assert all(
        "not verified" in t.evidence or "no platform" in t.evidence
        for t in templates(records.folder).values()
    )
