"""The station's errors, named by cause, each with a stable code, a remedy and an exit code."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Protocol


class ExitCode:
    """What the command line ends with; one number per kind of outcome."""

    PASS = 0
    BATTERY_FAIL = 1
    USAGE = 2
    NO_VERDICT = 3
    INSTRUMENT = 4
    SAFETY = 5
    DATA = 6
    INTERNAL = 70


class StationError(Exception):
    """Base of the station's errors.

    ``code`` is stable and dotted; ``params`` are the facts of this case;
    ``remedy`` is what a person does next. ``message`` is English; the message
    catalogues say the same by code in other languages.
    """

    code: str = "station.error"
    exit_code: ClassVar[int] = ExitCode.INTERNAL

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code
        self.params: dict[str, Any] = params

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON answers."""
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "params": self.params,
            "exit_code": self.exit_code,
        }


class Spoken(Protocol):
    """An error with a code: the station's own, or a driver's."""

    code: str
    message: str
    remedy: str
    params: dict[str, Any]


def told(error: Spoken, part: Literal["text", "remedy"] = "text") -> dict[str, Any]:
    """An error, or what to do about it, as a fact of another message: said there in the reader's language."""
    own = error.message if part == "text" else error.remedy
    return {"code": error.code, "message": own, "params": error.params, "part": part}


class UsageError(StationError):
    """The request itself cannot be carried out as it stands: unknown name, missing or malformed value."""

    code = "usage.error"
    exit_code = ExitCode.USAGE


class BenchError(UsageError):
    """The bench file is wrong; params name file, line, field."""

    code = "bench.error"


class BusyError(UsageError):
    """The channel or the battery is already under test."""

    code = "station.busy"


class InstrumentFault(StationError):
    """An instrument is absent, wrong, or failed."""

    code = "instrument.fault"
    exit_code = ExitCode.INSTRUMENT


class CheckFailed(StationError):
    """A check before energy failed: rule, value, limit in params."""

    code = "safety.check_failed"
    exit_code = ExitCode.SAFETY


class LimitTripped(StationError):
    """A limit was crossed while running: rule, value, limit in params."""

    code = "safety.limit_tripped"
    exit_code = ExitCode.SAFETY


class InterlockOpen(StationError):
    """E-stop or an interlock is open, or the guard refuses."""

    code = "safety.interlock_open"
    exit_code = ExitCode.SAFETY


class SafetyLatched(StationError):
    """A fault is latched and waits for a person."""

    code = "safety.latched"
    exit_code = ExitCode.SAFETY


class SupervisionLost(StationError):
    """Guard or service fell silent; the worker has made its channel safe."""

    code = "safety.supervision_lost"
    exit_code = ExitCode.SAFETY


class DataError(StationError):
    """A file cannot be read as what it should be; params name file, line or row, column."""

    code = "data.error"
    exit_code = ExitCode.DATA


class RecordError(StationError):
    """The records database refuses or is damaged."""

    code = "record.error"
    exit_code = ExitCode.DATA
