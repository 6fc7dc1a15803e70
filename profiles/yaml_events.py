"""Reads YAML from the events of libyaml: fast enough for ten thousand steps, with places where asked for.

The words of YAML 1.2's core schema are numbers, ``true``, ``false`` and ``null``; all else is text. Tags
and merge keys are not used in profiles and are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from profiles.broken_yaml import broken, unreadable
from profiles.errors import ProfileError

NODES_MAX = 500_000
"""Values in one file, aliases counted as often as they are used."""
_INT = re.compile(r"[-+]?[0-9]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip


@dataclass
class Places:
    """Where a value begins, and the keys and values inside it; lines and columns count from 0."""

    line: int
    column: int
    keys: dict[Any, tuple[int, int]] = field(default_factory=dict)
    inside: dict[Any, Places] = field(default_factory=dict)


def read_events(text: str, name: str, *, places: bool = False) -> tuple[Any, Places | None]:
    """The value that ``text`` is, with the places of its parts where asked for. Raises ProfileError."""
    # Imported late: a worker gets its plan as JSON.
    from yaml.cyaml import CParser  # type: ignore[import-untyped, unused-ignore]
    from yaml.error import MarkedYAMLError, YAMLError  # type: ignore[import-untyped, unused-ignore]

    try:
        return _Reader(CParser(text), places).whole()
    except MarkedYAMLError as error:
        raise broken(error, text, name) from error
    except _Refused as error:
        raise ProfileError(
            str(error), file=name, line=error.line + 1, column=error.column + 1,
            remedy=error.remedy, code="profile.yaml",
        ) from error  # fmt: skip
    except (YAMLError, ValueError, RecursionError) as error:
        raise unreadable(text, name) from error


class _Refused(Exception):
    def __init__(self, message: str, event: Any, remedy: str = "write it out, or use loop and call") -> None:
        super().__init__(message)
        self.remedy = remedy
        self.line, self.column = event.start_mark.line, event.start_mark.column


class _Reader:
    def __init__(self, parser: Any, places: bool) -> None:
        from yaml.events import (  # type: ignore[import-untyped, unused-ignore]
            MappingEndEvent,
            MappingStartEvent,
            ScalarEvent,
            SequenceEndEvent,
        )

        self._word, self._map = ScalarEvent, MappingStartEvent
        self._map_end, self._list_end = MappingEndEvent, SequenceEndEvent
        self._next, self._marked = parser.get_event, places
        self._scalars: dict[str, Any] = {}
        self._anchors: dict[str, tuple[Any, Places | None, int]] = {}
        self._nodes = 0

    def whole(self) -> tuple[Any, Places | None]:
        kind = ""
        while kind not in ("DocumentStartEvent", "StreamEndEvent"):
            event = self._next()
            kind = type(event).__name__
        if kind == "StreamEndEvent":
            return None, None
        found = self._value(self._next())
        self._next()
        event = self._next()
        if type(event).__name__ != "StreamEndEvent":
            raise _Refused("a profile is one document", event, "remove the line --- and what follows it")
        return found

    def _value(self, event: Any) -> tuple[Any, Places | None]:
        kind = type(event)
        before = self._nodes
        self._nodes += 1
        if kind.__name__ == "AliasEvent":
            return self._alias(event)
        if event.tag is not None and event.tag != "!":
            raise _Refused(f"tags such as {event.tag} are not used in profiles", event)
        place = Places(event.start_mark.line, event.start_mark.column) if self._marked else None
        value: Any
        if kind is self._word:
            value = self._scalar(event)
        elif kind is self._map:
            value = self._mapping(place)
        else:
            value = self._sequence(place)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, place, self._nodes - before)
        return value, place

    def _alias(self, event: Any) -> tuple[Any, Places | None]:
        if event.anchor not in self._anchors:
            raise _Refused(f"there is no anchor &{event.anchor} before this", event)
        value, place, nodes = self._anchors[event.anchor]
        self._nodes += nodes
        if self._nodes > NODES_MAX:
            raise _Refused(f"more than {NODES_MAX} values", event)
        return value, place

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text
        if text not in self._scalars:
            self._scalars[text] = _resolved(text)
        return self._scalars[text]

    def _mapping(self, place: Places | None) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while True:
            event = self._next()
            kind = type(event)
            if kind is self._map_end:
                return found
            if kind is not self._word:
                raise _Refused("a key must be a word", event)
            self._nodes += 1
            key = self._scalar(event)
            if key in found:
                raise _Refused(f"{key} stands here twice", event, "remove one of the two")
            if key == "<<":
                raise _Refused("<< is not used here", event)
            value = self._next()
            if place is None and type(value) is self._word and value.anchor is None and value.tag is None:
                self._nodes += 1  # by far the most there is
                found[key] = self._scalar(value)
                continue
            found[key], inner = self._value(value)
            if place is not None and inner is not None:
                place.keys[key] = (event.start_mark.line, event.start_mark.column)
                place.inside[key] = inner

    def _sequence(self, place: Places | None) -> list[Any]:
        found: list[Any] = []
        while True:
            event = self._next()
            if type(event) is self._list_end:
                return found
            value, inner = self._value(event)
            if place is not None and inner is not None:
                place.keys[len(found)] = (inner.line, inner.column)
                place.inside[len(found)] = inner
            found.append(value)


def _resolved(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text
