"""Files that a page saves: into the documents of whoever uses this computer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

from station.errors import StationError


def save_document(name: str, content: bytes) -> Path:
    """Write it under ``name``. Returns where it is. May block. Raises StationError."""
    place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or ".")
    path = place / name
    try:
        place.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise StationError(f"{path}: {error.strerror or error}", code="ui.request_failed") from error
    return path
