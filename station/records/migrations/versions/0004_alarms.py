"""The alarm list of each bench."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; what was an alarm before is among the events. What a way back has left is taken up."""
    if "alarms" in sa.inspect(op.get_bind()).get_table_names():
        return
    op.create_table(
        "alarms",
        sa.Column("bench", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("channel", sa.String(20)),
        sa.Column("run_id", sa.String(64)),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("changed_utc", sa.String(32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index("alarms_open", "alarms", ["bench", "state"])


def downgrade() -> None:
    """Nothing is dropped: an older program does not look at what it does not know."""
