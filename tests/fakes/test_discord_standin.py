"""The stand-in for Discord, tried by the unmodified discord.py client and by plain HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord import PRIVILEGED, FakeDiscord, NotOffered, Permission, Rules, Terms, Upload
from tests.fakes.discord.commands import check_commands
from tests.fakes.discord.errors import ApiError
from tests.fakes.discord.forms import check_modal

FAST = Terms("token", heartbeat_seconds=0.2, identify_seconds=0.0)
MOODS = ("chill", "energetic", "sad")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


class Line(discord.ui.DynamicItem[discord.ui.Button], template=r"line:(?P<line>.+)"):
    """A button that is a command line, and that survives a restart."""

    def __init__(self, line: str) -> None:
        super().__init__(discord.ui.Button(label=line[:80], custom_id=f"line:{line}"))
        self.line = line

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any) -> Line:
        return cls(match["line"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"pressed {self.line}", view=None)


class Ask(discord.ui.Modal, title="Your demo"):
    name: discord.ui.TextInput = discord.ui.TextInput(label="Name", custom_id="name", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"hello {self.name.value}", ephemeral=True)


def commands(tree: app_commands.CommandTree) -> None:
    @tree.command()
    @app_commands.describe(mood="A mood", count="How many", demo="A file")
    async def recommend(
        interaction: discord.Interaction,
        mood: str,
        count: app_commands.Range[int, 1, 25] = 5,
        demo: discord.Attachment | None = None,
    ) -> None:
        """Tracks for a mood."""
        await interaction.response.defer(thinking=True)
        heard = f", heard {len(await demo.read())} bytes of {demo.content_type}" if demo else ""
        embed = discord.Embed(title=mood, description=f"{count} tracks{heard}").set_image(url="attachment://chart.png")
        view = discord.ui.View(timeout=None).add_item(Line(f"/recommend {mood} page:2"))
        chart = discord.File(io.BytesIO(PNG), "chart.png", description="a chart")
        await interaction.edit_original_response(embed=embed, attachments=[chart], view=view)
        await interaction.followup.send("and more", ephemeral=True)

    @recommend.autocomplete("mood")
    async def moods(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=m, value=m) for m in MOODS if typed in m]

    @tree.command()
    async def ask(interaction: discord.Interaction) -> None:
        """Ask back."""
        await interaction.response.send_modal(Ask())

    @tree.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def twice(interaction: discord.Interaction, late: float = 0.0) -> None:
        """Answer twice, or late."""
        await asyncio.sleep(late)
        await interaction.response.send_message("@everyone one", allowed_mentions=discord.AllowedMentions.all())
        await interaction.client.http.request(
            Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback"), json={"type": 5}
        )


def make(kind: Callable[..., Any] = discord.Client, **options: Any) -> Any:
    """A small bot; `intents` and shards as asked."""

    class Bot(kind):  # type: ignore[misc, valid-type]
        async def setup_hook(self) -> None:
            _, url, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
            self.add_dynamic_items(Line)
            commands(tree)
            await tree.sync()

        async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
            """Without the five seconds."""

    intents = discord.Intents.none()
    intents.guilds = True
    bot = Bot(
        **{
            "intents": intents,
            "guild_ready_timeout": 0.1,
            "allowed_mentions": discord.AllowedMentions.none(),
            **options,
        }
    )
    tree = app_commands.CommandTree(bot)
    return bot


@asynccontextmanager
async def running(fake: FakeDiscord, bot: Any, sessions: int = 1) -> AsyncIterator[asyncio.Task[None]]:
    """The bot against the stand-in, until the block ends."""
    task = asyncio.create_task(bot.start(fake.terms.token))
    try:
        waiting = asyncio.create_task(fake.gateway.ready(sessions))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        yield task
    finally:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


async def eventually(holds: Callable[[], Any]) -> None:
    """Wait for something that is about to be true."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (nothing tells when)
            await asyncio.sleep(0.01)


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(replace(FAST), guilds=2) as standin:
        point(standin, monkeypatch)
        yield standin


