"""The hash of a profile: of what it says, whatever it was written in."""

from __future__ import annotations

import hashlib
import json

from profiles.model import Profile


def profile_hash(profile: Profile) -> str:
    """SHA-256 (hex) of the profile's canonical JSON: keys sorted, defaults filled in, no spaces, UTF-8.

    Comments, order of the keys and left-out defaults make no difference; YAML and Python give the same.
    """
    return hashlib.sha256(canonical_json(profile)).hexdigest()


def canonical_json(profile: Profile) -> bytes:
    """What is hashed."""
    text = json.dumps(
        _plain(profile.canonical()),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )
    return text.encode("utf-8")


def _plain(node: object) -> object:
    """5 and 5.0 are one number: a whole float is written as the integer that it is."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_plain(value) for value in node]
    if isinstance(node, float) and node.is_integer() and abs(node) < 2**53:
        return int(node)
    return node
