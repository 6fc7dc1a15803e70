"""Fields of a battery passport under the names of the BatteryPass data model 1.2 (DIN DKE SPEC 99100
chapters).

Names and units only: that the document conforms to any rule is not claimed. What the station does not know
is null and listed; nothing is filled in from a table of types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CHAPTERS = {
    "ratedCapacity": ("Ah", "6.7.2.2"),
    "remainingCapacity": ("Ah", "6.7.2.3"), "capacityFade": ("%", "6.7.2.4"),
    "ratedEnergy": ("kWh", "6.7.2.5"), "remainingEnergy": ("kWh", "6.7.2.6"),
    "stateOfCertifiedEnergy": ("%", "6.7.2.7"), "stateOfCharge": ("%", "6.7.2.8"),
    "minimumVoltage": ("V", "6.7.2.9"),
    "maximumVoltage": ("V", "6.7.2.10"), "nominalVoltage": ("V", "6.7.2.11"),
    "ratedMaximumPower": ("kW", "6.7.3.2"), "remainingPowerCapability": ("kW", "6.7.3.3"),
    "roundtripEfficiency": ("%", "6.7.4.2"), "initialSelfDischarge": ("%/month", "6.7.4.6"),
    "currentSelfDischargingRate": ("%/month", "6.7.4.7"), "evolutionOfSelfDischarge": ("%", "6.7.4.8"),
    "initialInternalResistance": ("ohm", "6.7.5.2"), "internalResistanceIncrease": ("%", ""),
    "expectedLifetime": ("a", "6.7.6.2"), "numberOfFullCycles": ("1", "6.7.6.4"),
    "energyThroughput": ("kWh", "6.7.6.7"), "capacityThroughput": ("Ah", "6.7.6.8"),
    "capacityThresholdForExhaustion": ("%", "6.7.6.9"), "temperatureInformation": ("degC", "6.7.7.5-8"),
    "negativeEvents": ("", "6.7.8.4"), "batteryPassportIdentifier": ("", ""), "batteryCategory": ("", ""),
    "batteryStatus": ("", ""),
    "manufacturingDate": ("", ""), "batteryMass": ("kg", ""), "puttingIntoService": ("", ""),
}  # fmt: skip
"""Name → unit and chapter; empty where none is known."""


def passport(row: Mapping[str, Any], battery: Mapping[str, Any] | None) -> dict[str, Any]:
    """From a run's row with its result, and its battery's. ``fields`` holds all names; null is not known."""
    result = row.get("result") or {}
    soh, nominal = result.get("soh"), row.get("nominal_capacity_Ah")
    measured: dict[str, dict[str, Any]] = {}
    if nominal is not None:
        measured["ratedCapacity"] = {"value": nominal, "basis": "as given to the station"}
    if soh and nominal is not None:
        how = "counted" if result.get("soh_method") == "capacity" else "estimated from pulses"
        basis = f"{how}; SOH of 1C discharge capacity over nominal capacity at 25 degC; 90 % interval"
        measured["remainingCapacity"] = {
            "value": soh["estimate"] * nominal,
            "low90": soh["low90"] * nominal, "high90": soh["high90"] * nominal,
            "basis": basis,
        }  # fmt: skip
        measured["capacityFade"] = {
            "value": 100 * (1 - soh["estimate"]), "low90": 100 * (1 - soh["high90"]),
            "high90": 100 * (1 - soh["low90"]), "basis": basis,
        }  # fmt: skip
    if battery and battery.get("made_on"):
        measured["manufacturingDate"] = {"value": battery["made_on"], "basis": "production date in the code"}
    when = row.get("ended_utc") or row.get("started_utc")
    fields = {
        name: None
        if name not in measured
        else {**measured[name], "unit": unit, "chapter": chapter, "lastUpdate": when}
        for name, (unit, chapter) in CHAPTERS.items()
    }
    return {
        "format": "pulse-station/passport-fields/1",
        "names": "BatteryPass data model 1.2",
        "conformity": "not claimed",
        "battery": row["battery"],
        "run_id": row["run_id"],
        "simulated": row["simulated"],
        "fields": fields,
        "not_known": [name for name, value in fields.items() if value is None],
    }
