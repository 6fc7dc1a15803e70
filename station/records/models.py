"""The tables. Times are UTC as ISO 8601 text, so that they sort and hash alike on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def utc_now() -> str:
    """Now, as the tables keep it: ``2026-11-23T02:35:00.123456Z``."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


RUN_SEARCH = (
    "started_utc", "battery", "profile", "channel", "verdict", "grade", "state", "outcome", "error_code",
    "run_id",
)  # fmt: skip
"""What a search over runs looks at: one narrow index holds all of it, newest last."""


class Base(DeclarativeBase):
    """All tables."""


class Battery(Base):
    """What is known of one battery. ``nominal_capacity_Ah`` is that of one series group."""

    __tablename__ = "batteries"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    level: Mapped[str | None] = mapped_column(String(10))
    chemistry: Mapped[str | None] = mapped_column(String(10))
    nominal_capacity_Ah: Mapped[float | None] = mapped_column(Float)
    maker: Mapped[str | None] = mapped_column(String(10))
    made_on: Mapped[str | None] = mapped_column(String(10))
    first_seen_utc: Mapped[str] = mapped_column(String(32))
    last_seen_utc: Mapped[str] = mapped_column(String(32))


class Run(Base):
    """One test. ``state`` is ``running``, ``analysis``, ``ended`` or ``interrupted``.

    ``latched`` is true while its fault keeps the channel shut until a person acknowledges it.
    ``number`` counts the runs in the order they began, whatever the clock on the wall said;
    ``duration_s`` is recorded bench time in s, without the gaps before resumptions.
    ``interrupted`` is a test that may go on (``resumes`` counts how often it did) or be closed for good.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("runs_of_bench", "bench", "channel"),
        Index("runs_number", "number", unique=True),
        Index("runs_search", "number", *RUN_SEARCH),
        Index("runs_verdict", "verdict", "started_utc", "number", "grade"),
        Index("runs_outcome", "outcome", "channel", "number"),
    )

    run_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    battery: Mapped[str] = mapped_column(ForeignKey("batteries.code"), index=True)
    bench: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    profile: Mapped[str] = mapped_column(String(40))
    plan_digest: Mapped[str] = mapped_column(String(64))
    nominal_capacity_Ah: Mapped[float] = mapped_column(Float)
    chemistry: Mapped[str | None] = mapped_column(String(10))
    speed: Mapped[float] = mapped_column(Float)
    simulated: Mapped[bool] = mapped_column(Boolean)
    started_utc: Mapped[str] = mapped_column(String(32), index=True)
    ended_utc: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12), index=True)
    outcome: Mapped[str | None] = mapped_column(String(24))
    exit_code: Mapped[int | None] = mapped_column(Integer)
    verdict: Mapped[str | None] = mapped_column(String(12))
    grade: Mapped[str | None] = mapped_column(String(12))
    soh: Mapped[float | None] = mapped_column(Float)
    soh_low90: Mapped[float | None] = mapped_column(Float)
    soh_high90: Mapped[float | None] = mapped_column(Float)
    error_code: Mapped[str | None] = mapped_column(String(80))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_remedy: Mapped[str | None] = mapped_column(Text)
    error_params: Mapped[str | None] = mapped_column(Text)
    latched: Mapped[bool] = mapped_column(Boolean, default=False)
    acknowledged_utc: Mapped[str | None] = mapped_column(String(32))
    worker_pid: Mapped[int | None] = mapped_column(Integer)
    worker_started: Mapped[float | None] = mapped_column(Float)
    number: Mapped[int | None] = mapped_column(Integer)
    duration_s: Mapped[float | None] = mapped_column(Float)
    resumes: Mapped[int] = mapped_column(Integer, default=0)
    interrupted_utc: Mapped[str | None] = mapped_column(String(32))
    closed_utc: Mapped[str | None] = mapped_column(String(32))
    closed_by: Mapped[str | None] = mapped_column(String(64))
    # Key id of the station that made it: together with run_id unique among all stations.
    station: Mapped[str | None] = mapped_column(String(16))


class PersonRecord(Base):
    """Somebody who works here. Hashes only: no badge code and no PIN is ever kept."""

    __tablename__ = "persons"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    badge_hash: Mapped[str | None] = mapped_column(String(160), unique=True)
    pin_hash: Mapped[str | None] = mapped_column(String(160))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_utc: Mapped[str] = mapped_column(String(32))
    created_by: Mapped[str] = mapped_column(String(64))
    changed_utc: Mapped[str] = mapped_column(String(32))
    changed_by: Mapped[str] = mapped_column(String(64))


class Event(Base):
    """One event; never changed, never removed. ``t_s`` is bench time since the run's start."""

    __tablename__ = "events"
    __table_args__ = (Index("events_code", "code", "id"), Index("events_t_utc", "t_utc"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    run_id: Mapped[str | None] = mapped_column(String(64), index=True)
    t_utc: Mapped[str] = mapped_column(String(32))
    t_s: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(8))
    params: Mapped[str] = mapped_column(Text)
    # Unique: two events can never follow the same one, on any database.
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Result(Base):
    """The diagnosis of a run, as JSON, with the version of the program that made it."""

    __tablename__ = "results"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id"), primary_key=True)
    json: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(40))
    made_utc: Mapped[str] = mapped_column(String(32))


