"""The first tables, and the triggers that keep events append-only on SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "batteries",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("level", sa.String(10)),
        sa.Column("chemistry", sa.String(10)),
        sa.Column("nominal_capacity_Ah", sa.Float()),
        sa.Column("maker", sa.String(10)),
        sa.Column("made_on", sa.String(10)),
        sa.Column("first_seen_utc", sa.String(32), nullable=False),
        sa.Column("last_seen_utc", sa.String(32), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("battery", sa.String(64), sa.ForeignKey("batteries.code"), nullable=False),
        sa.Column("bench", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("plan_digest", sa.String(64), nullable=False),
        sa.Column("nominal_capacity_Ah", sa.Float(), nullable=False),
        sa.Column("chemistry", sa.String(10)),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("started_utc", sa.String(32), nullable=False),
        sa.Column("ended_utc", sa.String(32)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(24)),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("verdict", sa.String(12)),
        sa.Column("grade", sa.String(12)),
        sa.Column("soh", sa.Float()),
        sa.Column("soh_low90", sa.Float()),
        sa.Column("soh_high90", sa.Float()),
        sa.Column("error_code", sa.String(80)),
        sa.Column("error_message", sa.Text()),
        sa.Column("error_remedy", sa.Text()),
        sa.Column("error_params", sa.Text()),
        sa.Column("latched", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_utc", sa.String(32)),
        sa.Column("worker_pid", sa.Integer()),
        sa.Column("worker_started", sa.Float()),
    )
    op.create_index("ix_runs_battery", "runs", ["battery"])
    op.create_index("ix_runs_started_utc", "runs", ["started_utc"])
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_index("runs_of_bench", "runs", ["bench", "channel"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.String(64)),
        sa.Column("t_utc", sa.String(32), nullable=False),
        sa.Column("t_s", sa.Float()),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("ix_events_run_id", "events", ["run_id"])
    op.create_table(
        "results",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("json", sa.Text(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("made_utc", sa.String(32), nullable=False),
    )
    op.create_table(
        "raw_files",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("path", sa.String(255), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{deed.lower()} BEFORE {deed} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
            )


def downgrade() -> None:
    """The floor: before the first revision there are no records, and none are thrown away by a program."""
    raise NotImplementedError("0001 is the first revision: there is nothing before it to go back to")
