"""Proof that can be checked years later without this program's database: keys, signed documents, checks."""

from station.evidence.canonical import canonical, read_canonical
from station.evidence.document import Signed, make_document, read_document
from station.evidence.event_export import export_events
from station.evidence.keys import StationKey, read_public_key, station_key, trusted_keys
from station.evidence.run_document import SIGNED_NAME, make_read_only, sign_run
from station.evidence.verify import Verified, verify

__all__ = [
    "SIGNED_NAME",
    "Signed",
    "StationKey",
    "Verified",
    "canonical",
    "export_events",
    "make_document",
    "make_read_only",
    "read_canonical",
    "read_document",
    "read_public_key",
    "sign_run",
    "station_key",
    "trusted_keys",
    "verify",
]
