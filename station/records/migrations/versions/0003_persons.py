"""Who works here, and the indexes that searches over runs and events need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RUN_SEARCH = (
    "number", "started_utc", "battery", "profile", "channel", "verdict", "grade", "state", "outcome",
    "error_code", "run_id",
)  # fmt: skip


def upgrade() -> None:
    """A new table and new indexes; nothing on record changes. What a way back has left is taken up again."""
    if "persons" in sa.inspect(op.get_bind()).get_table_names():
        return
    op.create_table(
        "persons",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("badge_hash", sa.String(160), unique=True),
        sa.Column("pin_hash", sa.String(160)),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_utc", sa.String(32), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("changed_utc", sa.String(32), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
    )
    op.create_index("runs_search", "runs", RUN_SEARCH)
    op.create_index("events_code", "events", ["code", "id"])
    op.create_index("events_t_utc", "events", ["t_utc"])


def downgrade() -> None:
    """Nothing is dropped: an older program does not look at what it does not know."""
