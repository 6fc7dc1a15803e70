"""What label printers have in common: a fresh link for each job, the state first, then one sending."""

from __future__ import annotations

import time
from abc import abstractmethod

from drivers.contracts.printer import (
    Bitmap,
    LabelPrinter,
    PrinterState,
    PrinterStatus,
    not_ready,
    uncertain,
)
from drivers.errors import OutOfRange, TransportError
from drivers.spec import DriverOptions
from drivers.transports.open_raw import open_raw
from drivers.transports.raw import RawLink

COPIES_MAX = 20
_LOOK_S = 0.05


class PrinterOptions(DriverOptions):
    """``answer_s``: how long a state may take; ``finish_s``: how long one label may take; both in s.

    ``width_max`` is the width of the head in dots; wider labels are refused.
    """

    answer_s: float = 1.0
    finish_s: float = 10.0
    width_max: int = 832
    dots_per_mm: float = 8.0
    gap_mm: float = 2.0


class RawPrinter(LabelPrinter):
    """A printer on a byte link. A lost link is opened again for the next question, never within a label."""

    def __init__(self, address: str, options: PrinterOptions) -> None:
        self.address = address
        self._options = options
        self._link: RawLink | None = open_raw(address)

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def status(self) -> PrinterStatus:
        # A question may be repeated without harm, and printers hang up on idle clients.
        for last in (False, True):
            try:
                return self._ask_status(self._connected())
            except TransportError as error:
                self.close()
                if last:
                    return PrinterStatus(PrinterState.SILENT, error.message)
        raise AssertionError("unreachable")

    def print_label(self, bitmap: Bitmap, copies: int = 1) -> None:
        if not 1 <= copies <= COPIES_MAX or bitmap.width > self._options.width_max:
            raise OutOfRange(
                f"{self.address}: {copies} labels of {bitmap.width} dots: at most {COPIES_MAX} labels and "
                f"{self._options.width_max} dots",
                remedy="Use a smaller label or a wider printer.",
                address=self.address,
                value=bitmap.width,
            )
        before = self.status()
        if before.state not in (PrinterState.READY, PrinterState.BUSY):
            raise not_ready(self.address, before)
        job = self._job(bitmap, copies)
        try:
            self._connected().send(job)
        except TransportError as error:
            self.close()
            raise uncertain(self.address, PrinterState.SILENT, error.message) from error
        self._wait_until_out(copies)

    def _wait_until_out(self, copies: int) -> None:
        deadline = time.monotonic() + self._options.finish_s * copies
        while True:
            now = self.status()
            if now.state is PrinterState.READY and not now.waiting:
                return
            if now.state not in (PrinterState.READY, PrinterState.BUSY):
                raise uncertain(self.address, now.state, f"{now.state.value} {now.detail}".rstrip())
            if time.monotonic() > deadline:
                raise uncertain(self.address, now.state, "it does not come to an end")
            time.sleep(_LOOK_S)

    def _connected(self) -> RawLink:
        if self._link is None:
            self._link = open_raw(self.address)
        return self._link

    @abstractmethod
    def _ask_status(self, link: RawLink) -> PrinterStatus:
        """One question, one state. Raises TransportError when the link fails."""

    @abstractmethod
    def _job(self, bitmap: Bitmap, copies: int) -> bytes:
        """The label in the printer's language."""
