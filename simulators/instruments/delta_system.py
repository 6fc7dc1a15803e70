"""The SM15K's watchdog, integrator, status and sequencer commands."""

from __future__ import annotations

from simulators.instruments.delta_counters import WATCHDOG_MAXIMUM_MS, WATCHDOG_MINIMUM_MS, WATCHDOG_TEST_MS
from simulators.instruments.delta_unit import ALARM_BITS, DeltaUnit
from simulators.scpi import parameters
from simulators.scpi.errors import ScpiError, illegal_parameter, settings_conflict


def register_system(unit: DeltaUnit) -> None:
    """Add the SYSTem, STATus, PROGram and integrator commands to the unit's table."""
    add = unit.table.add
    add("MEASure:INStrument", lambda text: _integrate(unit, text))
    add("SYSTem:COMmunicate:WATchdog", lambda text: _watchdog(unit, text))
    add("SYSTem:COMmunicate:WATchdog?", lambda _: str(unit.watchdog.state_ms()))
    add("SYSTem:WARning?", lambda _: "0,None")
    add("SYSTem:RSD[:STAtus]", lambda text: _shutdown(unit, text))
    add("SYSTem:RSD[:STAtus]?", lambda _: "1" if unit.shutdown else "0")
    add("SYSTem:FROntpanel[:STAtus]", lambda text: _lock(unit, text))
    add("SYSTem:FROntpanel[:STAtus]?", lambda _: "1" if unit.front_locked else "0")
    add("SYSTem:FROntpanel:HIGhlight", lambda _: None)
    add("SYSTem:FUNCtion:SELect", lambda text: _function(unit, text))
    add("SYSTem:FUNCtion:SELect?", lambda _: "DIRECT")
    for name, told in (("TYPe", "DIRECT"), ("SETting", "0")):
        add(f"SYSTem:FUNCtion:{name}", lambda text: _function(unit, text))
        add(f"SYSTem:FUNCtion:{name}?", lambda _, told=told: told)  # type: ignore[misc]
    add("STATus:REGister:A?", lambda _: str(_register_a(unit)))
    add("STATus:REGister:B?", lambda _: str(_register_b(unit)))
    clock: dict[str, str] = {}
    _remembered(unit, clock, "SYSTem:FROntpanel:CONtrols", 1, "", "0")
    _remembered(unit, clock, "SYSTem:TIMe", 3, ":", "UNKNOWN")
    _remembered(unit, clock, "SYSTem:DATe", 3, "-", "UNKNOWN")
    sequencer = unit.sequencer
    add("PROGram:CATalog?", lambda _: "".join(f"{name}\n" for name in sequencer.catalogue()))
    add("PROGram:SELected:NAMe", lambda text: sequencer.select(text))
    add("PROGram:SELected:NAMe?", lambda _: sequencer.selected)
    add("PROGram:SELected:STEp", lambda text: _step(unit, text))
    add("PROGram:SELected:STEp?", lambda _: _all_steps(unit))
    add("PROGram:SELected:LABel", lambda text: _label(unit, text))
    add("PROGram:SELected:DELete", lambda _: sequencer.delete())
    add("PROGram:SELected:STAte", lambda text: _state(unit, text))
    add("PROGram:SELected:STAte?", lambda _: sequencer.state_text)
    add("PROGram:SAVe", lambda _: sequencer.save())
    add("TRIGger:IMMediate", lambda _: _trigger(unit))


def _remembered(
    unit: DeltaUnit, store: dict[str, str], header: str, parts: int, joint: str, otherwise: str
) -> None:
    def write(text: str) -> None:
        values = parameters.split(text)
        if len(values) != parts:
            raise ScpiError(-109, "Missing parameter")
        store[header] = joint.join(values)

    unit.table.add(header, write)
    unit.table.add(f"{header}?", lambda _: store.get(header, otherwise))


def _integrate(unit: DeltaUnit, text: str) -> str | None:
    unit.settle()
    return unit.integrators.handle(text)


