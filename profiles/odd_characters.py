"""Characters that look like those of a profile and are others: of a Chinese keyboard, or invisible."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_PLAIN = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "、": ",", "。": ".", "—": "-", "–": "-", "−": "-",
    "【": "[", "】": "]", "《": "<", "》": ">", "×": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=",
    "\u3000": " ", "\u00a0": " ", "\u2003": " ", "\u200b": "", "\ufeff": "", "\t": " ",
}  # fmt: skip


@dataclass(frozen=True)
class Odd:
    """``place`` counts from 0 in the text; ``plain`` is what belongs there."""

    character: str
    plain: str
    place: int

    @property
    def name(self) -> str:
        """The character as one can read it."""
        if self.character == "\t":
            return "a tab"
        shown = f"{self.character} " if self.character.isprintable() and not self.character.isspace() else ""
        return f"the character {shown}(U+{ord(self.character):04X})"

    @property
    def remedy(self) -> str:
        """What to write instead."""
        if self.plain == " ":
            return "use the plain space of an English keyboard; YAML takes no tabs to indent"
        if not self.plain:
            return "delete it: it cannot be seen"
        return f"write {self.plain} with the English keyboard"


def odd_in(text: str) -> Odd | None:
    """The first such character of ``text``; Chinese words beside it are no harm."""
    for place, character in enumerate(text):
        plain = _PLAIN.get(character)
        if plain is None and 0xFF01 <= ord(character) <= 0xFF5E:  # full width
            plain = unicodedata.normalize("NFKC", character)
        if plain is not None:
            return Odd(character, plain, place)
    return None
