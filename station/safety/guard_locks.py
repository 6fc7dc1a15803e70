"""One guard per bench and one per relay board, also from different data directories."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from station.errors import BusyError, StationError
from station.safety.guard_settings import GuardSettings
from station.safety.machine_locks import FOLDER_VARIABLE, lock_path


@contextmanager
def alone(folder: Path, settings: GuardSettings) -> Iterator[None]:
    """Hold the bench's lock in ``folder`` and the relay board's while the block runs. Raises BusyError.

    The operating system lets both go when the process ends in whatever way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bench = FileLock(folder / "guard.lock")
    if not _taken(bench):
        raise BusyError(
            f"bench {settings.bench} already has a guard",
            remedy="use the running station, or end it first",
            code="guard.already_running",
            bench=settings.bench,
        )
    try:
        address = settings.relay.address
        if address is None:
            yield
            return
        board = FileLock(lock_path("relay", address), mode=0o666)
        note = lock_path("relay", address, "json")
        if not _taken(board):
            raise _relay_busy(address, note)
        try:
            _write_note(note, {"pid": os.getpid(), "bench": settings.bench, "data": str(folder)})
            yield
        finally:
            board.release()
    finally:
        bench.release()


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        raise StationError(
            f"the lock {lock.lock_file} cannot be made: {error}",
            remedy=f"make its folder writable, or name another one in {FOLDER_VARIABLE}",
            code="guard.no_lock",
            file=str(lock.lock_file),
        ) from error
    return True


def _relay_busy(address: str, note: Path) -> BusyError:
    holder: dict[str, object] = {}
    with suppress(OSError, ValueError):
        holder = dict(json.loads(note.read_text(encoding="utf-8")))
    who = f" (process {holder['pid']}, bench {holder['bench']})" if {"pid", "bench"} <= holder.keys() else ""
    return BusyError(
        f"another guard on this computer already switches the relay board at {address}{who}",
        remedy="use the running station, or end it first; two benches need two relay boards",
        code="guard.relay_busy",
        address=address,
        **holder,
    )


def _write_note(note: Path, holder: dict[str, object]) -> None:
    """Who holds the lock, for people only: without it the lock holds all the same."""
    with suppress(OSError):
        note.write_text(json.dumps(holder), encoding="utf-8")
        note.chmod(0o666)
