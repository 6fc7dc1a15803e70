"""Label printers: one bitmap, printed once, and a state that is asked for, never assumed."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum

from drivers.contracts.common import Instrument
from drivers.errors import InstrumentError, TransportError


class PrinterState(StrEnum):
    """What a printer says of itself. ``SILENT``: no answer, which is also how some say "paper out"."""

    READY = "ready"
    BUSY = "busy"
    PAPER_OUT = "paper_out"
    RIBBON_OUT = "ribbon_out"
    HEAD_OPEN = "head_open"
    PAUSED = "paused"
    FAULT = "fault"
    SILENT = "silent"


REMEDIES = {
    PrinterState.BUSY: "Wait until the labels before it are out.",
    PrinterState.PAPER_OUT: "Load labels, close the cover, press the printer's feed key.",
    PrinterState.RIBBON_OUT: "Load a ribbon, or set the printer to direct thermal.",
    PrinterState.HEAD_OPEN: "Close the print head.",
    PrinterState.PAUSED: "Press the printer's pause key to let it go on.",
    PrinterState.FAULT: "Look at the printer's display; switch it off and on if it says nothing.",
    PrinterState.SILENT: "Check power, cable and address; look for missing labels or an open head as well.",
}


@dataclass(frozen=True)
class Bitmap:
    """One label: ``rows`` holds ``height`` rows of ``width / 8`` bytes, rounded up.

    The highest bit is leftmost and 1 is black; the spare bits at a row's end are 0.
    """

    width: int
    height: int
    rows: bytes

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.rows) != self.row_bytes * self.height:
            raise ValueError(f"{len(self.rows)} bytes are not {self.width} x {self.height} dots")

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8


@dataclass(frozen=True)
class PrinterStatus:
    """A state, and what the printer or the link said about it. ``waiting``: labels not yet printed."""

    state: PrinterState
    detail: str = ""
    waiting: int | None = None


class PrinterNotReady(InstrumentError):
    """The printer cannot print now (``state`` in params). Nothing was sent."""

    code = "driver.printer_not_ready"


class PrintUncertain(TransportError):
    """The label was sent, at least in part, and it is not known whether it was printed.

    Nothing is sent again by itself: a person looks, because two labels are as wrong as none.
    """

    code = "driver.print_uncertain"


def not_ready(address: str, status: PrinterStatus) -> PrinterNotReady:
    """Build the error of a printer that cannot print now."""
    return PrinterNotReady(
        f"{address}: the label printer is not ready: {status.state.value} {status.detail}".rstrip(),
        remedy=REMEDIES.get(status.state, ""),
        address=address,
        state=status.state.value,
        error_code=status.state.value,
        text=status.detail,
    )


def uncertain(address: str, state: PrinterState, why: object) -> PrintUncertain:
    """Build the error of a label of which nobody knows whether it came out."""
    return PrintUncertain(
        f"{address}: the label was sent, but it is not known whether it was printed: {why}",
        remedy="Look at the printer: a label that it holds comes out once it can print again. "
        "Print again only when none has come.",
        address=address,
        state=state.value,
        why=str(why),
    )


class LabelPrinter(Instrument):
    """A printer for labels of one size, one at a time."""

    @abstractmethod
    def status(self) -> PrinterStatus:
        """Ask the printer. An answer that does not come is the state ``SILENT``; nothing is raised for it."""

    @abstractmethod
    def print_label(self, bitmap: Bitmap, copies: int = 1) -> None:
        """Print ``copies`` of a label and wait until the printer has none of it left.

        Raises PrinterNotReady (nothing was sent), PrintUncertain (sent, outcome unknown; never repeated
        here), OutOfRange (wider than the head).
        """
