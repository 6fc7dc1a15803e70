"""Codes of vehicles, packs, modules and cells, and how they belong together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from station.errors import UsageError
from station.records.event_log import EventLog
from station.records.models import Battery, BatteryLink, Identity, utc_now

LEVELS = ("vehicle", "pack", "module", "cell")
"""From what holds to what is held; a level may be left out (cells without modules)."""
PART, RECODED = "part", "recoded"
DEPTH_MOST = 64


class IdentityStore(EventLog):
    """Every deed is an event in the chain, and a link that has ended stays on record."""

    def add_identity(self, code: str, *, kind: str, level: str | None, raw: str, by: str) -> dict[str, Any]:
        """Note a code; one that is known stays as it is, but learns its level. Returns the row."""
        with self._writing() as session:
            row = session.get(Identity, code)
            if row is None:
                row = Identity(
                    code=code, kind=kind, level=level, raw=raw[:128], added_utc=utc_now(), added_by=by
                )
                session.add(row)
            elif row.level is None:
                row.level = level
            session.flush()
            return _identity(row)

    def identity(self, code: str) -> dict[str, Any] | None:
        """One code, or None."""
        with self._reading() as session:
            row = session.get(Identity, code)
            return None if row is None else _identity(row)

    def identities(self) -> list[dict[str, Any]]:
        """All codes, in the order of the alphabet."""
        with self._reading() as session:
            return [_identity(row) for row in session.scalars(select(Identity).order_by(Identity.code))]

    def find_codes(self, text: str, *, limit: int) -> list[dict[str, Any]]:
        """Codes on record, of identities and of tested batteries, that hold ``text``: ``code``, ``level``.

        In the order of the alphabet; one more than ``limit`` where there are more.
        """
        like = f"%{text.strip().upper().replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
        found: dict[str, str | None] = {}
        with self._reading() as session:
            for table in (Battery, Identity):
                query = select(table.code, table.level).where(func.upper(table.code).like(like, escape="/"))
                for code, level in session.execute(query.order_by(table.code).limit(limit + 1)):
                    found[code] = level or found.get(code)
        return [{"code": code, "level": found[code]} for code in sorted(found)[: limit + 1]]

    def links(self, code: str | None = None) -> list[dict[str, Any]]:
        """All links, or those that a code has part in; ended ones have ``until_utc``. Oldest first."""
        query = select(BatteryLink).order_by(BatteryLink.id)
        if code is not None:
            query = query.where(or_(BatteryLink.parent == code, BatteryLink.child == code))
        with self._reading() as session:
            return [_link(row) for row in session.scalars(query)]

    def link_part(self, parent: str, child: str, *, who: str, why: str, move: bool = False) -> dict[str, Any]:
        """``child`` sits in ``parent`` from now on; ``move`` ends where it sat before.

        Raises UsageError: ``identity.unsigned``, ``identity.unknown``, ``identity.level_order``,
        ``identity.has_parent``, ``identity.circle``.
        """
        _signed(who, why)
        with self._writing() as session:
            above, below = _known(session, parent), _known(session, child)
            _in_order(above, below)
            old = _open_parent(session, child)
            if old is not None and old.parent == parent:
                return _link(old)
            if parent == child or child in _ancestors(session, parent):
                raise UsageError(
                    f"{child} holds {parent} already",
                    remedy="check which of the two holds the other",
                    code="identity.circle",
                    parent=parent,
                    child=child,
                )
            if old is not None:
                if not move:
                    raise UsageError(
                        f"{child} is on record as a part of {old.parent}",
                        remedy="check the codes; say --move when it has been moved",
                        code="identity.has_parent",
                        child=child,
                        parent=old.parent,
                    )
                _end(old, who, why)
            return self._linked(session, PART, parent, child, who, why)

    def unlink_part(self, child: str, *, who: str, why: str) -> dict[str, Any]:
        """``child`` has been taken out. Raises UsageError: ``identity.unsigned``, ``identity.no_parent``."""
        _signed(who, why)
        with self._writing() as session:
            old = _open_parent(session, child)
            if old is None:
                raise UsageError(
                    f"{child} is not on record as a part of anything",
                    remedy="see: station battery show",
                    code="identity.no_parent",
                    child=child,
                )
            _end(old, who, why)
            params = {"parent": old.parent, "child": child, "who": who, "why": why}
            self._append(session, "identity.unlinked", params)
            return _link(old)

    def recode(self, old: str, new: str, *, who: str, why: str) -> dict[str, Any]:
        """``new`` is the code of what carried ``old``, which stays on record.

        Raises UsageError: ``identity.unsigned``, ``identity.unknown``, ``identity.recoded_already``,
        ``identity.code_taken``, ``identity.circle``, ``identity.level_order``.
        """
        _signed(who, why)
        with self._writing() as session:
            before, after = _known(session, old), _known(session, new)
            if old == new:
                raise UsageError(
                    f"{old} is its own new code",
                    remedy="give the old code and the new one",
                    code="identity.circle",
                    parent=old,
                    child=new,
                )
            if before.level and after.level and before.level != after.level:
                raise UsageError(
                    f"{old} is a {before.level}, {new} a {after.level}",
                    remedy="a new code is given at the same level; link parts instead",
                    code="identity.level_order",
                    parent=old,
                    child=new,
                )
            for row in session.scalars(select(BatteryLink).where(BatteryLink.kind == RECODED)):
                if row.parent == old:
                    raise UsageError(
                        f"{old} has the new code {row.child} already",
                        remedy=f"recode {row.child} where it gets another one",
                        code="identity.recoded_already",
                        old=old,
                        new=row.child,
                    )
                if row.child == new or row.parent == new:
                    other = row.parent if row.child == new else row.child
                    raise UsageError(
                        f"{new} is in use: it belongs with {other}",
                        remedy="check the new label; no code is given twice",
                        code="identity.code_taken",
                        new=new,
                        other=other,
                    )
            return self._linked(session, RECODED, old, new, who, why)

    def _linked(
        self, session: Session, kind: str, parent: str, child: str, who: str, why: str
    ) -> dict[str, Any]:
        link = BatteryLink(kind=kind, parent=parent, child=child, from_utc=utc_now(), who=who, why=why)
        session.add(link)
        session.flush()
        code = "identity.linked" if kind == PART else "identity.recoded"
        self._append(session, code, {"parent": parent, "child": child, "who": who, "why": why})
        return _link(link)


def _signed(who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise UsageError(
            "who says so, and why, must be said", remedy="give --who and --why", code="identity.unsigned"
        )


def _known(session: Session, code: str) -> Identity:
    row = session.get(Identity, code)
    if row is None:
        raise UsageError(
            f"the code {code} is not on record",
            remedy="add it first: station battery add",
            code="identity.unknown",
            battery=code,
        )
    return row


def _in_order(above: Identity, below: Identity) -> None:
    levels = [LEVELS.index(row.level) if row.level in LEVELS else None for row in (above, below)]
    if levels[0] is not None and levels[1] is not None and levels[0] >= levels[1]:
        raise UsageError(
            f"a {below.level} ({below.code}) does not sit in a {above.level} ({above.code})",
            remedy="check which of the two holds the other",
            code="identity.level_order",
            parent=above.code,
            child=below.code,
        )


def _open_parent(session: Session, child: str) -> BatteryLink | None:
    query = select(BatteryLink).where(
        BatteryLink.child == child, BatteryLink.kind == PART, BatteryLink.until_utc.is_(None)
    )
    return session.scalars(query).first()


def _ancestors(session: Session, code: str) -> set[str]:
    found: set[str] = set()
    for _ in range(DEPTH_MOST):
        above = _open_parent(session, code)
        if above is None or above.parent in found:
            break
        code = above.parent
        found.add(code)
    return found


def _end(link: BatteryLink, who: str, why: str) -> None:
    link.until_utc, link.ended_by, link.ended_why = utc_now(), who, why


def _identity(row: Identity) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in Identity.__table__.columns}


def _link(row: BatteryLink) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in BatteryLink.__table__.columns}
