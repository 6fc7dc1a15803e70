"""The one ordered shutdown, used by every exit.

Current to zero → output off → read back that current is zero → open the cut-off. Every part is
tried even when an earlier one failed, and what could not be verified is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from drivers.contracts.power import PowerPort, SafeState
from drivers.errors import TransportError

_T = TypeVar("_T")

VERIFY_TIMEOUT_S = 1.0
REFUSED_TIMEOUT_S = 0.2
"""For an instrument that has refused to be switched off: what it was told before may still take effect."""
POLL_S = 0.02


@dataclass(frozen=True)
class SafeReport:
    """What is known at the end. ``verified``: the output reads off and the current reads zero.

    ``output_on``, ``current_A`` and ``cutoff_open`` are None where nothing could be read;
    ``cutoff_open`` also where the channel has no cut-off.
    """

    verified: bool
    output_on: bool | None
    current_A: float | None
    cutoff_open: bool | None
    problems: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the journal and the service."""
        return {**asdict(self), "problems": list(self.problems)}


def ordered_shutdown(
    power: PowerPort | None,
    *,
    open_cutoff: Callable[[], bool] | None = None,
    current_tolerance_A: float,
    reopen: Callable[[], PowerPort] | None = None,
    on_step: Callable[[], None] = lambda: None,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> SafeReport:
    """Make one channel safe and say how far that could be verified.

    ``open_cutoff`` returns True once the contactor is confirmed open. ``reopen`` gives a
    fresh session when the old link is dead; it is used once. ``on_step`` is called between
    the parts, so that a supervisor sees progress. Never raises.
    """
    problems: list[str] = []
    state: SafeState | None = None
    cutoff_open: bool | None = None
    if power is not None:
        link_lost = _make_safe(power, problems)
        refused = bool(problems)
        on_step()
        # A dead link would only cost its time-out again; a fresh session may still get through.
        if not (link_lost and reopen is not None):
            patience_s = REFUSED_TIMEOUT_S if refused else VERIFY_TIMEOUT_S
            state = _verify(power, current_tolerance_A, problems, on_step, monotonic, sleep, patience_s)
    if open_cutoff is not None and state is not None and not state.is_safe(current_tolerance_A):
        # It answers and still drives: a second session would be refused as well, and current flows meanwhile.
        cutoff_open = _attempt("open the cut-off", open_cutoff, problems) or False
    if (state is None or not state.is_safe(current_tolerance_A)) and reopen is not None:
        fresh = _attempt("open a second session", reopen, problems)
        on_step()
        if fresh is not None:
            _make_safe(fresh, problems)
            state = _verify(fresh, current_tolerance_A, problems, on_step, monotonic, sleep) or state
            fresh.close()
    on_step()
    if open_cutoff is not None and not cutoff_open:
        cutoff_open = _attempt("open the cut-off", open_cutoff, problems) or False
        if not cutoff_open:
            problems.append("the cut-off is not confirmed open")
    verified = state is not None and state.is_safe(current_tolerance_A)
    if state is not None and not verified:
        problems.append(
            f"after the shutdown: output {'on' if state.output_on else 'off'}, {state.current_A:g} A"
        )
    return SafeReport(
        verified,
        None if state is None else state.output_on,
        None if state is None else state.current_A,
        cutoff_open,
        tuple(problems),
    )


def _make_safe(power: PowerPort, problems: list[str]) -> bool:
    """Current to zero and output off; where that reports an error, each part once more by itself.

    True when the link itself is lost.
    """
    try:
        power.make_safe()
    except TransportError as error:
        problems.append(f"make safe: {error}")
        return True
    except Exception as error:  # noqa: BLE001 - a shutdown goes on whatever one part does; the error is reported
        problems.append(f"make safe: {error or type(error).__name__}")
        _attempt("set zero current", lambda: power.set_current(0.0), problems)
        _attempt("set the output off", power.output_off, problems)
    return False


def _verify(
    power: PowerPort,
    tolerance_A: float,
    problems: list[str],
    on_step: Callable[[], None],
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
    patience_s: float = VERIFY_TIMEOUT_S,
) -> SafeState | None:
    """Read back until safe or out of time; a failed read-back ends it: the link is dead."""
    end = monotonic() + patience_s
    state: SafeState | None = None
    while True:
        fresh = _attempt("read back", power.verify_safe, problems)
        if fresh is None:
            return None
        state = fresh
        if state.is_safe(tolerance_A) or monotonic() >= end:
            return state
        on_step()
        sleep(POLL_S)


def _attempt(what: str, action: Callable[[], _T], problems: list[str]) -> _T | None:
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - a shutdown goes on whatever one part does; the error is reported
        problems.append(f"{what}: {error or type(error).__name__}")
        return None
