"""Runs that an earlier service left behind: latched at once, closed when their worker has gone."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from station.errors import StationError
from station.records import Records
from station.service.config import ServiceConfig
from station.service.ended import NOT_VERIFIED, Ended, interrupted
from station.service.ending import RunCloser, RunFacts, in_thread
from station.service.json_lines import decode

log = logging.getLogger(__name__)

LAST_LINE_MAX_BYTES = 100_000
WORKER_GONE_S = 60.0
"""Longest wait for a worker that is still making its channel safe, in s of real time."""


def worker_alive(row: dict[str, Any]) -> bool:
    """True while the very process that ran this test still exists."""
    pid, started = row["worker_pid"], row["worker_started"]
    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        return (
            abs(float(process.create_time()) - float(started)) < 1.0
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def find_interrupted(records: Records, config: ServiceConfig) -> list[tuple[RunFacts, Ended, dict[str, Any]]]:
    """Mark the bench's unfinished runs as interrupted and latch their channels.

    A run whose test had ended and only lacked its analysis keeps its own end; it is analysed now.
    """
    found = []
    for row in records.unfinished_runs(config.bench.name):
        facts = RunFacts(
            run_id=row["run_id"],
            run_dir=config.paths.run(row["run_id"]),
            battery=row["battery"],
            bench=row["bench"],
            channel=row["channel"],
            profile=row["profile"],
            nominal_capacity_Ah=row["nominal_capacity_Ah"],
            chemistry=row["chemistry"],
            simulated=row["simulated"],
            speed=row["speed"],
        )
        if row["state"] == "analysis":
            ended = _ended_on_record(row)
        else:
            ended = interrupted()
            records.update_run(
                facts.run_id,
                outcome=ended.outcome,
                error=ended.fault,
                latched=True,
                exit_code=ended.exit_code,
            )
            records.add_event("run.interrupted", {}, level="alarm", run_id=facts.run_id)
        found.append((facts, ended, row))
    return found


def _ended_on_record(row: dict[str, Any]) -> Ended:
    """The worker's last word, as far as the record keeps it: a fault, or a verified safe end."""
    outcome, error = row["outcome"] or "internal", row["error"]
    if error is None:
        return Ended(outcome, f"run.{outcome}", safe={"verified": True})
    return Ended(
        outcome,
        error["code"],
        error["message"],
        error["remedy"],
        error["params"],
        row["exit_code"],
        safe={"verified": False} if error["code"] == NOT_VERIFIED else {},
    )


def _safe_in_journal(run_dir: Path) -> dict[str, Any]:
    """The safe state that the worker measured when it ended alone; empty when it did not live to."""
    try:
        with (run_dir / "journal.jsonl").open("rb") as journal:
            journal.seek(max(0, journal.seek(0, os.SEEK_END) - LAST_LINE_MAX_BYTES))
            last = decode(journal.read().splitlines()[-1]) or {}
    except (OSError, IndexError):
        return {}
    safe = last.get("safe") if last.get("k") == "end" else None
    return safe if isinstance(safe, dict) else {}


async def recover(left: list[tuple[RunFacts, Ended, dict[str, Any]]], closer: RunCloser) -> None:
    """Close each of them as soon as its worker no longer writes."""
    for facts, ended, row in left:
        waited_s = 0.0
        while worker_alive(row) and waited_s < WORKER_GONE_S:
            await asyncio.sleep(0.2)
            waited_s += 0.2
        if row["state"] != "analysis":
            ended = replace(ended, safe=await in_thread(_safe_in_journal, facts.run_dir))
        try:
            state = "ended" if row["state"] == "analysis" else "interrupted"
            await closer.close(facts, ended, state=state, latch=False)
        except StationError as error:
            log.error("run %s could not be closed: %s", facts.run_id, error)
