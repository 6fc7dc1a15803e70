"""A camera on this computer takes the photo of a battery, where the bench names one and OpenCV is there."""

from __future__ import annotations

import importlib
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

from station.errors import UsageError
from station.service.connection.photos import Photo, take

SCHEME: Final = "camera://"
SETTLE_FRAMES: Final = 8
"""The first pictures are too dark or too bright: a camera sets its exposure by what it sees."""
DEVICES = Path("/dev")
_one_at_a_time = threading.Lock()


def offered(number: int | None) -> list[dict[str, Any]]:
    """The camera as if it were the newest photo; none where none is named, plugged in, or can be read.

    On Linux the device's file says whether it is there; no camera is switched on to find that out. On other
    systems a camera that is named is offered, and refused when a picture is asked of it.
    """
    if number is None or (sys.platform == "linux" and not (DEVICES / f"video{number}").exists()):
        return []
    if _library() is None:
        return []
    address = f"{SCHEME}{number}"
    return [{"name": address, "path": address, "taken_s": time.time(), "bytes": 0, "camera": True}]


def shoot(number: int, folder: Path, data: Path) -> Photo:
    """Take a picture now and keep it in ``folder`` inside the data folder. Raises UsageError, RecordError."""
    with _one_at_a_time:
        picture = _picture(number)
    with tempfile.TemporaryDirectory() as place:
        name = time.strftime("camera-%Y%m%dT%H%M%SZ.jpg", time.gmtime())
        (Path(place) / name).write_bytes(picture)
        return take(Path(place) / name, folder, data)


def _picture(number: int) -> bytes:
    """One JPEG. Raises UsageError."""
    library = _library()
    if library is None:
        raise _refused(number, "OpenCV is not installed")
    device = library.VideoCapture(number)
    try:
        if not device.isOpened():
            raise _refused(number, "it does not open")
        good, frame = False, None
        for _ in range(SETTLE_FRAMES):
            good, frame = device.read()
            if not good:
                raise _refused(number, "it gives no picture")
        done, encoded = library.imencode(".jpg", frame)
        if not done:
            raise _refused(number, "its picture cannot be kept")
        return bytes(encoded.tobytes())
    finally:
        device.release()


def _library() -> Any:
    """OpenCV, an optional part; None where it is missing or broken."""
    try:
        return importlib.import_module("cv2")
    except ImportError:
        return None


def _refused(number: int, why: str) -> UsageError:
    return UsageError(
        f"camera {number} took no photo: {why}",
        remedy="check that it is plugged in and no other program uses it, or attach a file",
        code="connection.camera",
        camera=number,
        reason=why,
    )
