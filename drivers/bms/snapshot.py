"""The store of a pack as the snapshot that the station's contract asks for."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bms.signals import Reading, SignalStore
from drivers.contracts.bms import BmsSignal, BmsSnapshot

#: where a family tells a quantity by another name only, the first of these that is known stands in
_INSTEAD = {
    "pack_voltage_V": ("pack_voltage_diagnostic_V", "pack_voltage_coarse_V", "module_voltage_V"),
    "current_A": ("current_diagnostic_A", "module_current_A"),
    "soc_pct": ("soc_diagnostic_pct", "soc_coarse_pct", "soc_shown_pct", "soc_cell_min_pct"),
    "temperature_degC": ("temperature_max_degC", "cell_temperature_degC"),
}
_FAULTS = ("two_packs", "counter_frozen")
RECENT_S = 2.0


def snapshot_of(
    store: SignalStore,
    now_s: float,
    link_fault: str = "",
    gives_cells: bool = True,
    missing: Sequence[str] = (),
) -> BmsSnapshot:
    """The newest of everything with its age; every value is None once the link is lost.

    ``missing``: messages that the pack has stopped sending.
    """
    readings = store.readings()
    plain = {r.name: r for r in readings if r.number is None}
    numbered: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.number is not None:
            numbered.setdefault(reading.name, []).append(reading)
    signals = {name: _signal(r, now_s) for name, r in plain.items() if not isinstance(r.value, str)}
    for name, others in _INSTEAD.items():
        if name not in signals:
            found = _instead(name, others, plain, numbered, now_s)
            if found is not None:
                signals[name] = found
    per_volt, volts = signals.get("insulation_ohm_per_V"), signals.get("pack_voltage_V")
    if per_volt and volts and "insulation_ohm" not in signals:
        both = per_volt.value is not None and volts.value is not None
        ohm = per_volt.value * volts.value if both else None  # type: ignore[operator]
        signals["insulation_ohm"] = BmsSignal(ohm, per_volt.age_s, "ohm")
    balancing = _balancing(plain, now_s)
    if balancing is not None:
        signals["balancing_active"] = balancing
    cells = sorted(numbered.get("cell_voltage_V", []), key=lambda r: r.number or 0)
    whole = bool(cells) and [r.number for r in cells] == list(range(1, len(cells) + 1))
    faults = [*store.faults(), *(f"message_missing: {name}" for name in missing)]
    faults += [
        f"{found.kind}: {found.where}"
        for found in store.findings()
        if found.kind in _FAULTS and now_s - found.last_s < RECENT_S
    ]
    if link_fault:
        faults.insert(0, link_fault)
        signals = {
            name: BmsSignal(None, s.age_s, s.unit, s.resolution, s.arrived_s) for name, s in signals.items()
        }
        whole = False
    values = [r.value for r in cells if isinstance(r.value, float)] if whole else []
    return BmsSnapshot(
        signals,
        tuple(dict.fromkeys(faults)),
        tuple(values) if len(values) == len(cells) else (),
        max((r.age_s(now_s) for r in cells), default=float("inf")),
        gives_cells,
        tuple(r.age_s(now_s) for r in cells) if whole else (),
        cells[0].resolution if cells else None,
        tuple(r.t_s for r in cells) if whole else (),
    )


def _balancing(plain: dict[str, Reading], now_s: float) -> BmsSignal | None:
    """1 while any cell is balanced, 0 while none is, by whatever the family tells of it; None where it tells
    nothing."""
    told: list[tuple[bool, Reading]] = []
    for name in ("balancing_active", "balancing_low", "balancing_high", "balancing", "mode"):
        reading = plain.get(name)
        if reading is None or reading.value is None:
            continue
        if isinstance(reading.value, float):
            if name != "mode":
                told.append((reading.value > 0, reading))
        elif name == "mode":
            told.append((reading.value == "balancing", reading))
        elif name == "balancing":
            told.append((bool(reading.value.strip("0")), reading))
    if not told:
        return None
    newest = max((reading for _, reading in told), key=lambda one: one.t_s)
    return BmsSignal(float(any(on for on, _ in told)), newest.age_s(now_s), "", 1.0, newest.t_s)


def _signal(reading: Reading, now_s: float) -> BmsSignal:
    value = reading.value if isinstance(reading.value, float) else None
    return BmsSignal(value, reading.age_s(now_s), reading.unit, reading.resolution, reading.t_s)


def _instead(
    name: str,
    others: tuple[str, ...],
    plain: dict[str, Reading],
    numbered: dict[str, list[Reading]],
    now_s: float,
) -> BmsSignal | None:
    several = numbered.get(name, [])
    for other in others:
        if other in plain:
            return _signal(plain[other], now_s)
        several = several or numbered.get(other, [])
    values = [r.value for r in several if isinstance(r.value, float)]
    if not values:
        return None
    # Modules of one battery are parallel: voltages agree and currents add up. Of sensors the warmest counts.
    if name == "current_A":
        value = sum(values)
    else:
        value = max(values) if name == "temperature_degC" else sum(values) / len(values)
    oldest = min(several, key=lambda r: r.t_s)
    return BmsSignal(value, oldest.age_s(now_s), oldest.unit, oldest.resolution, oldest.t_s)
