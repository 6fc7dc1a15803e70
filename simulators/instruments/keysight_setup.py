"""How a channel of the scanner is set up."""

from __future__ import annotations

from typing import Literal

VOLT_RANGES_V = (0.1, 1.0, 10.0, 100.0, 300.0)


class ChannelSetup:
    """How one channel is configured: function, range, unit."""

    def __init__(self, function: Literal["VOLT", "TEMP"] = "VOLT", range_V: float | None = None) -> None:
        self.function = function
        self.range_V = range_V
        self.nplc = 1.0
        self.delay_s: float | None = None
        self.unit = "C"
        self.sensor, self.junction = "K", "INT"
