"""Leaves what says nothing out of a profile's canonical form."""

from __future__ import annotations

from typing import Any

_LATER = frozenset({"record", "source", "parameters", "by_role", "picture"})
"""Fields that came after the first version; absent where they are empty."""


def pruned(node: Any) -> Any:
    """``node`` without empty later fields, at every depth."""
    if isinstance(node, dict):
        return {key: pruned(value) for key, value in node.items() if value or key not in _LATER}
    if isinstance(node, list):
        return [pruned(item) for item in node]
    return node
