"""Closes a run: journal to Parquet, diagnosis, result.json, records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from station import __version__
from station.errors import StationError, told
from station.evidence import make_read_only, sign_run, station_key
from station.records import Records
from station.records.files import unwritable, write_whole
from station.records.models import utc_now
from station.reports.exit_codes import exit_code_of
from station.service.analysis import AnalysisPool
from station.service.ended import Ended
from station.service.history import collect
from station.service.interrupted import recorded_s
from station.service.keeper import PASSING, Keeper

Answer = TypeVar("Answer")
DISK_RETRY_S = 2.0
"""A full disk is looked at again so often, in s."""
NO_RESULT: dict[str, Any] = {
    "blocks": [],
    "soh": None,
    "chemistry": None,
    "abstained": True,
    "reason": None,
    "reason_code": None,
    "next_measurement": None,
    "grade": None,
    "rules": [],
    "verdict": "no_verdict",
    "decision": None,
    "history": None,
    "uncertainty": None,
}


@dataclass(frozen=True)
class RunFacts:
    """What is fixed when a run starts."""

    run_id: str
    run_dir: Path
    battery: str
    bench: str
    channel: str
    profile: str
    nominal_capacity_Ah: float
    chemistry: str | None
    simulated: bool
    speed: float
    files: Path | None = None


class RunCloser:
    """Used at the normal end of a run and for runs that an earlier service has left behind."""

    def __init__(self, keeper: Keeper, pool: AnalysisPool) -> None:
        self._keeper = keeper
        self._pool = pool

    async def close(
        self,
        facts: RunFacts,
        ended: Ended,
        *,
        state: Literal["ended", "interrupted"] = "ended",
        latch: bool = True,
        incomplete: bool = False,
    ) -> dict[str, Any]:
        """Everything after the last sample. Returns the result object, with paths inside the data folder.

        ``latch`` False leaves the latch on record as it is: a person may have acknowledged meanwhile.
        ``state`` ``interrupted`` keeps what there is for now; the run may go on. ``incomplete``: a person has
        closed it for good; what was recorded is analysed, and there is no verdict.

        A locked database or a full disk is waited for. Raises RecordError when the records refuse for good;
        the files in the run's folder stay.
        """
        answer = await self._analysed(facts, ended, incomplete)
        result = _result(facts, ended, answer, incomplete)
        await self._keep(facts, ended, result, answer, state)
        await self._end_on_record(facts, ended, result, state, latch)
        return result

    async def _analysed(self, facts: RunFacts, ended: Ended, incomplete: bool) -> dict[str, Any]:
        if not (facts.run_dir / "journal.jsonl").is_file():
            return {"file": None, "result": None, "error": None}
        history = None if incomplete or ended.outcome != "completed" else await self._history(facts)
        while True:
            answer = await self._pool.process(
                facts.run_dir,
                diagnosis=ended.outcome == "completed" or incomplete,
                nominal_capacity_Ah=facts.nominal_capacity_Ah,
                chemistry=facts.chemistry,
                history=history,
            )
            if (answer["error"] or {}).get("code") not in PASSING:
                break
            await asyncio.sleep(DISK_RETRY_S)
        try:
            json.dumps(answer, allow_nan=False)
        except (TypeError, ValueError) as error:
            problem = StationError(
                f"the diagnosis holds what JSON cannot say: {error}",
                remedy="the measured data are kept; report this with the run's folder",
                code="analysis.failed",
                reason=str(error),
            )
            return {"file": answer["file"], "result": None, "error": problem.as_dict()}
        return answer

    async def _history(self, facts: RunFacts) -> dict[str, Any]:
        """What the records know of the battery's past, before this run."""
        known = await self._keeper.do(collect, self._keeper.records, facts.run_id)
        return {**known, "battery": facts.battery, "simulated": facts.simulated}

    async def _keep(
        self, facts: RunFacts, ended: Ended, result: dict[str, Any], answer: dict[str, Any], state: str
    ) -> None:
        """One step after the other, each tried until it is done: none is done twice."""
        keeper, records, run_id = self._keeper, self._keeper.records, facts.run_id
        if answer["error"] is not None:
            keeper.event(
                answer["error"]["code"],
                answer["error"]["params"],
                level="alarm" if ended.outcome == "completed" else "warning",
                run_id=run_id,
            )
        keeper.event(
            "run.ended" if state == "ended" else "run.interrupted",
            {
                "outcome": ended.outcome,
                "code": ended.code,
                "verdict": result["verdict"],
                "grade": result["grade"],
                "safe": ended.safe,
            },
            level="info" if ended.fault is None else "alarm",
            run_id=run_id,
        )
        files = [(facts.run_dir / "journal.jsonl", "journal")]
        if answer["file"] is not None:
            files.append((Path(answer["file"]), "run"))
        result["files"] = [
            await keeper.do(records.add_file, run_id, path, kind) for path, kind in files if path.is_file()
        ]
        result["events"] = [
            {key: event[key] for key in ("t_utc", "t_s", "source", "code", "level", "params")}
            for event in await keeper.do(records.run_events, run_id)
        ]
        result_file = facts.run_dir / "result.json"
        await keeper.do(write_json, result_file, result)
        await keeper.do(records.save_result, run_id, result, version=__version__)
        await keeper.do(records.add_file, run_id, result_file, "result")
        try:
            signed = await keeper.do(_sign, records, facts.run_dir, result)
            await keeper.do(records.add_file, run_id, signed, "signed")
        except StationError as error:  # an unsigned result is still a result: it can be signed later
            params = {"run_id": run_id, "code": error.code, "reason": told(error)}
            keeper.event("evidence.not_signed", params, level="warning", run_id=run_id)
        if state == "ended":
            await in_thread(make_read_only, facts.run_dir)

    async def _end_on_record(
        self, facts: RunFacts, ended: Ended, result: dict[str, Any], state: str, latch: bool
    ) -> None:
        soh = result["soh"] or {}
        duration_s = await in_thread(recorded_s, facts.run_dir)
        latched = {"latched": ended.fault is not None} if latch else {}
        await self._keeper.do(
            self._keeper.records.update_run,
            facts.run_id,
            state=state,
            ended_utc=utc_now(),
            duration_s=duration_s,
            outcome=ended.outcome,
            exit_code=result["exit_code"],
            verdict=result["verdict"],
            grade=result["grade"],
            soh=soh.get("estimate"),
            soh_low90=soh.get("low90"),
            soh_high90=soh.get("high90"),
            error=result["error"],
            **latched,
        )


