"""The DL3021's plain settings: header, range, number format and power-on answer of each."""

from __future__ import annotations

from simulators.instruments.rigol_store import LIST_LIMIT, Setting
from simulators.instruments.rigol_unit import RigolUnit
from simulators.scpi import parameters
from simulators.scpi.errors import ScpiError, out_of_range

_LIST_MODES = ("CC", "CV", "CR", "CP")


def _settings(load: RigolUnit) -> list[Setting]:
    amps, volts, watts = load.options.current_max_A, load.options.voltage_max_V, load.options.power_max_W
    found = [
        Setting("CURR:LEV", "CURRent[:LEVel][:IMMediate][:AMPLitude]", 0, amps, 0, 4),
        Setting("CURR:VON", "CURRent:VON", 0, volts, 0, 3),
        Setting("CURR:SLEWB", "CURRent:SLEW[:BOTH]", 0.001, 2.5, 0.001, 3),
        Setting("CURR:SLEWP", "CURRent:SLEW:POSitive", 0.0, 2.5, 0.0, 3),
        Setting("CURR:SLEWN", "CURRent:SLEW:NEGative", 0.0, 2.5, 0.0, 3),
        Setting("VOLT:LEV", "VOLTage[:LEVel][:IMMediate][:AMPLitude]", 0, volts, 0, 3),
        Setting("RES:LEV", "RESistance[:LEVel][:IMMediate][:AMPLitude]", 0.08, 15000, 2, 3),
        Setting("POW:LEV", "POWer[:LEVel][:IMMediate][:AMPLitude]", 0, watts, 0, 3),
        Setting("TRAN:ALEV", "CURRent:TRANsient:ALEVel", 0, amps, 0, 4),
        Setting("TRAN:BLEV", "CURRent:TRANsient:BLEVel", 0, amps, 0, 4),
        Setting("TRAN:AWID", "CURRent:TRANsient:AWIDth", 0, 999, 0, 6),
        Setting("TRAN:BWID", "CURRent:TRANsient:BWIDth", 0, 999, 0, 6),
        Setting("TRAN:FREQ", "CURRent:TRANsient:FREQuency", 0.001, 30000, 0.001, 6),
        Setting("TRAN:PER", "CURRent:TRANsient:PERiod", 0.0001, 1000, 1000, 6),
        Setting("TRAN:ADUT", "CURRent:TRANsient:ADUTy", 5, 95, 50, 0),
        Setting("LIST:COUN", "LIST:COUNt", 0, 99999, 1, 0),
        Setting("LIST:STEP", "LIST:STEP", 1, LIST_LIMIT, 2, 0),
        Setting("BATT:LEV", "BATTary[:LEVel][:IMMediate]", 0, amps, 0, 4),
        Setting("BATT:VST", "BATTary:VSTop", 0, volts, 0, 3),
        Setting("BATT:CST", "BATTary:CSTop", 0, 999, 0, 3),
        Setting("BATT:TIM", "BATTary:TIMestop", 0, 100000, 0, 0),
        Setting("BATT:VON", "BATTary:VON", 0, volts, 0.5, 3),
        Setting("OCP:RANG", "OCP:RANGe", 0, amps, amps, 0),
        Setting("OCP:VON", "OCP:VON", 0, volts, 0.010, 3),
        Setting("OCP:VOND", "OCP:VONDelay", 0, 9999, 500, 0),
        Setting("OCP:ISET", "OCP:ISET", 0, amps, 0, 4),
        Setting("OCP:IST", "OCP:ISTep", 0, amps, 1, 4),
        Setting("OCP:IDEL", "OCP:IDELaystep", 0, 9999, 500, 0),
        Setting("OCP:IMAX", "OCP:IMAX", 0, amps, 10, 4),
        Setting("OCP:IMIN", "OCP:IMIN", 0, amps, 9, 4),
        Setting("OCP:VOCP", "OCP:VOCP", 0, volts, 0.5, 3),
        Setting("OCP:TOCP", "OCP:TOCP", 0, 9999, 500, 0),
        Setting("OPP:RANG", "OPP:RANGe", 0, amps, amps, 0),
        Setting("OPP:VON", "OPP:VON", 0, volts, 0.010, 3),
        Setting("OPP:VOND", "OPP:VONDelay", 0, 9999, 500, 0),
        Setting("OPP:PSET", "OPP:PSET", 0, watts, 0, 3),
        Setting("OPP:PST", "OPP:PSTep", 0, watts, 1, 3),
        Setting("OPP:PDEL", "OPP:PDELaystep", 0, 9999, 500, 0),
        Setting("OPP:PMAX", "OPP:PMAX", 0, watts, 100, 3),
        Setting("OPP:PMIN", "OPP:PMIN", 0, watts, 90, 3),
        Setting("OPP:VOPP", "OPP:VOPP", 0, volts, 0.5, 3),
        Setting("OPP:TOPP", "OPP:TOPP", 0, 9999, 500, 0),
    ]
    for key, header in (("CURR", "CURRent"), ("VOLT", "VOLTage"), ("RES", "RESistance"), ("POW", "POWer")):
        found.append(Setting(f"{key}:VLIM", f"{header}:VLIMt", 0, 155, 155, 3))
        found.append(Setting(f"{key}:ILIM", f"{header}:ILIMt", 0, 70, 70, 4))
    return found


