"""A request of the window that is no test's: what the service is asked, and what is done with its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

ERRAND: Final = "errand"


@dataclass(frozen=True)
class Errand:
    """``call`` runs beside the GUI thread with the backend; ``done`` in it, with what came of it."""

    call: Callable[[Any], Any]
    done: Callable[[Any], None] = lambda _: None
    kind: str = ERRAND
    channel: str | None = None
