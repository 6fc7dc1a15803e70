"""What the relay path knows and answers: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RelaySnapshot:
    """What the board answered last. None where an input is not wired, or nothing was ever read.

    ``closed`` holds, per coil key, the feedback input where wired, else the coil's read-back. ``stuck``: the
    contact does not open although its coil is off. ``frozen``: the coil itself does not go off.
    """

    ok: bool
    estop_ok: bool | None = None
    interlock_ok: bool | None = None
    closed: Mapping[str, bool] = field(default_factory=dict)
    stuck: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True)
class SwitchResult:
    """Whether a coil was confirmed to be where it was wanted; ``code`` names the failure."""

    ok: bool
    code: str = ""


@dataclass
class Pending:
    """A command that waits for its confirmation until ``deadline`` (monotonic s)."""

    closed: bool
    deadline: float
    futures: list[Future[SwitchResult]]

    def settle(self, result: SwitchResult) -> None:
        """Tell everybody who asked."""
        for future in self.futures:
            future.set_result(result)
