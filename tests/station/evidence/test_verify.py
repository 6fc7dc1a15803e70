"""Whatever is changed in what a station has signed, it is found, without the database."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cli.main import invoke
from station.errors import DataError, RecordError, UsageError
from station.evidence import (
    SIGNED_NAME,
    canonical,
    export_events,
    make_document,
    make_read_only,
    read_canonical,
    read_public_key,
    station_key,
    trusted_keys,
    verify,
)
from station.evidence.records_check import check_records
from station.records import DATABASE_NAME, Records, open_records
from tests.station.evidence.a_run import RUN, add_run

RANDOM = random.Random(9)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with open_records(tmp_path_factory.mktemp("data")) as opened:
        add_run(opened)
        yield opened


@pytest.fixture(scope="module")
def exported(records: Records) -> Path:
    path = records.folder / "events.jsonl"
    export_events(path, records.all_events(), station_key(records.folder))
    return path


def test_a_run_and_everything_of_it_verifies(records: Records, exported: Path) -> None:
    trusted = trusted_keys(records.folder)
    folder = records.folder / "runs" / RUN
    for path in (folder, folder / SIGNED_NAME, folder / "run.parquet", exported):
        told = verify(path, trusted)
        assert told.trusted
        assert told.key_id == station_key(records.folder).key_id
    assert verify(folder, trusted).checked == 3
    assert verify(exported, trusted).checked == len(records.all_events()) > 1
    assert not verify(folder, {}).trusted, "a key that nobody knows is told as such"
    assert check_records(records)["signed"] == 1


def test_changed_bytes_all_over_a_run_are_found(records: Records, tmp_path: Path) -> None:
    """Bytes of the signed document and of every file; the benchmark changes all of them."""
    folder = tmp_path / RUN
    shutil.copytree(records.folder / "runs" / RUN, folder)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for place in RANDOM.sample(
            range(len(whole)), min(200 if path.name == SIGNED_NAME else 25, len(whole))
        ):
            changed = bytearray(whole)
            changed[place] ^= RANDOM.choice((0x01, 0x20, 0x80))
            path.write_bytes(changed)
            with pytest.raises(DataError) as found:
                verify(folder, {})
            assert found.value.code == "evidence.changed"
        for other in (whole + b"\n", whole[:-1], b" " + whole, b""):
            path.write_bytes(other)
            with pytest.raises(DataError):
                verify(folder, {})
        path.unlink()
        with pytest.raises(DataError):
            verify(folder, {})
        path.write_bytes(whole)
    assert verify(folder, {}).checked == 3


def test_changed_bytes_all_over_an_event_export_are_found(exported: Path, tmp_path: Path) -> None:
    whole, path = exported.read_bytes(), tmp_path / "events.jsonl"
    for place in RANDOM.sample(range(len(whole)), 300):
        changed = bytearray(whole)
        changed[place] ^= RANDOM.choice((0x01, 0x20, 0x80))
        path.write_bytes(changed)
        with pytest.raises(DataError):
            verify(path, {})
    lines = whole.splitlines(keepends=True)
    for without in range(len(lines)):
        path.write_bytes(b"".join(lines[:without] + lines[without + 1 :]))
        with pytest.raises(DataError):
            verify(path, {})


def test_a_document_signed_anew_by_a_stranger_is_not_trusted(records: Records, tmp_path: Path) -> None:
    """Who has another key can sign what he likes, but not in this station's name."""
    folder = tmp_path / RUN
    shutil.copytree(records.folder / "runs" / RUN, folder)
    body = json.loads((folder / SIGNED_NAME).read_bytes())["body"]
    body["result"]["grade"] = "S"
    (folder / SIGNED_NAME).write_bytes(make_document("result", body, station_key(tmp_path / "stranger")))
    assert not verify(folder, trusted_keys(records.folder)).trusted
    assert verify(folder, trusted_keys(tmp_path / "stranger")).trusted


def test_a_database_rewritten_as_a_whole_is_found_by_what_was_signed(tmp_path: Path) -> None:
    """All hashes of the chain made anew: the chain alone cannot tell, the signed anchor can."""
    from station.records.chain import GENESIS, event_hash
    from station.records.rows import event_content

    with open_records(tmp_path) as records:
        add_run(records)
        rows = records.all_events()
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database, database:
        database.execute("DROP TRIGGER events_no_update")
        previous = GENESIS
        for row in rows:
            content = {
                key: row[key] for key in ("run_id", "t_utc", "t_s", "source", "code", "level", "params")
            }
            content["params"] = {"battery": "another"} if row["code"] == "run.started" else row["params"]
            made = event_hash(content, previous)
            database.execute(
                "UPDATE events SET params = ?, previous_hash = ?, hash = ? WHERE id = ?",
                (json.dumps(content["params"], separators=(",", ":")), previous, made, row["id"]),
            )
            previous = made
    del event_content
    with open_records(tmp_path) as records:
        assert records.verify()["events"] == len(rows), "the chain alone holds"
        with pytest.raises(DataError) as found:
            check_records(records)
    assert found.value.code == "evidence.changed"


