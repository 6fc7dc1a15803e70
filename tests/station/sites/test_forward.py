"""Two stations and their site: nothing lost, nothing doubled, whatever happens to the link or the program."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from station.errors import DataError, RecordError
from station.records import Records
from station.sites.document import RunDocument, run_document
from station.sites.forward import Forwarder, forwarder_for
from station.sites.settings import SiteSettings
from station.sites.store import SiteStore
from tests.station.sites.cut_link import CutLink
from tests.station.sites.runs import ended_run

NewStation = Callable[[str], Records]


def test_every_run_arrives_once_from_each_station(site_url: str, new_station: NewStation) -> None:
    for name in ("shandong-1", "shandong-2"):
        records = new_station(name)
        for number in range(3):
            ended_run(records, f"same-id-{number}", soh=0.7 + number / 10)
        forwarder = Forwarder(records, name, partial(SiteStore.open, site_url))
        first, second = forwarder.forward(), forwarder.forward()
        assert (first.sent, first.new, first.error) == (3, 3, None)
        assert (second.sent, second.new, second.error) == (0, 0, None)
        assert records.outbox() == {"waiting": 0, "sent": 3, "oldest_utc": None, "refused": []}
    with SiteStore.open(site_url) as site:
        assert site.counts() == {"shandong-1": 3, "shandong-2": 3}
        assert [row["soh"] for row in site.search(station="shandong-2")] == pytest.approx([0.9, 0.8, 0.7])
        kept = json.loads(site.document("shandong-1", "same-id-1") or "")
        assert kept["result"]["verdict"] == "pass"
        assert [event["code"] for event in kept["events"]] == ["run.started"]
        assert site.verify() == 6


def test_a_change_after_the_end_is_told_and_the_old_one_kept(site_url: str, new_station: NewStation) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    forwarder = Forwarder(records, "a", partial(SiteStore.open, site_url))
    forwarder.forward()
    records.update_run("r1", verdict="quarantine", grade=None)
    assert records.outbox()["waiting"] == 1
    assert forwarder.forward().new == 1
    with SiteStore.open(site_url) as site:
        assert [row["verdict"] for row in site.search()] == ["quarantine"]
        assert site.search(verdict="pass") == []
        assert site.verify() == 2


def test_a_running_test_is_not_told(new_station: NewStation) -> None:
    records = new_station("a")
    records.register_battery("B")
    records.start_run(
        run_id="r", battery="B", bench="b", channel="1", profile="p", plan_digest="d",
        nominal_capacity_Ah=1.0, chemistry=None, speed=1.0, simulated=True,
    )  # fmt: skip
    assert records.waiting(limit=10) == []


def test_an_older_revision_that_comes_late_does_not_become_the_newest(
    site_url: str, new_station: NewStation
) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    old = run_document(records, "a", "r1", 1)
    records.update_run("r1", verdict="fail")
    new = run_document(records, "a", "r1", 2)
    with SiteStore.open(site_url) as site:
        assert site.take([new]) == 1
        assert site.take([old, new]) == 1
        assert [row["verdict"] for row in site.search()] == ["fail"]
        assert site.known("a") == {"r1": 2}


def test_what_was_changed_on_the_way_is_refused(site_url: str, new_station: NewStation) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    good = run_document(records, "a", "r1", 1)
    bad = RunDocument("a", "r1", 1, good.text.replace("0.9", "0.99"), good.sha256)
    with SiteStore.open(site_url) as site:
        for wrong in (bad, RunDocument("b", "r1", 1, good.text, good.sha256)):
            with pytest.raises(DataError) as refused:
                site.take([good, wrong])
            assert refused.value.code == "site.document"
        assert site.counts() == {}


def test_what_was_changed_at_the_site_is_found(site_url: str, new_station: NewStation) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    Forwarder(records, "a", partial(SiteStore.open, site_url)).forward()
    with SiteStore.open(site_url) as site:
        with site._writer.begin() as connection:
            connection.execute(text("UPDATE site_runs SET document = replace(document, '0.9', '0.8')"))
        with pytest.raises(DataError):
            site.verify()


def test_a_site_out_of_reach_loses_nothing(new_station: NewStation) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    nobody = "postgresql+psycopg://pulse@127.0.0.1:1/site"
    done = Forwarder(records, "a", partial(SiteStore.open, nobody)).forward()
    assert isinstance(done.error, RecordError)
    assert done.error.code == "record.unavailable"
    assert records.outbox()["waiting"] == 1


def test_one_run_that_the_site_refuses_does_not_hold_up_the_others(
    postgres_url: str, new_station: NewStation
) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    ended_run(records, "r2", battery="B\N{NULL}")  # text that PostgreSQL cannot hold
    ended_run(records, "r3")
    forwarder = Forwarder(records, "a", partial(SiteStore.open, postgres_url))
    done = forwarder.forward()
    assert done.sent == 2
    assert list(done.refused) == ["r2"]
    assert [row["run_id"] for row in records.outbox()["refused"]] == ["r2"]
    assert records.send_again() == 1


def test_the_link_cut_at_any_byte(postgres_url: str, new_station: NewStation) -> None:
    records = new_station("a")
    target = make_url(postgres_url)
    with SiteStore.open(postgres_url):
        pass
    with closing(CutLink(target.port or 0)) as link:
        through = target.set(port=link.port).render_as_string()
        forwarder = Forwarder(records, "a", partial(SiteStore.open, through))
        chance, cuts = random.Random(7), 0
        for number in range(20):
            ended_run(records, f"r{number}")
            link.after = chance.randrange(0, 9000)
            cuts += forwarder.forward().error is not None
        assert cuts > 5
        link.after = None
        assert forwarder.forward().error is None
    with SiteStore.open(postgres_url) as site:
        assert site.known("a") == {f"r{number}": 1 for number in range(20)}
        assert site.verify() == 20


def test_killed_at_any_moment(postgres_url: str, new_station: NewStation, tmp_path: Path) -> None:
    records = new_station("a")
    for number in range(40):
        ended_run(records, f"r{number}")
    program = (
        "import sys; from pathlib import Path; from functools import partial\n"
        "import station.sites.forward as f\n"
        "from station.records import open_records; from station.sites.store import SiteStore\n"
        "f.BATCH = 1; print('up', flush=True)\n"
        "f.Forwarder(open_records(Path(sys.argv[1])), 'a', partial(SiteStore.open, sys.argv[2])).forward()\n"
    )
    chance = random.Random(3)
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "a"), postgres_url], stdout=subprocess.PIPE
        )
        with child:
            assert child.stdout is not None
            child.stdout.readline()
            before = records.outbox()["sent"]
            after = before + chance.randrange(1, 6)
            while records.outbox()["sent"] < after and child.poll() is None:
                pass
            os.kill(child.pid, signal.SIGKILL)
    assert 0 < records.outbox()["waiting"] < 40
    done = Forwarder(records, "a", partial(SiteStore.open, postgres_url)).forward()
    assert done.error is None
    with SiteStore.open(postgres_url) as site:
        assert site.known("a") == {f"r{number}": 1 for number in range(40)}
        assert site.verify() == 40


def test_a_station_may_keep_its_own_records_there_too(postgres_url: str, tmp_path: Path) -> None:
    from station.records import open_records

    with open_records(tmp_path, url=postgres_url) as records:
        ended_run(records, "r1")
        assert records.verify_chain() == 1
        assert records.search_runs(text="R1")["count"] == 1
        assert records.outbox()["waiting"] == 1


def test_raw_files_go_first_and_a_changed_one_holds_its_run_back(
    site_url: str, new_station: NewStation, tmp_path: Path
) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    ended_run(records, "r2")
    for run_id in ("r1", "r2"):
        path = records.folder / "runs" / run_id / "journal.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(f"{run_id}\n")
        records.add_file(run_id, path, "journal")
    path.write_text("other\n")
    store = tmp_path / "store"
    settings = SiteSettings(site_url, store.as_posix())
    done = forwarder_for(records, "a", settings).forward()
    assert (done.sent, list(done.refused)) == (1, ["r2"])
    assert (store / "a" / "runs" / "r1" / "journal.jsonl").read_text() == "r1\n"
    assert [path.name for path in store.rglob("*") if path.is_file()] == ["journal.jsonl"]
    with SiteStore.open(site_url) as site:
        assert site.known("a") == {"r1": 1}


def test_a_file_that_retention_took_holds_nothing_back(
    site_url: str, new_station: NewStation, tmp_path: Path
) -> None:
    records = new_station("a")
    ended_run(records, "r1")
    path = records.folder / "runs" / "r1" / "journal.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("r1\n")
    row = records.add_file("r1", path, "journal")
    records.remove_file("r1", row["path"], who="admin", why="old")
    done = forwarder_for(records, "a", SiteSettings(site_url, str(tmp_path / "store"))).forward()
    assert (done.sent, done.refused) == (1, {})