def point(standin: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", standin.base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


@pytest.fixture
async def bot(fake: FakeDiscord) -> AsyncIterator[Any]:
    client = make()
    async with running(fake, client):
        yield client


async def call(fake: FakeDiscord, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    """One REST call without discord.py."""
    headers = {"Authorization": f"Bot {fake.terms.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(method, fake.base + path, json=body, **more) as got,
    ):
        return got.status, await got.json() if got.content_type == "application/json" else None


# Commands and interactions through discord.py.


async def test_a_slash_command_is_deferred_then_edited_with_a_file(fake: FakeDiscord, bot: Any) -> None:
    asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "chill", "count": 3})
    await asked.answered()
    reply = asked.reply
    assert (asked.answer, asked.ephemeral, reply.loading) == (5, False, False)
    assert reply.embeds[0]["description"] == "3 tracks"
    assert [(a.filename, a.description, a.data) for a in reply.attachments] == [("chart.png", "a chart", PNG)]
    assert reply.broken == []
    assert reply.payload()["attachments"] == []
    assert reply.payload()["embeds"][0]["image"]["url"] == reply.attachments[0].url
    await asked.until(lambda i: i.followups)
    assert (asked.followups[0].content, asked.followups[0].ephemeral) == ("and more", True)
    assert asked.ack_seconds < asked.rules.ack_seconds
    assert fake.syncs == [None]
    assert fake.unknown_routes == []


async def test_an_attachment_is_downloaded_from_the_content_server(fake: FakeDiscord, bot: Any) -> None:
    demo = Upload("my demo.wav", b"RIFF" * 10, "audio/wav")
    asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "sad", "demo": demo})
    await asked.answered()
    assert asked.reply.embeds[0]["description"] == "5 tracks, heard 40 bytes of audio/wav"
    assert fake.messages.downloads == ["my_demo.wav"]
    claimed = Upload("huge.wav", b"", "audio/wav", size=600 * 1024 * 1024)
    asked = await fake.slash(fake.person("ann"), "ask", {"demo": claimed}, raw=True)
    assert [a["size"] for a in asked.data["resolved"]["attachments"].values()] == [claimed.size]
    assert fake.messages.downloads == ["my_demo.wav"]


async def test_autocomplete_offers_choices(fake: FakeDiscord, bot: Any) -> None:
    typing = await fake.autocomplete(fake.person("ann"), "recommend", "mood", "i", {"count": 2})
    await typing.answered()
    assert [c["value"] for c in typing.choices] == ["chill", "energetic"]
    with pytest.raises(NotOffered):
        await fake.autocomplete(fake.person("ann"), "recommend", "count", 1)


async def test_a_button_works_after_a_restart_and_a_private_one_for_nobody_else(fake: FakeDiscord) -> None:
    async with running(fake, make()):
        asked = await (await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})).answered()
        await asked.until(lambda i: i.followups)
    async with running(fake, make()):
        pressed = await fake.press(asked.reply, "/recommend sad page:2", fake.person("bob"))
        await pressed.answered()
    assert (pressed.answer, asked.reply.content, asked.reply.controls) == (7, "pressed /recommend sad page:2", [])
    with pytest.raises(NotOffered):
        await fake.press(asked.reply, "/recommend sad page:2", fake.person("bob"))


async def test_a_modal_is_shown_and_sent(fake: FakeDiscord, bot: Any) -> None:
    asked = await (await fake.slash(fake.person("ann"), "ask", channel=fake.dm(fake.person("ann")))).answered()
    assert asked.modal["title"] == "Your demo"
    with pytest.raises(NotOffered):
        await fake.submit_modal(asked, {"name": "x" * 21})
    sent = await (await fake.submit_modal(asked, {"name": "Ann"})).answered()
    assert (sent.reply.content, sent.ephemeral) == ("hello Ann", True)


async def test_a_second_answer_is_refused_and_a_ping_is_noted(fake: FakeDiscord, bot: Any) -> None:
    asked = await fake.slash(fake.owner, "twice")
    await asked.until(lambda i: i.refused)
    assert [(e.status, e.code) for e in asked.refused] == [(400, 40060)]
    assert [p.whom for p in fake.messages.pings] == ["@everyone"]


