"""/post on Discord: in the channel, at its time, by those who may, and told when a channel does not take it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import COMMANDS
from bot.core import Post, Reply, Schedule
from bot.poster import Poster
from bot.router import Router
from bot.store import Store
from ml.models import Models
from tests.discord_bot import eventually, running, seen, words
from tests.fakes.discord import Channel, FakeDiscord, Message, NotOffered, Permission, Terms, User
from tests.fakes.discord.model import TALK

FAST = Terms("token", heartbeat_seconds=1.0, identify_seconds=0.0)
MAY = TALK | Permission.MANAGE_MESSAGES
DAILY = {"line": "/trend tempo", "every": "day", "at": "09:00 Europe/Berlin"}


@dataclass
class Server:
    """The bot in a server, with a clock that a test sets."""

    fake: FakeDiscord
    store: Store
    poster: Poster
    now: datetime | None = None

    def clock(self) -> datetime:
        return self.now or datetime.now(UTC)

    @property
    def boss(self) -> User:
        return self.fake.person("boss", MAY)

    @property
    def channel(self) -> Channel:
        return self.fake.guilds[0].channels[1]

    async def post(self, user: User | None = None, **options: Any) -> Message:
        message: Message = await seen(await self.fake.slash(user or self.boss, "post", options))
        return message

    async def in_a_week(self) -> None:
        """Let what is scheduled be due."""
        self.now = datetime.now(UTC) + timedelta(days=8)
        self.poster.router.rescheduled.set()

    def posted(self, channel: Channel) -> list[Message]:
        """What stands in a channel and answers nobody."""
        return [m for m in self.fake.messages.all.values() if m.channel is channel and not m.application]

    async def problem(self) -> str:
        memory = await self.store.recall("nobody", f"discord:guild:{self.fake.guilds[0].id}", "")
        return memory.posts[0].problem


@asynccontextmanager
async def started(fake: FakeDiscord, models: Models, path: Path, moderators: tuple[str, ...] = ()) -> Any:
    store = Store(f"sqlite:///{path}/timbre.sqlite3")
    router = Router(COMMANDS, models, store, moderators)
    server = Server(fake, store, None)  # type: ignore[arg-type]
    server.poster = Poster(router, store, lambda: server.clock())
    posting = asyncio.create_task(server.poster.run())
    async with running(fake, router, store, poster=server.poster):
        yield server
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    await store.close()


@pytest.fixture
async def server(models: Models, tmp_path: Path) -> AsyncIterator[Server]:
    async with FakeDiscord(replace(FAST), guilds=2) as fake, started(fake, models, tmp_path) as server:
        yield server
        assert fake.messages.pings == []
        assert fake.unknown_routes == []


async def test_a_chart_is_posted_to_a_channel_at_once(server: Server) -> None:
    message = await server.post(line="/trend tempo", channel=server.channel)
    assert message.ephemeral
    assert message.content == f"Posting /trend tempo to <#{server.channel.id}> now."
    await eventually(lambda: server.posted(server.channel))
    (posted,) = server.posted(server.channel)
    assert [a.filename for a in posted.attachments] == ["trend.png"]
    assert posted.attachments[0].data.startswith(b"\x89PNG")
    assert posted.attachments[0].description
    assert (posted.broken, posted.ephemeral) == ([], False)
    assert "empo" in words(posted)
    pressed = await server.fake.press(posted, posted.controls[0]["label"], server.fake.person("eve"))
    assert (await seen(pressed)).ephemeral


async def test_without_a_channel_it_goes_where_it_was_said(server: Server) -> None:
    await server.post(line='/cluster "Enter Sandman"')
    here = server.fake.guilds[0].channels[0]
    await eventually(lambda: server.posted(here))
    assert server.posted(here)[0].attachments


async def test_a_list_of_tracks_is_posted_with_its_menus(server: Server) -> None:
    await server.post(line="/playlist focus", channel=server.channel)
    await eventually(lambda: server.posted(server.channel))
    (posted,) = server.posted(server.channel)
    assert {a.filename.rpartition(".")[2] for a in posted.attachments} >= {"png", "csv"}
    assert posted.controls


async def test_a_scheduled_post_comes_at_its_time_and_is_listed_and_stopped(server: Server) -> None:
    message = await server.post(**DAILY, channel=server.channel)
    assert f"will be posted to <#{server.channel.id}> every day at 09:00 (Europe/Berlin)" in words(message)
    assert server.posted(server.channel) == []
    await server.in_a_week()
    await eventually(lambda: server.posted(server.channel))
    listed = await server.post(action="list")
    assert f"<#{server.channel.id}>" in words(listed)
    menu = next(c for c in listed.controls if c["type"] == 3)
    stopped = await server.fake.press(
        listed, menu["custom_id"], server.boss, values=[o["value"] for o in menu["options"]]
    )
    assert words(await seen(stopped)).startswith("Stopped: /trend tempo")
    assert "Nothing is scheduled here." in words(await server.post(action="list"))
    assert len(server.posted(server.channel)) == 1


async def test_a_channel_that_is_gone_stops_it_and_tells_its_author(server: Server) -> None:
    await server.post(**DAILY, channel=server.channel)
    await server.fake.delete_channel(server.channel)
    await server.in_a_week()
    direct = server.fake.dm(server.boss)
    await eventually(lambda: server.posted(direct))
    assert server.posted(direct)[0].content.replace("\\", "") == (
        f"I have stopped posting /trend tempo to <#{server.channel.id}> every day at 09:00 (Europe/Berlin). "
        "The channel is gone. /post list shows it there."
    )
    assert "stopped: The channel is gone." in words(await server.post(action="list"))


@pytest.mark.parametrize(
    ("denied", "says"),
    [
        (Permission.SEND_MESSAGES, "I am not allowed to write in the channel."),
        (Permission.VIEW_CHANNEL, "I am not allowed to see the channel."),
    ],
)
async def test_a_channel_that_forbids_it_stops_it(server: Server, denied: Permission, says: str) -> None:
    await server.fake.deny(server.channel, denied)
    await server.post(line="/trend tempo", channel=server.channel)
    direct = server.fake.dm(server.boss)
    await eventually(lambda: server.posted(direct))
    assert says in server.posted(direct)[0].content
    assert await server.problem() == says


async def test_where_files_are_not_allowed_it_is_posted_in_words(server: Server) -> None:
    await server.fake.deny(server.channel, Permission.ATTACH_FILES)
    await server.post(line="/trend tempo", channel=server.channel)
    await eventually(lambda: server.posted(server.channel))
    (posted,) = server.posted(server.channel)
    assert posted.attachments == []
    assert "I need the permission “Attach Files” in this channel" in words(posted)


async def test_who_takes_no_direct_messages_finds_it_in_the_list(server: Server) -> None:
    server.fake.dm(server.boss).deleted = True
    await server.fake.delete_channel(server.channel)
    await server.post(line="/trend tempo", channel=server.channel)
    async with asyncio.timeout(20):
        while not await server.problem():  # noqa: ASYNC110 (nothing tells when)
            await asyncio.sleep(0.02)
    assert "stopped: The channel is gone." in words(await server.post(action="list"))


async def test_a_short_outage_makes_it_late_and_not_two(server: Server) -> None:
    storm = server.fake.storm(requests=7, status=503, route=f"^POST /channels/{server.channel.id}/messages")
    await server.post(line="/trend tempo", channel=server.channel)
    await eventually(lambda: server.posted(server.channel), 60)
    await asyncio.sleep(0.3)
    assert (storm.served, len(server.posted(server.channel))) == (7, 1)


async def test_one_firing_that_is_sent_twice_is_shown_once(server: Server) -> None:
    carrier = server.poster._carriers["discord"]
    room, where = f"discord:guild:{server.fake.guilds[0].id}", f"<#{server.channel.id}>"
    post = Post("abcdef", "/trend tempo", "discord", where, room, datetime.now(UTC))
    for _ in range(2):
        await carrier.carry(post, Reply("once"))
    await carrier.carry(replace(post, due=post.due + timedelta(days=1)), Reply("again"))
    assert [m.content for m in server.posted(server.channel)] == ["once", "again"]


async def test_only_who_may_manage_messages_there_posts_there(server: Server) -> None:
    eve = server.fake.person("eve")
    with pytest.raises(NotOffered):
        await server.post(eve, line="/trend tempo")
    boss = server.fake.person("half-boss", MAY)
    typed = await server.fake.slash(boss, "post", {"line": "/trend tempo"})
    message = await seen(typed)
    for line in (f"post line:'/trend tempo' channel:{server.channel.id}", "post list"):
        message.controls[0]["custom_id"] = f"l0:{line}"
        pressed = await server.fake.press(message, f"l0:{line}", eve, raw=True)
        assert words(await seen(pressed)).startswith("Only people who may manage messages here can use /post")
    other = server.fake.guilds[1].channels[0]
    message.controls[0]["custom_id"] = f"l0:post line:x channel:{other.id}"
    pressed = await server.fake.press(message, message.controls[0]["custom_id"], boss, raw=True)
    assert words(await seen(pressed)).startswith("There is no such channel in this server.")
    assert server.posted(server.channel) == server.posted(other) == []


async def test_those_whom_the_settings_name_may_too(models: Models, tmp_path: Path) -> None:
    async with FakeDiscord(replace(FAST)) as fake:
        ann = fake.person("ann")
        async with started(fake, models, tmp_path, (f"discord:{ann.id}",)) as server:
            await server.post(ann, line="/trend tempo", channel=server.channel)
            await eventually(lambda: server.posted(server.channel))
            refused = await server.post(fake.person("eve"), line="/trend tempo")
            assert words(refused).startswith("Only people who may manage messages")


async def test_a_post_of_before_the_bot_came_back_is_late(models: Models, tmp_path: Path) -> None:
    async with FakeDiscord(replace(FAST)) as fake:
        channel, guild = fake.guilds[0].channels[0], fake.guilds[0].id
        store = Store(f"sqlite:///{tmp_path}/timbre.sqlite3")
        due = datetime.now(UTC) - timedelta(days=3)
        post = Post("abcdef", "/explain hit", "discord", f"<#{channel.id}>", "", due, "day 0 09:00 UTC")
        await store.remember("discord:1", f"discord:guild:{guild}", "", (Schedule(post),))
        await store.close()
        async with started(fake, models, tmp_path) as server:
            await eventually(lambda: server.posted(channel))
            await asyncio.sleep(0.2)
            assert len(server.posted(channel)) == 1
