"""A signed document: canonical JSON that carries its own signature and the key to check it with.

``{"body", "format", "kind", "signature": {"algorithm", "key_id", "made_utc", "public_key", "value"}}``.
Signed is
the whole document but ``value``; keys and signature in lower-case hex, so that they can be written in one
way only. Whose key it is, a document cannot prove by itself: that is what trusted public keys are for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from station.evidence.canonical import canonical, changed, read_canonical
from station.evidence.keys import StationKey, good_signature, key_id_of
from station.records.models import utc_now

FORMAT = "pulse-station/signed/1"
_ALGORITHM = "Ed25519"
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class Signed:
    """A document whose signature holds. ``trusted``: its key is among those that are believed."""

    kind: str
    body: dict[str, Any]
    key_id: str
    made_utc: str
    trusted: bool


def make_document(kind: str, body: Mapping[str, Any], key: StationKey, *, made_utc: str = "") -> bytes:
    """Sign ``body``. Raises RecordError (``evidence.not_json``)."""
    signature = {
        "algorithm": _ALGORITHM,
        "key_id": key.key_id,
        "made_utc": made_utc or utc_now(),
        "public_key": key.public_raw.hex(),
    }
    document = {"format": FORMAT, "kind": kind, "body": dict(body), "signature": signature}
    value = key.sign(canonical(document)).hex()
    return canonical({**document, "signature": {**signature, "value": value}})


def read_document(content: bytes, name: str, trusted: Mapping[str, bytes]) -> Signed:
    """Check a document to its last byte. Raises DataError (``evidence.changed``)."""
    data = read_canonical(content, name)
    try:
        signature = dict(data["signature"])
        value, public = _unhex(signature.pop("value"), 64), _unhex(signature["public_key"], 32)
        whole = (
            set(data) == {"format", "kind", "body", "signature"}
            and data["format"] == FORMAT
            and signature["algorithm"] == _ALGORITHM
            and signature["key_id"] == key_id_of(public)
            and isinstance(data["body"], dict)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise changed(name, f"it is no signed document: {error!r}") from error
    if not whole or not good_signature(public, value, canonical({**data, "signature": signature})):
        raise changed(name, "the signature does not hold")
    key_id = signature["key_id"]
    return Signed(data["kind"], data["body"], key_id, signature["made_utc"], trusted.get(key_id) == public)


def _unhex(text: str, length: int) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("no hex digits")
    found = bytes.fromhex(text)
    if len(found) != length:
        raise ValueError(f"{len(found)} bytes instead of {length}")
    return found