def test_a_result_changed_in_the_database_is_found(tmp_path: Path) -> None:
    with open_records(tmp_path) as records:
        add_run(records)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database, database:
        database.execute("UPDATE results SET json = replace(json, '0.81', '0.91')")
    with open_records(tmp_path) as records, pytest.raises(DataError) as found:
        check_records(records)
    assert "on record" in found.value.params["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files")
def test_the_key_is_its_owner_s_alone_and_stays(tmp_path: Path) -> None:
    key = station_key(tmp_path)
    path = tmp_path / "keys" / "station.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert station_key(tmp_path).key_id == key.key_id
    assert read_public_key(tmp_path / "keys" / "station.pub.pem") == key.public_raw
    path.chmod(0o644)
    with pytest.raises(RecordError) as refused:
        station_key(tmp_path)
    assert refused.value.code == "evidence.key_open"
    path.chmod(0o600)
    path.write_bytes(b"no key")
    with pytest.raises(RecordError) as broken:
        station_key(tmp_path)
    assert broken.value.code == "evidence.key_unreadable"


def test_the_command_says_what_was_found_and_ends_so(
    records: Records, exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(records.folder)]
    assert invoke(["verify", str(exported), str(records.folder / "runs" / RUN), "--json", *data]) == 0
    assert [one["trusted"] for one in json.loads(capsys.readouterr().out)["verified"]] == [True, True]
    bad = tmp_path / "events.jsonl"
    bad.write_bytes(exported.read_bytes().replace(b"run.started", b"run.stopped"))
    assert invoke(["verify", str(bad), "--json", *data]) == 6
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "evidence.changed"
    assert invoke(["key", "export", "-o", str(tmp_path / "pub.pem"), *data]) == 0
    elsewhere = ["--data", str(tmp_path / "empty")]
    assert invoke(["verify", str(exported), "--key", str(tmp_path / "pub.pem"), "--json", *elsewhere]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2])["verified"][0]["trusted"]
    # As signed, but by nobody who is known there: told, and no success for a script either.
    assert invoke(["verify", str(exported), "--json", *elsewhere]) == 6
    assert not json.loads(capsys.readouterr().out)["verified"][0]["trusted"]
    assert invoke(["verify", str(exported), *elsewhere]) == 6
    assert "NOT KNOWN HERE" in capsys.readouterr().out
    (tmp_path / "x.txt").write_text("text")
    with pytest.raises(UsageError):
        verify(tmp_path / "x.txt", {})


def test_what_no_signature_vouches_for_is_named(
    records: Records, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / RUN
    shutil.copytree(records.folder / "runs" / RUN, folder)
    assert verify(folder, trusted_keys(records.folder)).unsigned == ()
    (folder / "worker.log").write_text("slow")
    (folder / "better.parquet").write_bytes(b"not ours")
    assert verify(folder, trusted_keys(records.folder)).unsigned == ("better.parquet", "worker.log")
    assert invoke(["verify", str(folder), "--data", str(records.folder)]) == 0
    assert "not signed, not checked: better.parquet, worker.log" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="looks at modes")
def test_raw_files_of_an_ended_run_are_read_only(records: Records, tmp_path: Path) -> None:
    folder = tmp_path / RUN
    shutil.copytree(records.folder / "runs" / RUN, folder)
    make_read_only(folder)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=20, deadline=None)
@given(JSON)
def test_canonical_json_reads_as_itself_and_in_one_way_only(data: object) -> None:
    written = canonical(data)
    again = read_canonical(written, "x")
    assert again == data
    assert canonical(again) == written
    with pytest.raises(DataError):
        read_canonical(b" " + written, "x")


@pytest.mark.parametrize("large", [2.0**53, -(2.0**53), 1e20, 1.5e300])
def test_a_large_float_is_read_back_as_it_was_signed(large: float) -> None:
    assert read_canonical(canonical({"x": large}), "x") == {"x": large}


def test_canonical_json_is_that_of_rfc_8785() -> None:
    """The example of the RFC's section 3.2.2, and what cannot be said."""
    data = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert (
        canonical(data)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )
    for wrong in (float("nan"), 2**60, "\ud800"):
        with pytest.raises(RecordError):
            canonical({"x": wrong})
