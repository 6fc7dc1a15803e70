"""The people on record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.errors import UsageError
from station.records.models import PersonRecord, utc_now
from station.records.rows import person_row
from station.records.store import Store

ADMIN = "admin"


class PersonStore(Store):
    """Adds, changes and finds persons. Gets and gives hashes, never a badge code or a PIN."""

    def persons(self) -> list[dict[str, Any]]:
        """Everybody, by name; ``badge`` and ``pin`` say only whether there is one."""
        with self._reading() as session:
            return [
                person_row(row) for row in session.scalars(select(PersonRecord).order_by(PersonRecord.name))
            ]

    def person_to_check(
        self, *, name: str | None = None, badge_hash: str | None = None
    ) -> dict[str, Any] | None:
        """The active person of that name, or of that badge, with ``pin_hash``; None when there is none."""
        query = select(PersonRecord).where(PersonRecord.active)
        if badge_hash is not None:
            query = query.where(PersonRecord.badge_hash == badge_hash)
        else:
            query = query.where(PersonRecord.name == name)
        with self._reading() as session:
            row = session.scalar(query)
            return None if row is None else {**person_row(row), "pin_hash": row.pin_hash}

    def any_badge_hash(self) -> str | None:
        """One badge's hash: all share its salt, so that a badge is found by its hash."""
        query = select(PersonRecord.badge_hash).where(PersonRecord.badge_hash.is_not(None)).limit(1)
        with self._reading() as session:
            return session.scalar(query)

    def add_person(
        self, name: str, role: str, *, by: str, pin_hash: str | None = None, badge_hash: str | None = None
    ) -> dict[str, Any]:
        """A new person. Returns the row.

        Raises UsageError: ``person.name_taken``, ``person.badge_taken``.
        """
        with self._writing() as session:
            _refuse_taken(session, None, name, badge_hash)
            now = utc_now()
            person = PersonRecord(
                name=name, role=role, active=True, pin_hash=pin_hash, badge_hash=badge_hash,
                created_utc=now, created_by=by, changed_utc=now, changed_by=by,
            )  # fmt: skip
            session.add(person)
            session.flush()
            return person_row(person)

    def change_person(self, person_id: int, *, by: str, **fields: Any) -> dict[str, Any]:
        """Set ``name``, ``role``, ``active``, ``pin_hash`` or ``badge_hash``. Returns the row.

        Raises UsageError: ``person.unknown``, ``person.last_admin``, and what ``add_person`` raises.
        """
        with self._writing() as session:
            person = session.get(PersonRecord, person_id)
            if person is None:
                raise UsageError(
                    f"there is no person {person_id} on record",
                    remedy="read the list again",
                    code="person.unknown",
                    person=person_id,
                )
            _refuse_taken(session, person_id, fields.get("name"), fields.get("badge_hash"))
            for field, value in fields.items():
                if field not in ("name", "role", "active", "pin_hash", "badge_hash"):
                    raise TypeError(f"a person has no field {field!r} to change")
                setattr(person, field, value)
            person.changed_utc, person.changed_by = utc_now(), by
            session.flush()
            _keep_an_admin(session, person)
            return person_row(person)


def _refuse_taken(session: Session, own_id: int | None, name: str | None, badge_hash: str | None) -> None:
    for column, value, code, what in (
        (PersonRecord.name, name, "person.name_taken", "name"),
        (PersonRecord.badge_hash, badge_hash, "person.badge_taken", "badge"),
    ):
        if value is None:
            continue
        other = session.scalar(select(PersonRecord).where(column == value))
        if other is not None and other.id != own_id:
            raise UsageError(
                f"this {what} is already {other.name}'s",
                remedy="take another one",
                code=code,
                name=other.name,
            )


def _keep_an_admin(session: Session, changed: PersonRecord) -> None:
    """Without an administrator who is active nobody could change anything any more."""
    query = select(PersonRecord.id).where(PersonRecord.role == ADMIN, PersonRecord.active).limit(1)
    if session.scalar(query) is None:
        raise UsageError(
            f"{changed.name} is the last administrator",
            remedy="make somebody else administrator first",
            code="person.last_admin",
            name=changed.name,
        )