class RawFile(Base):
    """A file of a run beside the database; ``path`` is relative to the data folder, with ``/``.

    ``removed_*``: it was taken away by the rule of retention; its checksum stays.
    """

    __tablename__ = "raw_files"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(Integer)
    removed_utc: Mapped[str | None] = mapped_column(String(32))
    removed_by: Mapped[str | None] = mapped_column(String(64))
    removed_why: Mapped[str | None] = mapped_column(Text)


class AlarmRow(Base):
    """One alarm of a bench's list as it is now; ``content`` is the whole of it as JSON."""

    __tablename__ = "alarms"
    __table_args__ = (Index("alarms_open", "bench", "state"),)

    bench: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    channel: Mapped[str | None] = mapped_column(String(20))
    run_id: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(32))
    changed_utc: Mapped[str] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)


class OutboxRow(Base):
    """What a run still has to tell: the site where ``sent`` is lower, the MES where ``reported`` is.

    One row a run, so that a station without a site never gathers more than it has runs.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_waiting", "sent", "revision"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    sent: Mapped[int] = mapped_column(Integer, default=0)
    reported: Mapped[int] = mapped_column(Integer, default=0)
    changed_utc: Mapped[str] = mapped_column(String(32))
    sent_utc: Mapped[str | None] = mapped_column(String(32))
    refused: Mapped[str | None] = mapped_column(Text)


class SiteRun(Base):
    """One revision of one run of one station, as the site keeps it; never changed, never removed.

    ``newest`` is false once a later revision has come. ``sha256`` covers ``document``.
    """

    __tablename__ = "site_runs"
    __table_args__ = (
        Index("site_runs_newest", "newest", "started_utc", "battery", "verdict", "grade", "station"),
        Index("site_runs_battery", "battery"),
    )

    station: Mapped[str] = mapped_column(String(40), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    newest: Mapped[bool] = mapped_column(Boolean)
    battery: Mapped[str] = mapped_column(String(64))
    bench: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    profile: Mapped[str] = mapped_column(String(40))
    started_utc: Mapped[str] = mapped_column(String(32))
    ended_utc: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(24))
    verdict: Mapped[str | None] = mapped_column(String(12))
    grade: Mapped[str | None] = mapped_column(String(12))
    soh: Mapped[float | None] = mapped_column(Float)
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    received_utc: Mapped[str] = mapped_column(String(32))


class Identity(Base):
    """A code that stands for a vehicle, pack, module or cell; ``raw`` is what was scanned or typed first.

    ``kind`` is ``gbt34014``, ``gbt34014_reuse``, ``vin``, ``own`` or ``free``.
    """

    __tablename__ = "identities"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[str | None] = mapped_column(String(10))
    raw: Mapped[str] = mapped_column(String(128))
    added_utc: Mapped[str] = mapped_column(String(32))
    added_by: Mapped[str] = mapped_column(String(64))


class BatteryLink(Base):
    """``part``: ``child`` sits in ``parent``. ``recoded``: ``child`` is the new code of what ``parent`` was.

    A link that has ended stays, with who ended it and why.
    """

    __tablename__ = "battery_links"
    __table_args__ = (Index("links_child", "child", "kind"), Index("links_parent", "parent", "kind"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str] = mapped_column(ForeignKey("identities.code"))
    child: Mapped[str] = mapped_column(ForeignKey("identities.code"))
    from_utc: Mapped[str] = mapped_column(String(32))
    who: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(Text)
    until_utc: Mapped[str | None] = mapped_column(String(32))
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_why: Mapped[str | None] = mapped_column(Text)


class Change(Base):
    """One corrected field of one record: old and new value as JSON. Never changed, never removed."""

    __tablename__ = "changes"
    __table_args__ = (Index("changes_key", "record", "key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    record: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    field: Mapped[str] = mapped_column(String(40))
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(Text)
    t_utc: Mapped[str] = mapped_column(String(32))
    event_hash: Mapped[str] = mapped_column(String(64))


class TraceItem(Base):
    """Something that must be told to a traceability platform. ``fields`` is what is told, as JSON.

    ``state`` is ``waiting``, ``exporting`` (its batch is being written), ``exported`` or ``confirmed``.
    """

    __tablename__ = "trace_items"
    __table_args__ = (
        Index("trace_subject", "template", "subject", unique=True),
        Index("trace_state", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    template: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(128))
    fields: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    happened_on: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[str | None] = mapped_column(String(10))
    batch: Mapped[str | None] = mapped_column(String(40), index=True)
    file: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(String(64))
    receipt: Mapped[str | None] = mapped_column(Text)
    made_utc: Mapped[str] = mapped_column(String(32))
    made_by: Mapped[str] = mapped_column(String(64))
    changed_utc: Mapped[str] = mapped_column(String(32))
    changed_by: Mapped[str] = mapped_column(String(64))
