"""What goes wrong between Discord and the bot: dropped connections, limits, restarts, tokens, deleted channels."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings, TokenError
from bot.core import Command
from bot.router import Router
from bot.store import Store
from bot.transports import discord as transport
from ml.models import Models
from tests import discord_bot
from tests.discord_bot import TABLE, eventually, running, seen, words
from tests.fakes.discord import FakeDiscord, Permission, Rules, Terms

FAST = Terms("token", heartbeat_seconds=1.0, identify_seconds=0.0)
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/timbre.sqlite3")
    yield store
    await store.close()


@pytest.fixture
def router(models: Models, store: Store) -> Router:
    return Router(TABLE, models, store)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(replace(FAST), Rules(to_the_letter=True), guilds=2) as standin:
        yield standin
        assert 40060 not in standin.errors
        assert standin.messages.pings == []


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing of all this leaves a trace in the log, only lines."""
    yield
    records = [r for r in caplog.get_records("call") if r.exc_info and r.exc_info[0]]
    assert [f"{r.name}: {r.getMessage()}" for r in records] == []


@pytest.fixture
def slow() -> Iterator[None]:
    discord_bot.started.clear()
    discord_bot.finish.clear()
    yield
    discord_bot.finish.set()


async def under_way() -> None:
    await asyncio.to_thread(discord_bot.started.wait, 10)


@pytest.mark.parametrize("how", ["drop", "reconnect", "invalidate", "resumable"])
async def test_a_lost_connection_loses_no_acknowledged_command(
    fake: FakeDiscord, router: Router, store: Store, slow: None, how: str
) -> None:
    async with running(fake, router, store):
        asked = await (await fake.slash(fake.person("ann"), "slow")).acknowledged()
        await under_way()
        if how == "drop":
            fake.gateway.drop()
        elif how == "reconnect":
            await fake.gateway.reconnect()
        else:
            await fake.gateway.invalidate(resumable=how == "resumable")
        discord_bot.finish.set()
        assert words(await seen(asked)) == "At last."
        await eventually(lambda: fake.gateway.identifies + fake.gateway.resumes == 2)
        again = await fake.slash(fake.person("ann"), "echo", {"text": "x"})
        assert "'text': 'x'" in words(await seen(again))


async def test_a_stop_finishes_what_is_being_answered(
    fake: FakeDiscord, router: Router, store: Store, slow: None
) -> None:
    async with running(fake, router, store) as task:
        asked = await (await fake.slash(fake.person("ann"), "slow")).acknowledged()
        await under_way()
        task.cancel()
        await eventually(lambda: not fake.gateway.live())
        discord_bot.finish.set()
        assert words(await seen(asked)) == "At last."


async def test_old_buttons_work_after_a_restart(fake: FakeDiscord, router: Router, store: Store) -> None:
    ann = fake.person("ann")
    long = "more words than a button holds, and then some more of them, " * 3
    async with running(fake, router, store):
        short_list = await seen(await fake.slash(ann, "list", {"about": "love"}))
        long_list = await seen(await fake.slash(ann, "list", {"about": long}))
    async with running(fake, Router(TABLE, router.services.models, store), store):
        for message, starts in ((short_list, "Page 2 for love."), (long_list, "Page 2 for more words")):
            turned = await fake.press(message, "More", ann)
            await turned.until(lambda i: i.edits)
            assert words(message).startswith(starts)
        menu = next(c for c in short_list.controls if c["type"] == 3)
        rated = await fake.press(short_list, menu["custom_id"], ann, values=[menu["options"][0]["value"]])
        assert "Liked" in words(await seen(rated))
    assert fake.syncs == [None]


async def test_an_old_button_whose_command_is_gone_says_so(fake: FakeDiscord, router: Router, store: Store) -> None:
    ann = fake.person("ann")
    async with running(fake, router, store):
        message = await seen(await fake.slash(ann, "list"))
    fewer = Router([c for c in TABLE if c.name != "list"], router.services.models, store)
    async with running(fake, fewer, store):
        pressed = await fake.press(message, "Another", ann)
        answer = await seen(pressed)
        assert answer.ephemeral
        assert words(answer).startswith("There is no command “/list”.")


