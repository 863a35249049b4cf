"""Charts and files of recent replies, in memory, each at a URL made of its content."""

from __future__ import annotations

import hashlib
import mimetypes
from collections import OrderedDict
from urllib.parse import quote

from aiohttp import web

MAX_BYTES = 16 * 1024**2
"""What is kept altogether; the least recently used goes first. A chart is about 80 kB."""


class Media:
    """A bounded least-recently-used store of reply attachments."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._items: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def put(self, name: str, data: bytes) -> str:
        """Keep the bytes and return the path that serves them; the newest always stays, whatever its size."""
        name = name.replace("/", "-")
        digest = hashlib.sha256(data).hexdigest()[:32]
        if (digest, name) not in self._items:
            self._items[digest, name] = data
            self._size += len(data)
        self._items.move_to_end((digest, name))
        while self._size > self._max_bytes and len(self._items) > 1:
            self._size -= len(self._items.popitem(last=False)[1])
        return f"/media/{digest}/{quote(name, safe='')}"

    async def handle(self, request: web.Request) -> web.Response:
        """Serve one attachment: pictures inline, everything else as a download."""
        key = (request.match_info["digest"], request.match_info["name"])
        if key not in self._items:
            raise web.HTTPNotFound
        self._items.move_to_end(key)
        name = key[1]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Content-Type": kind, "Cache-Control": "private, max-age=31536000, immutable"}
        if kind != "image/png":
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return web.Response(body=self._items[key], headers=headers)
