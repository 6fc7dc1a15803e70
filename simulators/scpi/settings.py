"""Plain SCPI settings of a simulated instrument by header: numbers, switches, words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulators.scpi import parameters
from simulators.scpi.table import CommandTable

Listener = Callable[[str, float], None]


@dataclass(frozen=True)
class Number:
    """Key, header, lowest, highest, power-on value, decimals in answers."""

    key: str
    header: str
    low: float
    high: float
    default: float
    decimals: int = 3


class Settings:
    """Values by key. ``suffix`` units are cut from parameters; ``changed`` is called before each change."""

    def __init__(self, table: CommandTable, changed: Listener, *, suffixes: tuple[str, ...] = ()) -> None:
        self._table = table
        self._changed = changed
        self._suffixes = suffixes
        self._defaults: dict[str, float] = {}
        self._words: dict[str, str] = {}
        self._word_defaults: dict[str, str] = {}
        self.values: dict[str, float] = {}

    def __getitem__(self, key: str) -> float:
        return self.values[key]

    def word(self, key: str) -> str:
        """A setting that is a word."""
        return self._words[key]

    def reset(self) -> None:
        """Power-on values."""
        self.values = dict(self._defaults)
        self._words = dict(self._word_defaults)

    def number(
        self, text: str, low: float, high: float, default: float | None = None, unit: str = ""
    ) -> float:
        """A number with or without one of the instrument's units; raises ScpiError."""
        upper = text.strip().upper()
        for unit in self._suffixes:
            if upper.endswith(unit) and upper[: -len(unit)].strip()[-1:].isdigit():
                text = upper[: -len(unit)]
                break
        return parameters.number(text, low, high, default, unit)

    def add_number(self, spec: Number, *, limit: Callable[[], float] | None = None, unit: str = "") -> None:
        """Header and its query, with MIN, MAX and DEF; ``limit``: a highest value that moves."""
        self._defaults[spec.key] = self.values[spec.key] = spec.default

        suffix = parameters.unit_of(spec.header)

        def highest() -> float:
            return spec.high if limit is None else min(spec.high, limit())

        def write(text: str) -> None:
            value = self.number(text, spec.low, highest(), spec.default, suffix)
            self._changed(spec.key, value)
            self.values[spec.key] = value

        def read(text: str) -> str:
            value = self.values[spec.key]
            if text:
                value = parameters.asked_limit(text, spec.low, highest(), spec.default)
            return f"{value:.{spec.decimals}f}{unit}"

        self._table.add(spec.header, write)
        self._table.add(spec.header + "?", read)

    def add_range(self, key: str, header: str, ranges: tuple[float, ...], default: float) -> None:
        """A number that becomes the smallest range that holds it."""
        self._defaults[key] = self.values[key] = default

        def write(text: str) -> None:
            value = parameters.number(text, 0.0, ranges[-1], default, parameters.unit_of(header))
            chosen = next(top for top in ranges if value <= top)
            self._changed(key, chosen)
            self.values[key] = chosen

        self._table.add(header, write)

        def read(text: str) -> str:
            value = self.values[key]
            if text:
                value = parameters.asked_limit(text, ranges[0], ranges[-1], default)
            return f"{value:g}"

        self._table.add(header + "?", read)

    def add_switch(self, key: str, header: str, *, default: bool = False) -> None:
        """ON, OFF, 1, 0; answered 1 or 0."""
        self._defaults[key] = self.values[key] = float(default)

        def write(text: str) -> None:
            value = float(parameters.boolean(text))
            self._changed(key, value)
            self.values[key] = value

        self._table.add(header, write)
        self._table.add(header + "?", lambda _: f"{self.values[key]:.0f}")

    def add_word(self, key: str, header: str, choices: tuple[str, ...], default: str) -> None:
        """One of ``choices``, each written as in ``CURRent``; answered in upper case, whole."""
        self._word_defaults[key] = self._words[key] = default

        def write(text: str) -> None:
            chosen = parameters.word(text, choices).upper()
            self._changed(key, 0.0)
            self._words[key] = chosen

        self._table.add(header, write)
        self._table.add(header + "?", lambda _: self._words[key])
