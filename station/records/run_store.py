"""Batteries, runs, results and raw files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from station.errors import RecordError, UsageError
from station.records.chain import canonical_json
from station.records.change_store import ChangeStore
from station.records.files import check_file, checksum
from station.records.models import Battery, Event, RawFile, Result, Run, utc_now
from station.records.rows import battery_row, event_row, file_row, run_row

_OF_AN_END = (
    "ended_utc", "outcome", "exit_code", "verdict", "grade", "soh", "soh_low90", "soh_high90", "error_code",
    "error_message", "error_remedy", "error_params", "worker_pid", "worker_started", "duration_s",
)  # fmt: skip
"""What a run has no more when it goes on."""


def _with_worker(run: Run) -> dict[str, Any]:
    return {**run_row(run), "worker_pid": run.worker_pid, "worker_started": run.worker_started}


class RunStore(ChangeStore):
    """What was tested, how it ended, and where its data are."""

    # Batteries

    def register_battery(self, code: str, **known: str | float | None) -> dict[str, Any]:
        """Note that ``code`` was seen; ``known`` values that are not None replace the ones on record.

        What they were is kept among the changes.

        Known fields: level, chemistry, nominal_capacity_Ah, maker, made_on. Returns the row.
        """
        with self._writing() as session:
            battery = session.get(Battery, code)
            now = utc_now()
            if battery is None:
                battery = Battery(code=code, first_seen_utc=now, last_seen_utc=now)
                session.add(battery)
            battery.last_seen_utc = now
            for field, value in known.items():
                if field not in Battery.__table__.columns:
                    raise TypeError(f"a battery has no field {field!r}")
                if value is None:
                    continue
                old = getattr(battery, field)
                setattr(battery, field, value)
                if old is not None and old != value:
                    self._note_change(session, "battery", code, field, old, value, "station", "given anew")
            session.flush()
            return battery_row(battery)

    def battery(self, code: str) -> dict[str, Any] | None:
        """The battery with its ``runs``, newest first, or None."""
        with self._reading() as session:
            battery = session.get(Battery, code)
            if battery is None:
                return None
            runs = session.scalars(select(Run).where(Run.battery == code).order_by(Run.number.desc()))
            return {**battery_row(battery), "runs": [run_row(run) for run in runs]}

    def batteries(self) -> list[dict[str, Any]]:
        """All batteries, in the order of the alphabet."""
        with self._reading() as session:
            return [battery_row(row) for row in session.scalars(select(Battery).order_by(Battery.code))]

    # Runs

    def start_run(self, **fields: Any) -> None:
        """A new run in state ``running``; ``fields`` are the table's columns. The battery must be known."""
        with self._writing() as session:
            newest = session.scalar(select(func.max(Run.number))) or 0
            session.add(Run(state="running", started_utc=utc_now(), number=newest + 1, **fields))

    def update_run(self, run_id: str, **fields: Any) -> dict[str, Any]:
        """Set columns of a run; ``error`` (code, message, remedy, params, or None) sets the error columns.

        Returns the row.
        """
        if "error" in fields:
            error = fields.pop("error")
            fields |= {
                "error_code": error and error["code"],
                "error_message": error and error["message"],
                "error_remedy": error and error["remedy"],
                "error_params": error and canonical_json(error["params"]),
            }
        with self._writing() as session:
            run = self._known_run(session, run_id)
            for field, value in fields.items():
                if field not in Run.__table__.columns:
                    raise TypeError(f"a run has no field {field!r}")
                setattr(run, field, value)
            session.flush()
            return run_row(run)

    def resume_run(self, run_id: str) -> dict[str, Any]:
        """An interrupted run goes on: it is ``running`` again, its provisional end and files are taken back.

        Returns the row. Raises UsageError (``run.not_interrupted``) when it is not, or no longer.
        """
        with self._writing() as session:
            run = self._known_run(session, run_id)
            if run.state != "interrupted":
                raise UsageError(
                    f"run {run_id} is not interrupted, it is {run.state}",
                    remedy="list what can go on: station records list --interrupted",
                    code="run.not_interrupted",
                    run_id=run_id,
                    state=run.state,
                )
            run.state, run.resumes, run.latched = "running", run.resumes + 1, False
            for column in _OF_AN_END:
                setattr(run, column, None)
            # The journal grows again: a checksum of its first part would only tell that it did. Photos stay.
            session.execute(delete(RawFile).where(RawFile.run_id == run_id, RawFile.kind != "photo"))
            session.execute(delete(Result).where(Result.run_id == run_id))
            session.flush()
            return run_row(run)

    def list_runs(self, *, limit: int = 50, state: str | None = None) -> list[dict[str, Any]]:
        """The newest runs, newest first; ``state`` leaves only those in it."""
        query = select(Run).order_by(Run.number.desc()).limit(limit)
        if state is not None:
            query = query.where(Run.state == state)
        with self._reading() as session:
            return [run_row(run) for run in session.scalars(query)]

    def find_run(self, run_id: str) -> dict[str, Any]:
        """The row with ``worker_pid`` and ``worker_started``. Raises UsageError (``record.no_run``)."""
        with self._reading() as session:
            return _with_worker(self._known_run(session, run_id))

    def newest_run_of(self, battery: str) -> str | None:
        """The id of the battery's newest run."""
        query = select(Run.run_id).where(Run.battery == battery).order_by(Run.number.desc()).limit(1)
        with self._reading() as session:
            return session.scalar(query)

    def earlier_results(self, run_id: str, *, limit: int) -> list[dict[str, Any]]:
        """The battery's completed tests before ``run_id``, newest first.

        Each row has its ``result``. Raises UsageError (``record.no_run``).
        """
        with self._reading() as session:
            run = self._known_run(session, run_id)
            query = (
                select(Run, Result.json)
                .join(Result, Result.run_id == Run.run_id)
                .where(Run.battery == run.battery, Run.number < run.number, Run.outcome == "completed")
                .where(Run.state == "ended")
                .order_by(Run.number.desc())
                .limit(limit)
            )
            return [{**run_row(row), "result": json.loads(text)} for row, text in session.execute(query)]

    def told_before(self, run_id: str, code: str, *, limit: int) -> list[dict[str, Any]]:
        """Of an event in the battery's earlier runs ``run_id``, ``day`` and ``params``, newest first.

        Simulated and real runs know nothing of each other. Raises UsageError (``record.no_run``).
        """
        with self._reading() as session:
            run = self._known_run(session, run_id)
            query = (
                select(Run.run_id, Run.started_utc, Event.params)
                .join(Event, Event.run_id == Run.run_id)
                .where(Run.battery == run.battery, Run.number < run.number)
                .where(Run.simulated == run.simulated, Event.code == code)
                .order_by(Run.number.desc(), Event.id.desc())
                .limit(limit)
            )
            return [
                {"run_id": earlier, "day": str(started)[:10], "params": json.loads(params)}
                for earlier, started, params in session.execute(query)
            ]

    def newest_results(self, limit: int) -> list[dict[str, Any]]:
        """The newest runs that have a ``result``, newest first, each row with it."""
        with self._reading() as session:
            query = (
                select(Run, Result.json)
                .join(Result, Result.run_id == Run.run_id)
                .order_by(Run.number.desc())
                .limit(limit)
            )
            return [{**run_row(row), "result": json.loads(text)} for row, text in session.execute(query)]

    def show_run(self, run_id: str) -> dict[str, Any]:
        """A run with ``result`` (or None), ``events`` and ``files``.

        Each file says ``check``: ok, changed, missing.

        Raises UsageError (``record.no_run``) when there is no such run.
        """
        with self._reading() as session:
            row = run_row(self._known_run(session, run_id))
            result = session.get(Result, run_id)
            events = session.scalars(select(Event).where(Event.run_id == run_id).order_by(Event.id))
            row["result"] = json.loads(result.json) if result else None
            row["events"] = [event_row(event) for event in events]
            row["files"] = self._files(session, run_id)
        for file in row["files"]:
            file["check"] = check_file(self.folder, file)
        return row

    def unfinished_runs(self, bench: str | None = None) -> list[dict[str, Any]]:
        """Runs that nobody has ended yet, with ``worker_pid`` and ``worker_started``."""
        query = select(Run).where(Run.state.in_(("running", "analysis")))
        if bench is not None:
            query = query.where(Run.bench == bench)
        with self._reading() as session:
            return [_with_worker(run) for run in session.scalars(query.order_by(Run.number))]

    def latched_runs(self, bench: str) -> dict[str, dict[str, Any]]:
        """By channel: the newest run of ``bench`` whose fault nobody has acknowledged."""
        query = select(Run).where(Run.bench == bench, Run.latched)
        with self._reading() as session:
            return {run.channel: run_row(run) for run in session.scalars(query.order_by(Run.number))}

    def acknowledge(self, bench: str, channel: str) -> None:
        """Mark every latched fault of a channel as seen by a person."""
        query = select(Run).where(Run.bench == bench, Run.channel == channel, Run.latched)
        with self._writing() as session:
            for run in session.scalars(query):
                run.latched, run.acknowledged_utc = False, utc_now()

    @staticmethod
    def _known_run(session: Session, run_id: str) -> Run:
        run = session.get(Run, run_id)
        if run is None:
            raise UsageError(
                f"there is no run {run_id!r} on record",
                remedy="list the runs: station records list",
                code="record.no_run",
                run_id=run_id,
            )
        return run

    # Results and files

    def save_result(self, run_id: str, result: dict[str, Any], *, version: str) -> None:
        """Keep the diagnosis of a run; a new one replaces the old (its event chain keeps both deeds)."""
        with self._writing() as session:
            session.merge(
                Result(run_id=run_id, json=canonical_json(result), version=version, made_utc=utc_now())
            )

    def add_file(self, run_id: str, path: Path, kind: str) -> dict[str, Any]:
        """Put a file inside the data folder on record with its checksum. Returns its row."""
        try:
            relative = path.resolve().relative_to(self.folder.resolve()).as_posix()
        except ValueError as error:
            raise RecordError(
                f"{path} is outside the data folder {self.folder}",
                remedy="raw files must stay beside the database",
                code="record.file_outside",
                file=str(path),
            ) from error
        digest, size = checksum(path)
        with self._writing() as session:
            file = session.merge(RawFile(run_id=run_id, path=relative, kind=kind, sha256=digest, bytes=size))
            return file_row(file)

    def old_files(self, before_utc: str, kinds: Sequence[str]) -> list[dict[str, Any]]:
        """Files of these kinds of runs that ended before then and are still there, with ``run_id``, oldest
        first."""
        query = (
            select(RawFile)
            .join(Run, Run.run_id == RawFile.run_id)
            .where(Run.state == "ended", Run.ended_utc < before_utc, RawFile.kind.in_(kinds))
            .order_by(Run.number, RawFile.path)
        )
        with self._reading() as session:
            rows = [{**file_row(file), "run_id": file.run_id} for file in session.scalars(query)]
        return [row for row in rows if (self.folder / row["path"]).is_file()]

    def remove_file(self, run_id: str, path: str, *, who: str, why: str) -> None:
        """Take a raw file away; its checksum, who, when and why stay on record."""
        with self._writing() as session:
            file = session.get_one(RawFile, (run_id, path))
            if file.removed_utc is None:
                file.removed_utc, file.removed_by, file.removed_why = utc_now(), who, why
                params = {"file": path, "sha256": file.sha256, "who": who, "why": why}
                self._append(session, "retention.removed", params, run_id=run_id)
        try:
            (self.folder / path).unlink(missing_ok=True)
        except OSError as error:
            raise RecordError(
                f"{path}: cannot be removed: {error.strerror or error}",
                remedy="check the rights of the folder, then try again",
                code="record.unavailable",
                file=path,
                reason=str(error.strerror or error),
            ) from error

    @staticmethod
    def _files(session: Session, run_id: str | None = None) -> list[dict[str, Any]]:
        query = select(RawFile).order_by(RawFile.run_id, RawFile.path)
        if run_id is not None:
            query = query.where(RawFile.run_id == run_id)
        return [file_row(file) for file in session.scalars(query)]
