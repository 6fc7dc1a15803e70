"""What a code says by itself: its kind, its level, and what is known and not known of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from station.identity.vin import is_vin, vin_check
from station.reports.battery_code import BatteryCode, read_code

_OWN = re.compile(r"[A-Z]{2}-\d{6}-[2-9A-HJKMNP-Z]{7}")


@dataclass(frozen=True)
class Described:
    """``kind`` is ``gbt34014``, ``gbt34014_reuse``, ``vin``, ``own`` or ``free``; None is not known."""

    code: str
    raw: str
    kind: str
    level: str | None
    decoded: dict[str, Any] = field(default_factory=dict)
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Event codes with params: what a person should look at. Never a refusal."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        notes = [{"code": code, "params": params} for code, params in self.notes]
        return {**asdict(self), "notes": notes}


def describe(scanned: str, *, level: str | None = None, today: date | None = None) -> Described:
    """Decode what was scanned or typed; ``level`` is what a person says of it.

    A VIN is recognised when the level is vehicle, or when its check digit proves it. Raises UsageError.
    """
    code = read_code(scanned)
    text = code.text
    if is_vin(text) and (level == "vehicle" or (level is None and vin_check(text) == "ok")):
        check = vin_check(text)
        notes = (("identity.vin_check", {"vin": text}),) if check == "wrong" else ()
        return Described(text, scanned, "vin", "vehicle", {"maker": text[:3], "check": check}, notes)
    if code.standard:
        kind = "gbt34014_reuse" if code.reuse_level else "gbt34014"
        return Described(text, scanned, kind, code.level, _decoded(code), _notes(code, level, today))
    return Described(text, scanned, "own" if _OWN.fullmatch(text) else "free", level)


def _decoded(code: BatteryCode) -> dict[str, Any]:
    said = {key: value for key, value in asdict(code).items() if key != "text"}
    return {**said, "chemistry_hint": code.chemistry_hint}


def _notes(
    code: BatteryCode, level: str | None, today: date | None
) -> tuple[tuple[str, dict[str, Any]], ...]:
    found: list[tuple[str, dict[str, Any]]] = []
    if level is not None and code.level != level:
        found.append(("battery.level_differs", {"label": code.level, "channel": level}))
    if code.made_on is None:
        found.append(("battery.date_impossible", {"code": code.text}))
    elif today is not None and code.made_on > today.isoformat()[: len(code.made_on)]:
        found.append(("identity.date_future", {"code": code.text, "made_on": code.made_on}))
    return tuple(found)
