"""Rules around a pack's own contactors: before they may move, after they have closed, after they have opened.

They close onto open leads: the station's cut-off stays open until polarity, voltage and insulation of what
then stands at the terminals are known.
"""

from __future__ import annotations

from typing import Any

from drivers.contracts.bms import ContactorFacts, ContactorFault
from station.safety.checks.inputs import BMS_AGREEMENT_FRACTION, BMS_AGREEMENT_V, TOUCH_SAFE_V
from station.safety.checks.readings import reversed_leads
from station.safety.checks.result import CheckResult

JOINED_S = 3.0
"""How long the terminals may take to show the pack's voltage once its contactors have closed."""
OPENED_S = 5.0
"""Within this time after opening the pack's terminals must be touch-safe."""
REVERSED_V = -1.0

_REMEDY = {
    "refused": "read the pack's trouble codes; let it be closed by the station's relays, or quarantine it",
    "not_closed": "check 12 V supply and interlock plugs of the pack, read its trouble codes",
    "precharge_stuck": "something outside takes current: check the leads; else the pack's resistor is broken",
    "not_opened": "do not touch: take the service disconnect off; the pack's contactor may be welded",
    "silent": "check the CAN plug and the pack's 12 V supply",
    "keep_alive": "check the CAN adapter, and whether the computer is overloaded",
}


def wired(*, guard: bool, cutoff: bool, terminals: bool) -> CheckResult:
    """Moving a pack's own contactors needs a guard that agrees, a cut-off, a voltmeter at the terminals."""
    given = {"guard": guard, "cutoff": cutoff, "terminals": terminals}
    missing = [name for name, there in given.items() if not there]
    return CheckResult(
        "pack_wired",
        not missing,
        message=f"the pack's contactors cannot be closed by the station: no {', '.join(missing)}",
        remedy="wire it, or let the contactors be closed by the station's relays (contactors: station)",
        source="bench",
        facts={"missing": missing} if missing else {},
    )


def sequence_known(facts: ContactorFacts) -> CheckResult:
    """For the record: whose sequence, and what it rests on. Only ``verified`` ones go without a warning."""
    return CheckResult(
        "pack_sequence",
        facts.link == "open",
        message=f"{facts.family} wants its own voltage outside before it closes: not possible on this bench",
        remedy="close the contactors by the station's relays (contactors: station)",
        source="battery",
        warning="" if facts.evidence == "verified" else "engine.pack_sequence_unverified",
        facts={"family": facts.family, "evidence": facts.evidence, "confirms": facts.confirms},
    )


def cutoff_open(confirmed: bool) -> CheckResult:
    """The station's own contactor must be open while the pack's close."""
    return CheckResult(
        "pack_cutoff_open",
        confirmed,
        message="the guard does not confirm that the cut-off is open",
        remedy="check the relay board and its feedback contact",
        source="bench",
    )


def dead_before(terminals_V: float | None, closed: bool | None) -> CheckResult:
    """Nothing may stand at the terminals of a pack whose contactors are open."""
    dead = terminals_V is not None and abs(terminals_V) <= TOUCH_SAFE_V and closed is not True
    seen = "no reading" if terminals_V is None else f"{terminals_V:.1f} V"
    return CheckResult(
        "pack_contactor_welded",
        dead,
        terminals_V,
        TOUCH_SAFE_V,
        "V",
        f"{seen} at the pack's terminals before its contactors were closed: one is closed or welded",
        "do not touch: take the service disconnect off, measure the pack's contactors",
        source="battery",
    )


def step_done(name: str, took_s: float, limit_s: float) -> CheckResult:
    """One step of a sequence; for the record."""
    return CheckResult("pack_step", True, took_s, limit_s, "s", source="battery", facts={"step": name})


def step_failed(fault: ContactorFault) -> CheckResult:
    """Why the pack's contactors did not follow."""
    facts: dict[str, Any] = {key: fault.params[key] for key in ("step", "seen") if key in fault.params}
    return CheckResult(
        f"pack_{fault.finding}",
        False,
        _number(fault.params.get("waited_s")),
        fault.params.get("limit_s"),
        "s",
        fault.message,
        _REMEDY[fault.finding],
        source="battery",
        facts=facts,
    )


def joined(terminals_V: float | None, pack_V: float) -> CheckResult:
    """By a voltmeter of high resistance: the right voltage the right way round, before anything is joined."""
    if terminals_V is not None and terminals_V < REVERSED_V:
        return reversed_leads(terminals_V)
    limit_V = max(BMS_AGREEMENT_V, BMS_AGREEMENT_FRACTION * abs(pack_V))
    differs_V = None if terminals_V is None else abs(terminals_V - pack_V)
    seen = "no reading" if terminals_V is None else f"{terminals_V:.1f} V"
    return CheckResult(
        "pack_joined",
        differs_V is not None and differs_V <= limit_V,
        differs_V,
        limit_V,
        "V",
        f"the pack's contactors should be closed: {seen} at the terminals, the pack has {pack_V:.1f} V",
        "a contactor has not closed, a fuse is blown or a lead is off: check the pack's fuse and the leads",
        source="battery",
    )


def still_closed(closed: bool | None) -> CheckResult:
    """When the station comes to open them: a pack that says it is open already has opened by itself."""
    return CheckResult(
        "pack_opened_itself",
        closed is not False,
        message="the pack has opened its contactors by itself before the station did",
        remedy="read its trouble codes; check that the frames that keep it awake reach it",
        source="battery",
    )


def dead_after(terminals_V: float | None, waited_s: float, closed: bool | None) -> CheckResult:
    """After opening, nothing stands at the terminals and the pack does not say that it is closed."""
    dead = terminals_V is not None and abs(terminals_V) <= TOUCH_SAFE_V and closed is not True
    seen = "no reading" if terminals_V is None else f"{terminals_V:.1f} V"
    return CheckResult(
        "pack_contactor_welded",
        dead,
        terminals_V,
        TOUCH_SAFE_V,
        "V",
        f"{seen} at the pack's terminals {waited_s:.1f} s after its contactors were opened",
        "do not touch: take the service disconnect off; a contactor of the pack is welded",
        source="battery",
        facts={"waited_s": round(waited_s, 2)},
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
