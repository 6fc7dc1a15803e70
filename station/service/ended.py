"""How a run ended: what the worker said last, or what the service must say in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from station.errors import ExitCode

OUTCOME_EXIT_CODES = {
    "completed": ExitCode.PASS,
    "stopped": ExitCode.NO_VERDICT,
    "check_failed": ExitCode.SAFETY,
    "limit_tripped": ExitCode.SAFETY,
    "instrument_fault": ExitCode.INSTRUMENT,
    "supervision_lost": ExitCode.SAFETY,
    "record_failed": ExitCode.DATA,
    "internal": ExitCode.INTERNAL,
}
NOT_VERIFIED = "safety.not_verified"
FORCED = "run.forced"
PEACEFUL = ("completed", "stopped")


@dataclass(frozen=True)
class Ended:
    """The end of a run. ``safe`` is what the worker measured after its shutdown; empty when unknown."""

    outcome: str
    code: str
    message: str = ""
    remedy: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    exit_code: int = ExitCode.INTERNAL
    safe: dict[str, Any] = field(default_factory=dict)

    @property
    def verified_safe(self) -> bool:
        """True when the worker measured that its output is off."""
        return self.safe.get("verified") is True

    @property
    def fault(self) -> dict[str, Any] | None:
        """The error that latches the channel; None after a completed or stopped run that ended safe."""
        if self.outcome not in PEACEFUL or self.code == FORCED:
            return {
                "code": self.code,
                "message": self.message,
                "remedy": self.remedy,
                "params": self.params,
                "exit_code": self.exit_code,
            }
        if not self.verified_safe:
            return {
                "code": NOT_VERIFIED,
                "message": "the test ended, but it could not be verified that the output is off",
                "remedy": "check at the instrument that no current flows before touching the battery",
                "params": {key: value for key, value in self.safe.items() if key != "verified"},
                "exit_code": ExitCode.SAFETY,
            }
        return None


def from_worker(message: dict[str, Any]) -> Ended:
    """The worker's last line; what it leaves out or garbles counts as an internal fault, never as success."""
    outcome = message.get("outcome")
    if not isinstance(outcome, str) or outcome not in OUTCOME_EXIT_CODES:
        return Ended(
            "internal",
            "worker.protocol",
            f"the worker's last message makes no sense: outcome {outcome!r}",
            "check the channel by hand and report this with the run's folder",
            {"outcome": str(outcome)},
        )
    exit_code = message.get("exit_code")
    params, safe = message.get("params"), message.get("safe")
    return Ended(
        outcome=outcome,
        code=str(message.get("code") or f"run.{outcome}"),
        message=str(message.get("message") or ""),
        remedy=str(message.get("remedy") or ""),
        params=params if isinstance(params, dict) else {},
        exit_code=exit_code if isinstance(exit_code, int) else OUTCOME_EXIT_CODES[outcome],
        safe=safe if isinstance(safe, dict) else {},
    )


def worker_lost(exit_status: int | None) -> Ended:
    """The worker's process ended without a last word."""
    return Ended(
        "supervision_lost",
        "worker.lost",
        f"the channel's worker ended without a word (exit status {exit_status})",
        "check that the channel's output is off and its contactor open, then acknowledge",
        {"exit_status": exit_status},
        ExitCode.SAFETY,
    )


def worker_silent(silence_s: float) -> Ended:
    """The worker's process was there but said nothing any more."""
    return Ended(
        "supervision_lost",
        "worker.silent",
        f"the channel's worker said nothing for {silence_s:g} s and was ended",
        "check that the channel's output is off and its contactor open, then acknowledge",
        {"silence_s": silence_s},
        ExitCode.SAFETY,
    )


def forced(why: str, waited_s: float, cut: dict[str, Any] | None, *, guarded: bool) -> Ended:
    """A person wanted the end and the worker did not make it: cut by the guard, its process ended.

    ``cut`` is the guard's answer, None when there was none.
    """
    opened = bool(cut["ok"]) if cut and cut.get("code") != "guard.no_cutoff" else None
    return Ended(
        "stopped",
        FORCED,
        f"stopped by force after {waited_s:g} s: {why}; "
        + ("the guard has opened the cut-off" if opened else "it is not confirmed that the output is off"),
        "check at the instrument that no current flows before touching the battery, then acknowledge",
        {"why": why, "waited_s": waited_s, "cutoff_open": opened, "guard": guarded},
        ExitCode.SAFETY,
        {"verified": False, "cutoff_open": opened},
    )


def impossible_state(told: Any, state: str) -> Ended:
    """The worker tells a state that cannot follow the one before: it is not trusted with the rest."""
    return Ended(
        "internal",
        "worker.impossible_state",
        f"the channel's worker says {told!r} after {state!r}, which is not possible; it was ended",
        "check that the channel's output is off and report this with the run's folder",
        {"told": str(told)[:40], "state": state},
    )


def worker_not_started(error: OSError) -> Ended:
    """The worker's process could not be started; nothing was energised."""
    return Ended(
        "internal",
        "worker.not_started",
        f"the channel's worker could not be started: {error.strerror or error}",
        "check the installation and the free memory, then acknowledge and start again",
        {"reason": str(error)},
        safe={"verified": True},
    )


def interrupted() -> Ended:
    """The service was gone before the run ended; found when the next one starts."""
    return Ended(
        "supervision_lost",
        "run.interrupted",
        "this test was interrupted: the service, the computer or the power went away while it ran",
        "check that the channel's output is off, then let the test go on, or acknowledge to close it",
        {},
        ExitCode.SAFETY,
    )
