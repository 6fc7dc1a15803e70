"""The place where a step that calls another profile asks for it.

Steps are what profiles are made of, so they cannot know who reads profiles; whoever does says so here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Reader = Callable[[str, Mapping[str, float], Mapping[str, Any]], dict[str, Any]]
"""From a name, parameters and the context of the caller to ``steps`` and ``limits``. Raises ValueError."""

_readers: list[Reader] = []


def read_by(reader: Reader) -> Reader:
    """From now on ``reader`` brings in what is called; a decorator."""
    _readers[:] = [reader]
    return reader


def brought_in(name: str, parameters: Mapping[str, float], context: Mapping[str, Any]) -> dict[str, Any]:
    """``steps`` and ``limits`` of the profile ``name``. Raises ValueError."""
    if not _readers:
        raise ValueError(f"the profile {name} cannot be called: nobody reads profiles here")
    return _readers[0](name, parameters, context)
