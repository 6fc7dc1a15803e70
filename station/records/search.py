"""Searches over runs and events, a page at a time, newest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Integer, Select, and_, or_, select, table
from sqlalchemy import column as a_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from station.errors import RecordError
from station.records.chain import GENESIS, canonical_json, event_hash
from station.records.models import Event, Result, Run
from station.records.rows import event_content, event_row, run_row
from station.records.store import Store

COUNT_MOST: Final = 10_000
"""Found runs are counted up to here; more is told as more."""
_TEXT_COLUMNS: Final = (Run.battery, Run.run_id, Run.error_code)
WORD_LEAST: Final = 3
"""Letters that a part of a word must have to be found by the index."""
_WORDS: Final = table("run_words", a_column("rowid", Integer), a_column("run_words", Boolean))


class Search(Store):
    """Every condition is optional; those given must all hold. Dates are ISO 8601 UTC, the end exclusive."""

    def search_runs(
        self, *, limit: int = 50, before: int | None = None, **conditions: str | None
    ) -> dict[str, Any]:
        """Runs with ``number`` below ``before`` that meet ``conditions``: at most ``limit``.

        ``battery`` and ``text`` are parts of words, whatever their case; ``since``, ``until``, ``verdict``,
        ``grade``, ``profile``, ``channel``, ``state`` and ``outcome`` are as recorded. Returns
        ``{"runs", "next", "count", "more"}``: ``next`` is what to give as ``before`` for the next page (None:
        this is the last), ``count`` how many there are in all, and ``more`` true where that stopped counting.
        """
        with self._reading() as session:
            number: ColumnElement[Any] = Run.number.expression
            wanted = _run_conditions(conditions)
            on_sqlite = session.get_bind().dialect.name == "sqlite"
            words = _words(conditions) if on_sqlite else None
            if words is not None:
                # The runs found by their words come newest first, too, and nothing has to be sorted. Where a
                # run's number is that of a word, + 0 keeps SQLite from asking the words once for every run.
                number = _WORDS.c.rowid
                wanted += [words, Run.number == number + 0]
            # The numbers come from the narrow index, the wide rows only for what is shown. Few are put in
            # order here: a database that is asked for the newest few walks through all the newer ones first.
            some = list(session.scalars(select(number).where(*wanted).limit(COUNT_MOST + 1)))
            if len(some) <= COUNT_MOST:
                found = sorted((one for one in some if before is None or one < before), reverse=True)
            else:
                # So many are found soon from the newest on. Without statistics SQLite takes the index of one
                # of the conditions instead, and puts all that it finds there in order.
                if on_sqlite and words is None and not conditions.get("until"):
                    wanted = _run_conditions(conditions, by_number=True)
                numbers = select(number).where(*wanted).order_by(number.desc()).limit(limit + 1)
                if before is not None:
                    numbers = numbers.where(number < before)
                found = list(session.scalars(numbers))
            page = found[:limit]
            runs = session.scalars(select(Run).where(Run.number.in_(page)).order_by(Run.number.desc()))
            rows = [run_row(run) for run in runs]
        return {
            "runs": rows,
            "next": page[-1] if len(found) > limit else None,
            "count": min(len(some), COUNT_MOST),
            "more": len(some) > COUNT_MOST,
        }

    def results_of(self, run_ids: Sequence[str]) -> dict[str, str]:
        """The diagnoses of these runs, as JSON text by run id; a run without one is left out."""
        query = select(Result.run_id, Result.json).where(Result.run_id.in_(run_ids))
        with self._reading() as session:
            return {row.run_id: row.json for row in session.execute(query)}

    def search_events(
        self, *, limit: int = 100, before: int | None = None, **conditions: str | None
    ) -> dict[str, Any]:
        """Events with ``id`` below ``before``: at most ``limit``, newest first.

        ``code`` is the beginning of a code; ``channel`` also finds the events of that channel's runs;
        ``text`` is a part of code or facts; ``level``, ``source``, ``run_id``, ``since`` and ``until`` are as
        recorded. Returns ``{"events", "next"}``.
        """
        # The ids come from an index where one serves, the wide rows only for what is shown.
        ids = (
            select(Event.id).where(*_event_conditions(conditions)).order_by(Event.id.desc()).limit(limit + 1)
        )
        if before is not None:
            ids = ids.where(Event.id < before)
        with self._reading() as session:
            found = list(session.scalars(ids))
            query = select(Event).where(Event.id.in_(found[:limit])).order_by(Event.id.desc())
            rows = [event_row(event) for event in session.scalars(query)]
        return {"events": rows, "next": found[limit - 1] if len(found) > limit else None}

    def chain_from(self, event_id: int, known_hash: str, *, most: int) -> tuple[int, str, int]:
        """Check the links after event ``event_id`` (0: from the first), at most ``most`` of them.

        ``known_hash`` is that event's own. Returns the id and hash of the last one checked and how many there
        were. Raises RecordError (``record.chain_broken``) naming the first event that is not as written.
        """
        if event_id == 0:
            known_hash = GENESIS
        query: Select[Any] = select(Event).where(Event.id > event_id).order_by(Event.id).limit(most)
        count = 0
        with self._reading() as session:
            for event in session.scalars(query.execution_options(yield_per=1000)):
                try:
                    good = event.hash == event_hash(event_content(event), event.previous_hash)
                except ValueError:  # params are no JSON any more
                    good = False
                if not good or event.previous_hash != known_hash:
                    raise RecordError(
                        f"{self._name}: the chain of events is broken at event {event.id} ({event.code})",
                        remedy="compare with a backup; what comes before this event is intact",
                        code="record.chain_broken",
                        event_id=event.id,
                        good_to=event_id,
                    )
                event_id, known_hash, count = event.id, event.hash, count + 1
        return event_id, known_hash, count


def _run_conditions(given: dict[str, str | None], *, by_number: bool = False) -> list[ColumnElement[bool]]:
    """``by_number``: written so that no index but that of the numbers serves."""
    conditions: list[ColumnElement[bool]] = [Run.number.is_not(None)]
    for name, value in given.items():
        if not value:
            continue
        if name == "battery":
            conditions.append(_part(Run.battery, value))
        elif name == "text":
            conditions.append(or_(*(_part(column, value) for column in _TEXT_COLUMNS)))
        elif name == "since":
            conditions.append(Run.started_utc >= value)
        elif name == "until":
            conditions.append(Run.started_utc < value)
        elif name in ("verdict", "grade", "profile", "channel", "state", "outcome"):
            column = getattr(Run, name)
            conditions.append((column.op("||")("") if by_number else column) == value)
        else:
            raise TypeError(f"runs are not searched by {name!r}")
    return conditions


def _words(given: dict[str, str | None]) -> ColumnElement[bool] | None:
    """What the index of three letters each is asked, on SQLite; None where it cannot help.

    A phrase in quotation marks is a part of a word there (https://www.sqlite.org/fts5.html, "The Trigram
    Tokenizer"); shorter than three letters it would find nothing.
    """
    asked = []
    for name, column in (("battery", "battery : "), ("text", "")):
        value = given.get(name) or ""
        if len(value) >= WORD_LEAST and "\0" not in value:
            asked.append(column + '"' + value.replace('"', '""') + '"')
    return _WORDS.c.run_words.op("MATCH", is_comparison=True)(" AND ".join(asked)) if asked else None


def _event_conditions(given: dict[str, str | None]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, value in given.items():
        if not value:
            continue
        if name == "code":  # a range of the index, not a pattern
            conditions.append(and_(Event.code >= value, Event.code < value + "\U0010ffff"))
        elif name == "channel":
            runs = select(Run.run_id).where(Run.channel == value)
            told = Event.params.contains(f'"channel":{canonical_json(value)}', autoescape=True)
            conditions.append(or_(Event.run_id.in_(runs), told))
        elif name == "text":
            conditions.append(or_(_part(Event.code, value), _part(Event.params, value)))
        elif name == "since":
            conditions.append(Event.t_utc >= value)
        elif name == "until":
            conditions.append(Event.t_utc < value)
        elif name in ("level", "source", "run_id"):
            conditions.append(getattr(Event, name) == value)
        else:
            raise TypeError(f"events are not searched by {name!r}")
    return conditions


def _part(column: Any, value: str) -> ColumnElement[bool]:
    """``value`` anywhere in the column, whatever its case."""
    pattern = "%" + re.sub(r"([/%_])", r"/\1", value) + "%"
    found: ColumnElement[bool] = _AnyCase(column, pattern)
    return found


class _AnyCase(FunctionElement[bool]):
    """``column LIKE pattern ESCAPE '/'``: SQLite's own is blind to the case of a-z, others have ILIKE."""

    inherit_cache = True
    type = Boolean()


@compiles(_AnyCase)
def _ilike(element: _AnyCase, compiler: Any, **more: Any) -> str:
    column, pattern = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} ILIKE {pattern} ESCAPE '/'"


@compiles(_AnyCase, "sqlite")
def _like(element: _AnyCase, compiler: Any, **more: Any) -> str:
    column, pattern = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} LIKE {pattern} ESCAPE '/'"
