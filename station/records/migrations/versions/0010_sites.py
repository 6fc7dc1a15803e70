"""What a station has to tell its site, and what a site has been told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; the site is told of runs that have ended before now, too, the MES is not.

    Where a way back has left them, what an older program ended since is put into the outbox as well.
    """
    if "outbox" not in sa.inspect(op.get_bind()).get_table_names():
        _tables()
    op.execute(
        "UPDATE outbox SET revision = revision + 1, refused = NULL, changed_utc ="
        " (SELECT runs.ended_utc FROM runs WHERE runs.run_id = outbox.run_id)"
        " WHERE EXISTS (SELECT 1 FROM runs WHERE runs.run_id = outbox.run_id AND runs.state = 'ended'"
        " AND runs.ended_utc > outbox.changed_utc)"
    )
    op.execute(
        "INSERT INTO outbox (run_id, revision, sent, reported, changed_utc)"
        " SELECT run_id, 1, 0, 1, COALESCE(ended_utc, started_utc) FROM runs WHERE state = 'ended'"
        " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run_id = runs.run_id)"
    )


def _tables() -> None:
    op.create_table(
        "outbox",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=False),
        sa.Column("changed_utc", sa.String(32), nullable=False),
        sa.Column("sent_utc", sa.String(32)),
        sa.Column("refused", sa.Text()),
    )
    op.create_index("outbox_waiting", "outbox", ["sent", "revision"])
    op.create_table(
        "site_runs",
        sa.Column("station", sa.String(40), primary_key=True),
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("battery", sa.String(64), nullable=False),
        sa.Column("bench", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("started_utc", sa.String(32), nullable=False),
        sa.Column("ended_utc", sa.String(32)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(24)),
        sa.Column("verdict", sa.String(12)),
        sa.Column("grade", sa.String(12)),
        sa.Column("soh", sa.Float()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("received_utc", sa.String(32), nullable=False),
    )
    newest = ["newest", "started_utc", "battery", "verdict", "grade", "station"]
    op.create_index("site_runs_newest", "site_runs", newest)
    op.create_index("site_runs_battery", "site_runs", ["battery"])


def downgrade() -> None:
    """Nothing is dropped: what a site was told exists nowhere else as it was told."""
