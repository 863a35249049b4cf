"""The statements about scheduled posts: what is due, who posts it, and what became of it.

A firing is claimed by setting `held_until`, and noted by moving `due` on; both only where the row still stands as it
was read. So of several processes one posts, and what a process held that ended in between is taken up again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Update, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core import Post
from bot.store.schema import posted, schedules

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 16
_POSTED_KEPT = 20
_FIELDS = ("id", "line", "transport", "channel", "room", "due", "rule", "author", "problem", "tries")
_COLUMNS = [schedules.c[name] for name in _FIELDS]

Connect = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


async def add(connection: AsyncConnection, insert: Any, author: str, room: str, post: Post) -> None:
    """Keep a post; made twice it is kept once."""
    row = insert(schedules).values(
        id=post.id,
        author=author,
        room=room,
        transport=post.transport,
        channel=post.channel,
        line=post.line,
        rule=post.rule,
        due=micros(post.due),
        held_until=0,
        tries=0,
        problem="",
    )
    await connection.execute(row.on_conflict_do_nothing(index_elements=["id"]))


async def remove(connection: AsyncConnection, room: str, key: str) -> None:
    """Take a post of a room back."""
    await connection.execute(delete(schedules).where(schedules.c.id == key, schedules.c.room == room))


async def forget_author(connection: AsyncConnection, author: str) -> None:
    """Leave a person's posts to their rooms, without the name."""
    await connection.execute(update(schedules).where(schedules.c.author == author).values(author=""))


async def posts_of(connection: AsyncConnection, person: str, room: str) -> tuple[tuple[Post, ...], tuple[Post, ...]]:
    """The posts of a room, and those a person made anywhere; the next one first."""
    c = schedules.c
    rows = await connection.execute(
        select(*_COLUMNS).where(or_(c.author == person, c.room == room)).order_by(c.due, c.id)
    )
    found = [_post(row) for row in rows]
    return tuple(p for p in found if room and p.room == room), tuple(p for p in found if p.author == person)


class Agenda:
    """What the poster asks and tells an open database; each call is one transaction."""

    def __init__(self, reading: Connect, writing: Connect, insert: Any) -> None:
        self._reading, self._writing, self._insert = reading, writing, insert

    async def due(self, now: datetime, transports: Collection[str]) -> tuple[tuple[Post, ...], datetime | None]:
        """The firings of these transports that may be claimed now, and when there may be more."""
        c = schedules.c
        live = (c.problem == "") & c.transport.in_(list(transports))
        free = live & (c.due <= micros(now)) & (c.held_until <= micros(now))
        async with self._reading() as connection:
            rows = await connection.execute(select(*_COLUMNS).where(free).order_by(c.due, c.id).limit(_AT_ONCE))
            found = tuple(map(_post, rows))
            later = select(func.min(case((c.held_until > c.due, c.held_until), else_=c.due))).where(live)
            soonest = await connection.scalar(later)
        return found, None if soonest is None else moment(soonest)

    async def claim(self, post: Post, now: datetime, until: datetime) -> bool:
        """Take a firing; False when another process was first, or it was taken back."""
        free = (schedules.c.held_until <= micros(now)) & (schedules.c.problem == "")
        return await self._change(_unchanged(post).where(free).values(held_until=micros(until)))

    async def finish(self, post: Post, then: datetime | None, shown: datetime | None) -> bool:
        """Note that a firing was posted: it is due again at `then`, or never.

        With `shown` the store itself is the channel, and from then on holds the line as posted to it.
        """
        async with self._writing() as connection:
            if then is None:
                change: Any = delete(schedules).where(schedules.c.id == post.id, schedules.c.due == micros(post.due))
            else:
                change = _unchanged(post).values(due=micros(then), held_until=0, tries=0)
            done = (await connection.execute(change)).rowcount == 1
            if done and shown is not None:
                await self._show(connection, post, shown)
        return done

    async def postpone(self, post: Post, until: datetime) -> bool:
        """Give a claimed firing back, to be tried again at `until`."""
        return await self._change(_unchanged(post).values(held_until=micros(until), tries=post.tries + 1))

    async def disable(self, post: Post, problem: str) -> bool:
        """Post it no more, and say why; False when that was said before."""
        live = _unchanged(post).where(schedules.c.problem == "")
        return await self._change(live.values(problem=problem, held_until=0))

    async def posted(self, channel: str, count: int) -> tuple[tuple[str, str, datetime], ...]:
        """Key, line and time of what was posted last to a channel that the store is, the newest last."""
        c = posted.c
        newest = select(c.key, c.line, c.at).where(c.channel == channel).order_by(c.at.desc(), c.key).limit(count)
        async with self._reading() as connection:
            rows = (await connection.execute(newest)).all()
        return tuple((key, line, moment(at)) for key, line, at in reversed(rows))

    async def _show(self, connection: AsyncConnection, post: Post, at: datetime) -> None:
        row = self._insert(posted).values(key=post.firing, channel=post.channel, line=post.line, at=micros(at))
        await connection.execute(row.on_conflict_do_nothing(index_elements=["key"]))
        here = posted.c.channel == post.channel
        newest = select(posted.c.key).where(here).order_by(posted.c.at.desc(), posted.c.key).limit(_POSTED_KEPT)
        await connection.execute(delete(posted).where(here, posted.c.key.not_in(newest)))

    async def _change(self, change: Update) -> bool:
        async with self._writing() as connection:
            return (await connection.execute(change)).rowcount == 1


def _unchanged(post: Post) -> Update:
    return update(schedules).where(schedules.c.id == post.id, schedules.c.due == micros(post.due))


def _post(row: Row[Any]) -> Post:
    return Post(**{**row._mapping, "due": moment(row.due)})


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)
