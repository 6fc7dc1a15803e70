"""What a pack remembers about its life: counters, extremes, identity, trouble codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drivers.bms.signals import Reading

NOTE = (
    "Counters and the state of health can be reset or carried over with another controller: "
    "compare them with each other and with the measurement, never trust one alone."
)


def history_of(readings: Iterable[Reading]) -> dict[str, Any]:
    """The readings of groups ``history`` and ``identity`` as plain data, with the note that belongs to them.

    ``doubts``, where there are any, are contradictions between counters.
    """
    kept = [r for r in readings if r.group in ("history", "identity") and r.value is not None]
    body: dict[str, Any] = {"history": {}, "identity": {}, "note": NOTE}
    for reading in sorted(kept, key=lambda r: (r.name, r.number or 0)):
        part = body[reading.group]
        if reading.number is None:
            part[reading.name] = {
                "value": reading.value,
                "unit": reading.unit,
                "evidence": reading.evidence,
            }
        else:
            entry = part.setdefault(
                reading.name, {"values": [], "unit": reading.unit, "evidence": reading.evidence}
            )
            entry["values"].append(reading.value)
    doubts = doubts_of({r.name: r.value for r in kept if r.number is None and isinstance(r.value, float)})
    if doubts:
        body["doubts"] = doubts
    return body


def contradictions_of(values: dict[str, float]) -> list[tuple[str, dict[str, float]]]:
    """Where counters contradict each other, by name and figures in Ah or Wh.

    It may be a reset, a changed controller, or a wrong description.
    """
    found = []
    charged, discharged = values.get("charged_Ah"), values.get("discharged_Ah")
    if charged is not None and discharged is not None:
        most_Ah = max(charged, discharged)
        if most_Ah > 100 and abs(charged - discharged) > 0.1 * most_Ah:
            found.append(("charge", {"charged_Ah": charged, "discharged_Ah": discharged}))
    energy_in, energy_out = values.get("charged_Wh"), values.get("discharged_Wh")
    if energy_in is not None and energy_out is not None and energy_out > 1.02 * energy_in > 1e5:
        found.append(("energy", {"charged_Wh": energy_in, "discharged_Wh": energy_out}))
    return found


_DOUBTS = {
    "charge": "{charged_Ah:g} Ah went in and {discharged_Ah:g} Ah came out: one of them was reset",
    "energy": "{discharged_Wh:g} Wh came out of {charged_Wh:g} Wh put in",
}


def doubts_of(values: dict[str, float]) -> list[str]:
    """The contradictions as sentences."""
    return [_DOUBTS[name].format(**figures) for name, figures in contradictions_of(values)]
