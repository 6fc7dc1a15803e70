"""What an interrupted run needs to be resumed or closed, and the order of runs without any clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New columns; the runs on record are numbered as their clock times say, which is all there is.

    Where a way back has left the columns, they are taken up again, and only new runs get numbers.
    """
    connection = op.get_bind()
    there = {column["name"] for column in sa.inspect(connection).get_columns("runs")}
    if "number" not in there:
        op.add_column("runs", sa.Column("number", sa.Integer()))
        op.add_column("runs", sa.Column("duration_s", sa.Float()))
        op.add_column("runs", sa.Column("resumes", sa.Integer(), nullable=False, server_default="0"))
        op.add_column("runs", sa.Column("interrupted_utc", sa.String(32)))
        op.add_column("runs", sa.Column("closed_utc", sa.String(32)))
        op.add_column("runs", sa.Column("closed_by", sa.String(64)))
    runs = sa.table(
        "runs",
        sa.column("run_id", sa.String),
        sa.column("started_utc", sa.String),
        sa.column("number", sa.Integer),
    )
    newest = connection.scalar(sa.select(sa.func.max(runs.c.number))) or 0
    old = connection.execute(
        sa.select(runs.c.run_id).where(runs.c.number.is_(None)).order_by(runs.c.started_utc, runs.c.run_id)
    )
    for number, (run_id,) in enumerate(old.all(), start=newest + 1):
        connection.execute(runs.update().where(runs.c.run_id == run_id).values(number=number))
    if "number" not in there:
        # Unique: two runs can never have the same place in the order, on any database.
        op.create_index("runs_number", "runs", ["number"], unique=True)


def downgrade() -> None:
    """Nothing is dropped: an older program leaves the columns alone, and new runs have no number in them."""
