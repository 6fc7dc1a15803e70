"""A full disk and wrong rights, in a program that really meets them: named errors, nothing lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.evidence.backup import backup
from station.records import DATABASE_NAME, open_records
from station.sites.settings import SiteSettings, write_settings
from tests.station.evidence.a_run import add_run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place() -> Iterator[Path]:
    """Outside of pytest's folders, which only their owner may enter."""
    with tempfile.TemporaryDirectory(prefix="pulse-disk-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        with open_records(home / "data") as records:
            add_run(records)
        write_settings(home / "data", SiteSettings("sqlite:///site.sqlite"))
        backup(home / "data", home / "good.tar")
        (home / "out").mkdir()
        (home / "warm").mkdir()
        yield home
        for path in home.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)


def told(kind: str, place: Path) -> dict[str, str]:
    program = [sys.executable, "-m", "tests.station.records.deeds", kind, str(place / "data")]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_a_disk_that_is_full(place: Path) -> None:
    found = told("full", place)
    assert (found.pop("afterwards"), found.pop("left")) == ("0", "")
    again = {name: found.pop(name) for name in list(found) if "with room" in name}
    assert found.pop("raw files") == "site.files"
    assert found == dict.fromkeys(found, "record.unavailable")
    assert again == dict.fromkeys(again, "done")
    assert len(found) == 10


def test_rights_that_are_wrong(place: Path) -> None:
    data = place / "data"
    shutil.copytree(data, place / "read-only")
    (place / "read-only" / DATABASE_NAME).chmod(0o444)
    (place / "read-only").chmod(0o555)
    (place / "out").chmod(0o555)
    for path in data.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o000)
    data.chmod(0o555)
    assert told("rights", place) == {
        "records": "record.unavailable",
        "records that are read-only": "record.unavailable",
        "new records": "record.unavailable",
        "run file": "data.unreadable",
        "verify": "record.file_missing",
        "key": "evidence.key_unreadable",
        "trusted": "evidence.key_unreadable",
        "site": "site.settings",
        "backup": "evidence.key_unreadable",
        "restore": "record.unavailable",
        "raw files": "site.files",
        "file": "record.unavailable",
    }
