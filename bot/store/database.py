"""The statements: one open database, brought to the newest version; each call is one transaction."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core import Forget, Memory, Rate, Rating, Schedule, Show, Shown, Unschedule, Write
from bot.store import agenda
from bot.store.agenda import Agenda, moment
from bot.store.engine import LIGHTLY, WRITING, make_engine
from bot.store.schema import PERSONAL, REVISION, lines, notes, pages, ratings
from bot.store.trouble import TRACES, TroubleError

log = logging.getLogger(__name__)

_LISTS_KEPT = 20
_LINES_KEPT = 500
_ROOM_ROWS = 1000
_MIGRATION_LOCK = 0x74696D627265  # "timbre": the advisory lock of PostgreSQL that starting processes queue for


class Database:
    """An open database; the drivers' errors pass through."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._insert = sqlite.insert if self._is_sqlite else postgresql.insert
        # SQLite has one writer: waiting here is fair, its own polling is not.
        self._writer = asyncio.Lock() if self._is_sqlite else nullcontext()
        self.agenda = Agenda(self._bare, self._writing, self._insert)

    @classmethod
    async def open(cls, url: str, file: Path | None) -> Database:
        """Connect to an SQLite `file`, or else to `url`, and migrate."""
        database = cls(make_engine(url, file))
        try:
            await database._prepare()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def _prepare(self) -> None:
        if self._is_sqlite:
            async with self._bare() as connection:
                await connection.execute(text("PRAGMA journal_mode=WAL"))
        async with self._bare() as connection:
            if await connection.run_sync(_version) == REVISION:
                return
        migrate = await asyncio.to_thread(import_module, "bot.store.migrate")
        async with self._writing() as connection:
            if not self._is_sqlite:
                await connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            version = await connection.run_sync(_version)  # another process may have been first
            if version != REVISION:
                await connection.run_sync(migrate.upgrade, version)
                log.info("The store is now at version %s; it was at %s.", REVISION, version)

    @asynccontextmanager
    async def _writing(self, how: Mapping[str, Any] = WRITING) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block."""
        async with self._writer, self._engine.connect() as connection:
            await connection.execution_options(**how)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def _bare(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose every statement stands alone: no transaction, and in PostgreSQL two round trips less."""
        async with self._engine.connect() as connection:
            if not self._is_sqlite:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    async def recall(self, person: str, room: str, list_key: str) -> Memory:
        """Everything kept about `person`, the pages they saw of one list, and what others of the room liked."""
        async with self._bare() as connection:
            rated = await connection.execute(
                select(ratings.c.track_id, ratings.c.verdict, ratings.c.at, ratings.c.room)
                .where(ratings.c.person == person)
                .order_by(ratings.c.at.desc(), ratings.c.track_id)
            )
            shown = await connection.execute(
                select(pages.c.list, pages.c.page, pages.c.track_ids, pages.c.at)
                .where(pages.c.person == person)
                .order_by(pages.c.at.desc(), pages.c.page)
            )
            kept = await connection.scalars(
                select(lines.c.line).where(lines.c.person == person).order_by(lines.c.at.desc(), lines.c.key)
            )
            posts, own_posts = await agenda.posts_of(connection, person, room)
            seen = tuple(Shown(key, page, tuple(ids), moment(at)) for key, page, ids, at in shown)
            return Memory(
                tuple(Rating(track, verdict, moment(at), place) for track, verdict, at, place in rated),
                {s.page: s.track_ids for s in seen if s.list_key == list_key},
                await self._likes_of_others(connection, person, room) if room else (),
                shown=seen,
                lines=tuple(kept),
                posts=posts,
                own_posts=own_posts,
            )

    async def _likes_of_others(
        self, connection: AsyncConnection, person: str, room: str
    ) -> tuple[tuple[str, ...], ...]:
        rows = await connection.execute(
            select(ratings.c.person, ratings.c.track_id)
            .where(ratings.c.room == room, ratings.c.person != person, ratings.c.verdict == 1)
            .order_by(ratings.c.at.desc())
            .limit(_ROOM_ROWS)
        )
        liked: dict[str, list[str]] = {}
        for member, track in rows:
            liked.setdefault(member, []).append(track)
        return tuple(map(tuple, liked.values()))

    async def apply(self, person: str, room: str, list_key: str, writes: Sequence[Write]) -> None:
        """Make every change or none."""
        only_pages = all(isinstance(write, Show) for write in writes)
        async with self._writing(LIGHTLY if only_pages else WRITING) as connection:
            for write in writes:
                match write:
                    case Rate(track_id, 0):
                        await connection.execute(
                            delete(ratings).where(ratings.c.person == person, ratings.c.track_id == track_id)
                        )
                    case Rate(track_id, verdict):
                        await self._rate(connection, person, room, track_id, verdict)
                    case Show(page, track_ids):
                        await self._show(connection, person, list_key, page, track_ids)
                    case Forget():
                        await _forget(connection, person)
                    case Schedule(post):
                        await agenda.add(connection, self._insert, person, room, post)
                    case Unschedule(post_id):
                        await agenda.remove(connection, room, post_id)

    async def scrub(self) -> None:
        """Rebuild SQLite's file and empty its log: both can hold bytes of rows that are gone.

        `secure_delete` alone is not enough: rows that moved between pages leave copies in the pages' unused space.

        Raises
        ------
        TroubleError
            When a lock, a reader or a full disk prevents it.
        """
        if not self._is_sqlite:
            return
        try:
            async with self._writer, self._bare() as connection:
                await connection.execute(text("VACUUM"))
                busy, *_ = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).one()
        except SQLAlchemyError as error:
            raise TroubleError(TRACES) from error
        if busy:
            raise TroubleError(TRACES)

    async def keep_line(self, person: str, key: str, line: str) -> None:
        """Keep a command line of a person's under a key; only their newest ones stay."""
        async with self._writing(LIGHTLY) as connection:
            row = self._insert(lines).values(key=key, person=person, line=line, at=_now())
            await connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"at": row.excluded["at"]}))
            mine = lines.c.person == person
            newest = select(lines.c.key).where(mine).order_by(lines.c.at.desc()).limit(_LINES_KEPT)
            await connection.execute(delete(lines).where(mine, lines.c.key.not_in(newest)))

    async def line(self, key: str) -> str | None:
        """The line under a key."""
        async with self._bare() as connection:
            return await connection.scalar(select(lines.c.line).where(lines.c.key == key))

    async def set_note(self, name: str, text: str) -> None:
        """Note something about the bot itself."""
        async with self._writing() as connection:
            row = self._insert(notes).values(name=name, text=text)
            await connection.execute(
                row.on_conflict_do_update(index_elements=["name"], set_={"text": row.excluded["text"]})
            )

    async def note(self, name: str) -> str | None:
        """What was noted under a name."""
        async with self._bare() as connection:
            return await connection.scalar(select(notes.c.text).where(notes.c.name == name))

    async def _rate(self, connection: AsyncConnection, person: str, room: str, track_id: str, verdict: int) -> None:
        row = self._insert(ratings).values(person=person, track_id=track_id, verdict=verdict, room=room, at=_now())
        changed = {name: row.excluded[name] for name in ("verdict", "room", "at")}
        await connection.execute(row.on_conflict_do_update(index_elements=["person", "track_id"], set_=changed))

    async def _show(
        self, connection: AsyncConnection, person: str, list_key: str, page: int, track_ids: tuple[str, ...]
    ) -> None:
        """Keep a page; a first page begins its list anew, and only a person's newest lists are kept."""
        mine = pages.c.person == person
        if page == 1:
            await connection.execute(delete(pages).where(mine, pages.c.list == list_key))
        row = self._insert(pages).values(person=person, list=list_key, page=page, track_ids=list(track_ids), at=_now())
        changed = {name: row.excluded[name] for name in ("track_ids", "at")}
        await connection.execute(row.on_conflict_do_update(index_elements=["person", "list", "page"], set_=changed))
        by_age = select(pages.c.list).where(mine).group_by(pages.c.list).order_by(func.max(pages.c.at).desc())
        await connection.execute(delete(pages).where(mine, pages.c.list.not_in(by_age.limit(_LISTS_KEPT))))


async def _forget(connection: AsyncConnection, person: str) -> None:
    for table in PERSONAL:
        await connection.execute(delete(table).where(table.c.person == person))
        left = await connection.scalar(select(func.count()).select_from(table).where(table.c.person == person))
        if left:
            raise RuntimeError(f"{left} rows of {table.name} outlived their deletion")
    await agenda.forget_author(connection, person)


def _version(connection: Connection) -> str | None:
    """The migration a database stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _now() -> int:
    return time.time_ns() // 1000
