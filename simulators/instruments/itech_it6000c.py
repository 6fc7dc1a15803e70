"""Simulated ITECH IT6000C / IT-M3900C: bidirectional supply with voltage or current priority.

Facts: an open driver tested live on an IT6054C-800-225, a driver that quotes the vendor's guide, and page 19
of the IT-M3400 guide. In voltage priority ``CURR?`` answers the positive limit, in current priority ``VOLT?``
the high limit; ``VOLT:LIM`` is writable only in current priority and ``CURR:LIM`` only in voltage priority;
a change of priority copies the active setting into the other priority's limit; settings are rounded to the
resolution. LIST is not simulated: its syntax is not verified. Not stated and chosen here: error numbers
(SCPI's), that any valid command reloads the watchdog, its range, the protections' settable ranges, that a
warm-up counts from the output's going on, that ``OUTPut?`` tells the terminals while a delay of the output
runs, that ``*RST`` goes to voltage priority with all settings 0 and full limits, and that a positive current
never sinks. The battery test, of which only the commands are known, is described in its own module.
"""

from __future__ import annotations

from simulators.instruments.itech_commands import register
from simulators.instruments.itech_unit import ItechOptions, ItechUnit
from simulators.wiring import Circuit

__all__ = ["ItechIt6000C", "ItechOptions"]


class ItechIt6000C(ItechUnit):
    """One unit in a channel's circuit."""

    def __init__(self, options: ItechOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(options, circuit, seed=seed)
        register(self)