@pytest.mark.parametrize("route", ["callback", "^PATCH", ""])
async def test_a_storm_of_429_is_waited_out(fake: FakeDiscord, router: Router, store: Store, route: str) -> None:
    async with running(fake, router, store):
        fake.storm(requests=9, retry_after=0.05, route=route)
        asked = [await fake.slash(fake.person(f"ann{n}"), "list") for n in range(3)]
        for one in asked:
            assert words(await seen(one)).startswith("Page 1")
        assert fake.limits.refused == 9


async def test_an_answer_outlives_more_refusals_than_discord_py_waits_out(
    fake: FakeDiscord, router: Router, store: Store
) -> None:
    async with running(fake, router, store):
        storm = fake.storm(requests=8, retry_after=0.01, route="^PATCH /webhooks")
        asked = await fake.slash(fake.person("ann"), "list")
        assert words(await seen(asked)).startswith("Page 1")
        assert storm.served == 8


@pytest.mark.parametrize("route", ["callback", "^PATCH"])
async def test_429_is_waited_out_where_no_proxy_signs_it(
    fake: FakeDiscord, router: Router, store: Store, route: str
) -> None:
    async with running(fake, router, store):
        storm = fake.storm(requests=1, retry_after=1.0, route=route, via=False)
        asked = await fake.slash(fake.person("ann"), "list")
        assert words(await seen(asked)).startswith("Page 1")
        assert (storm.served, asked.age > 1.0) == (1, True)


async def test_completions_and_registration_wait_out_429_too(fake: FakeDiscord, router: Router, store: Store) -> None:
    fake.storm(requests=2, retry_after=0.05, route="^PUT", via=False)
    async with running(fake, router, store):
        assert set(fake.commands[None]) == {command.name for command in TABLE}
        fake.storm(requests=2, retry_after=0.05, route="callback", via=False)
        asked = await fake.autocomplete(fake.person("ann"), "echo", "text", "x")
        assert len((await asked.answered()).choices) == 25


async def test_an_acknowledgement_needs_no_body(router: Router, store: Store) -> None:
    async with FakeDiscord(replace(FAST), Rules(callback_bodies=False)) as fake, running(fake, router, store):
        message = await seen(await fake.slash(fake.person("ann"), "list"))
        turned = await fake.press(message, "More", fake.person("ann"))
        await turned.until(lambda i: i.edits)
        assert words(message).startswith("Page 2")


async def test_where_discord_does_not_say_what_is_allowed_it_finds_out(router: Router, store: Store) -> None:
    async with FakeDiscord(replace(FAST), Rules(says_permissions=False)) as fake, running(fake, router, store):
        allowed, denied = fake.guilds[0].channels
        await fake.deny(denied, Permission.ATTACH_FILES)
        message = await seen(await fake.slash(fake.person("ann"), "list", channel=allowed))
        assert [a.filename for a in message.attachments] == ["list_chart.png"]
        message = await seen(await fake.slash(fake.person("ann"), "list", channel=denied))
        assert "I need the permission “Attach Files” in this channel" in words(message)


async def test_an_event_that_discord_py_cannot_read_does_not_end_it(
    fake: FakeDiscord,
    router: Router,
    store: Store,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "_FIRST_PAUSE", 0.05)
    async with running(fake, router, store) as task:
        await fake.gateway.dispatch("INTERACTION_CREATE", {"id": "1", "type": 99}, fake.guilds[0])
        await eventually(lambda: fake.gateway.identifies == 2 and fake.gateway.live())
        message = await seen(await fake.slash(fake.person("ann"), "echo", {"text": "x"}))
        assert "'text': 'x'" in words(message)
        assert not task.done()
    assert "the connection to Discord broke" in caplog.text
    caplog.clear()


async def test_a_permission_taken_meanwhile_is_named(
    fake: FakeDiscord, router: Router, store: Store, slow: None
) -> None:
    async with running(fake, router, store):
        asked = await (await fake.slash(fake.person("ann"), "slow")).acknowledged()
        await under_way()
        await fake.deny(fake.guilds[0].channels[0], Permission.ATTACH_FILES)
        discord_bot.finish.set()
        message = await seen(asked)
        assert words(message).startswith("At last.\nI can't show the chart here: I need the permission “Attach Files”")
        assert message.attachments == []


async def test_a_deleted_channel_is_one_line_of_the_log(
    fake: FakeDiscord, router: Router, store: Store, slow: None, caplog: pytest.LogCaptureFixture
) -> None:
    channel = fake.guilds[0].channels[1]
    async with running(fake, router, store):
        asked = await (await fake.slash(fake.person("ann"), "slow", channel=channel)).acknowledged()
        await under_way()
        await fake.delete_channel(channel)
        discord_bot.finish.set()
        await asked.until(lambda i: i.refused)
        await eventually(lambda: "could not be answered" in caplog.text)
        assert "'slow'" in caplog.text


