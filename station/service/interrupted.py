"""What the journal of an interrupted run tells: whether it may go on, and with what."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.bench import Bench
from station.engine.record.earlier import RESUMABLE, Earlier, read_earlier
from station.errors import BusyError, DataError, UsageError
from station.service.ended import OUTCOME_EXIT_CODES, Ended
from station.service.json_lines import decode

JOURNAL = "journal.jsonl"
LAST_LINE_MAX_BYTES = 100_000


def may_go_on(run_dir: Path, outcome: str | None, code: str = "") -> bool:
    """Whether a run that ended like this can go on: a whole journal, and neither limit nor person ended it.

    Checks that failed before the first step leave nothing to go on with.
    """
    if outcome not in RESUMABLE and code != "worker.not_started":
        return False
    try:
        earlier = read_earlier(run_dir / JOURNAL)
    except DataError:
        return False
    return outcome != "check_failed" or bool(earlier.attempts)


def recorded_s(run_dir: Path) -> float | None:
    """Bench seconds of the run on record, without the gaps before resumptions; None without a journal."""
    last: bytes | None = None
    gaps_s = 0.0
    try:
        with (run_dir / JOURNAL).open("rb") as journal:
            for line in journal:
                if line.startswith(b'["s",') and line.endswith(b"]\n"):
                    last = line
                elif line.startswith(b'{"k":"gap"') or line.startswith(b'{"k": "gap"'):
                    gap = decode(line) or {}
                    gaps_s += float(gap.get("to_s", 0.0)) - float(gap.get("from_s", 0.0))
        return max(0.0, float(json.loads(last)[1]) - gaps_s) if last else 0.0
    except (OSError, ValueError, TypeError, IndexError):
        return None  # a damaged journal is named where it is read for its content


def ended_in_journal(run_dir: Path) -> Ended | None:
    """The end that the worker wrote when nobody listened any more; None when it did not live to."""
    try:
        with (run_dir / JOURNAL).open("rb") as journal:
            journal.seek(max(0, journal.seek(0, os.SEEK_END) - LAST_LINE_MAX_BYTES))
            last = decode(journal.read().splitlines()[-1]) or {}
    except (OSError, IndexError):
        return None
    outcome = last.get("outcome")
    if last.get("k") != "end" or not isinstance(outcome, str) or outcome not in OUTCOME_EXIT_CODES:
        return None
    params, safe = last.get("params"), last.get("safe")
    code = str(last.get("code") or f"run.{outcome}")
    return Ended(
        outcome,
        code,
        f"the test ended while no service was there: {code}",
        "see the run's events",
        params if isinstance(params, dict) else {},
        OUTCOME_EXIT_CODES[outcome],
        safe if isinstance(safe, dict) else {},
    )


@dataclass(frozen=True)
class Continuation:
    """What a worker needs to go on: the journal's own header, and where it stands."""

    header: dict[str, Any]
    earlier: Earlier
    journal_sha256: str


def read_continuation(row: dict[str, Any], run_dir: Path, bench: Bench) -> Continuation:
    """The continuation of an interrupted run ``row`` on ``bench``.

    Raises UsageError naming why it cannot go on here, DataError when its journal is damaged or missing.
    """
    if row["bench"] != bench.name:
        raise UsageError(
            f"run {row['run_id']} was made on bench {row['bench']}",
            remedy=f"go on there: station resume --run {row['run_id']} --bench {row['bench']}",
            code="run.other_bench",
            bench=row["bench"],
        )
    path = run_dir / JOURNAL
    earlier = read_earlier(path)
    if earlier.outcome not in RESUMABLE:
        raise UsageError(
            f"run {row['run_id']} ended as {earlier.outcome} and cannot go on",
            remedy="close it and test the battery again",
            code="run.not_resumable",
            outcome=earlier.outcome,
        )
    header = earlier.header
    lacking = [name for name in ("plan", "battery", "channel") if not isinstance(header.get(name), dict)]
    if lacking:
        raise DataError(
            f"{path}: its header lacks {', '.join(lacking)}",
            remedy="close the run and test the battery again",
            code="data.journal",
            file=str(path),
            line=1,
        )
    now = next((c.model_dump(mode="json") for c in bench.channels if c.id == row["channel"]), None)
    if now != header["channel"]:
        raise UsageError(
            f"channel {row['channel']} of the bench file has changed since run {row['run_id']} began",
            remedy="put the bench file back as it was, or close the run and test the battery again",
            code="run.channel_changed",
            channel=row["channel"],
            changed=sorted(_differences(header["channel"], now)),
        )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Continuation(header, earlier, digest)


def battery_moved(code: str, newer: str) -> BusyError:
    """The battery has been tested since: what was measured before no longer fits what comes now."""
    return BusyError(
        f"battery {code} has been tested since this run was interrupted: run {newer}",
        remedy="close the interrupted run and test the battery again",
        code="run.battery_moved",
        battery=code,
        newer=newer,
    )


def _differences(before: dict[str, Any], now: dict[str, Any] | None) -> list[str]:
    if now is None:
        return list(before)
    return [name for name in before.keys() | now.keys() if before.get(name) != now.get(name)]
