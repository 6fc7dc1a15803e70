"""Where jobs are done: processes on all cores of this computer, or a Dask cluster by its address."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from typing import Any, Protocol

from station.errors import UsageError
from station.rediagnosis.job import Job, judge

CHUNK = 16
"""Jobs that travel together."""
_AHEAD = 4
"""Chunks on their way for each process: enough that none waits, few enough that a stop is soon done."""
Answer = dict[str, Any]


class Workers(Protocol):
    """Does jobs in any order."""

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        """One answer for each job, as they are done."""


class Cores:
    """All cores of this computer, or ``processes`` of them."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or os.cpu_count() or 1

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        """One answer for each job, as they are done."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self._processes, mp_context=context) as pool:
            try:
                yield from _spread(pool.submit, jobs, self._processes * _AHEAD)
            finally:
                pool.shutdown(cancel_futures=True)


class DaskCluster:
    """The workers of a Dask scheduler; they must see the data folder under the same path."""

    def __init__(self, address: str) -> None:
        self._address = address

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        """One answer for each job, as they are done. Raises UsageError (``rediagnose.cluster``)."""
        try:
            import distributed
        except ImportError as error:
            raise self._trouble(error) from error
        try:
            client: Any = _typeless(distributed.Client)(self._address, timeout="10s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise self._trouble(error) from error
        with client:
            chunks = _chunks(jobs)
            ahead = _AHEAD * max(len(client.scheduler_info(n_workers=-1)["workers"]), 1)
            first = [client.submit(judge_all, chunk, pure=False) for chunk in islice(chunks, ahead)]
            running = _typeless(distributed.as_completed)(first, loop=client.loop)
            for future in running:
                yield from future.result()
                for chunk in islice(chunks, 1):
                    running.add(client.submit(judge_all, chunk, pure=False))

    def _trouble(self, error: Exception) -> UsageError:
        return UsageError(
            f"the Dask cluster {self._address} cannot be used: {error}",
            remedy="install it (pip install 'pulse-station[dask]'), start it, and give its address",
            code="rediagnose.cluster",
            address=self._address,
        )


def judge_all(jobs: list[Job]) -> list[Answer]:
    """A chunk of jobs."""
    return [judge(job) for job in jobs]


def _chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    rest = iter(jobs)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _spread(submit: Callable[..., Future[list[Answer]]], jobs: Iterable[Job], ahead: int) -> Iterator[Answer]:
    chunks = _chunks(jobs)
    running = {submit(judge_all, chunk) for chunk in islice(chunks, ahead)}
    while running:
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        running |= {submit(judge_all, chunk) for chunk in islice(chunks, len(finished))}
        for future in finished:
            yield from future.result()


def _typeless(function: Any) -> Any:
    """The library has types for some of its calls and not for these."""
    return function
