"""DATABASE_URL -> an engine whose waits are bounded and whose writes reach the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

# IMMEDIATE takes SQLite's lock at once: a later upgrade could fail where no wait helps.
WRITING = {"begin": ("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE")}  # what is acknowledged survives a power cut
LIGHTLY = {"begin": ("PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE")}  # it survives a crash of the process
_BUSY_SECONDS = 1.0  # SQLite's own wait for a lock
_STATEMENT_SECONDS = 2.0
_CONNECTIONS = 4


def make_engine(url: str, file: Path | None) -> AsyncEngine:
    """An engine for an SQLite `file`, or else for `postgresql://…` or `postgres://…`; connects to nothing yet."""
    return _postgres(url) if file is None else _sqlite(file)


def _sqlite(file: Path) -> AsyncEngine:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else's to read; its log inherits this
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        connect_args={"timeout": _BUSY_SECONDS},
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_STATEMENT_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten with zeros
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        for statement in connection.get_execution_options().get("begin", ()):
            connection.exec_driver_sql(statement)

    return engine


def _postgres(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url).set(drivername="postgresql+asyncpg")
    except Exception:
        raise ValueError("DATABASE_URL cannot be read") from None  # the cause could quote the password
    query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
    known = {name: value for name, value in query.items() if name in {"host", "port", "ssl"}}
    return create_async_engine(
        parsed.set(query=known),
        connect_args={
            "timeout": _STATEMENT_SECONDS,
            "command_timeout": _STATEMENT_SECONDS,
            "server_settings": {"application_name": "timbre"},
        },
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_STATEMENT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
