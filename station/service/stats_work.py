"""Questions to the whole archive read every result: they run in a process of their own, beside the tests."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

from station.errors import StationError

PATIENCE_S: Final = 300.0
NICE: Final = 10
"""The running tests come first."""
Span = tuple[str | None, str | None]
Ask = Callable[[Path, str | None, str | None], dict[str, Any]]


class Archive:
    """One question at a time; the newest answer is kept, so that a file holds what was shown."""

    def __init__(self, data: Path, ask: Ask | None = None, patience_s: float = PATIENCE_S) -> None:
        self._data, self._ask, self._patience_s = data, ask or answers_in, patience_s
        self._one = asyncio.Lock()
        self._newest: tuple[Span, dict[str, Any]] | None = None

    async def answers(self, since: str | None, until: str | None, *, again: bool) -> dict[str, Any]:
        """Everything that ``station stats`` tells of the span. Raises StationError (``stats.failed``)."""
        async with self._one:
            if again or self._newest is None or self._newest[0] != (since, until):
                self._newest = None
                self._newest = ((since, until), await self._apart(since, until))
            return self._newest[1]

    async def _apart(self, since: str | None, until: str | None) -> dict[str, Any]:
        pool = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))
        try:
            future = asyncio.wrap_future(pool.submit(_told, self._ask, self._data, since, until))
            told = await asyncio.wait_for(future, self._patience_s)
        except TimeoutError as error:
            raise failed(f"no answer within {self._patience_s:g} s") from error
        except BrokenExecutor as error:
            raise failed(str(error)) from error
        finally:
            for process in list((pool._processes or {}).values()):  # one that hangs must not stay behind
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
        if "error" in told:
            known = told["error"]
            raise StationError(
                known["message"], remedy=known["remedy"], code=known["code"], **known["params"]
            )
        return told


def failed(reason: str) -> StationError:
    """The question has no answer, and why."""
    return StationError(
        f"the archive could not be asked: {reason}",
        remedy="ask again, or a shorter span; check the records: station records verify",
        code="stats.failed",
        reason=reason,
    )


def answers_in(data: Path, since: str | None, until: str | None) -> dict[str, Any]:
    """In the process: read the records, answer all questions."""
    from station.archive.answers import answers
    from station.records import open_records

    with open_records(data) as records:
        return answers(records, since=since, until=until)


def _told(ask: Ask, data: Path, since: str | None, until: str | None) -> dict[str, Any]:
    """Errors come back as data, because they do not survive the way between processes."""
    with contextlib.suppress(OSError, AttributeError):  # no such thing on Windows
        os.nice(NICE)
    try:
        return ask(data, since, until)
    except StationError as known:
        return {"error": known.as_dict()}
    except Exception as error:  # noqa: BLE001 - whatever a record holds: it is told
        return {"error": failed(f"{type(error).__name__}: {error}").as_dict()}
