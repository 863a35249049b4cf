"""/post as moderators type it: added, listed, stopped, refused in words that help, and kept without a name."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.commands import COMMANDS
from bot.commands.post import MOST
from bot.config import Settings
from bot.core import Post, Reply
from bot.router import Router
from bot.store import Store
from ml.models import Models
from tests.bot.test_store import bytes_of, on_connection, rows_about

BOSS, OTHER = "web:boss", "web:other"
DAILY = '/post "/trend tempo" every:day at:"09:00 Europe/Berlin"'
Open = Callable[[str], Router]


@pytest.fixture
async def opened(models: Models) -> AsyncIterator[Open]:
    """Make a router over the notebook at an address, as another process would; all are closed at the end."""
    routers: list[Router] = []

    def open_(url: str) -> Router:
        routers.append(Router(COMMANDS, models, Store(url), moderators=(BOSS, OTHER)))
        return routers[-1]

    yield open_
    for router in routers:
        await router.close()


@pytest.fixture
def desk(opened: Open, tmp_path: Path) -> Router:
    return opened(f"sqlite:///{tmp_path}/timbre.sqlite3")


async def say(router: Router, line: str, user: str = BOSS, room: str = "den") -> Reply:
    reply = await router.answer(line, user, "test", room=room)
    assert "Something broke" not in reply.text
    assert reply.private or not line.startswith("/post")
    return reply


async def good(router: Router, line: str, user: str = BOSS, room: str = "den") -> Reply:
    reply = await say(router, line, user, room)
    assert not reply.error, reply.text
    return reply


async def posts(url: str, room: str = "den") -> tuple[Post, ...]:
    """What a process started now would know of a room's posts."""
    store = Store(url)
    memory = await store.recall("nobody", room, "")
    await store.close()
    assert not memory.problem
    return memory.posts


async def test_what_is_scheduled_is_found_by_another_process(opened: Open, url: str) -> None:
    reply = await good(opened(url), DAILY)
    assert reply.text.startswith("/trend tempo will be posted to den every day at 09:00 (Europe/Berlin), first on ")
    (post,) = await posts(url)
    assert (post.line, post.transport, post.channel, post.room) == ("/trend tempo", "test", "den", "den")
    assert (post.rule, post.author, post.problem) == ("day 0 09:00 Europe/Berlin", BOSS, "")
    assert datetime.now(UTC) < post.due < datetime.now(UTC) + timedelta(days=2)
    assert post.due.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "09:00"
    listed = await good(opened(url), "/post list", OTHER)
    assert [f.name for f in listed.fields] == ["/trend tempo"]
    assert post.id in listed.fields[0].value
    assert "next on" in listed.fields[0].value


async def test_any_moderator_of_the_room_stops_it_and_nobody_elsewhere(opened: Open, url: str) -> None:
    router = opened(url)
    await good(router, DAILY)
    (post,) = await posts(url)
    elsewhere = await say(router, f"/post stop {post.id}", OTHER, "attic")
    assert "No post here has the id" in elsewhere.text
    assert (await good(router, "/post list", BOSS, "attic")).text == "Nothing is scheduled here."
    listed = await good(router, "/post list", OTHER)
    stopped = await good(router, listed.fields[0].next[0].line, OTHER)
    assert stopped.text == "Stopped: /trend tempo to den."
    assert await posts(url) == ()
    assert (await say(router, f"/post stop {post.id}")).error
    await good(router, stopped.next[0].line)
    (again,) = await posts(url)
    assert (again.line, again.rule, again.due) == (post.line, post.rule, post.due)


async def test_now_is_due_at_once_and_never_again(desk: Router, tmp_path: Path) -> None:
    reply = await good(desk, "/post /explain hit")
    assert reply.text == "Posting /explain hit to den now."
    (post,) = await posts(f"sqlite:///{tmp_path}/timbre.sqlite3")
    assert (post.rule, post.due <= datetime.now(UTC)) == ("", True)
    assert desk.rescheduled.is_set()
    await good(desk, reply.next[0].line)