async def test_three_seconds_are_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord(replace(FAST), Rules(ack_seconds=0.2)) as fake:
        point(fake, monkeypatch)
        async with running(fake, make()):
            asked = await fake.slash(fake.owner, "twice", {"late": 0.4})
            await asked.until(lambda i: i.refused)
    assert asked.failed
    assert [(e.status, e.code) for e in asked.refused] == [(404, 10062)]


async def test_tokens_die_and_webhooks_wait_for_the_first_answer(fake: FakeDiscord) -> None:
    fake.commands[None] = {"x": {"id": "1", "name": "x", "options": []}}
    asked, other = [await fake.slash(fake.person("ann"), "x") for _ in range(2)]
    hook, early = (f"/webhooks/{fake.application}/{i.token}" for i in (asked, other))
    callback = f"/interactions/{asked.id}/{asked.token}/callback"
    assert (await call(fake, "POST", early, {"content": "early"}))[1]["code"] == 10015
    assert (await call(fake, "POST", callback, {"type": 7, "data": {"content": "no message"}}))[1]["code"] == 50035
    assert (await call(fake, "POST", callback, {"type": 5, "data": {"flags": 64}}))[0] == 204
    status, first = await call(fake, "POST", hook, {"content": "fills the deferral"})
    assert (status, first["id"], first["flags"]) == (200, str(asked.reply.id), 64)
    second = (await call(fake, "POST", hook, {"content": "new"}))[1]
    assert (await call(fake, "PATCH", f"{hook}/messages/{second['id']}", {"content": "newer"}))[0] == 200
    assert (await call(fake, "DELETE", f"{hook}/messages/@original"))[0] == 204
    assert (await call(fake, "GET", f"{hook}/messages/@original"))[1]["code"] == 10008
    assert [m.content for m in asked.followups] == ["newer"]
    other.sent -= fake.rules.token_seconds
    assert (await call(fake, "POST", early, {"content": "late"}))[1]["code"] == 50027


async def test_people_are_offered_only_what_the_client_would_offer(fake: FakeDiscord, bot: Any) -> None:
    ann = fake.person("ann")
    for options in (
        {},
        {"mood": 1},
        {"mood": "sad", "count": 26},
        {"mood": "sad", "other": 1},
        {"mood": "sad", "demo": "x"},
    ):
        with pytest.raises(NotOffered):
            await fake.slash(ann, "recommend", options)
    for command, channel in (("twice", None), ("nothing", None), ("twice", fake.dm(fake.owner))):
        with pytest.raises(NotOffered):
            await fake.slash(fake.owner if channel else ann, command, channel=channel)
    asked = await fake.slash(ann, "recommend", {"mood": "sad", "count": 25})
    assert (await asked.answered()).reply.embeds


async def test_permissions_are_checked_per_channel(fake: FakeDiscord, bot: Any) -> None:
    channel = fake.guilds[0].channels[1]
    await fake.deny(channel, Permission.ATTACH_FILES)
    asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"}, channel=channel)
    await asked.until(lambda i: i.refused)
    assert not asked.channel.app_permissions & Permission.ATTACH_FILES
    assert [(e.status, e.code) for e in asked.refused] == [(403, 50013)]
    room = bot.get_channel(channel.id)
    assert not room.permissions_for(room.guild.me).attach_files
    await fake.deny(channel, Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden, match="50001"):
        await room.send("hello")
    await fake.delete_channel(channel)
    with pytest.raises(discord.NotFound, match="10003"):
        await room.send("hello")


async def test_the_bot_posts_edits_and_deletes_in_a_channel(fake: FakeDiscord, bot: Any) -> None:
    await bot.wait_until_ready()
    room = bot.get_channel(fake.guilds[1].channels[0].id)
    sent = await room.send(
        "<@1> hi", files=[discord.File(io.BytesIO(b"1"), "a.txt"), discord.File(io.BytesIO(b"2"), "b.txt")]
    )
    await sent.edit(content="edited", attachments=[sent.attachments[1], discord.File(io.BytesIO(b"3"), "c.txt")])
    kept = fake.messages.all[sent.id]
    assert (kept.content, [a.filename for a in kept.attachments], kept.edits) == ("edited", ["b.txt", "c.txt"], 1)
    assert fake.messages.pings == []
    await sent.delete()
    assert kept.deleted


