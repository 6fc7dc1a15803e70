"""When a fault begins, as the simulated bench can know it to the instant."""

from __future__ import annotations

from typing import Any

BEFORE = "before energy"
MOMENTS: dict[str, dict[str, Any]] = {
    BEFORE: {"moment": "now"},
    "contact pulse": {"moment": "rise", "count": 1, "after_s": 0.5},
    "charge edge": {"moment": "rise", "count": 2},
    "charge pulse": {"moment": "rise", "count": 2, "after_s": 2.0},
    "charge end": {"moment": "fall", "count": 2},
    "rest": {"moment": "fall", "count": 2, "after_s": 2.0},
    "discharge edge": {"moment": "rise", "count": 3},
    "discharge pulse": {"moment": "rise", "count": 3, "after_s": 2.0},
    "discharge end": {"moment": "fall", "count": 3},
    "shutdown": {"moment": "output_off", "count": 1},
}
"""The first current is the contact check's, the second the charge pulse, the third the discharge pulse."""

PLAIN = tuple(MOMENTS)
IN_CURRENT = ("contact pulse", "charge edge", "charge pulse", "discharge edge", "discharge pulse")


def when(moment: str, kind: str) -> dict[str, Any]:
    """The trigger for ``moment``; a joined pair switches an output off at every change of side."""
    trigger = dict(MOMENTS[moment])
    if moment == "shutdown" and kind == "pair":
        trigger = {"moment": "fall", "count": 3, "after_s": 4.5}
    return trigger
