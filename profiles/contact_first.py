"""Whether a contact check comes before anything else that moves energy, whichever way the test takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.nesting import held_by
from profiles.steps import If
from profiles.steps_wait import BmsRequest, OcvWait, Prompt, SetValue, WaitTemperature

CHECKED = "contact_check"


def first_energised(steps: Sequence[Any]) -> str:
    """The kind of the first step that moves energy; '' where none does."""
    for step in steps:
        if step.step in ("rest", "ocv_check") or isinstance(
            step, (OcvWait, WaitTemperature, Prompt, BmsRequest, SetValue)
        ):
            continue
        held = held_by(step)
        if not held:
            return str(step.step)
        found = [first_energised(inner) for _, inner in held]
        bold = next((kind for kind in found if kind not in ("", CHECKED)), "")
        if bold:
            return bold
        # Only a way that is certainly taken counts as checked.
        if CHECKED in found and (not isinstance(step, If) or found == [CHECKED, CHECKED]):
            return CHECKED
    return ""
