"""Bytes that a line of a program's log holds: as a literal of Python or C, or at its end behind words."""

from __future__ import annotations

import ast
import re

_LITERAL = re.compile(r"b(?P<quote>['\"])(?:\\.|(?!(?P=quote)).)*(?P=quote)")
_ESCAPED = re.compile(r"(?:\\x[0-9A-Fa-f]{2}){4,}")
_BYTE = r"(?:0x)?[0-9A-Fa-f]{2}"
_AT_END = re.compile(
    rf"(?<![0-9A-Za-z]){_BYTE}(?P<between>[\s:.,-]+){_BYTE}(?:(?P=between){_BYTE})+[\s,;)}}\]\"']*$"
)
_DIGITS = re.compile(r"[0-9A-Fa-f]{1,2}(?:[ ,][0-9A-Fa-f]{1,2}){6,}")
_CAN_SCREEN = re.compile(r"\s\[\s*\d{1,2}\s*\]\s+[0-9A-Fa-f]{2}\b")
BYTES_LEAST = 4


def bytes_within(line: str) -> bytes | None:
    """The bytes; None where the line holds none, or is a frame on CAN."""
    if _CAN_SCREEN.search(line):
        return None
    found = _literal(line)
    if found is None and _DIGITS.fullmatch(line.strip()):
        # Small computers print a byte below 16 with one digit.
        found = bytes(int(word, 16) for word in re.split("[ ,]", line.strip()))
    if found is None and (escaped := _ESCAPED.search(line)) is not None:
        found = bytes.fromhex(escaped[0].replace("\\x", ""))
    if found is None and (at_end := _AT_END.search(line)) is not None:
        found = bytes.fromhex(re.sub(r"0x|[^0-9A-Fa-f]", "", at_end[0]))
    return found if found is not None and len(found) >= BYTES_LEAST else None


def _literal(line: str) -> bytes | None:
    match = _LITERAL.search(line)
    if match is None:
        return None
    try:
        value = ast.literal_eval(match[0])
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, bytes) else None