async def test_an_hour_without_a_period_is_once_at_that_hour(desk: Router, tmp_path: Path) -> None:
    reply = await good(desk, '/post "/trend tempo" at:"18:00 Asia/Tokyo"')
    assert " once, on " in reply.text
    (post,) = await posts(f"sqlite:///{tmp_path}/timbre.sqlite3")
    assert (post.rule, post.due.hour, post.due > datetime.now(UTC)) == ("", 9, True)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("/post trend tempo", "/trend tempo"),
        ("/post add /trend tempo", "/trend tempo"),
        ("/post \"/cluster 'Enter Sandman'\"", '/cluster "Enter Sandman"'),
        ("/post \"/cluster track:'Enter Sandman'\"", '/cluster track:"Enter Sandman"'),
        ('/post "/trend energy by:decade genre:rock"', "/trend energy by:decade genre:rock"),
        ('/post "/playlist focus"', "/playlist focus"),
        ('/post "/recommend energetic"', "/recommend energetic"),
    ],
)
async def test_lines_with_a_chart_or_a_list_may_be_posted(desk: Router, tmp_path: Path, line: str, kept: str) -> None:
    await good(desk, line)
    assert [p.line for p in await posts(f"sqlite:///{tmp_path}/timbre.sqlite3")] == [kept]
    reply = await desk.post(kept, "test", "den")
    assert reply.charts


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('/post "/rate Sandman up"', "/rate answers only the one who asks"),
        ('/post "/profile forget"', "/profile answers only the one who asks"),
        ('/post "/post list"', "/post answers only the one who asks"),
        ('/post "/tremd tempo"', "/tremd is no command"),
        ("/post nonsense", "/nonsense is no command"),
        ('/post "/help"', "without a chart or a list"),
        ('/post "/trend tmpo" every:day at:"9 UTC"', "no feature “tmpo”"),
        ('/post "/trend tempo from:2010 to:1990"', "is after"),
        ('/post "/trend tempo" every:day', "At what time every day?"),
        ('/post every:day at:"9 UTC"', "Nothing is scheduled here"),
        ('/post action:add every:day at:"9 UTC"', "Which line?"),
        ('/post "/trend tempo" every:day at:25:00', "no hour “25:00”"),
        ('/post "/trend tempo" every:day at:soon', "an hour and a time zone, not “soon”"),
        ('/post "/trend tempo" every:day at:"09:00 Europe/Berln"', "Did you mean Europe/Berlin"),
        ('/post "/trend tempo" every:year at:9', "every has no “year”"),
        ("/post stop", "Which one?"),
        ("/post stop zzzzzz", "No post here has the id “zzzzzz”"),
        ('/post "/trend tempo" channel:attic', "There is one channel here, den."),
    ],
)
async def test_what_cannot_be_posted_is_told_with_lines_that_work(desk: Router, line: str, says: str) -> None:
    reply = await say(desk, line)
    assert says in reply.text
    assert not reply.writes or not reply.error
    assert reply.next
    for step in reply.next:
        await good(desk, step.line)


async def test_who_is_no_moderator_is_refused_and_told_how_to_become_one(desk: Router, tmp_path: Path) -> None:
    for line in (DAILY, "/post list", "/post stop abcdef"):
        reply = await say(desk, line, "web:eve")
        assert reply.error
        assert reply.text.startswith("Only people who may manage messages here can use /post, or those whom")
        assert "MODERATORS. You are web:eve." in reply.text
    assert await posts(f"sqlite:///{tmp_path}/timbre.sqlite3") == ()


async def test_where_there_is_no_channel_it_says_so(desk: Router) -> None:
    reply = await say(desk, DAILY, room="")
    assert (reply.error, "There is no channel here" in reply.text) == (True, True)


async def test_the_same_post_is_scheduled_once(desk: Router, tmp_path: Path) -> None:
    await good(desk, DAILY)
    assert "is scheduled already" in (await good(desk, DAILY)).text
    assert len(await posts(f"sqlite:///{tmp_path}/timbre.sqlite3")) == 1


