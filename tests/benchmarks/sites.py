"""Two stations tell a site 10,000 results while their link is cut and their programs are killed at random.

``STATION_BENCH_RESULTS`` makes it smaller. Wanted is 0 lost and 0 doubled; the figures count.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import make_url

from station.records import open_records
from station.records.models import Battery, OutboxRow, Result, Run, utc_now
from station.sites.store import SiteStore
from tests.benchmarks.table import Row
from tests.station.sites.cut_link import CutLink
from tests.station.sites.postgres import postgresql

RESULTS = int(os.environ.get("STATION_BENCH_RESULTS", "10000"))
STATIONS = ("shandong-1", "shandong-2")
BATCHES_MOST = 25
"""A program is killed after fewer, in the middle of one; a station has 100."""
_PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from station.records import open_records
from station.sites.forward import Forwarder
from station.sites.store import SiteStore
def say():
    print("a batch", flush=True)
with open_records(Path(sys.argv[1])) as records:
    done = Forwarder(records, sys.argv[2], partial(SiteStore.open, sys.argv[3])).forward(stop=say)
sys.exit(done.error is not None)
"""


def rows() -> list[Row]:
    """What arrived, and how often it was disturbed on the way."""
    chance = random.Random(20)
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE site"))
        engine.dispose()
        url = make_url(f"{server}/site")
        for name in STATIONS:
            _fill(Path(folder) / name)
        begun = time.monotonic()
        with closing(CutLink(url.port or 0)) as link:
            through = url.set(port=link.port).render_as_string()
            cuts, kills = _disturb(Path(folder), through, link, chance)
        took = time.monotonic() - begun
        with SiteStore.open(url.render_as_string()) as site:
            checked, counts = site.verify(), site.counts()
            known = [site.known(name) for name in STATIONS]
    lost = sum(RESULTS // 2 - len(runs) for runs in known)
    doubled = checked - sum(counts.values())
    what = f"{RESULTS:,} results of two stations, {cuts} links cut, {kills} programs killed, {took:.0f} s"
    return [
        Row(f"{what}: lost", lost, "results", 0),
        Row(f"{what}: doubled", doubled, "results", 0),
    ]


def _disturb(folder: Path, url: str, link: CutLink, chance: random.Random) -> tuple[int, int]:
    cuts = kills = 0
    left = set(STATIONS)
    while left:
        link.after = chance.choice((None, chance.randrange(800_000)))
        children = {
            name: subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(folder / name), name, url], stdout=subprocess.PIPE
            )
            for name in sorted(left)
        }
        for name, child in children.items():
            with child:
                if _ends_by_itself(child, chance.randrange(BATCHES_MOST)):
                    cuts += child.wait() != 0
                else:
                    child.kill()
                    kills += 1
            with open_records(folder / name) as records:
                if not records.waiting(limit=1):
                    left.discard(name)
    return cuts, kills


def _ends_by_itself(child: subprocess.Popen[bytes], batches: int) -> bool:
    """Wait for so many batches to be begun; False when they were, and the program goes on."""
    assert child.stdout is not None
    return any(not child.stdout.readline() for _ in range(batches + 1))


def _fill(folder: Path) -> None:
    """Ended runs with a result each, put into the tables at once: how they got there is tested elsewhere."""
    now, count = utc_now(), RESULTS // 2
    with open_records(folder) as records, records._writer.begin() as connection:
        seen = {"first_seen_utc": now, "last_seen_utc": now}
        connection.execute(insert(Battery.__table__), [{"code": f"B{n}", **seen} for n in range(count)])
        run = {
            "bench": "b", "channel": "1", "profile": "rapid", "plan_digest": "d", "nominal_capacity_Ah": 20.0,
            "speed": 1.0, "simulated": True, "started_utc": now, "ended_utc": now, "state": "ended",
            "outcome": "completed", "verdict": "pass", "grade": "A", "soh": 0.9, "latched": False,
            "resumes": 0,
        }  # fmt: skip
        runs = [{"run_id": f"r{n}", "battery": f"B{n}", "number": n + 1, **run} for n in range(count)]
        connection.execute(insert(Run.__table__), runs)
        body = '{"verdict":"pass","blocks":[' + ",".join(['{"ocv_V":3.3,"resistance_ohm":0.001}'] * 40) + "]}"
        made = {"json": body, "version": "1", "made_utc": now}
        connection.execute(insert(Result.__table__), [{"run_id": f"r{n}", **made} for n in range(count)])
        waiting = {"revision": 1, "sent": 0, "reported": 0, "changed_utc": now}
        connection.execute(
            insert(OutboxRow.__table__), [{"run_id": f"r{n}", **waiting} for n in range(count)]
        )
