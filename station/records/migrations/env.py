"""Alembic's entry: migrates on the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from station.records.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
