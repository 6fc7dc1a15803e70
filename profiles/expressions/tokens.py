"""The words of an expression, each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from profiles.expressions.errors import ExpressionError

LENGTH_MAX = 500
_WORD = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/(),<>%]))"
)


@dataclass(frozen=True)
class Token:
    """``kind`` is ``number``, ``name``, ``sign`` or ``end``; ``column`` counts from 1."""

    kind: str
    text: str
    column: int


def tokens(text: str) -> list[Token]:
    """All words of ``text`` and an ``end``. Raises ExpressionError."""
    if len(text) > LENGTH_MAX:
        raise ExpressionError(f"an expression has at most {LENGTH_MAX} characters", 1, "split it up")
    found: list[Token] = []
    place = 0
    while text[place:].strip():
        match = _WORD.match(text, place)
        if match is None:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            raise ExpressionError(
                f"{text[at]!r} has no meaning here",
                at + 1,
                "use numbers with units, names, + - * / ( ), < <= > >= == !=, and, or, not, min, max, abs",
            )
        kind = str(match.lastgroup)
        found.append(Token(kind, match.group(kind), match.start(kind) + 1))
        place = match.end()
    return [*found, Token("end", "", len(text) + 1)]
