"""Whose export a table is, by its banner and its headers."""

from __future__ import annotations

from collections.abc import Sequence


def dialect_of(banner: Sequence[str], headers: Sequence[str]) -> str | None:
    """``arbin``, ``maccor``, ``biologic``, ``neware``, or None.

    Arbin: ``Test_Time(s)`` with ``Step_Index``; Maccor: ``Rec#`` or ``Cyc#`` with a state; BioLogic: the
    banner of EC-Lab or BT-Lab; Neware: ``Capacitance_Chg`` or its step and record columns.
    Headers as shown in public import scripts of these exports; no maker's document was available.
    """
    names = {header.strip().strip('"').strip().lower().replace("_", " ") for header in headers}
    first = banner[0].strip().lower() if banner else ""
    if first.startswith(("ec-lab ascii", "bt-lab ascii")) or {"ox/red", "time/s"} <= names:
        return "biologic"
    if any(name.startswith("test time") for name in names) and "step index" in names:
        return "arbin"
    if names & {"rec#", "rec", "cyc#", "cycle p"} and names & {"state", "md", "es"}:
        return "maccor"
    if any(name.startswith(("capacitance chg", "chg. cap", "工步类型")) for name in names):
        return "neware"
    return None