def _sign(records: Records, run_dir: Path, result: dict[str, Any]) -> Path:
    return sign_run(run_dir, result, records.newest_event(), station_key(records.folder))


INCOMPLETE: dict[str, Any] = {
    "soh": None,
    "abstained": True,
    "reason": "the test was closed before its end",
    "reason_code": "incomplete",
    "grade": None,
    "rules": [],
    "verdict": "no_verdict",
}
"""What a diagnosis of a part of a test cannot say, whatever it says of the pulses it has seen."""


def _result(facts: RunFacts, ended: Ended, answer: dict[str, Any], incomplete: bool) -> dict[str, Any]:
    """The diagnosis, or an honest nothing with its reason, and the run's own facts."""
    diagnosis = answer["result"]
    if incomplete and diagnosis is not None:
        blocks = [{**block, "soh": None} for block in diagnosis.get("blocks") or []]
        diagnosis = {**diagnosis, **INCOMPLETE, "blocks": blocks}
    error = ended.fault
    if error is None and ended.outcome == "completed":
        error = answer["error"]
    if diagnosis is None:
        why = error or {"code": ended.code, "message": ended.message}
        diagnosis = {**NO_RESULT, "reason": why["message"], "reason_code": why["code"]}
    else:
        diagnosis = {**NO_RESULT, **diagnosis}
    return {
        **diagnosis,
        "source": facts.run_id,
        "run_id": facts.run_id,
        "battery": facts.battery,
        "bench": facts.bench,
        "channel": facts.channel,
        "profile": facts.profile,
        "nominal_capacity_Ah": facts.nominal_capacity_Ah,
        "simulated": facts.simulated,
        "speed": facts.speed,
        "outcome": ended.outcome,
        "safe": ended.safe,
        "error": error,
        "exit_code": exit_code_of(diagnosis) if error is None else int(error["exit_code"]),
        "version": __version__,
        "files": [],
        "events": [],
    }


def write_json(path: Path, data: Any) -> None:
    """Write the file whole or not at all. Raises RecordError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    write_whole(path, json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False).encode())


async def in_thread(function: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """A call that waits for the disk, away from the event loop."""
    return await asyncio.to_thread(partial(function, *args, **kwargs))