# The gateway through discord.py.


async def test_a_dropped_socket_resumes_and_misses_nothing(fake: FakeDiscord, bot: Any) -> None:
    fake.gateway.drop()
    asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})
    assert asked.delivered == 0
    await asked.answered()
    assert (fake.gateway.resumes, fake.gateway.identifies) == (1, 1)
    await fake.gateway.reconnect()
    asked = await (await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})).answered()
    assert (fake.gateway.resumes, fake.gateway.identifies) == (2, 1)


@pytest.mark.parametrize(("resumable", "identifies"), [(True, 1), (False, 2)])
async def test_an_invalid_session_resumes_or_identifies(
    fake: FakeDiscord, bot: Any, resumable: bool, identifies: int
) -> None:
    await fake.gateway.invalidate(resumable=resumable)
    await fake.gateway.ready()
    assert fake.gateway.identifies == identifies
    await (await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})).answered()


async def test_heartbeats_are_counted_and_late_ones_noted(fake: FakeDiscord, bot: Any) -> None:
    await eventually(lambda: fake.gateway.beats >= 3)
    fake.gateway.live()[0].connection.last_beat -= 1000
    assert max(fake.gateway.late()) > 900
    await eventually(lambda: fake.gateway.missed)
    assert max(fake.gateway.late()) > 900


async def test_a_wrong_token_and_unwanted_intents_are_told(fake: FakeDiscord) -> None:
    async with aiohttp.ClientSession() as http, http.get(fake.base + "/users/@me") as got:
        assert got.status == 401
    client = make()
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()
    intents = discord.Intents(guilds=True, message_content=True)
    async with running(fake, make(intents=intents)) as task:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await task
    fake.terms.privileged = PRIVILEGED["MESSAGE_CONTENT"]
    async with running(fake, make(intents=intents)):
        assert fake.gateway.live()


async def test_shards_hear_of_their_own_servers(fake: FakeDiscord) -> None:
    fake.terms.shards, fake.terms.max_concurrency, fake.terms.require_shards = 2, 2, True
    async with running(fake, make()) as task:
        with pytest.raises(discord.ConnectionClosed, match="4011"):
            await task
    one, two = (make(discord.AutoShardedClient, shard_ids=[n], shard_count=2) for n in (0, 1))
    async with running(fake, one), running(fake, two, sessions=2):
        for guild in fake.guilds:
            asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"}, guild=guild)
            assert asked.delivered == 1
            await asked.answered()
        assert sorted(len(c.guilds) for c in (one, two)) == [1, 1]
        assert {c.guilds[0].id for c in (one, two)} == {g.id for g in fake.guilds}
    async with running(fake, make(discord.AutoShardedClient), sessions=2):
        assert sorted(s.shard for s in fake.gateway.live()) == [0, 1]
    async with running(fake, make(shard_id=2, shard_count=2)) as task:
        with pytest.raises(discord.ConnectionClosed, match="4010"):
            await task


async def test_identifying_too_fast_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord(Terms("token", identify_seconds=1.0)) as fake:
        point(fake, monkeypatch)
        async with running(fake, make()), running(fake, make(), sessions=2):
            assert fake.gateway.invalidated >= 1
            assert len(fake.gateway.live()) == 2


async def test_an_event_reaches_the_new_process_only(fake: FakeDiscord) -> None:
    async with running(fake, make()):
        assert len(fake.gateway.live()) == 1
    assert fake.gateway.live() == []
    lost = await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})
    assert lost.delivered == 0
    async with running(fake, make()):
        asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})
        assert asked.delivered == 1
        await asked.answered()
    assert lost.answer is None


IDENTIFY_FRAME = {"op": 2, "d": {"token": "token", "intents": 1, "properties": {}}}
RESUME = {"token": "token", "session_id": "none", "seq": 1}


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["no json"], 4002),
        ([{"op": 99}], 4001),
        ([{"op": 3, "d": {}}], 4003),
        ([IDENTIFY_FRAME, IDENTIFY_FRAME], 4005),
        ([{"op": 2, "d": {"token": "token", "intents": 1 << 40}}], 4013),
        ([{"op": 6, "d": RESUME | {"token": "other"}}], 4004),
    ],
)
async def test_the_gateway_closes_on_bad_frames(fake: FakeDiscord, frames: list[Any], code: int) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(fake.gateway_url + "?v=10&encoding=json") as socket:
        assert (await socket.receive_json())["op"] == 10
        for frame in frames:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        async for _ in socket:
            pass
        assert socket.close_code == code


