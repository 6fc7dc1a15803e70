"""The battery that the operator has in hand, and what stands between it and a start."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from station.reports.battery_code import BatteryCode, read_code
from station.ui.codes import like_goods

FINAL: Final = ("pass", "fail", "quarantine")
"""After one of these a battery is not tested again without a word; ``no_verdict`` asks for a retest."""


@dataclass
class AtHand:
    """One battery. ``own``: its code was given here, to be written or stuck on it."""

    code: str
    own: bool = False
    printed: bool = False
    joined: bool = False
    known: dict[str, Any] | None = None
    looked_up: bool = False
    again: bool = False
    taken: bool = False
    """A person has said that it is a battery's code, whatever it looks like."""
    missing: frozenset[str] = field(default_factory=frozenset)
    chemistries: tuple[str, ...] = ()

    @property
    def tested(self) -> dict[str, Any] | None:
        """The run whose verdict this battery has already, newest first; None when it may simply be tested."""
        for run in (self.known or {}).get("runs") or ():
            if run.get("verdict") is not None:
                return dict(run) if run["verdict"] in FINAL else None
        return None

    @property
    def needs_yes(self) -> bool:
        """Whether a person must say that it is to be tested again."""
        return not self.again and self.tested is not None

    @property
    def doubtful(self) -> bool:
        """Whether a person must say that this is no product's number; what was tested before is none."""
        return not (self.taken or self.own or (self.known or {}).get("runs")) and like_goods(self.code)

    @property
    def label(self) -> BatteryCode:
        """What the code says of itself."""
        return read_code(self.code)


def own_id(unix_s: float) -> str:
    """An ID for a battery without a code, when the service gives none: time and two random signs."""
    moment = time.strftime("%y%m%d-%H%M%S", time.gmtime(unix_s))
    return f"OWN-{moment}-{secrets.token_hex(1).upper()}"


def given_id(answer: Any) -> tuple[str, bool] | None:
    """The ID in the service's answer and whether its label was printed; None when there is none."""
    if isinstance(answer, str):
        return (answer, False) if answer.strip() else None
    if not isinstance(answer, dict):
        return None
    code = answer.get("code") or answer.get("id") or answer.get("own_id")
    return (str(code), bool(answer.get("printed"))) if code else None
