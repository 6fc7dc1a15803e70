"""What a station does with its disk, done where that cannot go well; a program of its own, told by JSON.

``python deeds.py full FOLDER``: no file can grow. ``python deeds.py rights FOLDER``: as somebody who may read
the folder's names and nothing else (another user where this one is root, whom rights do not hold back).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from station.errors import StationError
from station.evidence import export_events, station_key, trusted_keys, verify
from station.evidence.backup import backup, restore
from station.exports import trace
from station.exports.run import export_run
from station.rawfiles import read_record
from station.records import Records, open_records
from station.records.files import write_whole
from station.rediagnosis.archive import rediagnose
from station.rediagnosis.job import Job, judge
from station.sites.raw_files import RawFileStore
from station.sites.settings import SiteSettings, read_settings, write_settings
from tests.station.evidence.a_run import RUN

Deeds = dict[str, Callable[[], object]]
NOBODY = 65534


class _InTurn:
    def answers(self, jobs: list[Job]) -> object:
        return (judge(job) for job in jobs)


def full(data: Path, records: Records) -> Deeds:
    """Everything that writes."""
    key, out = station_key(data), data.parent / "out"
    job = Job("r", "B", str(data / "runs" / RUN), 280.0, None, True, {})
    rows = records.show_run(RUN)["files"]
    return {
        "event": lambda: records.add_event("lost"),
        "battery": lambda: records.register_battery("lost"),
        "new records": lambda: open_records(data.parent / "other").close(),
        "backup": lambda: backup(data, out / "b.tar"),
        "restore": lambda: restore(data.parent / "good.tar", out / "restored"),
        "events": lambda: export_events(out / "e.jsonl", records.all_events(), key),
        "export": lambda: write_whole(out / "x", export_run(records, RUN, "bdf-csv")[1]),
        "told": lambda: trace.export(records, "test", out, "csv", by="Li"),
        "raw files": lambda: RawFileStore(str(out / "store")).put(data, "a", rows),
        "site": lambda: write_settings(data, SiteSettings("sqlite:///site.sqlite")),
        "archive": lambda: rediagnose([job], _InTurn(), out / "archive", judges="x"),  # type: ignore[arg-type]
    }


def rights(data: Path, out: Path) -> Deeds:
    """Everything that opens a file."""
    run = data / "runs" / RUN
    return {
        "records": lambda: open_records(data).close(),
        "records that are read-only": lambda: open_records(data.parent / "read-only").close(),
        "new records": lambda: open_records(out / "new").close(),
        "run file": lambda: read_record(run / "run.parquet", nominal_capacity_Ah=None),
        "verify": lambda: verify(run, {}),
        "key": lambda: station_key(data),
        "trusted": lambda: trusted_keys(data),
        "site": lambda: read_settings(data),
        "backup": lambda: backup(data, out / "b.tar"),
        "restore": lambda: restore(data.parent / "good.tar", out / "restored"),
        "raw files": lambda: RawFileStore(str(out / "store")).check(),
        "file": lambda: write_whole(out / "x", b"x"),
    }


def told(deeds: Deeds) -> dict[str, str]:
    """The code of each named error; anything else as it is."""
    found = {}
    for name, deed in deeds.items():
        try:
            deed()
            found[name] = "done"
        except StationError as error:
            found[name] = error.code if error.remedy else f"{error.code} without a remedy"
        except Exception as error:  # noqa: BLE001 - this is what the test looks for
            found[name] = f"not named: {error!r}"
    return found


def main() -> None:
    """See above."""
    kind, data = sys.argv[1], Path(sys.argv[2])
    if kind == "rights":
        if os.geteuid() == 0:
            # As root all of it goes well; what Python loads only now may lie where nobody may look.
            told(rights(data, data.parent / "warm"))
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        sys.stdout.write(json.dumps(told(rights(data, data.parent / "out"))))
        return
    with open_records(data) as records:
        trace.collect(records, by="Li")
        deeds, before = full(data, records), records.verify_chain()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
        found = told(deeds)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        found["afterwards"] = str(records.verify_chain() - before)
        left = [
            path.name for path in (data.parent / "out").rglob("*") if path.is_file() and path.stat().st_size
        ]
        found["left"] = ", ".join(left)
        again = {
            name: deed for name, deed in full(data, records).items() if name not in ("restore", "archive")
        }
        found |= {f"{name}, with room again": answer for name, answer in told(again).items()}
        records.add_event("goes.on")
        records.verify()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
