"""What can go wrong between the station and an instrument, named by cause.

Every error carries a stable ``code`` and ``params``, so that a message
catalogue can say it in any language, and ``remedy``: what a person does next.
"""

from __future__ import annotations

from typing import Any


class DriverError(Exception):
    """Base of every driver error."""

    code = "driver.error"

    def __init__(self, message: str, *, remedy: str = "", **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.params: dict[str, Any] = params


class TransportError(DriverError):
    """The link failed: refused, lost, timed out, or garbled."""

    code = "driver.transport"


class InstrumentError(DriverError):
    """The instrument itself reported an error (``error_code``, ``text`` in params)."""

    code = "driver.instrument"


class WrongInstrument(DriverError):
    """What answers at the address is not the instrument the bench file names."""

    code = "driver.wrong_instrument"


class OutOfRange(DriverError):
    """A setting beyond the instrument's range was asked for. Nothing was sent."""

    code = "driver.out_of_range"


class NoReading(DriverError):
    """No valid number came back: sentinel, overload, NaN, stale or unparsable."""

    code = "driver.no_reading"


class Unsupported(DriverError):
    """The instrument cannot do this at all (see its Capabilities)."""

    code = "driver.unsupported"
