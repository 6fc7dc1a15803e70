"""A bench file looked at, not read: enough to find the service that was started with it.

Reading a bench takes most of a second of imports; a window that joins a running service needs none of that.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"^name:[ \t]*([A-Za-z0-9][\w.-]*)[ \t]*(?:#.*)?$", re.MULTILINE)
_SHIPPED: Final = Path(__file__).parent.parent / "bench" / "builtin"


@dataclass(frozen=True)
class Glance:
    """The bench's name and the SHA-256 of its file, as hexadecimal digits."""

    name: str
    sha256: str


def glance(name_or_path: str) -> Glance | None:
    """What can be seen at once; None where only reading the file tells."""
    shipped = _SHIPPED / f"{name_or_path}.yaml"
    try:
        content = (shipped if shipped.is_file() else Path(name_or_path)).read_bytes()
        names = _NAME.findall(content.decode("utf-8").replace("\r\n", "\n"))
    except (OSError, ValueError):
        return None
    return Glance(names[0], hashlib.sha256(content).hexdigest()) if len(names) == 1 else None


def file_sha256(path: Path | None) -> str | None:
    """Of a file's bytes; None where there is none to be read."""
    try:
        return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
