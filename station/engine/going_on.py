"""Goes on with a run that was cut off: is it the same test, may it go on, and when did it stop."""

from __future__ import annotations

import json
import time
from typing import Any

from station.engine.base.job import Job
from station.engine.record.earlier import RESUMABLE, Earlier, read_earlier
from station.engine.record.journal import JournalWriter, boot_id
from station.engine.session import Session
from station.errors import DataError, UsageError


def same_test(job: Job) -> dict[str, Any]:
    """What a header says of the test itself: all of it must be alike when a run goes on."""
    return {
        "run_id": job.run_id,
        "plan": job.plan.as_dict(),
        "profile_limits": job.profile_limits.model_dump(mode="json"),
        "battery": {**job.battery.model_dump(mode="json"), "series_cells": job.series_cells},
        "bench": job.bench.name,
        "channel": job.channel.model_dump(mode="json"),
    }


def earlier_part(job: Job) -> Earlier:
    """The part of this run that is on disk. Raises DataError, UsageError: then nothing may be written."""
    path = job.run_dir / "journal.jsonl"
    earlier = read_earlier(path)
    wanted = json.loads(json.dumps(same_test(job)))
    changed = [name for name, value in wanted.items() if earlier.header.get(name) != value]
    if changed:
        raise UsageError(
            f"this run was begun with another {', '.join(changed)}",
            remedy="restore the bench file as it was, or close the run and start a new one",
            code="run.resume_changed",
            changed=", ".join(changed),
        )
    if earlier.outcome not in RESUMABLE:
        raise DataError(
            f"this run has ended: {earlier.outcome}",
            remedy="start a new run",
            code="run.not_resumable",
            outcome=earlier.outcome,
        )
    return earlier


def reopen_journal(session: Session, earlier: Earlier) -> JournalWriter:
    """The same journal, with the gap in it; the session's clock goes on behind the gap.

    Raises DataError when it cannot be written.
    """
    gap_s, known = earlier.gap_s(time.time(), boot_id(), time.monotonic(), session.speed)
    to_s = round(earlier.t_s + gap_s * session.speed, 6)
    session.clock = session.make_clock(session.speed, to_s)
    gap = {"from_s": earlier.t_s, "to_s": to_s, "gap_s": round(gap_s, 3), "known": known}
    journal = JournalWriter(session.job.run_dir / "journal.jsonl", {}, gap=gap)
    session.journal = journal
    session.note("run.gap", "warning", {"gap_s": round(gap_s, 1), "known": known, "part": earlier.parts + 1})
    session.write_early(to_s)
    return journal
