"""One run to be judged anew: plain data in and out, to be done anywhere that sees the run files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from station.errors import StationError
from station.records import Records
from station.records.chain import canonical_json
from station.service.history import collect, join_history

PAGE = 500
DIGITS = 9
"""Results of two workers are the same when they agree to so many digits."""
_TOLD = ("verdict", "grade", "abstained", "reason_code", "model_id")


@dataclass(frozen=True)
class Job:
    """A run file and what was known of its battery; ``collected`` is its past as the records tell it."""

    run_id: str
    battery: str
    run_dir: str
    nominal_capacity_Ah: float
    chemistry: str | None
    simulated: bool
    collected: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Changes with everything that goes in but the run file, whose checksum is on record."""
        return hashlib.sha256(canonical_json(asdict(self)).encode()).hexdigest()


def jobs(records: Records, *, since: str | None = None, until: str | None = None) -> Iterator[Job]:
    """All ended runs that have a run file, newest first. Raises RecordError."""
    before: int | None = None
    while True:
        page = records.search_runs(limit=PAGE, before=before, since=since, until=until, state="ended")
        for run in page["runs"]:
            run_dir = records.folder / "runs" / run["run_id"]
            if run["outcome"] == "completed" and (run_dir / "run.parquet").is_file():
                yield Job(
                    run_id=run["run_id"],
                    battery=run["battery"],
                    run_dir=str(run_dir),
                    nominal_capacity_Ah=run["nominal_capacity_Ah"],
                    chemistry=run["chemistry"],
                    simulated=run["simulated"],
                    collected=collect(records, run["run_id"]),
                )
        before = page["next"]
        if before is None:
            return


@lru_cache(maxsize=1)
def judges_here() -> str:
    """Program, models and rules that judge in this process. Raises DataError."""
    from station import __version__
    from station.diagnosis.decision.record import plain
    from station.models.in_use import load_in_use
    from station.models.rulebook import load_history_rules, load_rules

    rules = canonical_json([plain(load_rules()), plain(load_history_rules())])
    model = load_in_use().info.get("model_id")
    return f"{__version__} models {model} rules {hashlib.sha256(rules.encode()).hexdigest()[:16]}"


def judge(job: Job) -> dict[str, Any]:
    """``{"run_id", "key", "sha256", "result", "error", "judges"}``; ``sha256`` is of the result's JSON.

    Raises nothing: a damaged file is told in its own row, and the archive goes on.
    """
    answer: dict[str, Any] = {"run_id": job.run_id, "key": job.key, "sha256": None}
    answer |= {"result": None, "error": None, "judges": None}
    try:
        answer["judges"] = judges_here()
        # Sums over several threads differ in their last digits from those over one.
        with threadpool_limits(1):
            result = rounded(_result(job))
        answer["sha256"] = hashlib.sha256(canonical_json(result).encode()).hexdigest()
        answer["result"] = {name: result.get(name) for name in (*_TOLD, "soh")}
    except StationError as error:
        answer["error"] = error.as_dict()
    except Exception as error:  # noqa: BLE001 - one run must not end the archive
        answer["error"] = {"code": "analysis.failed", "message": repr(error), "remedy": "", "params": {}}
    return answer


def rounded(data: Any) -> Any:
    """The same with numbers of nine digits: the last ones may depend on what else a process has loaded."""
    if isinstance(data, float):
        return float(f"{data:.{DIGITS}g}")
    if isinstance(data, Mapping):
        return {key: rounded(value) for key, value in data.items()}
    return [rounded(value) for value in data] if isinstance(data, (list, tuple)) else data


def _result(job: Job) -> dict[str, Any]:
    from station.reports.diagnose import diagnose_file

    run_dir = Path(job.run_dir)
    alone = diagnose_file(
        run_dir / "run.parquet", nominal_capacity_Ah=job.nominal_capacity_Ah, chemistry=job.chemistry
    )
    return join_history(
        alone,
        run_dir,
        job.collected,
        battery=job.battery,
        chemistry=job.chemistry,
        simulated=job.simulated,
    )
