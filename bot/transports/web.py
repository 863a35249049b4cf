"""The web chat: one page, a small JSON API, health and metrics, served by aiohttp."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.config import Settings, SetupError
from bot.core import Forget
from bot.transports.web_guard import RefusedError, guard
from bot.transports.web_media import Media
from bot.transports.web_message import read_message
from bot.transports.web_posts import Board
from bot.wire import command_json, reply_json

if TYPE_CHECKING:
    from bot.poster import Poster
    from bot.router import Router

log = logging.getLogger(__name__)

ROOM = "web"
"""Everyone on the page shares one room: their likes help each other's lists, and nobody sees whose they are."""
PAGES = Path(__file__).with_name("web")
MAX_BODY = 25 * 1024**2
TYPES = {  # the system's own table differs between machines
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
WARMING = web.AppKey("warming", asyncio.Task[None])


async def serve(router: Router, settings: Settings, poster: Poster | None = None) -> None:
    """Serve the chat until cancelled.

    Raises SetupError when the address cannot be bound, and whatever `router.warm` raises when models do not load.
    """
    runner = web.AppRunner(make_app(router, settings, poster), access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.web_host, settings.web_port).start()
        except (OSError, OverflowError) as error:
            raise SetupError(
                f"Cannot listen at {settings.web_host}:{settings.web_port} ({_reason(error)}); "
                "set WEB_HOST or WEB_PORT to another."
            ) from error
        log.info("The web chat is at http://%s:%s", *runner.addresses[0][:2])
        await runner.app[WARMING]
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def make_app(router: Router, settings: Settings, poster: Poster | None = None) -> web.Application:
    """Return the application; its models load in the background from its start on."""
    chat = _Chat(router)
    board = Board(router, poster, ROOM, chat.media)
    if poster is not None:
        poster.attach("web", board)
    app = web.Application(middlewares=[guard(settings.web_host, MAX_BODY)], client_max_size=MAX_BODY)
    app.cleanup_ctx.append(chat.warm)
    app.router.add_get("/healthz", chat.health)
    app.router.add_get("/metrics", chat.show_metrics)
    app.router.add_get("/api/commands", chat.commands)
    app.router.add_get("/api/suggest", chat.suggest)
    app.router.add_post("/api/messages", chat.message)
    app.router.add_get("/api/posts", board.handle)
    app.router.add_get("/media/{digest}/{name}", chat.media.handle)
    for path in sorted(PAGES.rglob("*")):
        if path.suffix in TYPES:
            name = path.relative_to(PAGES).as_posix()
            app.router.add_get("/" if name == "index.html" else f"/static/{name}", _page(path))
    return app


class _Chat:
    """The handlers and what they share."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self.media = Media()

    async def warm(self, app: web.Application) -> AsyncIterator[None]:
        self.warming = app[WARMING] = asyncio.create_task(self.router.warm())
        # `serve` awaits the task too; without that a failure would surface only as "never retrieved".
        self.warming.add_done_callback(lambda task: task.cancelled() or task.exception())
        yield
        self.warming.cancel()

    async def health(self, request: web.Request) -> web.Response:
        if not self.warming.done():
            raise RefusedError(503, "The models are loading.")
        await self.ready()
        return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def ready(self) -> None:
        """Wait for the models, or refuse when they did not load."""
        try:
            await asyncio.shield(self.warming)
        except Exception as error:
            raise RefusedError(503, "The models could not be loaded; the log says why.") from error

    async def show_metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self.router.metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def commands(self, request: web.Request) -> web.Response:
        return web.json_response([command_json(command) for command in self.router.commands.values()])

    async def suggest(self, request: web.Request) -> web.Response:
        query = request.query
        command = self.router.commands.get(query.get("command", ""))
        if command is None:
            raise RefusedError(404, "command= must name one of /api/commands.")
        if query.get("option") not in {option.name for option in command.options}:
            raise RefusedError(404, f"option= must name an option of /{command.name}.")
        await self.ready()
        # A scan of every title: milliseconds, but not on the loop that carries everyone's requests.
        choices = await asyncio.to_thread(
            self.router.suggest, command.name, query["option"], query.get("prefix", "")[:200]
        )
        return web.json_response([{"label": c.label, "value": c.value} for c in choices])

    async def message(self, request: web.Request) -> web.Response:
        user, text, files = await read_message(request)
        await self.ready()
        reply = await self.router.answer(text, user=user and f"web:{user}", transport="web", files=files, room=ROOM)
        if user and Forget() in reply.writes:
            self.media.forget(user)
        keep = partial(self.media.put, owner=user if reply.private else "")
        return web.json_response(reply_json(reply, keep), headers={"Cache-Control": "no-store"})


def _page(path: Path) -> Any:
    """Return a handler for one static file, read once and revalidated by its hash."""
    body = path.read_bytes()
    etag = hashlib.sha256(body).hexdigest()[:16]

    async def handle(request: web.Request) -> web.Response:
        headers = {"Content-Type": TYPES[path.suffix], "Cache-Control": "no-cache", "ETag": f'"{etag}"'}
        if any(tag.value == etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    return handle


def _reason(error: OSError | OverflowError) -> str:
    return "the port is in use" if getattr(error, "errno", None) == errno.EADDRINUSE else str(error).rstrip(".")
