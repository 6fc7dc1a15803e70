"""The worker's line to the guard. Heartbeats go out only while the main loop moves on."""

from __future__ import annotations

import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from station.errors import InterlockOpen, StationError, SupervisionLost

CONNECT_TIMEOUT_S = 2.0
CUTOFF_TIMEOUT_S = 3.0
IDLE_TIMEOUT_S = 5.0
"""Silence allowed before anything is energised."""
BEATS = 6
"""Beats per time-out: what a beat that comes late by its own period costs is small beside the time-out."""
STALE = 1 / 4
"""Part of the time-out after which a stamp is too old for a beat."""
EXCHANGES_S = 10.0
"""Instruments that go on answering show that the main loop lives, but not for longer than this without a
turn of the loop: an upload of a long program takes seconds."""

CONFIRM_S = 0.03
"""Silence must be seen twice, this far apart: between taking bytes from the socket and noting that they
came, the reading thread may have to wait its turn."""

_LOST = ("guard.worker_late", "guard.worker_gone", "guard.relay_lost")


class GuardLink:
    """``stamp`` is called by the main loop; ``check`` raises there what the guard said, or its silence.

    From ``watch_progress`` on a beat is sent only while the last stamp is younger than a quarter of the
    time-out: a loop that hangs for longer stops the beats, and the guard cuts. ``exchanged`` is called in
    the main loop's thread after each reply of an instrument and is a stamp as well.
    """

    def __init__(self, host: str, port: int, token: str, channel: str) -> None:
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], dict[str, Any]] = {}
        self._answered = threading.Condition()
        self._fault: StationError | None = None
        self._closed = False
        self._watching = False
        self._beats = 0
        self._late_since: float | None = None
        try:
            self._socket = socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise _absent(f"does not answer at {host}:{port}: {error}") from error
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._stream = self._socket.makefile("rb")
            self._send({"hello": "worker", "channel": channel, "pid": os.getpid(), "token": token})
            welcome = json.loads(self._stream.readline())
            if not welcome.get("ok"):
                raise InterlockOpen(
                    f"the guard refuses this worker: {welcome.get('message')}",
                    remedy=str(welcome.get("remedy", "")),
                    code=str(welcome.get("code", "guard.refused")),
                )
            self.timeout_s = float(welcome["heartbeat_timeout_s"])
            hold_s = welcome.get("hold_s")
            self.hold_s = float(hold_s) if hold_s is not None else None
            """How long the guard's relay board stays closed once the guard has died; None: for ever."""
        except (OSError, ValueError, KeyError, AttributeError) as error:
            self._socket.close()
            raise _absent(f"answers nonsense: {error}") from error
        except StationError:
            self._stream.close()
            self._socket.close()
            raise
        self._socket.settimeout(None)
        self._stamp = self._turned = self._heard = time.monotonic()
        self._threads = [
            threading.Thread(target=self._listen, name="guard-listen", daemon=True),
            threading.Thread(target=self._beat, name="guard-beat", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stamp(self) -> None:
        """The main loop is alive."""
        self._stamp = self._turned = time.monotonic()

    def exchanged(self) -> None:
        """The main loop has got a reply from an instrument, in the middle of a turn."""
        now = time.monotonic()
        if now - self._turned < EXCHANGES_S:
            self._stamp = now

    def watch_progress(self) -> None:
        """From now on the beats depend on the stamps."""
        self.stamp()
        self._watching = True

    def check(self) -> None:
        """Raise InterlockOpen or SupervisionLost when the guard tripped this channel or fell silent."""
        allowed_s = self.timeout_s if self._watching else IDLE_TIMEOUT_S
        now = time.monotonic()
        if now - self._heard <= allowed_s or self._waiting():
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now
        elif self._fault is None and now - self._late_since > CONFIRM_S:
            self._fault = SupervisionLost(
                "the guard fell silent",
                remedy="restart the service; it starts the guard",
                code="safety.guard_silent",
            )
        if self._fault is not None:
            raise self._fault

    def close_cutoff(self) -> None:
        """Have the cut-off closed and confirmed. Raises InterlockOpen when the guard refuses."""
        self._close("close_cutoff", "the cut-off")

    def open_cutoff(self) -> bool:
        """Have the cut-off opened; True once the guard has confirmed it. Never raises for a lost guard."""
        return self._open("open_cutoff")

    def close_aux(self, name: str) -> None:
        """Have an auxiliary coil of the channel closed and confirmed: ``precharge`` or ``insulation``.

        The guard opens it again with the cut-off, at the latest. Raises InterlockOpen when it refuses.
        """
        self._close("close_aux", f"the {name} relay", name)

    def open_aux(self, name: str) -> bool:
        """Have an auxiliary coil opened; True once confirmed. Never raises for a lost guard."""
        return self._open("open_aux", name)

    def _close(self, ask: str, what: str, name: str = "") -> None:
        answer = self._ask(ask, CUTOFF_TIMEOUT_S, self.check, name)
        if answer is None or not answer.get("ok"):
            answer = answer or {}
            raise InterlockOpen(
                f"the guard does not close {what}: {answer.get('message', 'no answer')}",
                remedy=str(answer.get("remedy", "look at the guard's log")),
                code=str(answer.get("code", "guard.no_answer")),
            )

    def _open(self, ask: str, name: str = "") -> bool:
        if self._closed or self._unreachable():
            return False
        answer = self._ask(ask, CUTOFF_TIMEOUT_S, lambda: None, name)
        return bool(answer and answer.get("ok"))

    def bye(self) -> None:
        """Leave; only after the output is verified off."""
        self._send({"bye": True})

    def close(self) -> None:
        """Close the line. Without ``bye`` the guard cuts. Idempotent."""
        if self._closed:
            return
        self._closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._socket.close()  # the other end was faster
        for thread in self._threads:
            thread.join(timeout=1.0)
        self._stream.close()
        self._socket.close()

    def _ask(
        self, what: str, timeout_s: float, check: Callable[[], None], name: str = ""
    ) -> dict[str, Any] | None:
        key = (what, name)
        self._answers.pop(key, None)
        self._send({"ask": what, "name": name} if name else {"ask": what})
        end = time.monotonic() + timeout_s
        with self._answered:
            while key not in self._answers and time.monotonic() < end and not self._closed:
                self.stamp()
                check()
                if self._unreachable():
                    break
                self._answered.wait(self.timeout_s / 6)
            return self._answers.get(key)

    def _waiting(self) -> bool:
        """True when something has arrived that nobody has read yet: then it is this process that was held
        up, not the guard. The reader is about to take it."""
        try:
            return bool(select.select((self._socket,), (), (), 0)[0])
        except (OSError, ValueError):  # closed meanwhile: the reader finds out
            return False

    def _unreachable(self) -> bool:
        return self._fault is not None and self._fault.code in ("safety.guard_lost", "safety.guard_silent")

    def _send(self, message: dict[str, Any]) -> None:
        try:
            with self._lock:
                self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._lose()

    def _lose(self) -> None:
        if self._fault is None and not self._closed:
            self._fault = SupervisionLost(
                "the guard is gone",
                remedy="restart the service; it starts the guard",
                code="safety.guard_lost",
            )

    def _listen(self) -> None:
        while not self._closed:
            try:
                line = self._stream.readline()
                message = json.loads(line) if line else None
            except (OSError, ValueError):
                message = None
            if not isinstance(message, dict):
                self._lose()
                with self._answered:
                    self._answered.notify_all()
                return
            self._heard = time.monotonic()
            if "trip" in message:
                self._fault = self._fault or _trip(str(message["trip"]), message.get("params") or {})
            if "answer" in message:
                with self._answered:
                    self._answers[str(message["answer"]), str(message.get("name", ""))] = message
                    self._answered.notify_all()

    def _beat(self) -> None:
        tick = threading.Event()
        while not self._closed and not self._unreachable():
            fresh = time.monotonic() - self._stamp <= self.timeout_s * STALE
            if fresh or not self._watching:
                self._beats += 1
                self._send({"beat": self._beats})
            tick.wait(self.timeout_s / BEATS)


def _trip(code: str, params: dict[str, Any]) -> StationError:
    facts = {key: value for key, value in params.items() if key not in ("message", "remedy")}
    message, remedy = str(params.get("message", code)), str(params.get("remedy", "look at the guard's log"))
    if code in _LOST:
        return SupervisionLost(f"the guard cut this channel: {message}", remedy=remedy, code=code, **facts)
    return InterlockOpen(f"the guard cut this channel: {message}", remedy=remedy, code=code, **facts)


def _absent(why: str) -> InterlockOpen:
    return InterlockOpen(
        f"the guard {why}", remedy="start the service: it starts the guard of this bench", code="guard.absent"
    )
