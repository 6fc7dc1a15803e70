"""The hash chain over the events: each event's hash covers its content and the hash before it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

GENESIS = "0" * 64
"""What the first event names as the hash before it."""


def canonical_json(data: Any) -> str:
    """``data`` as the one JSON text it can have here: sorted keys, no spaces, no NaN.

    Raises ValueError or TypeError for what JSON cannot say.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def event_hash(content: dict[str, Any], previous_hash: str) -> str:
    """SHA-256 (hex) over the canonical JSON of ``content`` and ``previous_hash``."""
    return hashlib.sha256(canonical_json({**content, "previous_hash": previous_hash}).encode()).hexdigest()
