"""Raw files in a real S3-compatible store: whole and right there, or not there by their names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from station.cli.main import app
from station.errors import DataError, RecordError
from station.records import Records
from station.sites.forward import forwarder_for
from station.sites.raw_files import RawFileStore
from station.sites.settings import SiteSettings, read_settings, settings_path
from station.sites.store import SiteStore
from tests.station.sites.cut_link import CutLink
from tests.station.sites.runs import ended_run
from tests.station.sites.s3_server import BUCKET, S3, s3_server

NewStation = Callable[[str], Records]
URL = f"s3://{BUCKET}/runs"
CONTENT = bytes(range(256)) * 1500


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture
def site(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 'site.sqlite').as_posix()}"


def run_with_file(records: Records, run_id: str) -> Path:
    ended_run(records, run_id)
    path = records.folder / "runs" / run_id / "run.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT + run_id.encode())
    records.add_file(run_id, path, "run")
    return path


def test_files_arrive_whole_and_damage_there_is_mended(s3: S3, new_station: NewStation, site: str) -> None:
    records = new_station("whole")
    for number in range(3):
        run_with_file(records, f"r{number}")
    settings = SiteSettings(site, URL, s3.options)
    done = forwarder_for(records, "whole", settings).forward()
    assert (done.sent, done.refused, done.error) == (3, {}, None)
    names = [name for name in s3.names() if name.startswith("runs/whole/")]
    assert names == [f"runs/whole/runs/r{number}/run.parquet" for number in range(3)]
    assert s3.content(names[1]) == CONTENT + b"r1"
    # Half-written by somebody, or changed without another length: it is found and written again.
    rows = {number: records.show_run(f"r{number}")["files"] for number in range(3)}
    s3.client.put_object(Bucket=BUCKET, Key=names[0], Body=CONTENT[:1000])
    s3.client.put_object(Bucket=BUCKET, Key=names[1], Body=b"x" + CONTENT[1:] + b"r1")
    store = RawFileStore(URL, s3.options)
    assert [store.put(records.folder, "whole", files) for files in rows.values()] == [1, 1, 0]
    assert [s3.content(names[number]) == CONTENT + f"r{number}".encode() for number in range(3)] == [True] * 3


def test_a_link_cut_at_any_byte_leaves_nothing_by_its_name_and_is_resumed(
    s3: S3, new_station: NewStation, site: str
) -> None:
    records = new_station("cut")
    run_with_file(records, "r1")
    with closing(CutLink(s3.port)) as link:
        options = {**s3.options, "endpoint_url": f"http://127.0.0.1:{link.port}"}
        forwarder = forwarder_for(records, "cut", SiteSettings(site, URL, options))
        for after in (0, 900, 150_000):
            link.after = after
            done = forwarder.forward()
            assert isinstance(done.error, RecordError)
            assert (done.error.code, done.sent) == ("site.files", 0)
            assert "runs/cut/runs/r1/run.parquet" not in s3.names()
            assert records.outbox()["waiting"] == 1, "nothing is lost"
        link.after = None
        done = forwarder.forward()
    assert (done.sent, done.error) == (1, None)
    assert s3.content("runs/cut/runs/r1/run.parquet") == CONTENT + b"r1"
    assert [name for name in s3.names() if name.endswith(".part")] == []
    with SiteStore.open(site) as known:
        assert known.known("cut") == {"r1": 1}


def test_a_file_that_changed_at_home_never_gets_its_name_there(s3: S3, new_station: NewStation) -> None:
    records = new_station("changed")
    path = run_with_file(records, "r1")
    (row,) = records.show_run("r1")["files"]
    path.write_bytes(b"other")
    store = RawFileStore(URL, s3.options)
    with pytest.raises(DataError) as changed:
        store.put(records.folder, "changed", [row])
    assert changed.value.code == "record.file_changed"
    path.unlink()
    with pytest.raises(DataError) as missing:
        store.put(records.folder, "changed", [row])
    assert missing.value.code == "record.file_missing"
    assert [name for name in s3.names() if "/changed/" in name] == []


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        (URL, {"secret": "wrong"}),
        (URL, {"key": "AKIAUNKNOWN000000000"}),
        ("s3://no-such-bucket/runs", {}),
        (URL, {"endpoint_url": "http://127.0.0.1:1"}),
        ("nosuch://place", {}),
    ],
    ids=["secret", "key", "bucket", "nobody there", "no such kind"],
)
def test_a_store_that_refuses_is_one_named_error(
    s3: S3, new_station: NewStation, site: str, url: str, wrong: dict[str, Any]
) -> None:
    records = new_station("refused")
    run_with_file(records, "r1")
    done = forwarder_for(records, "refused", SiteSettings(site, url, {**s3.options, **wrong})).forward()
    assert isinstance(done.error, RecordError)
    assert (done.error.code, done.sent, records.outbox()["waiting"]) == ("site.files", 0, 1)
    assert "rights" in done.error.remedy
    assert s3.options["secret"] not in str(done.error.as_dict())
    assert [row["Name"] for row in s3.client.list_buckets()["Buckets"]] == [BUCKET], "none is made by mistake"


def test_joining_tries_the_store_and_keeps_its_keys_to_the_owner(s3: S3, tmp_path: Path, site: str) -> None:
    data, options = tmp_path / "data", tmp_path / "s3.yaml"
    asked = ["site", "join", site, "--files", URL, "--files-options", str(options), "--data", str(data)]
    options.write_text(json.dumps({**s3.options, "secret": "wrong"}))
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code != 0
    assert not settings_path(data).exists()
    options.write_text(json.dumps(s3.options))
    joined = CliRunner().invoke(app, asked)
    assert joined.exit_code == 0, (joined.output, joined.exception)
    assert s3.options["secret"] not in joined.output
    kept = read_settings(data)
    assert kept is not None
    assert kept.options == s3.options
    assert settings_path(data).stat().st_mode & 0o077 == 0
    assert ".pulse-station-check" not in "".join(s3.names())
