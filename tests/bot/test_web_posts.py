"""Posts in the web chat: everyone who has the page open sees them, and so does who comes later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.commands import post
from bot.config import Settings
from bot.poster import Poster
from bot.router import Router
from bot.store import Store
from bot.transports.web import make_app
from ml.models import Models
from tests.bot.test_poster import TABLE
from tests.fakes.router import PNG

CHROMIUM = Path("/usr/bin/chromium")


@asynccontextmanager
async def served(models: Models, url: str) -> AsyncIterator[TestClient[Any, Any]]:
    """The web chat of one process, its poster running."""
    store = Store(url)
    router = Router((*TABLE, post.COMMAND), models, store, ("web:boss",))
    poster = Poster(router, store)
    async with TestClient(TestServer(make_app(router, Settings(), poster))) as client:
        running = asyncio.create_task(poster.run())
        try:
            yield client
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await store.close()


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.transports.web_posts._FRESH_SECONDS", 0.0)


async def say(client: TestClient[Any, Any], line: str, user: str = "boss") -> dict[str, Any]:
    reply: dict[str, Any] = await (await client.post("/api/messages", json={"user": user, "text": line})).json()
    return reply


async def shown(client: TestClient[Any, Any], count: int = 0, last: str = "") -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        while True:
            response = await client.get("/api/posts")
            found: list[dict[str, Any]] = await response.json()
            assert response.status == 200
            if len(found) >= count and (not last or [p["line"] for p in found[-1:]] == [last]):
                return found
            await asyncio.sleep(0.02)


async def test_a_post_is_for_everyone_now_and_later(models: Models, url: str) -> None:
    async with served(models, url) as client:
        assert await shown(client) == []
        reply = await say(client, '/post "/chart one"')
        assert (reply["text"], reply["private"]) == ("Posting /chart one to web now.", True)
        (found,) = await shown(client, 1)
        assert set(found) == {"key", "line", "at", "reply"}
        assert (found["line"], found["reply"]["text"]) == ("/chart one", "A chart.")
        chart = await client.get(found["reply"]["charts"][0]["url"])
        assert await chart.read() == PNG
    async with served(models, url) as later, served(models, url) as other:
        assert await shown(later) == await shown(other) == [found]
        await say(other, '/post "/chart two"')
        assert [p["line"] for p in await shown(later, 2)] == ["/chart one", "/chart two"]


async def test_only_the_last_few_are_shown_in_order(models: Models, url: str) -> None:
    async with served(models, url) as client:
        for n in range(7):
            await say(client, f'/post "/chart {n}"')
            await shown(client, last=f"/chart {n}")
        assert [p["line"] for p in await shown(client)] == [f"/chart {n}" for n in range(2, 7)]


async def test_a_page_that_has_them_all_is_told_so_in_a_few_bytes(models: Models, url: str) -> None:
    async with served(models, url) as client:
        await say(client, '/post "/chart one"')
        await shown(client, 1)
        etag = (await client.get("/api/posts")).headers["ETag"]
        again = await client.get("/api/posts", headers={"If-None-Match": etag})
        assert (again.status, await again.read()) == (304, b"")


async def test_who_is_no_moderator_posts_nothing(models: Models, url: str) -> None:
    async with served(models, url) as client:
        reply = await say(client, '/post "/chart one"', "eve")
        assert reply["error"]
        assert "You are web:eve." in reply["text"]
        await asyncio.sleep(0.2)
        assert await shown(client) == []


async def test_what_cannot_be_looked_up_is_a_refusal_in_words(models: Models, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with served(models, f"sqlite:///{tmp_path}/file/timbre.sqlite3") as client:
        response = await client.get("/api/posts")
        assert response.status == 503
        assert "notebook" in (await response.json())["text"]


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")
async def test_an_open_page_shows_a_post_once_and_a_new_page_too(models: Models, url: str) -> None:
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with served(models, url) as client, playwright.async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        pages = [await browser.new_page() for _ in range(2)]
        faults: list[str] = []
        try:
            await pages[0].clock.install()
            for page in pages:
                page.on("pageerror", lambda error: faults.append(str(error)))
            async with pages[0].expect_response("**/api/posts"):
                await pages[0].goto(str(client.make_url("/")))
            await say(client, '/post "/chart one"')
            await shown(client, 1)
            assert await pages[0].locator(".posted").count() == 0
            await pages[0].clock.fast_forward(16_000)
            await pages[0].locator(".posted").wait_for(timeout=30_000)
            await pages[0].clock.fast_forward(16_000)
            await pages[0].clock.fast_forward(16_000)
            await pages[1].goto(str(client.make_url("/")))
            await pages[1].locator(".posted").wait_for(timeout=30_000)
            for page in pages:
                assert await page.locator(".posted").count() == 1
                assert "/chart one" in await page.locator(".posted").inner_text()
                assert await page.locator(".exchange .card img").get_attribute("alt") == "A chart."
            assert faults == []
        finally:
            await browser.close()