def register_settings(load: RigolUnit) -> None:
    """Add the plain settings, ranges, switches and the LIST to the load's table."""
    for setting in _settings(load):
        _number(load, setting)
    low_A, high_A = load.options.current_low_range_A, load.options.current_max_A
    _range(load, "CURR:RANG", "CURRent:RANGe", (low_A, high_A), low_A)
    _range(load, "VOLT:RANG", "VOLTage:RANGe", (15.0, 150.0), 150.0)
    _range(load, "RES:RANG", "RESistance:RANGe", (15.0, 15000.0), 15000.0)
    _range(load, "LIST:RANG", "LIST:RANGe", (low_A, high_A), high_A)
    _range(load, "BATT:RANG", "BATTary:RANGe", (low_A, high_A), high_A)
    for key, header in (
        ("SENS", "SENSe[:STATe]"),
        ("BATT:VEN", "BATTary:VENabstop"),
        ("BATT:CEN", "BATTary:CENabstop"),
        ("BATT:TEN", "BATTary:TENabstop"),
    ):
        _switch(load, key, header)
    table, store = load.table, load.settings
    table.add("[SOURce:]CURRent:TRANsient:MODE", lambda text: _transient_mode(load, text))
    table.add("[SOURce:]CURRent:TRANsient:MODE?", lambda _: store.transient_mode)
    table.add("[SOURce:]LIST:MODE", lambda text: _list_mode(load, text))
    table.add("[SOURce:]LIST:MODE?", lambda _: store.list_mode)
    table.add("[SOURce:]LIST:END", lambda text: _list_end(load, text))
    table.add("[SOURce:]LIST:END?", lambda _: store.list_end)
    for column, header in (("LEV", "LEVel"), ("WID", "WIDth"), ("SLEW", "SLEW")):
        _list_column(load, column, header)
    table.add("[SOURce:]WAVe:TIMe", lambda text: _word(text, ("ADD", "SUB")))
    table.add("[SOURce:]WAVe:TIMe?", lambda _: "0S")
    table.add("[SOURce:]WAVe:TSTep", lambda text: _word(text, ("1", "10")))
    table.add("[SOURce:]WAVe:TSTep?", lambda _: "0")


def _word(text: str, choices: tuple[str, ...]) -> None:
    parameters.word(text, choices)


def _number(load: RigolUnit, setting: Setting) -> None:
    store = load.settings
    store.define(setting.key, setting.default)
    unit = parameters.unit_of(setting.header)
    in_range = {"CURR:LEV": "CURR:RANG", "VOLT:LEV": "VOLT:RANG"}.get(setting.key)

    def high() -> float:
        return setting.high if in_range is None else min(setting.high, store[in_range])

    def write(text: str) -> None:
        value = parameters.number(text, setting.low, high(), setting.default, unit)
        load.settle()
        store[setting.key] = value
        if setting.key == "TRAN:FREQ":
            store["TRAN:PER"] = 1.0 / value
        elif setting.key == "TRAN:PER":
            store["TRAN:FREQ"] = 1.0 / value
        load.circuit.changed()

    def read(text: str) -> str:
        value = store[setting.key]
        if text:
            value = parameters.asked_limit(text, setting.low, high(), setting.default)
        return f"{value:.{setting.decimals}f}"

    load.table.add(f"[SOURce:]{setting.header}", write)
    load.table.add(f"[SOURce:]{setting.header}?", read)


def _range(load: RigolUnit, key: str, header: str, ranges: tuple[float, float], default: float) -> None:
    store = load.settings
    store.define(key, default)

    def write(text: str) -> None:
        value = parameters.number(text, 0.0, ranges[1], default, parameters.unit_of(header))
        chosen = ranges[0] if value <= ranges[0] else ranges[1]
        if key == "CURR:RANG" and store["CURR:LEV"] > chosen:
            load.settle()
            store["CURR:LEV"] = chosen
            load.circuit.changed()
        store[key] = chosen

    load.table.add(f"[SOURce:]{header}", write)

    def read(text: str) -> str:
        value = parameters.asked_limit(text, ranges[0], ranges[1], default) if text else store[key]
        return f"{value:.0f}"

    load.table.add(f"[SOURce:]{header}?", read)


def _switch(load: RigolUnit, key: str, header: str) -> None:
    store = load.settings
    store.define(key, 0.0)

    def write(text: str) -> None:
        value = float(parameters.boolean(text))
        load.settle()
        store[key] = value
        load.circuit.changed()

    load.table.add(f"[SOURce:]{header}", write)
    load.table.add(f"[SOURce:]{header}?", lambda _: f"{store[key]:.0f}")


def _transient_mode(load: RigolUnit, text: str) -> None:
    load.settings.transient_mode = parameters.word(text, ("CONTinuous", "PULSe", "TOGGle")).upper()[:4]


def _list_mode(load: RigolUnit, text: str) -> None:
    load.settings.list_mode = parameters.word(text, _LIST_MODES)


def _list_end(load: RigolUnit, text: str) -> None:
    load.settings.list_end = parameters.word(text, ("LAST", "OFF"))


def _list_column(load: RigolUnit, column: str, header: str) -> None:
    values = load.settings.list_columns[column]
    highest = {"LEV": 15000.0, "WID": 100000.0, "SLEW": 2.5}[column]

    def write(text: str) -> None:
        parts = parameters.split(text)
        if len(parts) != 2:
            raise ScpiError(-109, "Missing parameter")
        number = int(parameters.number(parts[0], 0, LIST_LIMIT))
        value = parameters.number(parts[1], 0.0, highest, unit={"WID": "S", "SLEW": ""}.get(column, "A"))
        if column == "LEV" and load.settings.list_mode == "CC" and value > load.settings["LIST:RANG"]:
            raise out_of_range()
        values[number] = value

    def read(text: str) -> str:
        number = int(parameters.number(text, 0, LIST_LIMIT))
        return f"{values.get(number, 0.0):.4f}"

    load.table.add(f"[SOURce:]LIST:{header}", write)
    load.table.add(f"[SOURce:]LIST:{header}?", read)
