"""Indexes for the history page of a million runs: parts of words by three letters each, and two pairs.

A later migration that builds the table ``runs`` anew makes the triggers anew, too: SQLite drops them with it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = ("battery", "run_id", "error_code")
_NAMES = ", ".join(_COLUMNS)


def upgrade() -> None:
    """FTS5's trigrams on SQLite (3.34 and newer), pg_trgm on PostgreSQL where a user may create it."""
    op.create_index("runs_verdict", "runs", ["verdict", "started_utc", "number", "grade"])
    op.create_index("runs_outcome", "runs", ["outcome", "channel", "number"])
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    elif op.get_bind().dialect.name == "postgresql":
        _postgresql()


def downgrade() -> None:
    """Indexes only; nothing on record changes."""
    op.drop_index("runs_verdict", "runs")
    op.drop_index("runs_outcome", "runs")
    if op.get_bind().dialect.name == "sqlite":
        for when in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS run_words_{when}")
        op.execute("DROP TABLE IF EXISTS run_words")
    else:
        op.execute("DROP INDEX IF EXISTS runs_words")


def _sqlite() -> None:
    new, old = (", ".join(f"{row}.{name}" for name in _COLUMNS) for row in ("new", "old"))
    add = f"INSERT INTO run_words(rowid, {_NAMES}) SELECT new.number, {new} WHERE new.number IS NOT NULL;"
    remove = (
        f"INSERT INTO run_words(run_words, rowid, {_NAMES})"
        f" SELECT 'delete', old.number, {old} WHERE old.number IS NOT NULL;"
    )
    op.execute(
        f"CREATE VIRTUAL TABLE run_words USING fts5({_NAMES}, content='runs', content_rowid='number',"
        " tokenize='trigram')"
    )
    op.execute(
        f"INSERT INTO run_words(rowid, {_NAMES}) SELECT number, {_NAMES} FROM runs WHERE number IS NOT NULL"
    )
    op.execute(f"CREATE TRIGGER run_words_insert AFTER INSERT ON runs BEGIN {add} END")
    op.execute(f"CREATE TRIGGER run_words_delete AFTER DELETE ON runs BEGIN {remove} END")
    op.execute(
        f"CREATE TRIGGER run_words_update AFTER UPDATE OF number, {_NAMES} ON runs BEGIN {remove} {add} END"
    )


def _postgresql() -> None:
    # A savepoint: without the extension the search is slower and as right.
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError:
        return
    columns = ", ".join(f"{name} gin_trgm_ops" for name in _COLUMNS)
    op.execute(f"CREATE INDEX runs_words ON runs USING gin ({columns})")