def _watchdog(unit: DeltaUnit, text: str) -> str | None:
    word, _, value = text.replace(" ", "").upper().partition(",")
    if word == "SET?":
        return str(unit.watchdog.setting_ms)
    if word == "SET":
        milliseconds = parameters.number(value, WATCHDOG_MINIMUM_MS, WATCHDOG_MAXIMUM_MS)
        unit.watchdog.setting_ms = round(milliseconds)
        unit.watchdog.arm(unit.watchdog.setting_ms)
    elif word == "STOP":
        unit.watchdog.stop()
    elif word == "TEST":
        unit.watchdog.arm(WATCHDOG_TEST_MS)
    else:
        raise illegal_parameter()
    return None


def _shutdown(unit: DeltaUnit, text: str) -> None:
    wanted = parameters.boolean(text)
    unit.settle()
    unit.shutdown = wanted
    unit.circuit.changed()


def _function(unit: DeltaUnit, text: str) -> None:
    if not text.strip():
        raise ScpiError(-109, "Missing parameter")
    if text.strip().upper() == "DIRECT":
        return
    # Any other function turns the output off; what it would then do is not simulated.
    unit.settle()
    unit.switch_off()
    raise settings_conflict()


def _lock(unit: DeltaUnit, text: str) -> None:
    unit.front_locked = parameters.boolean(text)


def _register_a(unit: DeltaUnit) -> int:
    bits = 0
    drive = unit.drive(unit.true_voltage_V())
    if drive is not None:
        current_A = unit.true_current_A()
        at_limit = not drive.lowest_A * (1 - 1e-9) < current_A < drive.highest_A * (1 - 1e-9)
        limit_A = unit.effective("SC") if current_A >= 0 else unit.effective("SCN")
        if not at_limit:
            bits |= 1 << 0
        elif abs(current_A) >= abs(limit_A) * (1 - 1e-6):
            bits |= 1 << 1
        else:
            bits |= 1 << 2
    for bit, names in ((3, ("SV",)), (4, ("SC", "SCN")), (5, ("SP", "SPN"))):
        if any(unit.limits[name][1] and unit.effective(name) != unit.setpoints[name] for name in names):
            bits |= 1 << bit
    bits |= sum(1 << bit for name, bit in ALARM_BITS.items() if name in unit.faults.active)
    bits |= unit.shutdown << 12 | unit.output_on << 13 | unit.front_locked << 14
    return bits


def _register_b(unit: DeltaUnit) -> int:
    bits = sum((unit.sources[loop] != "Local") << bit for bit, loop in enumerate(("CV", "CC", "CP")))
    bits |= unit.sequencer.running << 3 | unit.sequencer.waits_for_trigger << 4 | unit.protection << 14
    return bits


def _step(unit: DeltaUnit, text: str) -> str | None:
    if text.endswith("?"):
        wanted = text[:-1].strip()
        if not wanted:
            return _all_steps(unit)
        step = unit.sequencer.steps().get(_integer(wanted))
        return "" if step is None else f"{wanted} {step.text}"
    number, _, word = text.partition(" ")
    unit.sequencer.store(_integer(number), word)
    return None


def _all_steps(unit: DeltaUnit) -> str:
    return "".join(f"{number} {step.text}\n" for number, step in sorted(unit.sequencer.steps().items()))


def _label(unit: DeltaUnit, text: str) -> None:
    name, _, number = text.partition(",")
    unit.sequencer.label(name.strip(), _integer(number))


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ScpiError(-104, "Data type error") from error


def _state(unit: DeltaUnit, text: str) -> str | None:
    if text.replace(" ", "").upper() == "ACTIVE?":
        return unit.sequencer.active_text
    word = parameters.word(text, ("RUN", "PAUSe", "CONTinue", "NEXT", "STOP"))
    unit.settle()
    now_s = unit.circuit.time_s
    sequencer = unit.sequencer
    if word == "RUN":
        sequencer.run(now_s)
    elif word == "PAUSe":
        sequencer.pause(now_s)
    elif word == "CONTinue":
        sequencer.resume(now_s)
    elif word == "NEXT":
        sequencer.next(now_s)
    else:
        sequencer.stop()
    unit.circuit.advance()
    return None


def _trigger(unit: DeltaUnit) -> None:
    unit.settle()
    unit.sequencer.trigger(unit.circuit.time_s)
