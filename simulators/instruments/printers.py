"""The label printers of a simulated bench."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from simulators.config import LabelPrinter
from simulators.instruments.label_printer import Language, Printer, PrinterServer
from simulators.instruments.tspl_language import TsplLanguage
from simulators.instruments.zpl_language import ZplLanguage


def build_printers(wanted: Sequence[LabelPrinter]) -> dict[str, PrinterServer]:
    """By id; none of them listens yet. Raises ValueError when two have the same id."""
    found: dict[str, PrinterServer] = {}
    for settings in wanted:
        if settings.id in found:
            raise ValueError(f"two printers are called {settings.id!r}")
        found[settings.id] = PrinterServer(
            Printer(settings.id), partial(_language, settings), host=settings.host, port=settings.port
        )
    return found


def _language(settings: LabelPrinter, printer: Printer) -> Language:
    if settings.kind == "zpl":
        return ZplLanguage(printer)
    return TsplLanguage(printer, dots_per_mm=settings.dots_per_mm)
