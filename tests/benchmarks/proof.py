"""Every byte of what is signed is changed once, and 100 000 random strings are read as codes."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from station.errors import DataError, UsageError
from station.evidence import export_events, station_key, verify
from station.identity import describe
from station.records import open_records
from tests.benchmarks.table import Row
from tests.station.evidence.a_run import add_run
from tests.station.identity.random_codes import random_code

STRINGS = 100_000


def rows() -> list[Row]:
    """Figures that must be 0, and what a check and a code cost."""
    with tempfile.TemporaryDirectory() as folder, open_records(Path(folder)) as records:
        run = add_run(records)
        events = Path(folder) / "events.jsonl"
        export_events(events, records.all_events(), station_key(records.folder))
        began = time.process_time()
        checks = 0
        unseen = 0
        for path, what in [*((path, run) for path in sorted(run.iterdir())), (events, events)]:
            whole = path.read_bytes()
            for place in range(len(whole)):
                changed = bytearray(whole)
                changed[place] ^= 1 << place % 8
                path.write_bytes(changed)
                unseen += not _found(what)
                checks += 1
            path.write_bytes(whole)
        each_ms = (time.process_time() - began) / checks * 1e3
        assert verify(run, {}).checked == 3
    strange, each_us = _codes()
    return [
        Row(f"changed bytes not found by verify, of {checks}", unseen, "", 0),
        Row("verify a changed run, CPU", each_ms, "ms", 50),
        Row(f"errors other than the named one, of {STRINGS} strings", strange, "", 0),
        Row("describe a string as a code, CPU", each_us, "µs", 1000),
    ]


def _found(what: Path) -> bool:
    try:
        verify(what, {})
    except DataError:
        return True
    return False


def _codes() -> tuple[int, float]:
    source, strange = random.Random(100_000), 0
    texts = [random_code(source) for _ in range(STRINGS)]
    began = time.process_time()
    for text in texts:
        try:
            describe(text)
        except UsageError as error:
            strange += not error.code.startswith("battery.code_")
        except Exception:  # noqa: BLE001 - counting these is what this is for
            strange += 1
    return strange, (time.process_time() - began) / STRINGS * 1e6
