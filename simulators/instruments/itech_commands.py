"""The commands of the simulated IT6000C."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulators.instruments.itech_unit import ItechUnit
from simulators.scpi import parameters
from simulators.scpi.errors import settings_conflict
from simulators.scpi.quantity import add_number
from simulators.scpi.status import StatusModel

WATCHDOG_S = (1.0, 3600.0)
_LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"


def register(unit: ItechUnit) -> None:
    """Add all."""
    options, add = unit.options, unit.table.add
    StatusModel(
        unit,
        identity=lambda: f"ITECH Electronics,{options.model},{options.serial},{options.firmware},640.R,132.R",
        reset=unit.reset,
        operation=unit.operation,
        questionable=lambda: unit.tripped,
        version=f"{options.model.split('-')[0]}Src-v1.3.7",
    )
    add("SYSTem:REMote", lambda _: _remote(unit, True))
    add("SYSTem:LOCal", lambda _: _remote(unit, False))
    add("SYSTem:RWLock", lambda _: _remote(unit, True))
    _priority(unit)
    _levels(unit)
    _protections(unit)
    _output(unit)
    _measure(unit)
    _battery(unit)


def _remote(unit: ItechUnit, wanted: bool) -> None:
    unit.remote = wanted


def _changing(unit: ItechUnit, action: Callable[[], None]) -> None:
    unit.settle()
    action()
    unit.circuit.changed()


def _priority(unit: ItechUnit) -> None:
    def choose(text: str) -> None:
        word = parameters.word(text, ("VOLTage", "CURRent"))
        _changing(unit, lambda: unit.choose("VOLT" if word == "VOLTage" else "CURR"))

    def mode(text: str) -> None:
        # The others exist on the instrument; what they then do is not verified, so they are not played here.
        word = parameters.word(text, ("FIXed", "LIST", "BATTery", "SOLar", "CARProfile"))
        if word not in ("FIXed", "BATTery"):
            raise settings_conflict()
        _changing(unit, lambda: setattr(unit, "mode", "BATT" if word == "BATTery" else "FIX"))

    add = unit.table.add
    add("[SOURce:]FUNCtion", choose)
    add("[SOURce:]FUNCtion?", lambda _: "VOLTage" if unit.priority == "VOLT" else "CURRent")
    add("[SOURce:]FUNCtion:MODE", mode)
    add("[SOURce:]FUNCtion:MODE?", lambda _: unit.mode)


def _levels(unit: ItechUnit) -> None:
    options = unit.options

    def rounded(value: float, quantity: str) -> float:
        step = {"V": options.step_V, "A": options.step_A, "W": 1.0}[quantity]
        return round(value / step) * step

    def show(quantity: str) -> Callable[[float], str]:
        return lambda value: f"{value:.{0 if quantity == 'W' else 3}f}"

    def put(store: dict[str, float], key: str, value: float, quantity: str) -> None:
        _changing(unit, lambda: store.__setitem__(key, rounded(value, quantity)))

    def voltage() -> float:
        return unit.level["VOLT"] if unit.priority == "VOLT" else unit.limits["VOLT+"]

    def current() -> float:
        return unit.level["CURR"] if unit.priority == "CURR" else unit.limits["CURR+"]

    def level(header: str, name: str, quantity: str, low: float, read: Callable[[], float]) -> None:
        # In the other priority the number is kept for later, as on the instrument its limit answers.
        add_number(
            unit.table, header, read=read, write=lambda value: put(unit.level, name, value, quantity),
            span=lambda: (low * unit.top[quantity], unit.top[quantity]),
            show=show(quantity), unit=quantity, default=0.0,
        )  # fmt: skip

    def limit(header: str, key: str, quantity: str, needs: str) -> None:
        def write(value: float) -> None:
            if needs and unit.priority != needs:
                raise settings_conflict()
            put(unit.limits, key, value, quantity)

        def span() -> tuple[float, float]:
            top = unit.top[quantity]
            return (-top, 0.0) if key in ("CURR-", "POW-") else (0.0, top)

        add_number(
            unit.table, header, read=lambda: unit.limits[key], write=write, span=span,
            show=show(quantity), unit=quantity,
        )  # fmt: skip

    def slew(header: str) -> None:
        add_number(
            unit.table, header, read=lambda: unit.slew.get(header, 1.0),
            write=lambda value: unit.slew.__setitem__(header, value),
            span=lambda: (0.001, 1000.0), show=show("V"),
        )  # fmt: skip

    for name, quantity, low, read in (("VOLT", "V", 0.0, voltage), ("CURR", "A", -1.0, current)):
        header = {"VOLT": "VOLTage", "CURR": "CURRent"}[name]
        level(f"[SOURce:]{header}{_LEVEL}", name, quantity, low, read)
    for header, key, quantity, needs in (
        ("CURRent:LIMit[:POSitive]", "CURR+", "A", "VOLT"),
        ("CURRent:LIMit:NEGative", "CURR-", "A", "VOLT"),
        ("VOLTage:LIMit[:HIGH]", "VOLT+", "V", "CURR"),
        ("VOLTage:LIMit:LOW", "VOLT-", "V", "CURR"),
        ("POWer:LIMit[:POSitive]", "POW+", "W", ""),
        ("POWer:LIMit:NEGative", "POW-", "W", ""),
    ):
        limit(f"[SOURce:]{header}", key, quantity, needs)
    for header in (
        "VOLTage:SLEW:POSitive",
        "VOLTage:SLEW:NEGative",
        "CURRent:SLEW:POSitive",
        "CURRent:SLEW:NEGative",
    ):
        slew(f"[SOURce:]{header}")


def _protections(unit: ItechUnit) -> None:
    for headers, name, quantity in (
        (("VOLTage:PROTection", "VOLTage:OVER:PROTection"), "VOLT", "V"),
        (("CURRent:PROTection", "CURRent:OVER:PROTection"), "CURR", "A"),
        (("POWer:PROTection",), "POW", "W"),
        (("VOLTage:UNDer:PROTection",), "VOLT:UND", "V"),
        (("CURRent:UNDer:PROTection",), "CURR:UND", "A"),
    ):
        for header in headers:
            _protection(unit, f"[SOURce:]{header}", name, quantity)


def _protection(unit: ItechUnit, header: str, name: str, quantity: str) -> None:
    def state(text: str) -> None:
        unit.guards[name].on = parameters.boolean(text)

    add_number(
        unit.table, f"{header}[:LEVel]", read=lambda: unit.guards[name].level,
        write=lambda value: setattr(unit.guards[name], "level", value),
        span=lambda: (-unit.top["A"] if name == "CURR:UND" else 0.0, unit.top[quantity] * 1.1),
        show=lambda value: f"{value:.3f}", unit=quantity,
    )  # fmt: skip
    add_number(
        unit.table, f"{header}:DELay", read=lambda: unit.guards[name].delay_s,
        write=lambda value: setattr(unit.guards[name], "delay_s", value),
        span=lambda: (0.0, 60.0), show=lambda value: f"{value:.3f}", unit="S",
    )  # fmt: skip
    if name.endswith(":UND"):
        add_number(
            unit.table, f"{header}:WARM", read=lambda: unit.guards[name].warm_s,
            write=lambda value: setattr(unit.guards[name], "warm_s", value),
            span=lambda: (0.0, 3600.0), show=lambda value: f"{value:.3f}", unit="S",
        )  # fmt: skip
    unit.table.add(f"{header}:STATe", state)
    unit.table.add(f"{header}:STATe?", lambda _: str(int(unit.guards[name].on)))


def _output(unit: ItechUnit) -> None:
    def sense(text: str) -> None:
        wanted = parameters.boolean(text)
        _changing(unit, lambda: setattr(unit, "sense", wanted))

    def delay(value: float) -> None:
        unit.watchdog_s = value
        if unit.watchdog_on:
            unit.guard_host(True)

    add = unit.table.add
    add("OUTPut[:STATe]", lambda text: unit.set_output(parameters.boolean(text)))
    add("OUTPut[:STATe]?", lambda _: str(int(unit.output_on)))
    add("OUTPut:REVerse?", lambda _: "0")
    add("OUTPut:PROTection:CLEar", lambda _: unit.clear_protection())
    add("OUTPut:PROTection:WDOG[:STATe]", lambda text: unit.guard_host(parameters.boolean(text)))
    add("OUTPut:PROTection:WDOG[:STATe]?", lambda _: str(int(unit.watchdog_on)))
    add_number(
        unit.table, "OUTPut:PROTection:WDOG:DELay", read=lambda: unit.watchdog_s, write=delay,
        span=lambda: WATCHDOG_S, show=lambda value: f"{value:.3f}", unit="S", default=30.0,
    )  # fmt: skip
    for edge in ("RISE", "FALL"):
        add_number(
            unit.table, f"OUTPut:DELay:{edge}", read=lambda edge=edge: unit.delays[edge],  # type: ignore[misc]
            write=lambda value, edge=edge: unit.delays.__setitem__(edge, value),  # type: ignore[misc]
            span=lambda: (0.0, 10.0), show=lambda value: f"{value:.3f}", unit="S", default=0.0,
        )  # fmt: skip
    for header in ("SENSe[:REMote][:STATe]", "SOURce:REMote:SENSe[:STATe]"):
        add(header, sense)
        add(f"{header}?", lambda _: str(int(unit.sense)))


def _asked(show: Callable[[str], str], quantity: str, _: str) -> str:
    return show(quantity)


def _measure(unit: ItechUnit) -> None:
    def show(quantity: str) -> str:
        volt, ampere = unit.true_voltage_V(), unit.true_current_A()
        true = {"V": volt, "A": ampere, "W": volt * ampere}[quantity]
        return unit.readings.show(quantity, true, "%.5f")

    def five(_: str) -> str:
        return ",".join([show("V"), show("A"), show("W"), f"{unit.charge_Ah:.5f}", f"{unit.energy_Wh:.5f}"])

    def forget(_: str) -> None:
        unit.settle()
        unit.charge_Ah = unit.energy_Wh = 0.0

    add = unit.table.add
    for header, quantity in (("VOLTage", "V"), ("CURRent", "A"), ("POWer", "W")):
        for verb in ("MEASure", "FETCh"):
            add(f"{verb}[:SCALar]:{header}[:DC]?", partial(_asked, show, quantity))
    add("MEASure:AHOur?", lambda _: f"{unit.charge_Ah:.5f}")
    add("MEASure:WHOur?", lambda _: f"{unit.energy_Wh:.5f}")
    add("FETCh:UUT:TEMPerature?", lambda _: "31.0")
    add("SENSe:AHOur:RESet", forget)
    if unit.options.combined_fetch:
        add("FETCh[:SCALar]?", five)


def _battery(unit: ItechUnit) -> None:
    """The battery test of the IT-M3900: what it is told; it runs while ``FUNCtion:MODE`` is BATTery."""

    def direction(text: str) -> None:
        word = parameters.word(text, ("CHARge", "DISCharge"))
        _changing(unit, lambda: setattr(unit.battery, "charging", word == "CHARge"))

    def number(header: str, key: str, high: float, suffix: str) -> None:
        def write(value: float) -> None:
            _changing(unit, lambda: unit.battery.numbers.__setitem__(key, value))

        add_number(
            unit.table, header, read=lambda: unit.battery.numbers[key], write=write,
            span=lambda: (0.0, high), show=lambda value: f"{value:.3f}", unit=suffix, default=0.0,
        )  # fmt: skip

    unit.table.add("BATTery:MODE", direction)
    unit.table.add("BATTery:MODE?", lambda _: "CHAR" if unit.battery.charging else "DISC")
    volt, ampere = unit.top["V"], unit.top["A"]
    for part in ("CHARge", "DISCharge", "SHUT"):
        number(f"BATTery:{part}:VOLTage", f"{part[:4].upper()}:VOLT", volt, "V")
        number(f"BATTery:{part}:CURRent", f"{part[:4].upper()}:CURR", ampere, "A")
    number("BATTery:SHUT:CAPacity", "SHUT:CAP", 99999.0, "AH")
    number("BATTery:SHUT:TIME", "SHUT:TIME", 999999.0, "S")
