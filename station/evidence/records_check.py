"""The records against the signed documents: a database rewritten as a whole is found by what was signed
before."""

from __future__ import annotations

import hashlib
from typing import Any

from station.errors import DataError
from station.evidence.canonical import changed
from station.evidence.document import read_document
from station.evidence.keys import trusted_keys
from station.records import Records


def check_records(records: Records) -> dict[str, Any]:
    """Chain, checksums, and every signed document against result and chain on record.

    Returns numbers of ``events``, ``files``, ``signed``. Raises RecordError, DataError
    (``evidence.changed``).
    """
    told = records.verify()
    trusted = trusted_keys(records.folder)
    signed = 0
    for file in records.signed_files():
        if file.get("removed_utc"):
            continue
        path = records.folder / file["path"]
        document = read_document(path.read_bytes(), str(path), trusted)
        if not document.trusted:
            raise DataError(
                f"{path}: signed by a key that is not trusted here: {document.key_id}",
                remedy="put that station's public key into keys/trusted, if it is a station of yours",
                code="evidence.untrusted",
                file=str(path),
                key_id=document.key_id,
            )
        text = records.result_text(file["run_id"]) or ""
        if hashlib.sha256(text.encode()).hexdigest() != document.body["result_sha256"]:
            raise changed(f"result of {file['run_id']} on record", "it is not the signed one")
        anchor = document.body["events"]
        if anchor is not None and records.event_hash_at(anchor["id"]) != anchor["hash"]:
            raise changed(
                "the event log", f"event {anchor['id']} is not the one that {file['run_id']} signed"
            )
        signed += 1
    return {**told, "signed": signed}
