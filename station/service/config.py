"""How a service is set up; everything that tests replace is a field here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.bench import Bench
from station.child_program import GUARD, WORKER, child_command
from station.diagnosis.adaptive.advice import Advice
from station.service.paths import ServicePaths

Finalise = Callable[[Path], Path]
"""From a run's folder to its Parquet file."""

Diagnose = Callable[..., dict[str, Any]]
"""From a run file, ``nominal_capacity_Ah`` and ``chemistry`` to a result object."""

Advise = Callable[..., Advice]
"""From a run's folder, ``goal``, ``limits``, ``elapsed_s``, ``shifted``, ``nominal_capacity_Ah`` and
``chemistry`` to what to measure next."""


def bench_digest(bench: Bench) -> str:
    """SHA-256 of the bench's content."""
    return hashlib.sha256(bench.model_dump_json(by_alias=True).encode()).hexdigest()


@dataclass(frozen=True)
class Patience:
    """How long the service waits for others, in s of real time."""

    silence_s: float = 15.0
    """A worker that has not said anything for so long is lost."""
    worker_exit_s: float = 10.0
    """From the last line, or the end of stdin, to the end of the worker."""
    stop_s: float = 20.0
    """From the stop of the service to the last safe channel."""
    polite_stop_s: float = 10.0
    """From a person's stop to ``safe``; then the guard is asked to cut and the worker is ended by force."""
    forced_exit_s: float = 3.0
    """From a confirmed cut to the kill: a worker that still lives makes its channel safe in that time.

    Without a confirmed cut it has ``worker_exit_s``.
    """
    guard_cut_s: float = 2.0
    guard_ready_s: float = 10.0
    guard_status_s: float = 3.0
    """A guard sends its status once a second."""
    guard_restart_s: float = 0.5
    analysis_s: float = 180.0
    records_s: float = 5.0
    """At the service's end: how long it still tries to write what waits for the records."""
    closing_s: float = 10.0
    """How long an acknowledgement waits for the records of the run it is about."""


@dataclass(frozen=True)
class ServiceConfig:
    """One bench's service."""

    bench: Bench
    data: Path
    idle_exit_s: float | None = None
    worker_command: tuple[str, ...] = child_command(WORKER)
    guard_command: tuple[str, ...] = child_command(GUARD)
    finalise: Finalise | None = None
    diagnose: Diagnose | None = None
    advise: Advise | None = None
    patience: Patience = Patience()
    bench_file: Path | None = None
    """Where ``bench`` was read from; None where it came from no file."""
    bench_file_sha256: str | None = None
    """Of that file's bytes as they were read: who has the same file need not read it to find this service."""

    @property
    def paths(self) -> ServicePaths:
        """Where its files are."""
        return ServicePaths(self.data, self.bench.name)

    @property
    def bench_digest(self) -> str:
        """Tells one bench file from another of the same name."""
        return bench_digest(self.bench)

    def bench_as_json(self) -> dict[str, Any]:
        """The bench as workers and guard get it."""
        return self.bench.model_dump(mode="json", by_alias=True)
