"""Turns the service's error answers back into the station's own errors."""

from __future__ import annotations

from typing import Any

from station.errors import (
    BusyError,
    ExitCode,
    InstrumentFault,
    InterlockOpen,
    RecordError,
    SafetyLatched,
    StationError,
    UsageError,
)

_BY_EXIT_CODE: dict[int, type[StationError]] = {
    ExitCode.USAGE: UsageError,
    ExitCode.INSTRUMENT: InstrumentFault,
    ExitCode.SAFETY: InterlockOpen,
    ExitCode.DATA: RecordError,
}
_BUSY = (
    "station.busy",
    "station.channel_busy",
    "station.battery_busy",
    "station.worker_alive",
    "station.run_closing",
    "run.not_now",
    "run.battery_moved",
    "service.running",
    "setup.asking",
)


def remote_error(body: Any, status: int | None = None) -> StationError:
    """The error that an answer ``{"error": {…}}`` tells of."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return StationError(
            f"the service answered something else than agreed (status {status})",
            remedy="the running service may be of another version: end it and try again",
            code="service.protocol",
        )
    code = str(error.get("code", "service.protocol"))
    if code == SafetyLatched.code:
        kind: type[StationError] = SafetyLatched
    elif code in _BUSY:
        kind = BusyError
    else:
        kind = _BY_EXIT_CODE.get(error.get("exit_code", 0), StationError)
    params = error.get("params")
    params = params if isinstance(params, dict) else {}
    clean = {key: value for key, value in params.items() if key not in ("message", "remedy", "code")}
    return kind(str(error.get("message", "")), remedy=str(error.get("remedy", "")), code=code, **clean)


def unreachable(reason: str) -> StationError:
    """The service does not answer at all."""
    return StationError(
        f"the station's service does not answer: {reason}",
        remedy="a running test ends safely by itself; start again, or look into service.log",
        code="service.unreachable",
        reason=reason,
    )
