"""Whose turn it is at an instrument that several processes of this computer use.

A lease in a small file, changed only under a latch that is held for a moment. Whoever dies with the lease
loses it at once, whoever hangs with it when its time is over; nobody waits for ever. Whoever hangs with the
latch is passed by a second one: should it go on and write after all, the turn of whoever has passed it is no
longer its own, and it finds that out before it uses what it scanned (``still_mine``).
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from station.safety.machine_locks import lock_path

POLL_S = 0.005
LATCH_S = 0.5
"""The latch is held for less than a millisecond; a process stopped just then is waited for no longer."""
COURTESY_S = 0.02
"""Whoever had the last turn lets the others look for one first."""


@dataclass(frozen=True)
class Holder:
    """Who has the turn, and until when (monotonic s, which all processes share)."""

    token: str
    channel: str
    pid: int
    until: float


class ScannerTurns:
    """One user's view of the turns at one instrument; ``lease_s`` is how long a turn of its own may last."""

    def __init__(
        self,
        address: str,
        channel: str,
        *,
        lease_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        alive: Callable[[int], bool] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.channel, self.lease_s = channel, lease_s
        self._token = uuid.uuid4().hex
        self._state: Path = lock_path("scanner", address, "json")
        self._latches = [
            FileLock(lock_path(kind, address), mode=0o666, thread_local=False)
            for kind in ("scanner", "scanner-second")
        ]
        self._monotonic, self._alive, self._pause = monotonic, alive or is_alive, pause

    def take(self, timeout_s: float, on_wait: Callable[[Holder | None, float], bool]) -> bool:
        """Wait for a turn, at most ``timeout_s``; True when it is there.

        ``on_wait`` hears on every look who has it and how long this user has waited, and ends the waiting
        by False. Raises OSError when the common folder cannot be used.
        """
        began = self._monotonic()
        while True:
            holder, taken = self._try()
            if taken:
                return True
            waited_s = self._monotonic() - began
            if waited_s >= timeout_s or not on_wait(holder, waited_s):
                return False
            self._pause(POLL_S)

    def still_mine(self) -> bool:
        """True while nobody else has taken the turn over. Raises OSError."""
        holder = self._holder(self._read())
        return holder is not None and holder.token == self._token

    def give_back(self) -> None:
        """End the turn, if it still is this user's. Raises OSError."""
        try:
            with self._latched():
                state = self._read()
                holder = self._holder(state)
                if holder is not None and holder.token == self._token:
                    self._write({"last": self._token, "ended": self._monotonic()})
        except Timeout:
            return  # its time runs out by itself

    @contextmanager
    def _latched(self) -> Iterator[None]:
        """Raises Timeout where two processes hang with one latch each."""
        first, second = self._latches
        try:
            first.acquire(timeout=LATCH_S, poll_interval=POLL_S)
            taken = first
        except Timeout:
            second.acquire(timeout=LATCH_S, poll_interval=POLL_S)
            taken = second
        try:
            yield
        finally:
            taken.release()

    def _try(self) -> tuple[Holder | None, bool]:
        holder = self._holder(self._read())
        if holder is not None and self._holds(holder, self._monotonic()):
            return holder, False  # without the latch: who waits, and looks often, cannot hang with it
        try:
            with self._latched():
                now, state = self._monotonic(), self._read()
                holder = self._holder(state)
                if holder is not None and self._holds(holder, now):
                    return holder, False
                if state.get("last") == self._token and 0 <= now - _number(state.get("ended")) < COURTESY_S:
                    return None, False
                self._write(
                    {
                        "token": self._token,
                        "channel": self.channel,
                        "pid": os.getpid(),
                        "until": now + self.lease_s,
                        "lease_s": self.lease_s,
                    }
                )
                return None, True
        except Timeout:
            return self._holder(self._read()), False

    def _holds(self, holder: Holder, now: float) -> bool:
        if holder.token == self._token:
            return False  # left behind by a turn of this user that could not be given back
        return now < holder.until and self._alive(holder.pid)

    def _holder(self, state: dict[str, Any]) -> Holder | None:
        if "token" not in state:
            return None
        until, lease_s = _number(state.get("until")), _number(state.get("lease_s"))
        if until > self._monotonic() + lease_s:
            return None  # of another start of this computer: its clock was another
        pid = int(_number(state.get("pid")))
        return Holder(str(state["token"]), str(state.get("channel", "?")), pid, until)

    def _read(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # torn by a process that was killed while it wrote
            return {}
        return state if isinstance(state, dict) else {}

    def _write(self, state: dict[str, Any]) -> None:
        self._state.write_text(json.dumps(state), encoding="utf-8")
        with suppress(OSError):  # another user's file
            self._state.chmod(0o666)


def is_alive(pid: int) -> bool:
    """False for a process that is gone, also while its parent has not taken note of that yet."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except (psutil.NoSuchProcess, ValueError):
        return False
    except psutil.Error:
        return True  # somebody else's: it is there


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
