"""Command table of the simulated 34970A."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from simulators.instruments.keysight_memory import Reading, block, stamp_text
from simulators.instruments.keysight_setup import VOLT_RANGES_V, ChannelSetup
from simulators.instruments.keysight_unit import KeysightUnit
from simulators.scpi import parameters
from simulators.scpi.errors import ScpiError, illegal_parameter, out_of_range, settings_conflict
from simulators.scpi.status import StatusModel
from simulators.scpi.table import Later

_SENSORS = ("TCouple", "TC", "RTD", "FRTD", "THERmistor", "THER")
_MAXIMUM_SWEEPS = 50000
_TIMER_S, _LONGEST_TIMER_S = 10.0, 359999.0


def register(unit: KeysightUnit) -> None:
    """Add all commands."""
    add = unit.table.add
    add("*OPC?", lambda _: Later(lambda: not unit.scanning, lambda: "1"))
    add("*TRG", lambda _: unit.software_trigger())
    add("STATus:OPERation:CONDition?", lambda _: f"{_operation(unit):+d}")
    add("STATus:QUEStionable:CONDition?", lambda _: f"{_questionable(unit):+d}")
    StatusModel(
        unit,
        identity=unit.options.identity_of_model,
        reset=unit.reset,
        operation=lambda: _operation(unit),
        questionable=lambda: _questionable(unit),
        error_text=_error,
    )
    add("SYSTem:PRESet", lambda _: unit.reset())
    _calendar(unit)
    _scan_list(unit)
    _configure(unit)
    _trigger(unit)
    _readout(unit)
    _format(unit)


def _error(error: ScpiError | None) -> str:
    return '+0,"No error"' if error is None else f'{error.code},"{error.text}"'


def _questionable(unit: KeysightUnit) -> int:
    return unit.memory.overflowed << 12


def _operation(unit: KeysightUnit) -> int:
    bits = 16 if unit.scanning else 0
    if unit.waiting_for_trigger:
        bits |= 32
    return bits


def _calendar(unit: KeysightUnit) -> None:
    def now() -> datetime:
        return unit.stamp(unit.circuit.clock.now_s())

    def change(**fields: int) -> None:
        try:
            unit.epoch += now().replace(**fields) - now()  # type: ignore[arg-type]
        except ValueError as error:
            raise out_of_range() from error

    def set_date(text: str) -> None:
        year, month, day = _three(text)
        change(year=int(year), month=int(month), day=int(day))

    def set_time(text: str) -> None:
        hour, minute, second = _three(text)
        change(hour=int(hour), minute=int(minute), second=int(second), microsecond=round(second % 1 * 1e6))

    add = unit.table.add
    add("SYSTem:DATE", set_date)
    add("SYSTem:DATE?", lambda _: f"{now():%Y,%m,%d}")
    add("SYSTem:TIME", set_time)
    add("SYSTem:TIME?", lambda _: stamp_text(now()).split(",", 3)[3])
    add("SYSTem:TIME:SCAN?", lambda _: stamp_text(unit.stamp(unit.scan_start_s)))


def _three(text: str) -> tuple[float, float, float]:
    parts = parameters.split(text)
    if len(parts) != 3:
        raise ScpiError(-109, "Missing parameter")
    try:
        return float(parts[0]), float(parts[1]), float(parts[2])
    except ValueError as error:
        raise ScpiError(-104, "Data type error") from error


def _scan_list(unit: KeysightUnit) -> None:
    def answer(_: str) -> str:
        return block("(@" + ",".join(map(str, unit.scan_list)) + ")")

    def extend(text: str) -> None:
        unit.set_scan_list([*unit.scan_list, *_channels(text)])

    unit.table.add("ROUTe:SCAN", lambda text: unit.set_scan_list(_channels(text)))
    unit.table.add("ROUTe:SCAN?", answer)
    unit.table.add("ROUTe:SCAN:SIZE?", lambda _: f"{len(unit.scan_list):+d}")
    if unit.options.accept_scan_add:
        unit.table.add("ROUTe:SCAN:ADD", extend)


def _channels(text: str) -> list[int]:
    channels = parameters.channel_list(text)
    if any(channel // 100 not in (1, 2, 3) or not 1 <= channel % 100 <= 40 for channel in channels):
        raise out_of_range()
    return channels


def _configure(unit: KeysightUnit) -> None:
    def volt(text: str) -> None:
        setup, channels = _volt_setup(text)
        unit.configure(channels, setup)

    def temperature(text: str) -> None:
        setup, channels = _temperature_setup(text)
        unit.configure(channels, setup)

    def measured(configure: Callable[[str], None]) -> Callable[[str], Later]:
        def measure(text: str) -> Later:
            configure(text)
            return _read(unit)

        return measure

    add = unit.table.add
    add("CONFigure:VOLTage[:DC]", volt)
    add("CONFigure:TEMPerature", temperature)
    add("MEASure:VOLTage[:DC]?", measured(volt))
    add("MEASure:TEMPerature?", measured(temperature))

    def per_channel(apply: Callable[[ChannelSetup, str], None]) -> Callable[[str], None]:
        def write(text: str) -> None:
            parts = parameters.split(text)
            value = "" if not parts or parts[0].startswith("(") else parts[0]
            listed = parts[-1] if parts and parts[-1].startswith("(") else None
            chosen = _channels(listed) if listed is not None else unit.scan_list
            for channel in chosen:
                if channel not in unit.setups:
                    raise settings_conflict()
                apply(unit.setups[channel], value)

        return write

    def set_nplc(setup: ChannelSetup, text: str) -> None:
        setup.nplc = parameters.number(text, 0.02, 200.0, 1.0)

    def set_delay(setup: ChannelSetup, text: str) -> None:
        setup.delay_s = parameters.number(text, 0.0, 60.0, unit="S")

    def set_automatic_delay(setup: ChannelSetup, text: str) -> None:
        if parameters.boolean(text):
            setup.delay_s = None

    def set_unit(setup: ChannelSetup, text: str) -> None:
        setup.unit = parameters.word(text, ("C", "F", "K"))

    def set_junction(setup: ChannelSetup, text: str) -> None:
        setup.junction = parameters.word(text, ("INTernal", "EXTernal", "FIXed"))[:3].upper()

    def set_type(setup: ChannelSetup, text: str) -> None:
        setup.sensor = parameters.word(text, tuple("BEJKNRST"))

    def set_range(setup: ChannelSetup, text: str) -> None:
        setup.range_V = _volt_range(text)

    def asked(show: Callable[[ChannelSetup], str]) -> Callable[[str], str]:
        """The query: one answer for each channel of the list, or of the scan list without one."""

        def read(text: str) -> str:
            channels = _channels(text) if text else unit.scan_list
            if not channels or any(channel not in unit.setups for channel in channels):
                raise settings_conflict()
            return ",".join(show(unit.setups[channel]) for channel in channels)

        return read

    def both(
        header: str, apply: Callable[[ChannelSetup, str], None], show: Callable[[ChannelSetup], str]
    ) -> None:
        add(header, per_channel(apply))
        add(f"{header}?", asked(show))

    both("[SENSe:]VOLTage[:DC]:NPLCycles", set_nplc, lambda setup: f"{setup.nplc:+.8E}")
    both("[SENSe:]TEMPerature:NPLCycles", set_nplc, lambda setup: f"{setup.nplc:+.8E}")
    both("[SENSe:]VOLTage[:DC]:RANGe", set_range, lambda setup: f"{setup.range_V or VOLT_RANGES_V[0]:+.8E}")
    for name in ("TCouple", "TC"):
        prefix = f"[SENSe:]TEMPerature:TRANsducer:{name}"
        both(f"{prefix}:RJUNction:TYPE", set_junction, lambda setup: setup.junction)
        both(f"{prefix}:TYPE", set_type, lambda setup: setup.sensor)
    both("ROUTe:CHANnel:DELay", set_delay, lambda setup: f"{setup.delay_s or 0.0:+.8E}")
    both("ROUTe:CHANnel:DELay:AUTO", set_automatic_delay, lambda setup: f"{setup.delay_s is None:d}")
    both("UNIT:TEMPerature", set_unit, lambda setup: setup.unit)
    add("[SENSe:]FUNCtion?", asked(lambda setup: f'"{setup.function}"'))


def _volt_setup(text: str) -> tuple[ChannelSetup, list[int]]:
    *values, listed = parameters.split(text) or [""]
    return ChannelSetup("VOLT", _volt_range(values[0]) if values else None), _channels(listed)


def _volt_range(text: str) -> float | None:
    if text.upper() in ("AUTO", "DEF", "DEFAULT"):
        return None
    wanted = parameters.number(text, VOLT_RANGES_V[0], VOLT_RANGES_V[-1], unit="V")
    return next(r for r in VOLT_RANGES_V if wanted <= r)


def _temperature_setup(text: str) -> tuple[ChannelSetup, list[int]]:
    *values, listed = parameters.split(text) or [""]
    setup = ChannelSetup("TEMP")
    if values and values[0].upper() not in ("DEF", "DEFAULT"):
        sensor = parameters.word(values[0], _SENSORS)
        if sensor in ("TC", "TCouple") and len(values) > 1:
            kind = parameters.word(values[1], (*"BEJKNRST", "DEF"))
            setup.sensor = setup.sensor if kind == "DEF" else kind
    return setup, _channels(listed)


def _trigger(unit: KeysightUnit) -> None:
    def source(text: str) -> None:
        word = parameters.word(text, ("IMMediate", "BUS", "TIMer", "EXTernal", "ALARm1"))
        if word == "ALARm1":
            raise settings_conflict()
        unit.trigger_source = "".join(c for c in word if not c.islower())

    def timer(text: str) -> None:
        unit.trigger_timer_s = parameters.number(text, 0.0, _LONGEST_TIMER_S, _TIMER_S, unit="S")

    def asked_timer(text: str) -> str:
        limits = (0.0, _LONGEST_TIMER_S, _TIMER_S)
        return f"{parameters.asked_limit(text, *limits) if text else unit.trigger_timer_s:+.8E}"

    def count(text: str) -> None:
        infinite = text.strip().upper() in ("INF", "INFINITY")
        unit.trigger_count = None if infinite else int(parameters.number(text, 1, _MAXIMUM_SWEEPS, 1))

    def asked_count(text: str) -> str:
        if text:
            return f"{parameters.asked_limit(text, 1, _MAXIMUM_SWEEPS, 1):+.8E}"
        return f"{9.9e37 if unit.trigger_count is None else unit.trigger_count:+.8E}"

    add = unit.table.add
    add("TRIGger:SOURce", source)
    add("TRIGger:SOURce?", lambda _: unit.trigger_source)
    add("TRIGger:TIMer", timer)
    add("TRIGger:TIMer?", asked_timer)
    add("TRIGger:COUNt", count)
    add("TRIGger:COUNt?", asked_count)
    add("INITiate", lambda _: unit.initiate())
    add("ABORt", lambda _: unit.abort())


def _read(unit: KeysightUnit) -> Later:
    if unit.trigger_source in ("BUS", "EXT") or unit.trigger_count is None:
        raise settings_conflict()
    unit.initiate()
    return _fetch(unit)


def _fetch(unit: KeysightUnit) -> Later:
    if not unit.scanning and not len(unit.memory):
        raise ScpiError(-230, "Data stale")
    return Later(
        lambda: not unit.scanning,
        lambda: unit.form.text(_counted(unit, unit.memory.all()), unit.scan_start_s, unit.stamp),
    )


def _counted(unit: KeysightUnit, readings: list[Reading]) -> list[Reading]:
    """The readings, one too few or too many where the fault says so."""
    if "count_wrong" not in unit.faults.active:
        return readings
    return readings[:-1] if unit.faults.number("count_wrong") < 0.5 else [*readings, readings[-1]]


def _readout(unit: KeysightUnit) -> None:
    def text_of(count: int) -> str:
        return unit.form.text(unit.memory.remove(count), unit.scan_start_s, unit.stamp)

    def erase_block(text: str) -> str:
        wanted = int(parameters.number(text, 1, 50000)) if text else len(unit.memory)
        return block(text_of(wanted))

    def remove(text: str) -> str:
        wanted = int(parameters.number(text, 1, 50000))
        if wanted > len(unit.memory):
            raise out_of_range()
        return text_of(wanted)

    def last(text: str) -> str:
        parts = parameters.split(text)
        listed = parts[-1] if parts and parts[-1].startswith("(") else None
        channels = _channels(listed) if listed is not None else unit.scan_list[-1:]
        readings = [reading for channel in channels if (reading := unit.memory.last(channel)) is not None]
        if not readings:
            raise ScpiError(-230, "Data stale")
        return unit.form.text(readings, unit.scan_start_s, unit.stamp)

    def read(text: str) -> Later:
        if text:
            unit.set_scan_list(_channels(text))
        return _read(unit)

    add = unit.table.add
    add("READ?", read)
    add("FETCh?", lambda _: _fetch(unit))
    add("R?", erase_block)
    add("DATA:POINts?", lambda _: f"{len(unit.memory):+d}")
    add("DATA:REMove?", remove)
    add("DATA:LAST?", last)


def _format(unit: KeysightUnit) -> None:
    form = unit.form

    def switch(name: str, header: str) -> None:
        def write(text: str) -> None:
            setattr(form, name, parameters.boolean(text))

        unit.table.add(f"FORMat:READing:{header}", write)
        unit.table.add(f"FORMat:READing:{header}?", lambda _: "1" if getattr(form, name) else "0")

    switch("unit", "UNIT")
    switch("time", "TIME")
    switch("channel", "CHANnel")
    switch("alarm", "ALARm")

    def time_type(text: str) -> None:
        word = parameters.word(text, ("ABSolute", "RELative"))
        if not word:
            raise illegal_parameter()
        form.absolute = word == "ABSolute"

    unit.table.add("FORMat:READing:TIME:TYPE", time_type)
    unit.table.add("FORMat:READing:TIME:TYPE?", lambda _: "ABS" if form.absolute else "REL")
