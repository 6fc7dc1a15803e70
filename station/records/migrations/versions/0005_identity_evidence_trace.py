"""Identities and their links, changes with old and new value, what is to be told, files taken away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns. Where a way back has left them, they are taken up again with what is in
    them."""
    there = sa.inspect(op.get_bind())
    columns = {table: {c["name"] for c in there.get_columns(table)} for table in ("runs", "raw_files")}
    if "station" not in columns["runs"]:
        op.add_column("runs", sa.Column("station", sa.String(16)))
    if "removed_utc" not in columns["raw_files"]:
        op.add_column("raw_files", sa.Column("removed_utc", sa.String(32)))
        op.add_column("raw_files", sa.Column("removed_by", sa.String(64)))
        op.add_column("raw_files", sa.Column("removed_why", sa.Text()))
    if "identities" not in there.get_table_names():
        _identities()
        _changes()
        _trace()


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("level", sa.String(10)),
        sa.Column("raw", sa.String(128), nullable=False),
        sa.Column("added_utc", sa.String(32), nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
    )
    op.create_table(
        "battery_links",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("parent", sa.String(64), sa.ForeignKey("identities.code"), nullable=False),
        sa.Column("child", sa.String(64), sa.ForeignKey("identities.code"), nullable=False),
        sa.Column("from_utc", sa.String(32), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until_utc", sa.String(32)),
        sa.Column("ended_by", sa.String(64)),
        sa.Column("ended_why", sa.Text()),
    )
    op.create_index("links_child", "battery_links", ["child", "kind"])
    op.create_index("links_parent", "battery_links", ["parent", "kind"])


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("record", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("t_utc", sa.String(32), nullable=False),
        sa.Column("event_hash", sa.String(64), nullable=False),
    )
    op.create_index("changes_key", "changes", ["record", "key"])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER changes_no_{deed.lower()} BEFORE {deed} ON changes "
                "BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END"
            )


def _trace() -> None:
    op.create_table(
        "trace_items",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("happened_on", sa.String(10), nullable=False),
        sa.Column("due_on", sa.String(10)),
        sa.Column("batch", sa.String(40)),
        sa.Column("file", sa.String(255)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("receipt", sa.Text()),
        sa.Column("made_utc", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("changed_utc", sa.String(32), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
    )
    op.create_index("trace_subject", "trace_items", ["template", "subject"], unique=True)
    op.create_index("trace_state", "trace_items", ["state", "due_on"])
    op.create_index("ix_trace_items_batch", "trace_items", ["batch"])


def downgrade() -> None:
    """Nothing is dropped: an older program does not look at what it does not know, and records stay."""
