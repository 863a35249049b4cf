"""The poster: claims scheduled posts when they are due, and hands their answers to the transports.

Each firing is posted once, by one process. It is held for `_HOLD` while it is posted, and noted right after; a process
that ends in between gives it back when that time is over, and a transport that is asked twice for one firing shows it
once (Discord by the message's nonce, the web chat because posting and noting are one transaction).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.core import Post, Reply, UserError
from bot.router import Router
from bot.schedule import Rule
from bot.store import Store, StoreError

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 15.0  # seconds between two looks: another process may have been told of a post
_SHORTEST_PAUSE = 0.05
_HOLD = timedelta(seconds=90)
_CARRY_SECONDS = 45.0
_STOP_SECONDS = 5.0
_AT_ONCE = 32
_FIRST_RETRY, _LONGEST_RETRY, _MOST_TRIES = 5.0, 300.0, 40  # about three hours in all


class ChannelError(Exception):
    """A channel that does not take posts, and will not by itself; the message says why."""


class AwayError(Exception):
    """A platform that cannot be reached just now."""


class Carrier(Protocol):
    """A transport's way to its channels; `keeps` says that the store is the channel."""

    @property
    def keeps(self) -> bool:
        """Whether the store is the channel."""

    async def carry(self, post: Post, reply: Reply) -> None:
        """Show the reply in the post's channel, once however often it is asked for one firing.

        Raises
        ------
        ChannelError
            When the channel is gone or does not take it.
        AwayError
            When it may be taken later.
        """

    async def tell(self, post: Post, text: str) -> None:
        """Say something to the author alone, where that is possible."""


def following(post: Post, now: datetime) -> datetime | None:
    """When a post is due after it was posted now: what was slept through is not made up for."""
    return Rule.read(post.rule).after(max(now, post.due)) if post.rule else None


def _clock() -> datetime:
    return datetime.now(UTC)


class Poster:
    """Posts what is due for the transports that are attached."""

    def __init__(
        self,
        router: Router,
        store: Store,
        clock: Callable[[], datetime] = _clock,
        then: Callable[[Post, datetime], datetime | None] = following,
    ) -> None:
        self.router, self.store = router, store
        self._clock, self._then = clock, then
        self._carriers: dict[str, Carrier] = {}
        self._busy: set[asyncio.Task[None]] = set()
        self._sent: set[str] = set()  # firings that are posted and could not be noted yet

    def attach(self, transport: str, carrier: Carrier) -> None:
        """Post what is due for a transport, from now on."""
        self._carriers[transport] = carrier
        self.router.rescheduled.set()

    def detach(self, transport: str) -> None:
        """Leave its posts to other processes, or to later."""
        self._carriers.pop(transport, None)

    async def run(self) -> None:
        """Post until cancelled; then finish what is under way."""
        await self.router.warm()
        changed = self.router.rescheduled
        try:
            while True:
                changed.clear()
                try:
                    pause = await self.look()
                except Exception:  # nobody's chat ends because of a post
                    log.exception("what is due could not be looked up")
                    pause = _LONGEST_PAUSE
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await changed.wait()
        finally:
            await self.drain(_STOP_SECONDS)

    async def look(self) -> float:
        """Begin to post what is due; in how many seconds to look again."""
        now = self._clock()
        if not self._carriers:
            return _LONGEST_PAUSE
        try:
            found, soonest = await self.store.due(now, tuple(self._carriers))
            for post in found:
                if len(self._busy) >= _AT_ONCE:
                    await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
                now = self._clock()  # waiting for a free place may have taken as long as a claim lasts
                if await self.store.claim(post, now, now + _HOLD):
                    task = asyncio.create_task(self._deliver(post))
                    self._busy.add(task)
                    task.add_done_callback(self._busy.discard)
        except StoreError:
            return _LONGEST_PAUSE  # the store has said why, once
        wait = _LONGEST_PAUSE if soonest is None else (soonest - self._clock()).total_seconds()
        return min(max(wait, _SHORTEST_PAUSE), _LONGEST_PAUSE)

    async def drain(self, seconds: float) -> None:
        """Wait for what is being posted."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=seconds)

    async def _deliver(self, post: Post) -> None:
        try:
            try:
                await self._post(post)
            except (UserError, ChannelError) as error:
                await self._disable(post, str(error))
            except (AwayError, TimeoutError) as error:
                await self._postpone(post, str(error) or "it takes too long")
            except StoreError:
                raise
            except Exception as error:
                log.exception("posting %s failed", post.id)
                await self._postpone(post, type(error).__name__)
        except StoreError as error:
            log.debug("what became of post %s is not noted yet: %s", post.id, error)

    async def _post(self, post: Post) -> None:
        carrier = self._carriers.get(post.transport)
        if carrier is None:
            raise AwayError("the transport has left")
        if post.firing not in self._sent:
            reply = await self.router.post(post.line, post.transport, post.room)
            async with asyncio.timeout(_CARRY_SECONDS):
                await carrier.carry(post, reply)
            self._sent.add(post.firing)
        now = self._clock()
        await self.store.finish(post, self._then(post, now), now if carrier.keeps else None)
        self._sent.discard(post.firing)

    async def _postpone(self, post: Post, why: str) -> None:
        """Try again later; after hours, wait for the next time, or give it up when there is none."""
        now = self._clock()
        if post.tries == 0:
            log.warning("%s could not be posted to %s (%s); trying again", post.line, post.channel, why)
        if post.tries < _MOST_TRIES:
            seconds = min(_FIRST_RETRY * 2**post.tries, _LONGEST_RETRY)
            await self.store.postpone(post, now + timedelta(seconds=seconds))
        elif then := self._then(post, now):
            log.warning("%s was not posted to %s: it has been tried for hours", post.line, post.channel)
            await self.store.finish(post, then)
        else:
            await self._disable(post, "The platform could not be reached for hours.")

    async def _disable(self, post: Post, problem: str) -> None:
        """Post it no more, and tell its author."""
        if not await self.store.disable(post, problem):
            return
        log.info("post %s is stopped: %s", post.id, problem)
        carrier = self._carriers.get(post.transport)
        if carrier is None or not post.author:
            return
        when = f" {Rule.read(post.rule).words()}" if post.rule else ""
        text = f"I have stopped posting {post.line} to {post.channel}{when}. {problem} /post list shows it there."
        try:
            await carrier.tell(post, text)
        except Exception as error:
            log.info("its author could not be told: %s", error)
