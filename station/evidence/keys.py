"""The station's signing key (Ed25519, RFC 8032): made on first use, kept from others, its public half given
out.

``DATA/keys/station.pem`` is the private key (PKCS #8, mode 0600), ``station.pub.pem`` the public one.
``DATA/keys/trusted/*.pem`` are public keys of other stations whose documents are believed here.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from station.errors import DataError, RecordError

KEY_ID_LENGTH = 16


def private_path(data: Path) -> Path:
    """Where the private key of data folder ``data`` lies."""
    return data / "keys" / "station.pem"


def public_path(data: Path) -> Path:
    """Where its public half lies."""
    return data / "keys" / "station.pub.pem"


@dataclass(frozen=True)
class StationKey:
    """What signs. ``key_id`` names it, and with it the station, everywhere."""

    private: Ed25519PrivateKey

    @property
    def public_raw(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the public key's SHA-256."""
        return key_id_of(self.public_raw)

    @property
    def public_pem(self) -> bytes:
        """The public key as others read it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self.private.sign(message)


def key_id_of(public_raw: bytes) -> str:
    """The name of a public key."""
    return hashlib.sha256(public_raw).hexdigest()[:KEY_ID_LENGTH]


def station_key(data: Path) -> StationKey:
    """The key of data folder ``data``; made when there is none yet.

    Raises RecordError: ``evidence.key_open`` (others may read it), ``evidence.key_unreadable``,
    ``record.unavailable`` (it cannot be written).
    """
    path = private_path(data)
    try:
        missing = not path.is_file()
    except OSError:
        missing = True
    if missing:
        _make(data)
    if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise RecordError(
            f"{path}: others may read the station's key",
            remedy=f"take their right away: chmod 600 {path}; if somebody may have read it, make a new key",
            code="evidence.key_open",
            file=str(path),
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable(path, "it is no Ed25519 key")
    return StationKey(key)


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of the public key in a PEM file. Raises DataError (``evidence.key_unreadable``)."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise DataError(
            f"{path}: no public key: {error}",
            remedy="give the file that 'station key export' wrote at the station",
            code="evidence.key_unreadable",
            file=str(path),
            reason=str(error),
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise DataError(
            f"{path}: no Ed25519 key",
            remedy="give the file that 'station key export' wrote at the station",
            code="evidence.key_unreadable",
            file=str(path),
            reason="no Ed25519 key",
        )
    return key.public_bytes_raw()


def trusted_keys(data: Path) -> dict[str, bytes]:
    """By key id: the station's own public key, and those that somebody has put into ``keys/trusted``."""
    found = [public_path(data), *sorted((data / "keys" / "trusted").glob("*.pem"))]
    raw = [read_public_key(path) for path in found if path.is_file()]
    return {key_id_of(key): key for key in raw}


def good_signature(public_raw: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is that key's over ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(public_raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(data: Path) -> None:
    """Two programs may do so at once: the first one's key stays."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = private_path(data)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(pem)
            stream.flush()
            os.fsync(stream.fileno())
        _put(part, path)
        public = public_path(data)
        kept = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(kept, Ed25519PrivateKey):
            public.write_bytes(StationKey(kept).public_pem)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):  # waiting would not help
            raise _unreadable(path, f"it cannot be written: {error.strerror or error}") from error
        raise RecordError(
            f"{path}: the station's key cannot be written: {error.strerror or error}",
            remedy="check that the data folder can be written and has free space",
            code="record.unavailable",
            file=str(path),
            reason=str(error.strerror or error),
        ) from error


def _put(part: Path, path: Path) -> None:
    """Never over a key that is there; file systems without hard links have the smaller chance of a race."""
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:
        if not path.exists():
            part.rename(path)
    with contextlib.suppress(FileNotFoundError):
        part.unlink()


def _unreadable(path: Path, reason: str) -> RecordError:
    return RecordError(
        f"{path}: the station's key cannot be read: {reason}",
        remedy="put it back from a backup; without it nothing new can be signed in this station's name",
        code="evidence.key_unreadable",
        file=str(path),
        reason=reason,
    )
