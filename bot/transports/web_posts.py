"""Posts to the web chat: kept in the store, so that every open page of every process finds them, and later ones too."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.core import Post, Reply, UserError
from bot.poster import Poster
from bot.store import StoreError
from bot.transports.web_guard import RefusedError
from bot.transports.web_media import Media
from bot.wire import reply_json

if TYPE_CHECKING:
    from bot.router import Router

log = logging.getLogger(__name__)

_SHOWN = 5
_FRESH_SECONDS = 2.0  # every open page asks: the store need not hear all of them
_KEPT = 20


class Board:
    """What was posted last, drawn again from its lines; the poster's way to the web chat."""

    keeps = True

    def __init__(self, router: Router, poster: Poster | None, room: str, media: Media) -> None:
        self._router, self._poster, self._room, self._media = router, poster, room, media
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self._newest: tuple[tuple[str, str, datetime], ...] = ()
        self._looked = -_FRESH_SECONDS
        self._turn = asyncio.Lock()

    async def carry(self, post: Post, reply: Reply) -> None:
        """Remember how it is drawn; that it is posted is noted by the store."""
        self._keep(post.firing, reply)

    async def tell(self, post: Post, text: str) -> None:
        """Nobody can be told alone here; the list says it."""

    async def handle(self, request: web.Request) -> web.Response:
        """Answer the newest posts, the last one last; 304 to a page that has them."""
        async with self._turn:
            found = [one for one in await self._look() if one[0] in self._replies]
        shown = [self._json(*one) for one in found]
        etag = hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
        headers = {"Cache-Control": "no-cache", "ETag": f'"{etag}"'}
        if any(tag.value == etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.json_response(shown, headers=headers)

    async def _look(self) -> tuple[tuple[str, str, datetime], ...]:
        if self._poster is None or time.monotonic() - self._looked < _FRESH_SECONDS:
            return self._newest
        try:
            self._newest = await self._poster.store.posted(self._room, _SHOWN)
        except StoreError as error:
            raise RefusedError(503, error.sentence()) from None
        self._looked = time.monotonic()
        for key, line, _ in self._newest:
            if key not in self._replies:
                await self._draw(key, line)
        return self._newest

    async def _draw(self, key: str, line: str) -> None:
        """Answer a line that another process posted, or this one before it was started anew."""
        try:
            self._keep(key, await self._router.post(line, "web", self._room))
        except UserError as error:
            log.info("%s can be shown no more: %s", line, error)

    def _keep(self, key: str, reply: Reply) -> None:
        self._replies[key] = reply
        self._replies.move_to_end(key)
        if len(self._replies) > _KEPT:
            self._replies.popitem(last=False)

    def _json(self, key: str, line: str, at: datetime) -> dict[str, Any]:
        return {
            "key": key,
            "line": line,
            "at": at.isoformat(),
            "reply": reply_json(self._replies[key], self._media.put),
        }
