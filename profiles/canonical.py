"""Leaves what says nothing out of a profile's canonical form."""

from __future__ import annotations

from typing import Any

_LATER = frozenset({"record", "source", "parameters", "by_role", "picture"})
"""Fields that came after the first version; absent where they are empty."""
_HOLDERS = (dict, list)


def pruned(node: Any) -> Any:
    """``node`` without empty later fields, at every depth."""
    # Told apart before the call: most of what a profile holds is numbers and words.
    if type(node) is dict:
        return {
            key: pruned(value) if type(value) in _HOLDERS else value
            for key, value in node.items()
            if value or key not in _LATER
        }
    if type(node) is list:
        return [pruned(item) if type(item) in _HOLDERS else item for item in node]
    return node
