"""How a run ended, in the words of the worker protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drivers.errors import DriverError, NoReading
from station.errors import (
    CheckFailed,
    DataError,
    ExitCode,
    InstrumentFault,
    InterlockOpen,
    LimitTripped,
    StationError,
    SupervisionLost,
    UsageError,
)


class StopRequested(Exception):
    """Somebody asked for the end; ``by`` is ``command`` or ``signal``."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True)
class Outcome:
    """``outcome`` is one of completed, stopped, check_failed, limit_tripped, instrument_fault,
    supervision_lost, record_failed, internal; the rest says why and what to do."""

    outcome: str
    code: str
    message: str
    remedy: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    exit_code: int = ExitCode.PASS


COMPLETED = Outcome("completed", "run.completed", "the plan was run to its end")

_KINDS: tuple[tuple[type[StationError], str], ...] = (
    (CheckFailed, "check_failed"),
    (UsageError, "check_failed"),
    (LimitTripped, "limit_tripped"),
    (InterlockOpen, "limit_tripped"),
    (SupervisionLost, "supervision_lost"),
    (InstrumentFault, "instrument_fault"),
    (DataError, "record_failed"),
)


def outcome_of(error: BaseException, *, energised: bool) -> Outcome:
    """Name an exception. An interlock open before any energy is a failed check, later a tripped limit."""
    if isinstance(error, StopRequested):
        return Outcome(
            "stopped",
            "run.stopped",
            f"stopped by {error.by}",
            params={"by": error.by},
            exit_code=ExitCode.NO_VERDICT,
        )
    if isinstance(error, StationError):
        kind = next((name for cls, name in _KINDS if isinstance(error, cls)), "internal")
        if isinstance(error, InterlockOpen) and not energised:
            kind = "check_failed"
        return Outcome(kind, error.code, error.message, error.remedy, dict(error.params), error.exit_code)
    if isinstance(error, NoReading):
        return Outcome(
            "limit_tripped",
            "safety.no_reading",
            error.message,
            error.remedy or "check sense leads and wiring",
            dict(error.params),
            ExitCode.SAFETY,
        )
    if isinstance(error, DriverError):
        return Outcome(
            "instrument_fault",
            error.code,
            error.message,
            error.remedy,
            dict(error.params),
            ExitCode.INSTRUMENT,
        )
    return Outcome(
        "internal",
        "internal.error",
        f"{type(error).__name__}: {error}",
        "a defect of the program: please report it with the run's folder",
        {"type": type(error).__name__},
        ExitCode.INTERNAL,
    )
