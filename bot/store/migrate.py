"""Alembic, run on a connection that already holds the lock; imported only when a database is behind."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.store.schema import REVISION
from bot.store.trouble import NEWER, TroubleError


def upgrade(connection: Connection, version: str | None, target: str = REVISION) -> None:
    """Bring a database of `version` (None: empty) to `target`, inside the caller's transaction.

    Raises
    ------
    TroubleError
        When this code knows no such version: a newer one made it.
    """
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if version and version not in {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}:
        raise TroubleError(NEWER)
    command.upgrade(config, target)