async def test_an_expired_interaction_is_one_line_of_the_log(
    router: Router, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeDiscord(replace(FAST), Rules(ack_seconds=-1.0)) as fake, running(fake, router, store):
        asked = await fake.slash(fake.person("ann"), "list")
        await asked.until(lambda i: i.refused)
        await eventually(lambda: "could not be acknowledged" in caplog.text)


async def test_a_broken_command_tells_a_reference_privately(
    fake: FakeDiscord, models: Models, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def burst(request: Any, services: Any) -> Any:
        return 1 / 0

    async with running(fake, Router((Command("burst", "breaks", (), burst),), models, store), store):
        message = await seen(await fake.slash(fake.person("ann"), "burst"))
        assert message.ephemeral
        assert "Something broke on our side, reference" in words(message)
        assert "ZeroDivision" not in words(message)
    caplog.clear()


async def test_nobody_is_pinged_even_if_escaping_failed(
    fake: FakeDiscord, router: Router, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.transports.discord_reply.escape", lambda text: text)
    bob = fake.person("bob")
    async with running(fake, router, store):
        for name, options in (("echo", {"text": f"<@{bob.id}> @everyone"}), ("echo", {"mood": f"<@{bob.id}>"})):
            message = await seen(await fake.slash(fake.person("ann"), name, options, raw=True))
            assert f"<@{bob.id}>" in message.content


async def test_it_listens_to_nothing_but_servers(fake: FakeDiscord, router: Router, store: Store) -> None:
    async with running(fake, router, store):
        assert [session.intents for session in fake.gateway.live()] == [1]


async def test_commands_are_registered_once_and_again_when_they_change(
    fake: FakeDiscord, router: Router, store: Store
) -> None:
    for _ in range(2):
        async with running(fake, router, store):
            pass
    assert fake.syncs == [None]
    async with running(fake, Router(TABLE[:2], router.services.models, store), store):
        assert set(fake.commands[None]) == {"list", "slow"}
    assert fake.syncs == [None, None]


async def test_commands_are_everywhere_or_in_some_servers_never_both(
    fake: FakeDiscord, router: Router, store: Store
) -> None:
    one, two = (guild.id for guild in fake.guilds)

    def registered() -> dict[int | None, int]:
        return {scope: len(commands) for scope, commands in fake.commands.items() if commands}

    async with running(fake, router, store):
        assert registered() == {None: len(TABLE)}
    async with running(fake, router, store, discord_guild_ids=(one,)):
        assert registered() == {one: len(TABLE)}
        assert "x" in words(await seen(await fake.slash(fake.person("ann"), "echo", {"text": "x"})))
    async with running(fake, router, store, discord_guild_ids=(one, two)):
        assert registered() == {one: len(TABLE), two: len(TABLE)}
    async with running(fake, router, store):
        assert registered() == {None: len(TABLE)}
    before = list(fake.syncs)
    async with running(fake, router, store):
        assert fake.syncs == before


async def test_commands_that_somebody_else_deleted_come_back(fake: FakeDiscord, router: Router, store: Store) -> None:
    one = fake.guilds[0].id
    for scope, chosen in ((None, {}), (one, {"discord_guild_ids": (one,)})):
        async with running(fake, router, store, **chosen):
            pass
        del fake.commands[scope]["list"]
        async with running(fake, router, store, **chosen):
            assert set(fake.commands[scope]) == {command.name for command in TABLE}


async def test_a_servers_command_is_known_without_its_server(fake: FakeDiscord, router: Router, store: Store) -> None:
    one = fake.guilds[0].id
    async with running(fake, router, store, discord_guild_ids=(one,)):
        del fake.commands[one]["echo"]["guild_id"]
        assert "'x'" in words(await seen(await fake.slash(fake.person("ann"), "echo", {"text": "x"})))


async def test_a_server_the_bot_is_not_in_does_not_stop_it(
    fake: FakeDiscord, router: Router, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(fake, router, store, discord_guild_ids=(fake.guilds[0].id, 12345)):
        assert "x" in words(await seen(await fake.slash(fake.person("ann"), "echo", {"text": "x"})))
    assert "refused the commands in servers 12345" in caplog.text


async def test_shards_as_discord_recommends_and_shared_by_two_processes(router: Router, store: Store) -> None:
    async with FakeDiscord(replace(FAST, shards=2, require_shards=True, max_concurrency=2), guilds=2) as fake:
        async with running(fake, router, store, sessions=2):
            for guild in fake.guilds:
                asked = await fake.slash(fake.person("ann"), "echo", {"text": "x"}, guild=guild)
                assert f"guild:{guild.id}" in words(await seen(asked))
        first = running(fake, router, store, discord_shard_ids=(0,), discord_shard_count=2)
        second = Router(TABLE, router.services.models, store)
        async with first, running(fake, second, store, sessions=2, discord_shard_ids=(1,), discord_shard_count=2):
            assert sorted(s.shard for s in fake.gateway.live()) == [0, 1]
            for guild in fake.guilds:
                asked = await fake.slash(fake.person("ann"), "echo", {"text": "x"}, guild=guild)
                assert f"guild:{guild.id}" in words(await seen(asked))
        assert fake.syncs == [None]


@pytest.mark.parametrize(("token", "tries"), [("wrong", 1), ("two\nlines", 0), ("“quoted”", 0)])
async def test_a_refused_token_is_no_reason_to_try_again(
    fake: FakeDiscord, router: Router, store: Store, token: str, tries: int
) -> None:
    settings = Settings(discord_token=token, discord_api_base=fake.base)
    with pytest.raises(TokenError, match="DISCORD_TOKEN"):
        await transport.serve(router, store, settings)
    assert fake.calls["GET /users/@me"] == tries


async def test_discord_out_of_reach_is_tried_again(
    router: Router, store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_FIRST_PAUSE", 0.05)
    fake = FakeDiscord(replace(FAST))
    await fake.start()
    await fake.stop()
    caplog.set_level(logging.WARNING)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(_served(fake, router, store))
        await eventually(lambda: caplog.text.count("Discord cannot be reached") >= 2)
        again = FakeDiscord(replace(FAST))
        await again.start(int(fake.root.rpartition(":")[2]))
        await again.gateway.ready()
        serving.cancel()
    await again.stop()


async def _served(fake: FakeDiscord, router: Router, store: Store) -> None:
    async with running(fake, router, store):
        await asyncio.Event().wait()


# As a program.


def program(fake: FakeDiscord, tmp_path: Path, **env: str) -> subprocess.Popen[str]:
    known = {"DISCORD_API_BASE": fake.base, "DISCORD_TOKEN": fake.terms.token}
    return subprocess.Popen(
        [sys.executable, "-m", "bot"],
        cwd=ROOT,
        env={**os.environ, **known, "DATA_DIR": str(tmp_path), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_a_bad_token_ends_the_program_with_78_and_one_line(fake: FakeDiscord, tmp_path: Path) -> None:
    bot = program(fake, tmp_path, DISCORD_TOKEN="wrong")
    _, errors = await asyncio.to_thread(bot.communicate, timeout=120)
    assert bot.returncode == 78
    assert errors.splitlines() == [
        "timbre: Discord refuses DISCORD_TOKEN. Copy the bot's token again from the developer portal."
    ]


async def test_sigterm_ends_the_program_in_order(fake: FakeDiscord, tmp_path: Path) -> None:
    bot = program(fake, tmp_path, WEB_PORT="0")
    await fake.gateway.ready(within=120)
    asked = await fake.slash(fake.person("ann"), "trend", {"feature": "energy"})
    await asked.acknowledged(30)
    bot.send_signal(signal.SIGTERM)
    assert words(await seen(asked)).startswith("Energy")
    _, errors = await asyncio.to_thread(bot.communicate, timeout=60)
    assert bot.returncode == 0
    assert "Traceback" not in errors
    assert fake.gateway.sessions == {}


@pytest.mark.parametrize(
    ("name", "value"), [("DISCORD_GUILD_IDS", "my server"), ("DISCORD_SHARD_IDS", "2"), ("DISCORD_SHARD_COUNT", "x")]
)
async def test_settings_that_cannot_be_are_named(fake: FakeDiscord, tmp_path: Path, name: str, value: str) -> None:
    bot = program(fake, tmp_path, **{name: value})
    _, errors = await asyncio.to_thread(bot.communicate, timeout=60)
    assert bot.returncode == 78
    assert name in errors
    assert len(errors.splitlines()) == 1