async def test_a_plain_socket_leaves_in_order(fake: FakeDiscord) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(fake.gateway_url) as socket:
        await socket.receive_json()
        await socket.send_json({"op": 6, "d": RESUME})
        assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
        await socket.send_json(IDENTIFY_FRAME)
        events = [(await socket.receive_json())["t"] for _ in range(3)]
        assert events == ["READY", "GUILD_CREATE", "GUILD_CREATE"]
        await socket.send_json({"op": 1, "d": 3})
        assert (await socket.receive_json())["op"] == 11
        await socket.close(code=1000)
    await eventually(lambda: fake.gateway.sessions == {})


# Rate limits.


@pytest.mark.parametrize("scope", ["user", "global"])
async def test_a_storm_is_waited_out(fake: FakeDiscord, bot: Any, scope: str) -> None:
    storm = fake.storm(requests=2, retry_after=0.1, scope=scope, route=r"^POST /channels/")
    await bot.wait_until_ready()
    await bot.get_channel(fake.guilds[0].channels[0].id).send("through")
    assert (storm.served, fake.limits.refused) == (2, 2)


async def test_interactions_do_not_count_against_the_global_limit(fake: FakeDiscord, bot: Any) -> None:
    storm = fake.storm(seconds=5, scope="global")
    await (await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})).answered()
    assert storm.served == 0
    fake.storm(requests=1, retry_after=0.1, route="callback")
    asked = await (await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})).answered()
    assert (fake.limits.refused, asked.refused) == (1, [])


async def test_a_fault_of_discord_is_tried_again(fake: FakeDiscord, bot: Any) -> None:
    storm = fake.storm(requests=1, status=502, route="callback")
    asked = await (await fake.slash(fake.person("ann"), "recommend", {"mood": "sad"})).answered()
    assert storm.served == 1
    assert asked.ack_seconds > 1.0


async def test_a_bucket_tells_its_limits(fake: FakeDiscord) -> None:
    path = f"/channels/{fake.guilds[0].channels[0].id}/messages"
    answers = [(await call(fake, "POST", path, {"content": "x"}))[1] for _ in range(6)]
    assert [a.get("retry_after", 0) > 0 for a in answers] == [False] * 5 + [True]


# Forms. Each body breaks one rule.

OPTION = {"type": 3, "name": "a", "description": "d"}


def command(**more: Any) -> dict[str, Any]:
    return {"name": "a", "description": "d", **more}


def option(**more: Any) -> dict[str, Any]:
    return command(options=[{**OPTION, **more}])


CHOICE = {"name": "x", "value": "x"}
BAD_COMMANDS = [
    (command(name="Upper"), "0.name"),
    (command(name="two words"), "0.name"),
    (command(name="x" * 33), "0.name"),
    (command(name=""), "0.name"),
    (command(description="x" * 101), "0.description"),
    (command(description=" "), "0.description"),
    (command(options=[{**OPTION, "name": f"o{n}"} for n in range(26)]), "0.options"),
    (command(options=[OPTION, {**OPTION, "name": "b", "required": True}]), "0.options.1"),
    (command(options=[OPTION, OPTION]), "0.options.0"),
    (option(type=12), "0.options.0.type"),
    (option(name="A"), "0.options.0.name"),
    (option(description=""), "0.options.0.description"),
    (option(choices=[{"name": str(n), "value": str(n)} for n in range(26)]), "0.options.0.choices"),
    (option(choices=[{"name": "x" * 101, "value": "x"}]), "0.options.0.choices.0.name"),
    (option(choices=[{"name": "x", "value": "x" * 101}]), "0.options.0.choices.0.value"),
    (option(choices=[CHOICE, CHOICE]), "0.options.0.choices"),
    (option(choices=[CHOICE], autocomplete=True), "0.options.0.autocomplete"),
    (option(type=4, choices=[CHOICE]), "0.options.0.choices.0.value"),
    (option(type=5, autocomplete=True), "0.options.0.autocomplete"),
    (option(min_value=1), "0.options.0.min_value"),
    (option(type=4, min_value=2, max_value=1), "0.options.0.min_value"),
    (option(max_length=6001), "0.options.0.max_length"),
    (command(options=[OPTION, {"type": 1, "name": "s", "description": "d"}]), "0.options.1"),
    (command(default_member_permissions="manage"), "0.default_member_permissions"),
    (command(contexts=[3]), "0.contexts.0"),
    (command(contexts=[]), "0.contexts"),
    (command(integration_types=[2]), "0.integration_types.0"),
    (
        command(
            options=[
                {**OPTION, "name": f"o{n}", "choices": [{"name": f"{c:0100}", "value": f"{c:0100}"} for c in range(20)]}
                for n in range(2)
            ]
        ),
        "0",
    ),
]


