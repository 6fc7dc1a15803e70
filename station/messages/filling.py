"""Fills the facts of a case into a text; a fact that is missing never spoils the sentence."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

MISSING = "–"
COMMAND_LINE = " (command line)"
"""Behind the name of who did something there."""


def _own(told: Mapping[str, Any]) -> str:
    return str(told.get("message") or told.get("code") or MISSING)


class Filler(string.Formatter):
    """``str.format`` for shop-floor texts.

    Beyond the usual: an unknown or empty fact is written as a dash, a pair as "a–b", texts in a row with
    commas, a word that the language has a name for by that name (also in front of a colon), and a format that
    begins with ``milli`` multiplies by 1000 first (ohm to mΩ). A fact that is itself an error
    (``station.errors.told``) is said by ``tell``.
    """

    def __init__(self, words: Mapping[str, str], tell: Callable[[Mapping[str, Any]], str] = _own) -> None:
        super().__init__()
        self._words, self._tell = words, tell

    def fill(self, text: str, params: Mapping[str, Any]) -> str:
        """``text`` with all its facts."""
        return self.vformat(text, (), params)

    def knows_all(self, text: str, params: Mapping[str, Any]) -> bool:
        """True when every fact that ``text`` asks for is there."""
        names = [name for _, name, _, _ in self.parse(text) if name]
        return all(params.get(name) not in (None, "", [], ()) for name in names)

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """A fact; None when it is missing."""
        del args
        return kwargs.get(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        """One fact as text."""
        if value is None or value == "":
            return MISSING
        if isinstance(value, Mapping):
            return self._tell(value)
        if isinstance(value, (list, tuple)) and any(isinstance(part, Mapping) for part in value):
            return "; ".join(dict.fromkeys(self.format_field(part, "") for part in value))
        if isinstance(value, (list, tuple)):
            if value and all(isinstance(part, str) for part in value):
                return ", ".join(self.format_field(part, format_spec) for part in value)
            return "–".join(self.format_field(part, format_spec) for part in value)
        if isinstance(value, str):
            return self._word(value)
        try:
            if format_spec.startswith("milli"):
                value, format_spec = value * 1000, format_spec.removeprefix("milli")
            return str(format(value, format_spec))
        except (TypeError, ValueError):
            return str(value)  # a fact of another kind than the text expects is shown as it is

    def _word(self, value: str) -> str:
        if value.endswith(COMMAND_LINE):  # a person, and where they were
            return value.removesuffix(COMMAND_LINE) + self._words.get(COMMAND_LINE, COMMAND_LINE)
        if value in self._words:
            return self._words[value]
        head, colon, rest = value.partition(": ")
        return f"{self._words[head]}: {rest}" if colon and head in self._words else value
