"""What is due is posted once, by one of several processes, and neither lost nor doubled by what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core import Chart, Command, Option, Post, Reply, Request, Schedule, UserError
from bot.poster import AwayError, ChannelError, Poster
from bot.router import Router
from bot.store import Store, StoreError
from ml.models import Models
from tests.discord_bot import eventually
from tests.fakes.router import PNG
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 3, 27, 12, tzinfo=UTC)
DAILY = "day 0 09:00 Europe/Berlin"


def _chart(request: Request, services: Any) -> Reply:
    if request.options.get("of") == "nothing":
        raise UserError("There is nothing any more.")
    if request.options.get("of") == "zero":
        raise ZeroDivisionError
    return Reply("A chart.", charts=(Chart("chart.png", PNG, "A chart."),))


TABLE = (Command("chart", "a chart", (Option("of", "text", "what"),), _chart),)


@dataclass
class Clock:
    """A time that passes when a test says so."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def at(self, *when: int) -> None:
        self.now = datetime(*when, tzinfo=UTC)  # type: ignore[misc]


@dataclass
class Wall:
    """A channel that keeps what is put there, or does not take it."""

    keeps: bool = False
    trouble: Exception | None = None
    shown: list[tuple[str, datetime]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def carry(self, post: Post, reply: Reply) -> None:
        if self.trouble:
            raise self.trouble
        assert reply.charts
        self.shown.append((post.id, post.due))

    async def tell(self, post: Post, text: str) -> None:
        self.told.append(f"{post.author}: {text}")


@dataclass
class Process:
    """A process of the bot with a wall of its own."""

    poster: Poster
    wall: Wall

    async def look(self) -> float:
        pause = await self.poster.look()
        await self.poster.drain(10)
        return pause


Start = Callable[..., Process]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def start(models: Models, url: str, clock: Clock) -> AsyncIterator[Start]:
    """Start the bot over the database once more."""
    stores: list[Store] = []

    def started(transport: str = "wall", **wall: Any) -> Process:
        stores.append(Store(url))
        process = Process(Poster(Router(TABLE, models, stores[-1]), stores[-1], clock), Wall(**wall))
        process.poster.attach(transport, process.wall)
        return process

    yield started
    for store in stores:
        await store.close()


async def keep(url: str, *posts: Post) -> None:
    store = Store(url)
    await store.remember("ann", "den", "", tuple(Schedule(post) for post in posts))
    await store.close()


async def kept(url: str) -> dict[str, Post]:
    store = Store(url)
    memory = await store.recall("nobody", "den", "")
    await store.close()
    assert not memory.problem
    return {post.id: post for post in memory.posts}


def daily(name: str = "a", due: datetime = START, rule: str = DAILY, line: str = "/chart") -> Post:
    return Post(name, line, "wall", "#general", "den", due, rule)


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc]


async def test_a_daily_post_comes_when_it_is_due_and_not_before(start: Start, url: str, clock: Clock) -> None:
    await keep(url, daily(due=utc(2026, 3, 28, 8)))
    process = start()
    clock.at(2026, 3, 28, 7, 59, 50)
    assert 9.9 < await process.look() <= 10
    assert process.wall.shown == []
    clock.at(2026, 3, 28, 8, 0, 1)
    for _ in range(3):
        await process.look()
    assert process.wall.shown == [("a", utc(2026, 3, 28, 8))]
    assert (await kept(url))["a"].due == utc(2026, 3, 29, 7), "nine o'clock in Berlin, whose clocks change that night"


async def test_what_was_slept_through_comes_once_and_late(start: Start, url: str, clock: Clock) -> None:
    await keep(url, daily(due=utc(2026, 3, 28, 8)))
    clock.at(2026, 4, 11, 20)
    process = start()
    for _ in range(3):
        await process.look()
    assert process.wall.shown == [("a", utc(2026, 3, 28, 8))]
    assert (await kept(url))["a"].due == utc(2026, 4, 12, 7)


async def test_what_is_due_once_is_gone_after_it(start: Start, url: str) -> None:
    await keep(url, daily(rule=""))
    process = start()
    for _ in range(2):
        await process.look()
    assert len(process.wall.shown) == 1
    assert await kept(url) == {}


async def test_a_schedule_survives_a_restart(start: Start, url: str, clock: Clock) -> None:
    await keep(url, daily())
    first = start()
    await first.look()
    clock.at(2026, 3, 28, 8, 0, 1)
    second = start()
    await second.look()
    await first.look()
    assert (len(first.wall.shown), len(second.wall.shown)) == (1, 1)


