"""The notebook as the router uses it: opened at first use, every wait bounded, every failure one kind of error."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.core import Forget, Memory, Post, Show, Write
from bot.store.trouble import StoreError, Trouble, trouble_of

if TYPE_CHECKING:
    from bot.store.database import Database

log = logging.getLogger(__name__)

_READ_SECONDS, _READ_TRIES = 2.0, 2
_WRITE_SECONDS, _WRITE_TRIES = 5.0, 100  # every write may be made twice: an upsert or a deletion
_SCRUB_SECONDS, _SCRUB_TRIES = 30.0, 3  # a large file takes its time
_FIRST_PAUSE = 0.05
_LEAST_SECONDS = 1.1  # no try begins with less left: cut short, it would not say why it failed

T = TypeVar("T")


class Store:
    """What is remembered about people; safe to share between the tasks of one event loop."""

    def __init__(self, url: str) -> None:
        scheme, _, path = url.partition(":///")
        self._url = url
        self._file = Path(path) if scheme.startswith("sqlite") else None
        self._opening: asyncio.Task[Database] | None = None
        self._trouble: Trouble | None = None

    def warm(self) -> None:
        """Begin to open it, so that no request waits for that; a failure is the first request's to meet."""
        if self._opening is None:
            self._begin()

    async def recall(self, user: str, room: str, list_key: str) -> Memory:
        """What is remembered for one request; never raises: `Memory.problem` says why nothing could be read."""
        if self._opening is None and self._file is not None and not self._file.exists():
            return Memory()
        try:
            return await self._try(lambda d: d.recall(_key(user), _key(room), list_key), _READ_SECONDS, _READ_TRIES)
        except StoreError as error:
            return Memory(problem=error.trouble.clause)

    async def remember(self, user: str, room: str, list_key: str, writes: Sequence[Write]) -> None:
        """Make every change or none; once this returns they survive the end of the process.

        Raises
        ------
        StoreError
            When they could not be made, or it is not known.
        """
        if self._opening is not None and self._file is not None and not self._file.exists():
            await self.close()  # somebody deleted it: what is written to an unlinked file is lost
        patient = not all(isinstance(write, Show) for write in writes)
        seconds, tries = (_WRITE_SECONDS, _WRITE_TRIES) if patient else (_READ_SECONDS, 1)
        await self._try(lambda d: d.apply(_key(user), _key(room), list_key, writes), seconds, tries)
        if Forget() in writes:
            await self._try(lambda d: d.scrub(), _SCRUB_SECONDS, _SCRUB_TRIES)

    async def keep_line(self, user: str, line: str) -> str:
        """Keep a command line of a person's; the short key it is found by, the same for the same line.

        Raises
        ------
        StoreError
            When it could not be kept.
        """
        key = hashlib.sha256(f"{user}\0{line}".encode()).hexdigest()[:24]
        await self._try(lambda d: d.keep_line(_key(user), key, _key(line)), _READ_SECONDS, _READ_TRIES)
        return key

    async def line(self, key: str) -> str | None:
        """The line kept under a key; None when there is none, or no longer.

        Raises
        ------
        StoreError
            When it could not be looked up.
        """
        return await self._try(lambda d: d.line(_key(key)), _READ_SECONDS, _READ_TRIES)

    async def set_note(self, name: str, text: str) -> None:
        """Note something about the bot itself, for every process that shares this store.

        Raises
        ------
        StoreError
            When it could not be noted.
        """
        await self._try(lambda d: d.set_note(_key(name), _key(text)), _WRITE_SECONDS, _WRITE_TRIES)

    async def note(self, name: str) -> str | None:
        """What was noted under a name; None for nothing.

        Raises
        ------
        StoreError
            When it could not be looked up.
        """
        return await self._try(lambda d: d.note(_key(name)), _READ_SECONDS, _READ_TRIES)

    async def due(self, now: datetime, transports: Collection[str]) -> tuple[tuple[Post, ...], datetime | None]:
        """The firings of these transports that may be claimed now, and when there may be more.

        Raises
        ------
        StoreError
            When it could not be looked up; so do the next five, when it could not be noted.
        """
        return await self._try(lambda d: d.agenda.due(now, transports), _READ_SECONDS, _READ_TRIES)

    async def claim(self, post: Post, now: datetime, until: datetime) -> bool:
        """Take a firing until a time; False when another process was first, or it was taken back."""
        return await self._try(lambda d: d.agenda.claim(post, now, until), _READ_SECONDS, 1)

    async def finish(self, post: Post, then: datetime | None, shown: datetime | None = None) -> bool:
        """Note that a firing was posted, and when it is due again; `shown` is when, where the store is the channel."""
        return await self._try(lambda d: d.agenda.finish(post, then, shown), _WRITE_SECONDS, _WRITE_TRIES)

    async def postpone(self, post: Post, until: datetime) -> bool:
        """Give a claimed firing back, to be tried again at `until`."""
        return await self._try(lambda d: d.agenda.postpone(post, until), _WRITE_SECONDS, _WRITE_TRIES)

    async def disable(self, post: Post, problem: str) -> bool:
        """Post it no more, and say why; False when that was said before."""
        return await self._try(lambda d: d.agenda.disable(post, problem), _WRITE_SECONDS, _WRITE_TRIES)

    async def posted(self, channel: str, count: int) -> tuple[tuple[str, str, datetime], ...]:
        """Key, line and time of what was posted last to a channel that the store is, the newest last."""
        return await self._try(lambda d: d.agenda.posted(channel, count), _READ_SECONDS, _READ_TRIES)

    async def close(self) -> None:
        """Close it; the next use opens it again."""
        opening, self._opening = self._opening, None
        if opening is not None:
            try:
                await (await opening).close()
            except Exception as error:
                log.debug("closing the store: %s", error)

    async def _try(self, work: Callable[[Database], Awaitable[T]], seconds: float, tries: int) -> T:
        """Do `work`, again while its trouble may pass and time is left."""
        loop = asyncio.get_running_loop()
        deadline, pause, unchanged = loop.time() + seconds, _FIRST_PAUSE, True
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    result = await work(await self._opened())
                self._trouble = None
                return result
            except Exception as error:
                trouble = trouble_of(error)
                unchanged = unchanged and trouble.unchanged
                tries -= 1
                if not trouble.passing or not tries or loop.time() + pause + _LEAST_SECONDS > deadline:
                    self._log(trouble, error)
                    raise StoreError(trouble, unchanged) from error
            await asyncio.sleep(pause)
            pause *= 2

    def _log(self, trouble: Trouble, error: Exception) -> None:
        """Once an outage, not once a request."""
        if trouble != self._trouble:
            log.warning("%s (%s: %s)", trouble.clause, type(error).__name__, str(error).partition("\n")[0])
        self._trouble = trouble

    async def _opened(self) -> Database:
        """The open database; one opening is shared, and goes on when those who wait for it give up."""
        if self._opening is not None and self._opening.done() and self._opening.exception() is not None:
            self._opening = None
        return await asyncio.shield(self._opening or self._begin())

    def _begin(self) -> asyncio.Task[Database]:
        self._opening = asyncio.create_task(_open(self._url, self._file))
        self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening


async def _open(url: str, file: Path | None) -> Database:
    module = await asyncio.to_thread(import_module, "bot.store.database")  # a quarter of a second of imports
    return await module.Database.open(url, file)


def _key(name: str) -> str:
    return name.replace("\0", "\ufffd")  # PostgreSQL's text holds no NUL
