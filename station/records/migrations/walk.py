"""From one revision to another, on a connection and inside its transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def known_revisions() -> list[str]:
    """All revisions, the oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def walk(connection: Connection, revision: str) -> None:
    """Up or down to ``revision`` (``head``: the newest). The first one is the floor: nothing lies below."""
    config, known = _config(), known_revisions()
    config.attributes["connection"] = connection
    here = MigrationContext.configure(connection).get_current_revision()
    down = here in known and revision in known and known.index(revision) < known.index(here)
    (command.downgrade if down else command.upgrade)(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
