"""Maps SCPI headers to handlers: short and long forms, optional nodes, any letter case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Later:
    """An answer that is ready only at a simulated time, e.g. after a scan."""

    ready: Callable[[], bool]
    answer: Callable[[], str]


Reply = str | Later | None
Handler = Callable[[str], Reply]

# A node of which there are several carries its number, and has then no longer form: ``USER2``.
_NODE = re.compile(r"\[?:?\*?(?:[A-Z]+[1-9]|[A-Za-z]+):?\]?")
_CACHE_LIMIT = 4096


class CommandTable:
    """Handlers by header, e.g. ``[SOURce:]CURRent[:LEVel]?``; found headers are cached.

    ``any_length`` accepts every spelling between a node's short and long form, not only the two.
    """

    def __init__(self, *, any_length: bool = False) -> None:
        self._any_length = any_length
        self._entries: list[tuple[re.Pattern[str], Handler]] = []
        self._cache: dict[str, Handler | None] = {}

    def add(self, pattern: str, handler: Handler) -> None:
        """Register a header; a query's pattern ends with ``?``."""
        self._entries.append((re.compile(header_regex(pattern, any_length=self._any_length)), handler))
        self._cache.clear()

    def find(self, header: str) -> Handler | None:
        """Handler of a header in upper case without leading colon, or None."""
        try:
            return self._cache[header]
        except KeyError:
            pass
        found = next((handler for regex, handler in self._entries if regex.fullmatch(header)), None)
        if len(self._cache) < _CACHE_LIMIT:
            self._cache[header] = found
        return found


def header_regex(pattern: str, *, any_length: bool = False) -> str:
    """Regular expression (for upper-case text) that matches all spellings of a header pattern."""
    query = pattern.endswith("?")
    body = pattern.removesuffix("?")
    if "".join(_NODE.findall(body)) != body:
        raise ValueError(f"header pattern {pattern!r} is malformed")
    expression = ""
    for node in _NODE.findall(body):
        optional = node.startswith("[")
        name = node.strip("[]:")
        colon_before = ":" if node.lstrip("[").startswith(":") else ""
        colon_after = ":" if node.rstrip("]").endswith(":") else ""
        short = "".join(c for c in name if not c.islower())
        rest = name[len(short) :].upper()
        spelled = re.escape(short) + _remainder(rest, any_length)
        piece = f"{colon_before}{spelled}{colon_after}"
        expression += f"(?:{piece})?" if optional else piece
    return expression + (r"\?" if query else "")


def _remainder(rest: str, any_length: bool) -> str:
    if not any_length:
        return f"(?:{rest})?" if rest else ""
    expression = ""
    for letter in reversed(rest):
        expression = f"(?:{letter}{expression})?"
    return expression
