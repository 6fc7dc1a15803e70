"""People of the station: login, roles, and the FastAPI dependency ``needs(role)`` that guards a call.

The header ``X-Person`` carries the token of a session. Calls without a role need none, as ever.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Request

from station.errors import StationError, UsageError
from station.service.credentials import badge_hash, pin_hash, pin_is, read_badge
from station.service.ending import in_thread
from station.service.roles import ROLES, Person, Role
from station.service.sessions import NotLoggedIn, Sessions, Throttle

if TYPE_CHECKING:
    from station.service.core import Station

HEADER: Final = "X-Person"
NAME_MOST: Final = 40


class LoginRefused(StationError):
    """Wrong badge, name or PIN; it is not said which."""

    code = "person.refused"


class LoginLocked(StationError):
    """Too many wrong tries."""

    code = "person.locked"


class RoleMissing(StationError):
    """Logged in, but not for this."""

    code = "person.role"


class Persons:
    """Logins of one service. Lives on its event loop; hashing runs in threads, one at a time."""

    def __init__(self, station: Station, tick: Callable[[], float] = time.monotonic) -> None:
        self._station = station
        self.sessions = Sessions(tick)
        self._throttle = Throttle(tick)
        self._one = asyncio.Lock()

    async def login(
        self, *, badge: str | None = None, name: str | None = None, pin: str | None = None
    ) -> tuple[str, Person]:
        """A session's token and its person, by badge, or by name and PIN.

        Raises LoginRefused, LoginLocked, UsageError, RecordError.
        """
        key = "" if badge is not None else (name or "")
        async with self._one:  # tries side by side would all be looked at before the first one counts
            wait_s = self._throttle.wait_s(key)
            if wait_s > 0:
                raise LoginLocked(
                    f"too many wrong tries; the next one counts in {wait_s:.0f} s",
                    remedy="wait, or ask an administrator for a new PIN",
                    wait_s=round(wait_s, 1),
                )
            row = await in_thread(self._find, badge, name, pin)
            if row is None:
                count = self._throttle.wrong(key)
                # Neither what was typed nor whether the name exists goes on record.
                self._station.keeper.event(
                    "person.login_refused",
                    {"by": "badge" if badge is not None else "pin", "tries": count},
                    level="warning",
                )
                raise LoginRefused("this badge or PIN is not right", remedy="try again", tries=count)
            self._throttle.right(key)
        person = Person(row["id"], row["name"], row["role"])
        self._station.keeper.event("person.login", {"who": person.name, "role": person.role})
        return self.sessions.begin(person), person

    def logout(self, token: str) -> None:
        """End a session; nothing happens when it is over already."""
        person = self.sessions.end(token)
        if person is not None:
            self._station.keeper.event("person.logout", {"who": person.name})

    async def add(
        self, by: Person, name: str, role: str, pin: str | None, badge: str | None
    ) -> dict[str, Any]:
        """Put somebody on record. Raises UsageError, RecordError."""
        row = await in_thread(add_person, self._station.records, by.name, name, role, pin, badge)
        self._station.keeper.event("person.added", {"who": by.name, "name": row["name"], "role": role})
        return row

    async def change(self, by: Person, person_id: int, wanted: dict[str, Any]) -> dict[str, Any]:
        """Change ``role``, ``active``, ``pin`` or ``badge`` (None takes it away). Ends their sessions."""
        row = await in_thread(change_person, self._station.records, by.name, person_id, wanted)
        self.sessions.end_of(person_id)
        self._throttle.right(row["name"])
        self._station.keeper.event(
            "person.changed", {"who": by.name, "name": row["name"], "fields": sorted(wanted)}
        )
        return row

    def _find(self, badge: str | None, name: str | None, pin: str | None) -> dict[str, Any] | None:
        records = self._station.records
        if badge is not None:
            hashed = badge_hash(read_badge(badge), records.any_badge_hash())
            return records.person_to_check(badge_hash=hashed)
        row = records.person_to_check(name=(name or "").strip())
        return row if pin_is(pin or "", None if row is None else row["pin_hash"]) else None


def add_person(
    records: Any, by: str, name: str, role: str, pin: str | None, badge: str | None
) -> dict[str, Any]:
    """Put somebody on record: a name and at least a PIN or a badge. Blocks for the hashing.

    Raises UsageError: ``person.name_empty``, ``person.role_unknown``, ``person.no_key``, ``person.…_taken``.
    """
    name = name.strip()
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise UsageError(
            f"a name has 1 to {NAME_MOST} characters",
            remedy="give a name",
            code="person.name_empty",
            most=NAME_MOST,
        )
    _known_role(role)
    if pin is None and badge is None:
        raise UsageError("a person needs a PIN or a badge", remedy="give one of them", code="person.no_key")
    return dict(
        records.add_person(
            name,
            role,
            by=by,
            pin_hash=None if pin is None else pin_hash(pin),
            badge_hash=None if badge is None else badge_hash(read_badge(badge), records.any_badge_hash()),
        )
    )


def change_person(records: Any, by: str, person_id: int, wanted: dict[str, Any]) -> dict[str, Any]:
    """Change ``role``, ``active``, ``pin``, ``badge``. Raises UsageError, RecordError."""
    fields: dict[str, Any] = {key: wanted[key] for key in ("role", "active") if key in wanted}
    if "role" in fields:
        _known_role(fields["role"])
    if "pin" in wanted:
        fields["pin_hash"] = None if wanted["pin"] is None else pin_hash(wanted["pin"])
    if "badge" in wanted:
        badge = wanted["badge"]
        fields["badge_hash"] = badge and badge_hash(read_badge(badge), records.any_badge_hash())
    return dict(records.change_person(person_id, by=by, **fields))


def _known_role(role: str) -> None:
    if role not in ROLES:
        raise UsageError(
            f"there is no role {role!r}", remedy=f"one of: {', '.join(ROLES)}", code="person.role_unknown",
            role=role, roles=", ".join(ROLES),
        )  # fmt: skip


# -- guarding calls ------------------------------------------------------------------------------


def person_of(request: Request) -> Person | None:
    """Who sends this; None without a session. Raises NotLoggedIn when the session is over."""
    token = request.headers.get(HEADER)
    persons: Persons = request.app.state.persons
    return persons.sessions.person(token) if token else None


def needs(role: Role) -> Callable[[Request], Person]:
    """A dependency that lets only persons of ``role`` or above through, and gives the person."""

    def check(request: Request) -> Person:
        person = person_of(request)
        if person is None:
            raise NotLoggedIn("nobody is logged in", remedy="log in")
        if not person.may(role):
            raise RoleMissing(
                f"this needs the role {role}; {person.name} is {person.role}",
                remedy="ask somebody who has it",
                needed=role,
                role=person.role,
            )
        return person

    return check


AnyPerson = Annotated[Person, Depends(needs("operator"))]
Engineer = Annotated[Person, Depends(needs("engineer"))]
Admin = Annotated[Person, Depends(needs("admin"))]
"""For a route's parameter: ``person: Engineer``."""
