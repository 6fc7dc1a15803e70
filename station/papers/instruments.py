"""Which instruments measured: as the run file, the bench file in it, and the instruments' answers tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PARTS = ("manufacturer", "model", "serial", "firmware")
_ANSWER = re.compile(rf"({'|'.join(_PARTS)}) (.*?)(?=, (?:{'|'.join(_PARTS)}) |$)")


@dataclass(frozen=True)
class InstrumentRow:
    """One instrument; an empty text is not known. The bench file tells when a calibration is due, no more."""

    place: str
    driver: str
    model: str = ""
    serial: str = ""
    firmware: str = ""
    due: str = ""
    certificate: str = ""


def instruments_of(channel: Mapping[str, Any], events: list[Mapping[str, Any]]) -> tuple[InstrumentRow, ...]:
    """From the channel as the bench file had it, and what the instruments answered before the test."""
    answers = {
        event["params"].get("place"): _parts(str(event["params"].get("answered") or ""))
        for event in events
        if event["code"] in ("engine.check", "engine.identity_unknown")
        and event["params"].get("rule", "identity") == "identity"
    }
    rows = []
    for place, ref in _places(channel):
        answer, expect = answers.pop(place, {}), ref.get("expect") or {}
        calibration = ref.get("calibration") or {}
        rows.append(
            InstrumentRow(
                place,
                str(ref.get("driver") or ""),
                " ".join(
                    filter(None, (answer.get("manufacturer"), answer.get("model") or expect.get("model")))
                ),
                answer.get("serial") or "",
                answer.get("firmware") or "",
                str(calibration.get("due") or ""),
                str(calibration.get("certificate") or ""),
            )
        )
    return tuple(rows)


def _places(channel: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """As ``Channel.instruments`` names them; a joined pair itself measures nothing."""
    power = channel.get("power")
    if power:
        parts = {
            k: v for k, v in (power.get("options") or {}).items() if isinstance(v, dict) and "driver" in v
        }
        if not parts:
            yield "power", power
        for name, part in parts.items():
            yield f"power.{name}", part
    for number, sensor in enumerate(channel.get("sensors") or []):
        yield f"sensors[{number}]", sensor
    if channel.get("bms"):
        yield "bms", channel["bms"]


def _parts(answered: str) -> dict[str, str]:
    return {name: value.strip() for name, value in _ANSWER.findall(answered)}
