"""What the operator's page asks the service by itself: signs of life, the bench, the reasons of verdicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from station.ui.asking import Request
from station.ui.mirror import Mirror

ALIVE_S: Final = 1.5
BENCH_S: Final = 10.0
"""Periods of asking for a sign of life, and for the bench (a simulated one may change its speed)."""
_PERIODS: Final[tuple[tuple[Literal["state", "bench"], float], ...]] = (
    ("state", ALIVE_S), ("bench", BENCH_S),
)  # fmt: skip


class Upkeep:
    """``tick`` gives steady seconds."""

    def __init__(self, mirror: Mirror, ask: Callable[[Request], None], tick: Callable[[], float]) -> None:
        self._mirror, self._ask, self._tick = mirror, ask, tick
        self._asked_s: dict[str, float] = {}
        self._pending: set[str] = set()
        self._results: set[str] = set()

    def ask(self) -> None:
        """Ask for what is due; a connection begins with both, so the first of each is a period later."""
        if self._mirror.connected:
            self._reasons()
            self._life()

    def answered(self, request: Request) -> None:
        """An answer has come; the next may be asked for."""
        self._pending.discard(request.kind)

    def _life(self) -> None:
        now_s = self._tick()
        for kind, period_s in _PERIODS:
            if now_s - self._asked_s.setdefault(kind, now_s) >= period_s:
                if kind not in self._pending:
                    self._pending.add(kind)
                    self._ask(Request(kind))
                self._asked_s[kind] = now_s

    def _reasons(self) -> None:
        """A verdict found on the page at start has its reason in the records."""
        for channel, slot in self._mirror.slots.items():
            run_id = slot.state.run_id
            wanted = slot.state.state == "verdict" and slot.result is None
            if wanted and run_id and run_id not in self._results:
                self._results.add(run_id)
                self._ask(Request("run", channel=channel, run_id=run_id))