@pytest.mark.parametrize(("body", "path"), BAD_COMMANDS)
async def test_a_command_that_breaks_a_rule_is_refused(fake: FakeDiscord, body: dict[str, Any], path: str) -> None:
    status, answer = await call(fake, "PUT", f"/applications/{fake.application}/commands", [body])
    assert (status, answer["code"]) == (400, 50035)
    assert at(answer["errors"], path)
    assert fake.syncs == []


async def test_command_lists_are_limited_and_good_ones_kept(fake: FakeDiscord) -> None:
    everything = f"/applications/{fake.application}/commands"
    good = command(
        name="größe-ไทย",
        contexts=[0, 1],
        default_member_permissions="32",
        options=[{**OPTION, "required": True, "autocomplete": True}, {**OPTION, "name": "b", "choices": [CHOICE]}],
    )
    assert (await call(fake, "PUT", everything, [good]))[0] == 200
    assert [c["name"] for c in (await call(fake, "GET", everything))[1]] == [good["name"]]
    there = f"/applications/{fake.application}/guilds/{fake.guilds[0].id}/commands"
    assert (await call(fake, "PUT", there, [good]))[0] == 200
    assert fake.syncs == [None, fake.guilds[0].id]
    many = [command(name=f"c{n}") for n in range(101)]
    assert (await call(fake, "PUT", everything, many))[1]["code"] == 30032
    with pytest.raises(ApiError):
        check_commands([command(), command()])


def at(errors: dict[str, Any], path: str) -> Any:
    """The errors of a field."""
    for step in path.split("."):
        errors = errors.get(step, {})
    return errors.get("_errors")


def embeds(**more: Any) -> dict[str, Any]:
    return {"embeds": [more]}


def row(*items: dict[str, Any]) -> dict[str, Any]:
    return {"content": "x", "components": [{"type": 1, "components": list(items)}]}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": "x", **more}


BAD_MESSAGES = [
    ({"content": "x" * 2001}, "content"),
    (embeds(title="x" * 257), "embeds.0.title"),
    (embeds(description="x" * 4097), "embeds.0.description"),
    (embeds(fields=[{"name": "x" * 257, "value": "x"}]), "embeds.0.fields.0.name"),
    (embeds(fields=[{"name": "x", "value": "x" * 1025}]), "embeds.0.fields.0.value"),
    (embeds(fields=[{"name": "x", "value": " "}]), "embeds.0.fields.0.value"),
    (embeds(fields=[{"name": "x", "value": "x"}] * 26), "embeds.0.fields"),
    (embeds(footer={"text": "x" * 2049}), "embeds.0.footer.text"),
    (embeds(author={"name": "x" * 257}), "embeds.0.author.name"),
    (embeds(title="x", image={"url": "file:///x"}), "embeds.0.image.url"),
    (embeds(title="x", url="javascript:1"), "embeds.0.url"),
    (embeds(color=1), "embeds.0.description"),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"content": "x", "components": [row(button())["components"][0]] * 6}, "components"),
    (row(*[button(custom_id=str(n)) for n in range(6)]), "components.0.components"),
    (row(), "components.0.components"),
    (row(button(custom_id="x" * 101)), "components.0.components.0.custom_id"),
    (row(button(custom_id="")), "components.0.components.0.custom_id"),
    (row(button(label="x" * 81)), "components.0.components.0.label"),
    (row(button(label=None)), "components.0.components.0"),
    (row(button(style=9)), "components.0.components.0.style"),
    (row(button(style=5, url="https://x.y")), "components.0.components.0.custom_id"),
    (row({"type": 2, "style": 5, "label": "x", "url": "ftp://x.y"}), "components.0.components.0.url"),
    (row(button(emoji={"name": "thumbsup"})), "components.0.components.0.emoji.name"),
    (row(button(emoji={"name": "→"})), "components.0.components.0.emoji.name"),
    (row(button(), button()), "components.2.custom_id"),
    (row({"type": 3, "custom_id": "m", "options": []}), "components.0.components.0.options"),
    ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
    ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
    ({"content": "x", "attachments": [{"id": 0, "filename": "none.png"}]}, "attachments.0.id"),
]


