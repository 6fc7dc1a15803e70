"""Numeric settings with the whole SCPI grammar: ``2A``, ``500 mV``, ``1.5k``, ``? MAX``."""

from __future__ import annotations

from collections.abc import Callable

from simulators.scpi.errors import ScpiError
from simulators.scpi.parameters import limit_word, number
from simulators.scpi.table import CommandTable


def add_number(
    table: CommandTable,
    header: str,
    *,
    read: Callable[[], float],
    write: Callable[[float], None],
    span: Callable[[], tuple[float, float]],
    show: Callable[[float], str],
    unit: str = "",
    default: float | None = None,
) -> None:
    """A numeric setting with its query, which also answers ``? MIN``, ``? MAX``, ``? DEF``."""

    def set_it(text: str) -> None:
        write(number(text, *span(), default, unit))

    def tell(text: str) -> str:
        if not text:
            return show(read())
        if limit_word(text) is None:
            raise ScpiError(-224, "Illegal parameter value")
        return show(number(text, *span(), default, unit))

    table.add(header, set_it)
    table.add(f"{header}?", tell)
