"""Runs that an earlier service left behind: latched at once, kept or closed when their worker has gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import psutil

from station.engine.record.earlier import RESUMABLE
from station.errors import StationError
from station.records import Records
from station.records.models import utc_now
from station.service.config import ServiceConfig
from station.service.ended import NOT_VERIFIED, Ended, interrupted
from station.service.ending import RunCloser, RunFacts, in_thread
from station.service.interrupted import ended_in_journal, may_go_on

log = logging.getLogger(__name__)

WORKER_GONE_S = 60.0
"""Longest wait for a worker that is still making its channel safe, in s of real time."""
_ASKED_TO_STOP = ("operator.stop", "run.forced")


@dataclass
class Left:
    """A run that an earlier service left behind."""

    facts: RunFacts
    row: dict[str, Any]
    ended: Ended
    asked_to_stop: bool


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


def facts_of(row: dict[str, Any], config: ServiceConfig) -> RunFacts:
    """The facts of a run on record."""
    return RunFacts(
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


def find_interrupted(records: Records, config: ServiceConfig) -> list[Left]:
    """Mark the bench's unfinished runs as interrupted and latch their channels.

    A run whose test had ended and only lacked its analysis, by its record or by its journal, keeps its own
    end; it is analysed now.
    """
    found = []
    for row in records.unfinished_runs(config.bench.name):
        facts = facts_of(row, config)
        left = Left(facts, row, interrupted(), _asked_to_stop(records, facts.run_id))
        own = None if worker_alive(row) else ended_in_journal(facts.run_dir)
        if row["state"] == "analysis":
            left.ended = ended_on_record(row)
        elif own is not None and own.outcome not in RESUMABLE:
            left.ended = own
            records.update_run(
                facts.run_id,
                state="analysis",
                outcome=own.outcome,
                exit_code=own.exit_code,
                error=own.fault,
                latched=own.fault is not None,
            )
        else:
            ended = left.ended
            records.update_run(
                facts.run_id,
                outcome=ended.outcome,
                error=ended.fault,
                latched=True,
                exit_code=ended.exit_code,
                interrupted_utc=utc_now(),
            )
        found.append(left)
    return found


def ended_on_record(row: dict[str, Any]) -> Ended:
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


OnKept = Callable[[RunFacts], Awaitable[None]]


async def recover(left: list[Left], closer: RunCloser, on_kept: OnKept) -> None:
    """Keep or close each of them as soon as its worker no longer writes; ``on_kept`` hears of each."""
    for one in left:
        waited_s = 0.0
        while worker_alive(one.row) and waited_s < WORKER_GONE_S:
            await asyncio.sleep(0.2)
            waited_s += 0.2
        try:
            await _recover(one, closer)
        except StationError as error:
            log.error("run %s could not be closed: %s", one.facts.run_id, error)
        await on_kept(one.facts)


async def _recover(one: Left, closer: RunCloser) -> None:
    facts, ended, row = one.facts, one.ended, one.row
    outcome = ended.outcome
    if row["state"] != "analysis":
        own = await in_thread(ended_in_journal, facts.run_dir)
        if own is not None and own.outcome not in RESUMABLE:
            ended = own  # it came to its own end while nobody listened; a latch stays for a person to see
        elif own is not None:
            ended = replace(ended, safe=own.safe)
        outcome = own.outcome if own is not None else ended.outcome
    goes_on = (
        ended.fault is not None
        and row["closed_utc"] is None
        and not one.asked_to_stop
        and await in_thread(may_go_on, facts.run_dir, outcome, ended.code)
    )
    await closer.close(
        facts,
        ended,
        state="interrupted" if goes_on else "ended",
        latch=False,
        incomplete=row["closed_utc"] is not None,
    )


def _asked_to_stop(records: Records, run_id: str) -> bool:
    """Whether a person had asked for the end of the run since it last went on."""
    asked = False
    for event in records.run_events(run_id):
        if event["code"] in _ASKED_TO_STOP:
            asked = True
        elif event["code"] == "operator.resume_run":
            asked = False
    return asked
