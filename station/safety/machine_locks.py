"""Where processes of this computer agree on who uses an instrument, whatever their data directories.

Locks are held by the operating system: those of a process that was killed are free at once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from drivers.transports.address import canonical_address

FOLDER_VARIABLE = "STATION_LOCKS"
"""Names another folder, for tests and for computers whose temporary folder is not common to all users."""
_OPEN_TO_ALL = 0o777


def locks_folder() -> Path:
    """The folder common to all users of this computer; made when it is not there."""
    folder = Path(os.environ.get(FOLDER_VARIABLE) or Path(tempfile.gettempdir()) / "pulse-station-locks")
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_OPEN_TO_ALL)
    return folder


def lock_path(kind: str, address: str, suffix: str = "lock") -> Path:
    """The lock file for one instrument: the same for every way to write the same address."""
    digest = hashlib.sha256(canonical_address(address).encode()).hexdigest()[:16]
    return locks_folder() / f"{kind}-{digest}.{suffix}"