async def test_of_many_processes_one_posts_each(start: Start, url: str) -> None:
    await keep(url, *(daily(f"p{n:02}") for n in range(40)))
    processes = [start() for _ in range(4)]
    for _ in range(4):
        await asyncio.gather(*(p.look() for p in processes))
    count = Counter(name for p in processes for name, _ in p.wall.shown)
    assert count == {f"p{n:02}": 1 for n in range(40)}


async def test_a_claim_lasts_from_when_it_is_made(start: Start, url: str, clock: Clock) -> None:
    """Thirty-two are posted at once: by the time the next one has a place, the look that found it may be old."""
    await keep(url, *(daily(f"p{n:02}") for n in range(33)))
    slow, other = start(), start()
    others, last = asyncio.Event(), asyncio.Event()

    async def carry(post: Post, reply: Reply) -> None:
        await (last if post.id == "p32" else others).wait()
        slow.wall.shown.append((post.id, post.due))

    slow.wall.carry = carry  # type: ignore[method-assign]
    await slow.poster.look()
    await slow.poster.look()
    looking = asyncio.create_task(slow.poster.look())
    await eventually(lambda: len(slow.poster._busy) == 32)
    await asyncio.sleep(0.1)  # it waits for a place now
    clock.now += timedelta(seconds=80)
    others.set()
    await looking
    clock.now += timedelta(seconds=20)
    await other.look()
    last.set()
    await slow.poster.drain(10)
    assert Counter(name for p in (slow, other) for name, _ in p.wall.shown) == {f"p{n:02}": 1 for n in range(33)}


async def test_a_process_posts_only_where_it_can(start: Start, url: str) -> None:
    await keep(url, daily())
    elsewhere = start("other")
    await elsewhere.look()
    assert elsewhere.wall.shown == []
    process = start()
    await process.look()
    assert len(process.wall.shown) == 1


