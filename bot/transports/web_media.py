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
        self._items: OrderedDict[tuple[str, str], tuple[bytes, str]] = OrderedDict()

    def put(self, name: str, data: bytes, owner: str = "") -> str:
        """Keep the bytes and return the path that serves them; the newest always stays, whatever its size.

        What has an `owner` is theirs alone: no browser caches it, and `forget` drops it.
        """
        key = hashlib.sha256(owner.encode("utf-8", "replace") + b"\0" + data).hexdigest()[:32], name.replace("/", "-")
        if key not in self._items:
            self._items[key] = data, owner
            self._size += len(data)
        self._items.move_to_end(key)
        while self._size > self._max_bytes and len(self._items) > 1:
            self._drop(next(iter(self._items)))
        return f"/media/{key[0]}/{quote(key[1], safe='')}"

    def forget(self, owner: str) -> None:
        """Drop what was kept for one person alone."""
        for key in [key for key, (_, of) in self._items.items() if of == owner]:
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        self._size -= len(self._items.pop(key)[0])

    async def handle(self, request: web.Request) -> web.Response:
        """Serve one attachment: pictures inline, everything else as a download."""
        key = (request.match_info["digest"], request.match_info["name"])
        if key not in self._items:
            raise web.HTTPNotFound
        self._items.move_to_end(key)
        (data, owner), name = self._items[key], key[1]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {
            "Content-Type": kind,
            "Cache-Control": "no-store" if owner else "private, max-age=31536000, immutable",
        }
        if kind != "image/png":
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return web.Response(body=data, headers=headers)
