"""Defects built into the worker on purpose, to see that the campaign's judgements can fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def no_rules() -> None:
    """No running rule ever trips."""
    from station.safety.running.rules import RunningRules

    def blind(*_: Any, **__: Any) -> None:
        return None

    RunningRules.check = blind  # type: ignore[method-assign]
    RunningRules.check_envelope = blind  # type: ignore[method-assign]


def dies_silently() -> None:
    """The worker ends without its last word."""
    import station.engine.worker as worker

    worker.main = lambda: 70


SABOTAGE: dict[str, Callable[[], None]] = {act.__name__: act for act in (no_rules, dies_silently)}
