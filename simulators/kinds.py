"""Which instruments can be simulated, by the names that a bench simulation uses."""

from __future__ import annotations

from typing import get_args

from simulators.config import CodeScanner, Instrument, LabelPrinter


def kinds() -> frozenset[str]:
    """``relay`` is the bench's relay module; ``zpl`` and ``tspl`` are label printers."""
    union, *_ = get_args(Instrument)
    found = {"relay", *get_args(CodeScanner.model_fields["kind"].annotation)}
    found.update(get_args(LabelPrinter.model_fields["kind"].annotation))
    for model in get_args(union):
        found.update(get_args(model.model_fields["kind"].annotation))
    return frozenset(found)