@pytest.mark.parametrize(("body", "path"), BAD_MESSAGES)
async def test_a_message_that_breaks_a_rule_is_refused(fake: FakeDiscord, body: dict[str, Any], path: str) -> None:
    status, answer = await call(fake, "POST", f"/channels/{fake.guilds[0].channels[0].id}/messages", body)
    assert (status, answer["code"]) == (400, 50035), answer
    assert at(answer["errors"], path), answer
    assert fake.messages.all == {}


@pytest.mark.parametrize(
    ("body", "pinged"),
    [
        ({"content": "@everyone <@&1> <@2>"}, ["@everyone", "<@&1>", "<@2>"]),
        ({"content": "@here <@2> <@3>", "allowed_mentions": {"parse": [], "users": ["3"]}}, ["<@3>"]),
        ({"embeds": [{"description": "<@2>"}]}, ["<@2>"]),
        ({"content": "@everyone <@2>", "allowed_mentions": {"parse": []}}, []),
    ],
)
async def test_words_that_reach_people_are_noted(fake: FakeDiscord, body: dict[str, Any], pinged: list[str]) -> None:
    assert (await call(fake, "POST", f"/channels/{fake.guilds[0].channels[0].id}/messages", body))[0] == 200
    assert [p.whom for p in fake.messages.pings] == pinged


async def test_sub_commands_carry_people_and_places(fake: FakeDiscord) -> None:
    who = [{"type": 6, "name": "who", "description": "d"}, {"type": 7, "name": "where", "description": "d"}]
    add = {"type": 1, "name": "add", "description": "d", "options": who}
    everything = f"/applications/{fake.application}/commands"
    assert (await call(fake, "PUT", everything, [command(name="post", options=[add])]))[0] == 200
    ann, channel = fake.person("ann"), fake.guilds[0].channels[1]
    asked = await fake.slash(ann, "post add", {"who": ann, "where": channel}, raw=True)
    inner = asked.data["options"][0]
    assert (inner["name"], inner["type"], [o["value"] for o in inner["options"]]) == (
        "add",
        1,
        [str(ann.id), str(channel.id)],
    )
    assert set(asked.data["resolved"]) == {"users", "channels"}


async def test_a_message_at_every_limit_passes(fake: FakeDiscord) -> None:
    emoji = [{"name": n} for n in ("👍", "◀️", "1️⃣", "▶", "🎧")]
    rows = [
        {
            "type": 1,
            "components": [
                button(label="x" * 80, custom_id=f"{r}{n}".ljust(100), emoji=e) for n, e in enumerate(emoji)
            ],
        }
        for r in range(5)
    ]
    body = {
        "content": "😀" * 2000,
        "embeds": [
            {"title": "x" * 256, "description": "x" * 4096},
            {"fields": [{"name": "n", "value": "v" * 65}] * 24},
        ],
        "components": rows,
        "allowed_mentions": {"parse": []},
    }
    status, answer = await call(fake, "POST", f"/channels/{fake.guilds[0].channels[0].id}/messages", body)
    assert status == 200, answer
    assert len({c["id"] for r in answer["components"] for c in [r, *r["components"]]}) == 30


