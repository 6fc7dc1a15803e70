"""Bytes of a recording as they were written: unpacked, and as text of whatever make."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path

from drivers.bms.errors import BadLog, LogEmpty, LogMissing, LogPacked, LogUnreadable


def bytes_of(path: Path) -> bytes:
    """What a recording's file holds, unpacked. Raises BadLog."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise _bad(LogMissing, path, "there is no such file", "Check path and name.") from error
    except OSError as error:
        what = "is a folder" if path.is_dir() else f"cannot be read: {error.strerror}"
        raise _bad(LogUnreadable, path, what, "Give a file that may be read.") from error
    try:
        raw = unpacked(raw)
    except OSError as error:
        raise _bad(LogPacked, path, str(error), "Copy it again from where it was made.") from error
    if not raw.strip():
        raise _bad(LogEmpty, path, "is empty", "Record anew.")
    return raw


def first_line(raw: bytes) -> str:
    """The beginning of a text that could not be read, for whoever gave it; '' where it is none."""
    line = next((line for line in text_of(raw[:4000]).splitlines() if line.strip()), "").strip()
    return line[:60] if line.isprintable() else ""


def _bad(kind: type[BadLog], path: Path, what: str, remedy: str) -> BadLog:
    return kind(f"{path}: {what}", remedy=remedy, file=str(path), problem=what)


def unpacked(raw: bytes) -> bytes:
    """What gzip, bzip2, xz, tar or zip (their longest file) hold; of a file that broke off, what is there.

    Raises OSError where nothing can be unpacked.
    """
    if raw[:2] == b"\x1f\x8b":
        return _of_tar(_gunzip(raw))
    if raw[:3] == b"BZh":
        return _of_tar(_stream(bz2.BZ2Decompressor(), raw))
    if raw[:6] == b"\xfd7zXZ\x00":
        return _of_tar(_stream(lzma.LZMADecompressor(), raw))
    if raw[257:262] == b"ustar":
        return _of_tar(raw)
    if raw[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as packed:
                longest = max(packed.infolist(), key=lambda info: info.file_size)
                return unpacked(packed.read(longest))
        except (zipfile.BadZipFile, RuntimeError, ValueError, zlib.error) as error:
            raise OSError(f"damaged zip file: {error}") from error
    return raw


def _of_tar(raw: bytes) -> bytes:
    """The longest file of a tar archive, read in memory; the bytes themselves where they are none."""
    if raw[257:262] != b"ustar":
        return raw
    longest = b""
    try:
        with tarfile.open(fileobj=io.BytesIO(raw)) as packed:
            for member in packed:
                file = packed.extractfile(member) if member.isfile() else None
                held = file.read() if file is not None else b""
                longest = max(longest, held, key=len)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        pass  # it broke off: what was whole before counts
    return longest or raw


def _gunzip(raw: bytes) -> bytes:
    whole, rest = b"", raw
    while rest[:2] == b"\x1f\x8b":  # several may follow each other in one file
        unpacker = zlib.decompressobj(wbits=31)
        try:
            whole += unpacker.decompress(rest)
        except zlib.error as error:
            if not whole:
                whole = _as_far_as_whole(rest)
            if not whole:
                raise OSError(f"damaged gzip file: {error}") from error
            break
        rest = unpacker.unused_data
    return whole


def _as_far_as_whole(raw: bytes) -> bytes:
    """What can be unpacked before the damage, in small steps."""
    unpacker, whole = zlib.decompressobj(wbits=31), b""
    for at in range(0, len(raw), 256):
        try:
            whole += unpacker.decompress(raw[at : at + 256])
        except zlib.error:
            break
    return whole


def _stream(unpacker: bz2.BZ2Decompressor | lzma.LZMADecompressor, raw: bytes) -> bytes:
    try:
        return unpacker.decompress(raw)
    except (EOFError, ValueError, OSError, lzma.LZMAError) as error:
        raise OSError(f"damaged file: {error}") from error


def text_of(raw: bytes) -> str:
    """Bytes of a text file of whatever make; some consoles write UTF-16."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