async def test_a_platform_that_is_away_gets_it_late(
    start: Start, url: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(url, daily())
    process = start(trouble=AwayError("503"))
    for _ in range(12):
        await process.look()
        clock.now += timedelta(seconds=10)
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == [
        "/chart could not be posted to #general (503); trying again"
    ]
    process.wall.trouble = None
    clock.now += timedelta(seconds=300)
    await process.look()
    assert len(process.wall.shown) == 1
    assert (await kept(url))["a"].tries == 0


async def test_a_platform_that_stays_away_costs_one_time_and_not_the_schedule(
    start: Start, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.poster._MOST_TRIES", 3)
    await keep(url, daily(), daily("once", rule=""))
    process = start(trouble=AwayError("503"))
    for _ in range(6):
        await process.look()
        clock.now += timedelta(seconds=400)
    left = await kept(url)
    assert (left["a"].due, left["a"].problem) == (utc(2026, 3, 28, 8), "")
    assert left["once"].problem == "The platform could not be reached for hours."


@pytest.mark.parametrize(
    ("line", "trouble", "says"),
    [("/chart", ChannelError("The channel is gone."), "channel is gone"), ("/chart nothing", None, "nothing any more")],
)
async def test_a_channel_or_line_that_is_gone_stops_it_and_tells_its_author_once(
    start: Start, url: str, line: str, trouble: Exception | None, says: str
) -> None:
    await keep(url, daily(line=line))
    processes = [start(trouble=trouble) for _ in range(2)]
    for _ in range(3):
        await asyncio.gather(*(p.look() for p in processes))
    told = [text for p in processes for text in p.wall.told]
    assert len(told) == 1
    assert told[0].startswith(f"ann: I have stopped posting {line} to #general every day at 09:00 (Europe/Berlin). ")
    assert says in told[0]
    assert says in (await kept(url))["a"].problem


async def test_a_line_that_breaks_is_tried_again_and_stops_nobody_else(
    start: Start, url: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(url, daily(line="/chart zero"), daily("b"))
    process = start()
    await process.look()
    assert process.wall.shown == [("b", START)]
    assert "posting a failed" in caplog.text
    assert (await kept(url))["a"].tries == 1


async def test_a_process_that_dies_with_a_firing_in_hand_gives_it_back(start: Start, url: str, clock: Clock) -> None:
    await keep(url, daily())
    dead = start()
    assert await dead.poster.store.claim(daily(), clock(), clock() + timedelta(seconds=90))
    process = start()
    await process.look()
    assert process.wall.shown == []
    clock.now += timedelta(seconds=91)
    await process.look()
    assert len(process.wall.shown) == 1


async def test_what_is_posted_and_cannot_be_noted_is_not_posted_again(
    start: Start, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(url, daily())
    process = start()
    finish = process.poster.store.finish
    from bot.store.trouble import AWAY

    async def fails(*_: Any) -> bool:
        raise StoreError(AWAY, unchanged=True)

    monkeypatch.setattr(process.poster.store, "finish", fails)
    await process.look()
    monkeypatch.setattr(process.poster.store, "finish", finish)
    clock.now += timedelta(seconds=91)
    await process.look()
    assert len(process.wall.shown) == 1
    assert (await kept(url))["a"].due == utc(2026, 3, 28, 8)


async def test_where_the_store_is_the_channel_posting_and_noting_are_one(start: Start, url: str, clock: Clock) -> None:
    await keep(url, daily())
    process, store = start(keeps=True), Store(url)
    for day in range(30):
        clock.now = START + timedelta(days=day)
        await process.look()
    shown = await store.posted("#general", 5)
    await store.close()
    assert [line for _, line, _ in shown] == ["/chart"] * 5
    assert [at.day for *_, at in shown] == [21, 22, 23, 24, 25]
    assert len({key for key, *_ in shown}) == 5


async def test_a_new_post_wakes_the_poster(start: Start, url: str, clock: Clock, models: Models) -> None:
    process = start()
    running = asyncio.create_task(process.poster.run())
    try:
        await asyncio.sleep(0.2)
        await keep(url, daily(rule=""))
        process.poster.router.rescheduled.set()
        await eventually(lambda: process.wall.shown)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_store_that_is_away_is_waited_for(
    models: Models, postgres: Cluster, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.database()
    await keep(url, daily())
    store = Store(url)
    process = Process(Poster(Router(TABLE, models, store), store, clock), Wall())
    process.poster.attach("wall", process.wall)
    await asyncio.to_thread(postgres.stop)
    try:
        for _ in range(3):
            assert await process.look() == 15
    finally:
        await asyncio.to_thread(postgres.start)
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1
    await process.look()
    assert len(process.wall.shown) == 1
    await store.close()


# Two processes.

FIRINGS, EVERY = 50, timedelta(milliseconds=200)
PROGRAM = """
import asyncio, os, sys
from datetime import timedelta
import bot.poster
from bot.config import Settings
from bot.poster import Poster
from bot.router import Router
from bot.store import Store
from ml.models import Models
from tests.bot.test_poster import EVERY, TABLE

class File:
    keeps = False

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def carry(self, post, reply):
        os.write(self.file, f"{os.getpid()} {post.due.isoformat()}\\n".encode())

    async def tell(self, post, text):
        raise AssertionError(text)

async def main(url, path):
    bot.poster._LONGEST_PAUSE = 0.1  # both look all the time
    store = Store(url)
    poster = Poster(Router(TABLE, Models(Settings().artifacts_dir), store), store, then=lambda p, now: p.due + EVERY)
    poster.router.services.models.warm = lambda: None  # a chart of no model
    poster.attach("wall", File(path))
    print("ready", flush=True)
    await poster.run()

asyncio.run(main(*sys.argv[1:]))
"""


def program(url: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ
    )


async def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert (await asyncio.to_thread(process.stdout.readline)).strip() == "ready"


def lines(path: Path) -> list[tuple[str, datetime]]:
    found = (line.split() for line in path.read_text().splitlines()) if path.exists() else ()
    return [(pid, datetime.fromisoformat(due)) for pid, due in found]


async def test_two_processes_run_a_schedule_for_fifty_firings_without_a_double_or_a_miss(
    url: str, tmp_path: Path
) -> None:
    path = tmp_path / "posted"
    both = [program(url, path) for _ in range(2)]
    try:
        for process in both:
            await ready(process)
        first = datetime.now(UTC).replace(microsecond=0)
        await keep(url, daily(due=first))
        await eventually(lambda: len(lines(path)) >= FIRINGS and len({pid for pid, _ in lines(path)}) == 2, 90)
    finally:
        for process in both:
            process.terminate()  # not SIGINT: a shell's background jobs ignore it
            process.wait(60)
    dues = [due for _, due in lines(path)]
    assert dues[:FIRINGS] == [first + n * EVERY for n in range(FIRINGS)]
    assert max(Counter(dues).values()) == 1


async def test_when_one_of_two_processes_is_killed_the_other_goes_on(url: str, tmp_path: Path) -> None:
    path = tmp_path / "posted"
    both = [program(url, path) for _ in range(2)]
    try:
        for process in both:
            await ready(process)
        first = datetime.now(UTC).replace(microsecond=0)
        await keep(url, *(daily(f"p{n}", due=first) for n in range(8)))
        await eventually(lambda: len(lines(path)) >= 80, 90)
        both[0].kill()
        both[0].wait()
        before = len(lines(path))
        # What the dead one held is given back after 90 s; that may be all of it.
        await eventually(lambda: len(lines(path)) >= before + 80, 180)
    finally:
        for process in both:
            process.kill()
            process.wait()
    alive = str(both[1].pid)
    assert {pid for pid, _ in lines(path)[-40:]} == {alive}
