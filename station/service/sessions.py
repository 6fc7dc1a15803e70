"""Who is logged in, held in memory only, and how fast wrong PINs may be tried."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from station.errors import StationError
from station.service.roles import Person

IDLE_S: Final = 900.0
"""A session that nobody has used for so long is over."""
TRIES: Final = 3
"""So many wrong tries in a row are free; each one more doubles the wait."""
WAIT_S: Final = 15.0
WAIT_MOST_S: Final = 900.0


class NotLoggedIn(StationError):
    """No session, or one that is over."""

    code = "person.session"


@dataclass
class _Session:
    person: Person
    used_s: float


class Sessions:
    """Sessions by their token. ``tick`` gives seconds of a steady clock."""

    def __init__(self, tick: Callable[[], float], idle_s: float = IDLE_S) -> None:
        self._tick, self.idle_s = tick, idle_s
        self._sessions: dict[str, _Session] = {}

    def begin(self, person: Person) -> str:
        """A new session. Returns its token."""
        self._drop_old()
        token = secrets.token_urlsafe(24)
        self._sessions[token] = _Session(person, self._tick())
        return token

    def person(self, token: str) -> Person:
        """Who it is, now noted as active. Raises NotLoggedIn."""
        self._drop_old()
        session = self._sessions.get(token)
        if session is None:
            raise NotLoggedIn("the session is over", remedy="log in again")
        session.used_s = self._tick()
        return session.person

    def end(self, token: str) -> Person | None:
        """End one session. Returns whose it was."""
        session = self._sessions.pop(token, None)
        return session.person if session else None

    def end_of(self, person_id: int) -> None:
        """End all sessions of one person: the role has changed, or the person is disabled."""
        self._sessions = {t: s for t, s in self._sessions.items() if s.person.id != person_id}

    def _drop_old(self) -> None:
        now = self._tick()
        self._sessions = {t: s for t, s in self._sessions.items() if now - s.used_s <= self.idle_s}


class Throttle:
    """Counts wrong tries by key (a name, or all badges together) and says how long to wait."""

    def __init__(self, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait_s(self, key: str) -> float:
        """Seconds until the next try is looked at; 0 when now."""
        count, since = self._wrong.get(key, (0, 0.0))
        if count < TRIES:
            return 0.0
        wait = min(WAIT_S * 2.0 ** (count - TRIES), WAIT_MOST_S)
        return max(0.0, since + wait - self._tick())

    def wrong(self, key: str) -> int:
        """Note a wrong try. Returns how many there are in a row."""
        count = self._wrong.get(key, (0, 0.0))[0] + 1
        self._wrong[key] = (count, self._tick())
        return count

    def right(self, key: str) -> None:
        """Start counting anew."""
        self._wrong.pop(key, None)
