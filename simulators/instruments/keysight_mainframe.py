"""The 34970A's mainframe: cards in its slots, the internal multimeter, display, local and remote control.

Not in the sources of this simulator but common to clients of this family: ``SYSTem:CTYPe?`` tells the card
in a slot, ``INSTrument:DMM?`` that the multimeter is on, ``CONFigure?`` how channels are configured. Chosen
here: a slot with a channel wired to something has a 34901A, another is empty; the multimeter stays on; the
display, remote and local control and ``*PSC`` change nothing.
"""

from __future__ import annotations

from simulators.instruments.keysight_setup import VOLT_RANGES_V, ChannelSetup
from simulators.instruments.keysight_unit import KeysightUnit
from simulators.scpi import parameters
from simulators.scpi.errors import out_of_range, settings_conflict

_SLOTS = (100, 200, 300)
_DIGITS = 3e-6
"""Resolution as a part of the range, at one power line cycle."""


class Mainframe:
    """What is asked of the instrument as a whole."""

    def __init__(self, unit: KeysightUnit) -> None:
        self._unit = unit
        self._text = ""
        add = unit.table.add
        add("SYSTem:CTYPe?", self._card)
        add("INSTrument:DMM[:STATe]?", lambda _: "1")
        add("INSTrument:DMM:INSTalled?", lambda _: "1")
        add("INSTrument:DMM[:STATe]", self._multimeter)
        add("CONFigure?", self._configured)
        for header in (
            "SYSTem:LOCal",
            "SYSTem:REMote",
            "SYSTem:RWLock",
            "DISPlay",
            "DISPlay:TEXT:CLEar",
            "*PSC",
        ):
            add(header, lambda _: None)
        add("DISPlay?", lambda _: "1")
        add("DISPlay:TEXT", lambda text: setattr(self, "_text", text.strip("\"'")))
        add("DISPlay:TEXT?", lambda _: f'"{self._text}"')

    def _card(self, text: str) -> str:
        slot = int(parameters.number(text, 100, 300))
        if slot not in _SLOTS:
            raise out_of_range()
        wired = any(number // 100 == slot // 100 for number in self._unit.options.channels)
        return "HEWLETT-PACKARD,34901A,0,2.3" if wired else "HEWLETT-PACKARD,0,0,0"

    def _multimeter(self, text: str) -> None:
        if not parameters.boolean(text):
            raise settings_conflict()

    def _configured(self, text: str) -> str:
        channels = parameters.channel_list(text) if text else self._unit.scan_list
        setups = self._unit.setups
        if any(channel not in setups for channel in channels):
            raise settings_conflict()
        return ",".join(_shown(setups[channel]) for channel in channels)


def _shown(setup: ChannelSetup) -> str:
    if setup.function == "TEMP":
        return f'"TEMP TC,{setup.sensor},+1.000000E+00,{_DIGITS:+.6E}"'
    range_V = setup.range_V or VOLT_RANGES_V[0]
    return f'"VOLT {range_V:+.6E},{range_V * _DIGITS:+.6E}"'
