"""What runs in the analysis process: journal to Parquet, run file to result. Plain data in and out."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from station.errors import RecordError, StationError
from station.service.adaptive import answer, failed

if TYPE_CHECKING:
    from station.service.config import Advise, Diagnose, Finalise


def finalise_run(run_dir: Path, finalise: Finalise | None = None) -> Path:
    """Make the run's Parquet file from its journal."""
    if finalise is None:
        from station.engine.record.runfile import finalise as engine_finalise

        finalise = engine_finalise
    return finalise(run_dir)


def analyse(
    run_file: Path,
    *,
    nominal_capacity_Ah: float | None,
    chemistry: str | None,
    diagnose: Diagnose | None = None,
) -> dict[str, Any]:
    """The diagnosis of a run file, as a result object."""
    if diagnose is None:
        from station.reports.diagnose import diagnose_file

        diagnose = diagnose_file
    return diagnose(run_file, nominal_capacity_Ah=nominal_capacity_Ah, chemistry=chemistry)


def process_run(
    run_dir: Path,
    *,
    diagnosis: bool,
    nominal_capacity_Ah: float | None,
    chemistry: str | None,
    history: dict[str, Any] | None = None,
    finalise: Finalise | None = None,
    diagnose: Diagnose | None = None,
) -> dict[str, Any]:
    """Finalise and, when ``diagnosis`` is asked for, analyse; ``history`` is joined to what the pulses say.

    Returns ``file`` (path or None), ``result`` (or None) and ``error`` (code, message, remedy,
    params, or None). Raises nothing: errors of other packages do not survive the way between processes.
    """
    answer: dict[str, Any] = {"file": None, "result": None, "error": None}
    try:
        run_file = finalise_run(run_dir, finalise)
        answer["file"] = str(run_file)
        if diagnosis:
            answer["result"] = analyse(
                run_file, nominal_capacity_Ah=nominal_capacity_Ah, chemistry=chemistry, diagnose=diagnose
            )
            if history is not None:  # a join that fails leaves what the pulses say, and its error
                answer["result"] = _joined(answer["result"], run_dir, history, chemistry)
            if diagnose is None:
                from station.reports.uncertainty import budget_of_run

                told = budget_of_run(run_file, answer["result"], nominal_capacity_Ah)
                answer["result"]["uncertainty"] = told
    except StationError as error:
        answer["error"] = error.as_dict()
    except OSError as error:
        answer["error"] = _disk_full(error) if error.errno in _FULL else _unexpected(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run's record must still be closed
        answer["error"] = _unexpected(error)
    return answer


def _joined(
    result: dict[str, Any], run_dir: Path, history: dict[str, Any], chemistry: str | None
) -> dict[str, Any]:
    from station.service.history import join_history

    who = {key: history[key] for key in ("battery", "simulated")}
    return join_history(result, run_dir, history, chemistry=chemistry, **who)


def next_measurement(
    run_dir: Path,
    question: dict[str, Any],
    *,
    nominal_capacity_Ah: float,
    chemistry: str | None,
    advise: Advise | None = None,
) -> dict[str, Any]:
    """The answer to a worker's question. Raises nothing: where it fails, the test goes on without."""
    try:
        told = answer(
            run_dir, question, nominal_capacity_Ah=nominal_capacity_Ah, chemistry=chemistry, advise=advise
        )
        json.dumps(told, allow_nan=False)
        return told
    except Exception as error:  # noqa: BLE001 - whatever it is, the worker waits for an answer
        return failed(question, repr(error))


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def _disk_full(error: OSError) -> dict[str, Any]:
    """No fault of the test: it is analysed when there is room."""
    return RecordError(
        f"the run file cannot be written: {error.strerror or error}",
        remedy="free some space on the disk with the data folder",
        code="record.unavailable",
        file=str(error.filename or ""),
        reason=str(error.strerror or error),
    ).as_dict()


def _unexpected(error: BaseException) -> dict[str, Any]:
    return StationError(
        f"the analysis failed: {error!r}",
        remedy="the measured data are kept; report this with the run's folder",
        code="analysis.failed",
        reason=repr(error),
        traceback="".join(traceback.format_exception(error))[-4000:],
    ).as_dict()


def _prepare_process() -> None:
    """In the analysis process: leave Ctrl-C to the service, stand back, and end when the service is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stand_back()
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, name="follow-parent", daemon=True).start()


def _stand_back() -> None:
    """Let the workers and the guard go first: fits and imports can wait, a measurement cannot."""
    lower = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10
    with contextlib.suppress(psutil.Error, OSError):  # not allowed here: then it runs like all others
        psutil.Process().nice(lower)


def _warm_up() -> None:
    """Import what takes long while the test is still running."""
    import importlib.util

    for module in ("station.engine.record.runfile", "station.reports.diagnose", "station.reports.interim"):
        if importlib.util.find_spec(module) is not None:
            importlib.import_module(module)
    from station.models.gains import load_default_gains
    from station.models.rulebook import load_history_rules, load_rules

    load_rules()
    load_history_rules()
    with contextlib.suppress(StationError):  # told where it is missed
        load_default_gains()


class AnalysisPool:
    """One analysis process, started when first needed, replaced when it dies or hangs."""

    def __init__(
        self,
        finalise: Finalise | None,
        diagnose: Diagnose | None,
        timeout_s: float,
        advise: Advise | None = None,
    ) -> None:
        self._job = partial(process_run, finalise=finalise, diagnose=diagnose)
        self._answer = partial(next_measurement, advise=advise)
        self._own_parts = finalise is None and diagnose is None
        self._timeout_s = timeout_s
        self._pool: ProcessPoolExecutor | None = None

    def warm_up(self) -> None:
        """Start the process now, so that the first result does not wait for its imports."""
        if self._pool is None:
            pool = self._running_pool()
            if self._own_parts:
                pool.submit(_warm_up)

    async def process(self, run_dir: Path, **request: Any) -> dict[str, Any]:
        """``process_run`` in the analysis process; a dead or hanging process becomes its ``error``."""
        try:
            future = self._submit(partial(self._job, run_dir, **request))
            return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout_s)
        except TimeoutError:
            problem = f"no answer in {self._timeout_s:g} s"
        except BrokenExecutor as error:
            problem = f"the analysis process died: {error}"
        self.close()
        return {"file": None, "result": None, "error": _unexpected(RuntimeError(problem))}

    async def answer(self, run_dir: Path, question: dict[str, Any], **facts: Any) -> dict[str, Any]:
        """What to measure next, as the worker's next command; never later than it waits for it."""
        try:
            future = self._submit(partial(self._answer, run_dir, question, **facts))
            return await asyncio.wait_for(asyncio.wrap_future(future), float(question["timeout_s"]))
        except TimeoutError:
            problem = "no answer in time"
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            problem = f"the analysis process died, or a strange question: {error!r}"
        return failed(question, problem)

    def _submit(self, job: Callable[[], dict[str, Any]]) -> Future[dict[str, Any]]:
        try:
            return self._running_pool().submit(job)
        except BrokenExecutor:  # it died while it had nothing to do: a new one has lost nothing
            self.close()
            return self._running_pool().submit(job)

    def close(self) -> None:
        """Give the process up; it ends with its task, or with the service."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _running_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare_process,
            )
        return self._pool
