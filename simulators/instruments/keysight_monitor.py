"""The 34970A's monitor: the present reading of one channel, scan or no scan.

Facts (grade C): an open client (``ROUTe:MONitor (@ch)``, ``:STATe``, ``:DATA?``). Chosen here: only a channel
that was configured can be monitored, each question measures anew, and while it is off there are no data.
"""

from __future__ import annotations

from simulators.instruments.keysight_memory import Reading
from simulators.instruments.keysight_unit import KeysightUnit
from simulators.scpi import parameters
from simulators.scpi.errors import ScpiError, out_of_range, settings_conflict


class Monitor:
    """Which channel, and whether it is watched."""

    def __init__(self, unit: KeysightUnit) -> None:
        self._unit = unit
        self._channel: int | None = None
        self._on = False
        add = unit.table.add
        add("ROUTe:MONitor", self._choose)
        add("ROUTe:MONitor:STATe", self._switch)
        add("ROUTe:MONitor:STATe?", lambda _: f"{self._on:d}")
        add("ROUTe:MONitor:DATA?", lambda _: self._reading())

    def _choose(self, text: str) -> None:
        channels = parameters.channel_list(text)
        if len(channels) != 1:
            raise out_of_range()
        if channels[0] not in self._unit.setups:
            raise settings_conflict()
        self._channel = channels[0]

    def _switch(self, text: str) -> None:
        on = parameters.boolean(text)
        if on and self._channel is None:
            raise settings_conflict()
        self._on = on

    def _reading(self) -> str:
        unit, channel = self._unit, self._channel
        if not self._on or channel is None or channel not in unit.setups:
            raise ScpiError(-230, "Data stale")
        unit.circuit.advance()
        now_s = unit.circuit.time_s
        reading = Reading(unit.measure(channel, now_s), unit.unit_of(channel), now_s, channel)
        return unit.form.text([reading], unit.scan_start_s, unit.stamp)