@pytest.mark.parametrize(
    "body", [{}, {"content": "  "}, {"content": None, "embeds": []}, {"components": row(button())["components"]}]
)
async def test_an_empty_message_is_refused(fake: FakeDiscord, body: dict[str, Any]) -> None:
    path = f"/channels/{fake.guilds[0].channels[0].id}/messages"
    assert (await call(fake, "POST", path, body))[1]["code"] == 50006


async def test_files_are_limited(fake: FakeDiscord, bot: Any) -> None:
    await bot.wait_until_ready()
    room = bot.get_channel(fake.guilds[0].channels[0].id)
    with pytest.raises(discord.HTTPException, match="40005") as large:
        await room.send(file=discord.File(io.BytesIO(b"0" * (10 * 1024 * 1024 + 1)), "x.bin"))
    assert large.value.status == 413
    with pytest.raises(discord.HTTPException, match="50035"):
        await room.send(files=[discord.File(io.BytesIO(b"0"), f"{n}.txt", description="x" * 1025) for n in range(2)])
    with pytest.raises(discord.HTTPException, match="50035"):
        await room.send(files=[discord.File(io.BytesIO(b"0"), f"{n}.txt") for n in range(11)])
    with pytest.raises(discord.NotFound, match="10003"):
        await bot.http.send_message(1, params=discord.http.handle_message_parameters("x"))


@pytest.mark.parametrize(
    "choices",
    [
        [{"name": str(n), "value": "v"} for n in range(26)],
        [{"name": "", "value": "v"}],
        [{"name": "n", "value": "v" * 101}],
    ],
)
async def test_autocomplete_choices_are_checked(fake: FakeDiscord, choices: list[dict[str, str]]) -> None:
    fake.commands[None] = {"x": {"id": "1", "name": "x", "options": [{**OPTION, "autocomplete": True}]}}
    typing = await fake.autocomplete(fake.person("ann"), "x", "a", "")
    callback = f"/interactions/{typing.id}/{typing.token}/callback"
    assert (await call(fake, "POST", callback, {"type": 8, "data": {"choices": choices}}))[1]["code"] == 50035
    assert (await call(fake, "POST", callback, {"type": 4, "data": {"content": "x"}}))[1]["code"] == 50035
    assert (await call(fake, "POST", callback, {"type": 8, "data": {"choices": [CHOICE]}}))[0] == 204


@pytest.mark.parametrize("broken", [{"title": "x" * 46}, {"custom_id": ""}, {"components": []}])
def test_modals_are_checked(broken: dict[str, Any]) -> None:
    text = {"type": 4, "style": 1, "custom_id": "t", "label": "x"}
    modal: dict[str, Any] = {"title": "x", "custom_id": "m", "components": [{"type": 1, "components": [text]}]}
    check_modal(modal)
    with pytest.raises(ApiError):
        check_modal(modal | broken)


# The control surface.


async def test_the_stand_in_is_driven_over_http(fake: FakeDiscord, bot: Any) -> None:
    async with aiohttp.ClientSession(fake.root) as http:

        async def do(verb: str, **body: Any) -> Any:
            async with http.post(f"/control/{verb}", json=body) as got:
                return await got.json()

        demo = {"filename": "a.wav", "base64": "UklGRg==", "content_type": "audio/wav"}
        seen = await do("slash", user="ann", command="recommend", options={"mood": "sad", "demo": demo}, guild=1)
        assert seen["embeds"][0]["description"] == "5 tracks, heard 4 bytes of audio/wav"
        assert seen["files"] == [["chart.png", len(PNG), "a chart"]]
        pressed = await do("press", user="bob", message=seen["message"], control=seen["controls"][0]["custom_id"])
        assert pressed["content"].startswith("pressed")
        assert (await do("autocomplete", command="recommend", option="mood", typed="chi"))["choices"][0][
            "value"
        ] == "chill"
        shown = await do("slash", command="ask")
        assert (await do("modal", interaction=shown["id"], values={"name": "Ann"}))["content"] == "hello Ann"
        assert "NotOffered" in (await do("slash", command="nothing"))["error"]
        assert await do("drop") == {}
        async with http.get("/control/stats") as got:
            stats = await got.json()
    assert (stats["interactions"], stats["failed"], stats["pings"]) == (5, 0, 0)
    assert stats["acknowledged_ms"]["2"]["n"] == 2