async def test_a_room_has_a_most(desk: Router, tmp_path: Path) -> None:
    for minute in range(MOST):
        await good(desk, f'/post "/explain hit" every:day at:"09:{minute:02} UTC"')
    reply = await say(desk, '/post "/explain hit" every:day at:"10:00 UTC"')
    assert (reply.error, f"There are {MOST} scheduled posts here" in reply.text) == (True, True)
    listed = await good(desk, reply.next[0].line)
    assert len(listed.fields) == MOST
    await good(desk, listed.fields[0].next[0].line)
    await good(desk, '/post "/explain hit" every:day at:"10:00 UTC"')


async def test_one_that_was_stopped_by_a_problem_says_so_and_is_begun_anew(opened: Open, url: str) -> None:
    router, store = opened(url), Store(url)
    await good(router, DAILY)
    (post,) = await posts(url)
    assert await store.disable(post, "The channel is gone.")
    assert not await store.disable(post, "The channel is gone.")
    await store.close()
    listed = await good(router, "/post list")
    assert listed.text == "1 scheduled post here, 1 of them stopped by a problem."
    assert "stopped: The channel is gone." in listed.fields[0].value
    await good(router, DAILY)
    (again,) = await posts(url)
    assert (again.problem, again.id != post.id) == ("", True)


async def test_forgetting_leaves_the_posts_without_the_name(opened: Open, url: str, tmp_path: Path) -> None:
    router = opened(url)
    await good(router, DAILY)
    await good(router, DAILY, BOSS, "attic")
    await good(router, '/post "/explain hit" every:week at:"mon 9 UTC"', OTHER)
    kept = json.loads((await good(router, "/profile export")).files[0].data)["scheduled_posts"]
    assert {(p["line"], p["room"]) for p in kept} == {("/trend tempo", "den"), ("/trend tempo", "attic")}
    reply = await good(router, "/profile forget")
    assert "your name on 2 scheduled posts" in reply.text
    assert "What you scheduled is still posted, without your name" in reply.text
    assert {p.author for p in await posts(url)} == {"", OTHER}
    assert await rows_about(url, BOSS) == 0
    assert await rows_about(url, OTHER) == 1
    if url.startswith("sqlite"):
        assert BOSS.encode() not in bytes_of(tmp_path)
    assert (await good(router, "/profile forget")).text == "I keep nothing about you."


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
async def test_a_store_of_an_older_version_takes_schedules(opened: Open, url: str, version: str) -> None:
    from bot.store.migrate import upgrade

    await on_connection(url, lambda c: upgrade(c, None, version))
    row = "INSERT INTO ratings VALUES ('web:boss', '5sICkBXVmaCQk5aISGR3x1', 1, '', 1700000000000000)"
    await on_connection(url, lambda c: c.execute(text(row)))
    router = opened(url)
    await good(router, DAILY)
    assert len(await posts(url)) == 1
    assert "1 like " in (await good(router, "/profile")).text


async def test_a_store_that_is_away_schedules_nothing_and_says_so(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    reply = await say(opened(f"sqlite:///{tmp_path}/file/timbre.sqlite3"), DAILY)
    assert reply.error
    assert "My notebook cannot be written; nothing was changed." in reply.text


def test_moderators_are_named_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATORS", " discord:42, web:0f3a ,,local")
    assert Settings().moderators == ("discord:42", "web:0f3a", "local")
    monkeypatch.setenv("MODERATORS", "somebody")
    with pytest.raises(ValueError, match="such as discord:42"):
        Settings()


def test_hours_and_lines_complete(desk: Router) -> None:
    assert next(c.value for c in desk.suggest("post", "at", "18:30 ber")) == "18:30 Europe/Berlin"
    assert next(c.value for c in desk.suggest("post", "at", "")) == "09:00 UTC"
    assert next(c.value for c in desk.suggest("post", "at", "Monday 9 am")) == "Monday 9 am UTC"
    lines = [c.value for c in desk.suggest("post", "line", "/tre")]
    assert lines == ["/trend tempo"]
