"""Which layer of the design caught a fault.

1 checks before energy · 2 the engine's own rules and its reading of the instrument · 3 the instrument's
protection or watchdog · 4 the guard, its cut-off, and the hold timer of its relay board. The last layer,
fuse and hard-wired emergency stop, is outside this software: a run that only they ended counts as failed.
"""

from __future__ import annotations

from typing import Any

from tests.campaign.faults import Case
from tests.campaign.moments import BEFORE

_BY_PREFIX = (
    ("safety.check.", "checks"),
    ("guard.", "guard"),
    ("safety.guard_", "guard"),
    ("safety.", "engine"),
    ("instrument.", "engine"),
    ("transport.", "engine"),
    ("driver.", "engine"),
    ("engine.", "engine"),
    ("data.", "engine"),
    ("run.stopped", "operator"),
    ("run.completed", "none"),
    ("usage.", "checks"),
    ("bench.", "checks"),
)


LAST = "last"
NOBODY = "nobody"
NOT_NEEDED = "not needed"
_BY_OTHERS = {"kill both": "hold timer or watchdog", "kill guard": "hold timer", "stop guard": "hold timer"}


def layer_of(
    case: Case,
    ended: dict[str, Any] | None,
    trips: list[dict[str, Any]],
    *,
    fuse_blown: bool = False,
    flowed: bool = True,
) -> str:
    """``checks``, ``engine``, ``guard``, ``hold timer``, ``operator``, ``none``, or ``last`` and ``nobody``.

    ``last``: the fuse has gone, so that every layer before it came too late. ``not needed``: the worker was
    lost before energy or once its output was off, and nothing flowed (``flowed`` False) after that.
    """
    if fuse_blown:
        return LAST
    if ended is None:
        if not trips and case.moment in (BEFORE, "shutdown") and not flowed:
            return NOT_NEEDED
        return "guard" if trips else _BY_OTHERS.get(case.fault.act or "", NOBODY)
    if ended["outcome"] == "check_failed" and not str(ended["code"]).startswith("guard."):
        return "checks"
    for prefix, layer in _BY_PREFIX:
        if str(ended["code"]).startswith(prefix):
            return layer
    return NOBODY
