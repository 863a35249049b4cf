"""What is remembered, on SQLite and on PostgreSQL: kept once, found again, wholly forgotten, never silently lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool

from bot.commands import COMMANDS
from bot.core import Command, Memory, Option, Rate, Reply, Request, Show
from bot.router import Router
from bot.store import Store
from bot.store.schema import PERSONAL, REVISION, metadata
from bot.store.trouble import AWAY, trouble_of
from ml.models import Models
from tests.discord_bot import eventually
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Router]
UP = '/rate "Enter Sandman" verdict:up'
DOWN = '/rate "Enter Sandman" verdict:down'
SANDMAN = "5sICkBXVmaCQk5aISGR3x1"


def _list(request: Request, services: Any) -> Reply:
    """A list of two made-up tracks a page, which says what it was told of earlier pages."""
    page, mood = request.options["page"], request.options.get("mood", "")
    return Reply(
        json.dumps({str(p): ids for p, ids in request.memory.pages.items()}) + request.memory.problem,
        writes=(Show(page, (f"{mood}{page}a", f"{mood}{page}b")),),
    )


LIST = Command(
    "list",
    "pages",
    (
        Option("mood", "text", ""),
        Option("energy", "range", "", low=0, high=1),
        Option("page", "whole", "", default=1, low=1, high=50),
    ),
    _list,
    personal=True,
)


@pytest.fixture
async def opened(models: Models) -> AsyncIterator[Open]:
    """Make a router over the notebook at an address, as another process would; all are closed at the end."""
    routers: list[Router] = []

    def open_(url: str) -> Router:
        routers.append(Router((*COMMANDS, LIST), models, Store(url)))
        return routers[-1]

    yield open_
    for router in routers:
        await router.close()


@pytest.fixture
def hurry(patient: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have writes given up early, once a test waits for just that; opening the notebook may take longer."""
    return lambda seconds=2.0: monkeypatch.setattr("bot.store.store._WRITE_SECONDS", seconds)


async def say(router: Router, line: str, user: str = "ann", room: str = "") -> Reply:
    reply = await router.answer(line, user, "test", room=room)
    assert "Something broke" not in reply.text
    return reply


async def good(router: Router, line: str, user: str = "ann", room: str = "") -> Reply:
    reply = await say(router, line, user, room)
    assert not reply.error, reply.text
    return reply


async def recall(url: str, user: str = "ann", room: str = "") -> Memory:
    """What a process started now would know."""
    store = Store(url)
    memory = await store.recall(user, room, "")
    await store.close()
    assert not memory.problem
    return memory


async def verdicts(url: str, user: str = "ann") -> dict[str, int]:
    ratings = (await recall(url, user)).ratings
    assert len({r.track_id for r in ratings}) == len(ratings)
    return {r.track_id: r.verdict for r in ratings}


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def ids(models: Models, count: int) -> list[str]:
    return [i.decode() for i in models.catalog.ids[:count].tolist()]


async def test_a_double_click_counts_once_and_the_last_thumb_wins(opened: Open, url: str) -> None:
    router = opened(url)
    replies = await asyncio.gather(*(good(router, UP) for _ in range(4)))
    assert [r.text.split()[0] for r in replies] == ["Liked", "You", "You", "You"]
    assert await verdicts(url) == {SANDMAN: 1}
    await asyncio.gather(good(router, DOWN), good(router, UP), good(router, DOWN))
    assert await verdicts(url) == {SANDMAN: -1}


async def test_clear_takes_a_thumb_back(opened: Open, url: str) -> None:
    router = opened(url)
    undo = next(step.line for step in (await good(router, UP)).next if step.label == "Undo")
    await good(router, undo)
    assert await verdicts(url) == {}


async def test_many_people_at_once_through_two_processes(opened: Open, url: str, models: Models) -> None:
    first, second = opened(url), opened(url)
    tracks = ids(models, 12)

    async def rate(person: int, at: int) -> None:
        verdict = "up" if (person + at) % 3 else "down"
        await good((first, second)[at % 2], f"/rate track:{tracks[at]} verdict:{verdict}", f"p{person}")

    await asyncio.gather(*(rate(person, at) for at in range(12) for person in range(15)))
    for person in range(15):
        expected = {t: 1 if (person + at) % 3 else -1 for at, t in enumerate(tracks)}
        assert await verdicts(url, f"p{person}") == expected


async def test_ratings_are_recalled_newest_first(opened: Open, url: str, models: Models) -> None:
    router = opened(url)
    tracks = ids(models, 4)
    for track in (*tracks, tracks[0]):
        verdict = "down" if track == tracks[1] else "up"
        await good(router, f"/rate track:{track} verdict:{verdict}")
    await good(router, f"/rate track:{tracks[0]} verdict:down")
    memory = await recall(url)
    assert [r.track_id for r in memory.ratings] == [tracks[0], *reversed(tracks[1:])]
    assert [r.verdict for r in memory.ratings] == [-1, 1, 1, -1]
    assert all(a.at >= b.at for a, b in zip(memory.ratings, memory.ratings[1:], strict=False))


async def test_a_room_is_what_others_liked_there_without_their_names(opened: Open, url: str, models: Models) -> None:
    router = opened(url)
    a, b, c = ids(models, 3)
    for user, room, track, verdict in [
        ("ann", "den", a, "up"),
        ("bob", "den", a, "up"),
        ("bob", "den", b, "up"),
        ("cat", "den", c, "up"),
        ("cat", "den", a, "down"),
        ("dan", "elsewhere", c, "up"),
        ("eve", "", c, "up"),
    ]:
        await good(router, f"/rate track:{track} verdict:{verdict}", user, room)
    assert sorted((await recall(url, "ann", "den")).room) == sorted([(b, a), (c,)])
    assert (await recall(url, "ann", "")).room == ()
    assert (await recall(url, "new", "elsewhere")).room == ((c,),)


async def test_a_list_knows_its_own_pages_until_it_begins_anew(opened: Open, url: str) -> None:
    router = opened(url)
    assert (await good(router, "/list happy energy:>0.5")).text == "{}"
    assert json.loads((await good(router, "/list energy:>0.5 mood:happy page:2")).text) == {"1": ["happy1a", "happy1b"]}
    assert (await good(router, "/list sad")).text == "{}"
    assert set(json.loads((await good(router, "/list happy energy:0.5..1 page:3")).text)) == {"1", "2"}
    assert (await good(router, "/list happy energy:>0.5 page:3", "bob")).text == "{}"
    await good(router, "/list happy energy:>0.5")
    assert set(json.loads((await good(router, "/list happy energy:>0.5 page:2")).text)) == {"1"}


async def test_only_the_newest_lists_are_kept(opened: Open, url: str) -> None:
    router = opened(url)
    for n in range(24):
        await good(router, f"/list mood{n}")
    shown = (await recall(url)).shown
    assert [s.track_ids[0] for s in shown] == [f"mood{n}1a" for n in range(23, 3, -1)]


async def test_forget_deletes_every_row_of_one_person_and_no_other(opened: Open, url: str, models: Models) -> None:
    router = opened(url)
    for track in ids(models, 5):
        for user in ("ann", "bob"):
            await good(router, f"/rate track:{track} verdict:up", user, "den")
    await good(router, "/list happy")
    reply = await good(router, "/profile forget")
    assert "5 ratings and 1 page" in reply.text
    assert await recall(url) == Memory()
    assert len(await verdicts(url, "bob")) == 5
    assert len((await recall(url, "cat", "den")).room) == 1
    assert await rows_about(url, "ann") == 0
    assert await rows_about(url, "bob") == 5


async def rows_about(url: str, person: str) -> int:
    """Rows that hold the person anywhere, counted over every column of every table by a connection of its own."""
    from bot.store.engine import make_engine

    engine = make_engine(url, file_of(url) if url.startswith("sqlite") else None)
    count = 0
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(table.select()):
                count += any(person in str(value) for value in row)
    await engine.dispose()
    return count


def bytes_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.iterdir()))


async def test_what_is_forgotten_is_gone_from_the_bytes_of_the_files(opened: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"
    router, store = opened(url), Store(url)
    chance = random.Random(1)  # ratings come and go until rows have moved between pages and left copies behind
    people = [f"somebody<{n:02}>" for n in range(30)]
    for step in range(60):
        verdicts = [Rate(f"{chance.randint(0, 400):022}", chance.choice([1, -1, 0])) for _ in range(100)]
        await store.remember(chance.choice(people), "den", "", verdicts)
        if step >= 20 and step % 2 == 0:
            person = chance.choice(people)
            await good(router, UP, person)
            await good(router, "/list happy", person)
            assert person.encode() in bytes_of(tmp_path)
            await good(router, "/profile forget", person)
            assert person.encode() not in bytes_of(tmp_path)
    await store.close()


async def test_forgetting_while_somebody_reads_says_so_and_can_be_repeated(
    opened: Open, tmp_path: Path, hurry: Callable[..., None]
) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"
    router = opened(url)
    await good(router, UP, "test:somebody")
    hurry()
    reader = sqlite3.connect(file_of(url), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM ratings").fetchall()
    reply = await say(router, "/profile forget", "test:somebody")
    assert reply.error
    assert "traces" in reply.text
    reader.close()
    await good(router, reply.next[0].line, "test:somebody")
    assert b"test:somebody" not in bytes_of(tmp_path)


async def test_an_export_holds_everything_that_is_kept(opened: Open, url: str) -> None:
    router = opened(url)
    await good(router, UP, room="den")
    await good(router, '/rate "Blinding Lights" verdict:down')
    await good(router, "/list happy")
    reply = await good(router, "/profile export")
    assert reply.private
    kept = json.loads(reply.files[0].data)
    memory = await recall(url)
    assert [(r["track_id"], r["verdict"], r["room"], r["at"]) for r in kept["ratings"]] == [
        (r.track_id, r.verdict, r.room, r.at.isoformat()) for r in memory.ratings
    ]
    assert [r["title"] for r in kept["ratings"]] == ["Blinding Lights", "Enter Sandman"]
    assert [r["room"] for r in kept["ratings"]] == ["", "den"]
    assert [[t["track_id"] for t in p["tracks"]] for p in kept["pages_shown"]] == [["happy1a", "happy1b"]]
    assert len(memory.shown) == 1
    assert await rows_about(url, "ann") == len(kept["ratings"]) + len(kept["pages_shown"])


async def test_any_name_can_be_remembered(opened: Open, url: str) -> None:
    router = opened(url)
    for user in ("web:\0\x01", "'; DROP TABLE ratings; --", "🎵" * 100, "ann"):
        await good(router, UP, user, "a\0room")
        assert await verdicts(url, user) == {SANDMAN: 1}


async def test_every_table_about_people_is_emptied_by_forgetting(opened: Open, url: str) -> None:
    assert {t for t in metadata.sorted_tables if "person" in t.c} == set(PERSONAL)
    await good(opened(url), UP)


async def on_connection(url: str, work: Callable[[Any], Any]) -> Any:
    from bot.store.engine import WRITING, make_engine

    engine = make_engine(url, file_of(url) if url.startswith("sqlite") else None)
    async with engine.connect() as connection:
        await connection.execution_options(**WRITING)
        async with connection.begin():
            result = await connection.run_sync(work)
    await engine.dispose()
    return result


async def test_migrations_lead_to_the_schema_the_code_uses(opened: Open, url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    await good(opened(url), UP)
    assert await on_connection(url, lambda c: compare_metadata(MigrationContext.configure(c), metadata)) == []
    assert await on_connection(url, lambda c: c.scalar(text("SELECT version_num FROM alembic_version"))) == REVISION


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_ratings(opened: Open, url: str) -> None:
    from bot.store.migrate import upgrade

    await on_connection(url, lambda c: upgrade(c, None, "0001"))
    row = f"INSERT INTO ratings VALUES ('ann', '{SANDMAN}', -1, '', 1700000000000000)"
    await on_connection(url, lambda c: c.execute(text(row)))
    router = opened(url)
    await good(router, "/list happy")
    memory = await recall(url)
    assert [(r.track_id, r.verdict, r.at.year) for r in memory.ratings] == [(SANDMAN, -1, 2023)]
    assert len(memory.shown) == 1


async def test_a_database_of_a_newer_version_is_left_alone(opened: Open, url: str) -> None:
    await good(opened(url), UP)
    await on_connection(url, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    router = opened(url)
    reply = await say(router, DOWN)
    assert reply.error
    assert "newer version of me; nothing was changed" in reply.text
    assert "newer version" in (await good(router, "/list happy")).text
    await on_connection(url, lambda c: c.execute(text(f"UPDATE alembic_version SET version_num = '{REVISION}'")))
    assert await verdicts(url) == {SANDMAN: 1}


PROGRAM = """
import asyncio, sys
from bot.commands import COMMANDS
from bot.config import Settings
from bot.router import Router
from bot.store import Store
from ml.models import Models

async def main(url, user, *tracks):
    assert "sqlalchemy" not in sys.modules
    models = Models(Settings().artifacts_dir)
    models.catalog
    router = Router(COMMANDS, models, Store(url))
    print("ready", flush=True)
    sys.stdin.readline()
    for track in tracks:
        reply = await router.answer(f"/rate track:{track} verdict:up", user, "test")
        print("error " + reply.text if reply.error else track, flush=True)
    print("alembic" in sys.modules, flush=True)
    sys.stdin.readline()
    await router.close()

asyncio.run(main(*sys.argv[1:]))
"""


def start(url: str, user: str, *tracks: str) -> subprocess.Popen[str]:
    """A process that rates the tracks one after another, and prints each once its reply is there."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, user, *tracks],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def read(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


async def test_two_processes_may_start_on_an_empty_database_at_once(url: str) -> None:
    both = [start(url, f"p{n}", SANDMAN) for n in range(2)]
    try:
        assert [read(p) for p in both] == ["ready", "ready"]
        for process in both:
            go(process)
        assert [read(p) for p in both] == [SANDMAN, SANDMAN]
    finally:
        for process in both:
            process.communicate("\n\n", timeout=60)
    assert [p.returncode for p in both] == [0, 0]
    assert await verdicts(url, "p0") == await verdicts(url, "p1") == {SANDMAN: 1}
    later = start(url, "p0", SANDMAN)
    assert read(later) == "ready"
    go(later)
    assert read(later) == SANDMAN
    assert read(later) == "False", "a database of the newest version needs no Alembic"
    later.communicate("\n", timeout=60)


async def test_a_thumb_survives_kill_9_right_after_its_reply(url: str, models: Models) -> None:
    tracks = ids(models, 30)
    process = start(url, "ann", *tracks)
    assert read(process) == "ready"
    go(process)
    acknowledged = [read(process) for _ in range(9)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.communicate(timeout=60)[0].split()
    kept = await verdicts(url)
    assert acknowledged == tracks[: len(acknowledged)]
    assert set(acknowledged) <= set(kept) <= set(tracks[: len(acknowledged) + 1])


async def test_a_locked_file_gives_a_clear_line_and_then_works(
    opened: Open, tmp_path: Path, hurry: Callable[..., None]
) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"
    router = opened(url)
    await good(router, UP)
    hurry()
    other = sqlite3.connect(file_of(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    reply = await asyncio.wait_for(say(router, DOWN), 30)
    assert (reply.error, reply.private) == (True, True)
    assert "My notebook is locked just now; nothing was changed." in reply.text
    assert "Enter Sandman" in (await good(router, "/profile")).fields[-2].name  # reading goes on
    assert (await good(router, "/list happy")).text == "{}"  # a list is shown although its page cannot be kept
    assert await verdicts(url) == {SANDMAN: 1}
    other.execute("ROLLBACK")
    other.close()
    hurry(30.0)
    await good(router, reply.next[0].line)
    assert await verdicts(url) == {SANDMAN: -1}


async def test_a_lock_that_passes_is_waited_for(opened: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"
    router = opened(url)
    await good(router, UP)
    other = sqlite3.connect(file_of(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    rating = asyncio.create_task(say(router, DOWN))
    await asyncio.sleep(1.3)
    other.execute("ROLLBACK")
    other.close()
    assert not (await rating).error
    assert await verdicts(url) == {SANDMAN: -1}


async def test_a_full_disk_gives_a_clear_line_and_then_works(opened: Open, tmp_path: Path, models: Models) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"
    first = opened(url)
    await good(first, UP)
    await first.close()

    def no_more_pages(connection: Any, _: Any) -> None:
        connection.cursor().execute("PRAGMA max_page_count=1")  # SQLite lets it be no smaller than the file is

    event.listen(Pool, "connect", no_more_pages)
    try:
        router, refused, kept = opened(url), None, {SANDMAN}
        for n in range(20):
            for track in ids(models, 30):
                reply = await say(router, f"/rate track:{track} verdict:up", f"p{n}")
                if reply.error:
                    refused = (reply, f"p{n}", track)
                    break
                kept.add(track)
            if refused:
                break
        assert refused
        reply, user, track = refused
        assert "The disk of my notebook is full; nothing was changed." in reply.text
        assert track not in await verdicts(url, user)
        assert await verdicts(url) == {SANDMAN: 1}
        await router.close()
    finally:
        event.remove(Pool, "connect", no_more_pages)
    await good(router, reply.next[0].line, user)
    assert track in await verdicts(url, user)


async def test_a_file_that_cannot_be_written_is_still_read(opened: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"
    first = opened(url)
    await good(first, UP)
    await first.close()

    def read_only(connection: Any, _: Any) -> None:
        connection.cursor().execute("PRAGMA query_only=ON")  # permissions do not stop root, who runs these tests too

    event.listen(Pool, "connect", read_only)
    try:
        router = opened(url)
        reply = await say(router, DOWN)
        assert reply.error
        assert "My notebook cannot be written; nothing was changed." in reply.text
        assert "1 like " in (await good(router, "/profile")).text
        await router.close()
    finally:
        event.remove(Pool, "connect", read_only)


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be read as one" * 100])
async def test_a_place_that_cannot_hold_it_is_said_in_one_line(opened: Open, tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "file"
    place.write_bytes(content)
    url = f"sqlite:///{place}" if content else f"sqlite:///{place}/below/n.sqlite3"
    router = opened(url)
    assert "my notebook cannot be" in (await good(router, "/list happy")).text or not content
    reply = await say(router, UP)
    assert reply.error
    assert "My notebook cannot be" in reply.text
    assert (await say(router, "/profile export")).error or not content
    assert (await say(router, "/profile forget")).error


async def test_a_file_deleted_while_in_use_is_begun_anew(opened: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/n/n.sqlite3"
    router = opened(url)
    await good(router, UP)
    for path in file_of(url).parent.iterdir():
        path.unlink()
    await good(router, '/rate "Blinding Lights" verdict:up')
    assert len(await verdicts(url)) == 1


async def test_the_files_are_nobody_else_s_to_read(opened: Open, tmp_path: Path) -> None:
    await good(opened(f"sqlite:///{tmp_path}/n.sqlite3"), UP)
    assert open_to_others(tmp_path) == {"n.sqlite3": 0, "n.sqlite3-shm": 0, "n.sqlite3-wal": 0}


def open_to_others(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mode & 0o077 for p in folder.iterdir()}


async def test_a_database_that_is_stopped_during_a_load_loses_and_doubles_nothing(
    opened: Open, postgres: Cluster, models: Models, hurry: Callable[..., None]
) -> None:
    url = postgres.database()
    router = opened(url)
    await good(router, UP, "warm")
    hurry()
    people, tracks = [f"p{n}" for n in range(6)], ids(models, 1000)
    acknowledged: dict[str, list[str]] = {p: [] for p in people}
    refused: list[tuple[str, str, str]] = []
    recovered = asyncio.Event()

    async def rate(person: str) -> None:
        for track in tracks:
            if recovered.is_set():
                return
            reply = await say(router, f"/rate track:{track} verdict:up", person)
            if reply.error:
                assert "My notebook does not answer just now." in reply.text
                refused.append((person, track, reply.next[0].line))
            else:
                acknowledged[person].append(track)
            await asyncio.sleep(0.1)

    def done() -> int:
        return sum(map(len, acknowledged.values()))

    load = asyncio.gather(*(rate(p) for p in people))
    await eventually(lambda: done() > 6 or load.done())
    await asyncio.to_thread(postgres.stop)
    try:
        before = done()
        await eventually(lambda: refused or load.done())
        assert "does not answer" in (await good(router, "/list happy")).text
        assert (await say(router, "/profile")).error
    finally:
        await asyncio.to_thread(postgres.start)
    await eventually(lambda: done() > before or load.done())  # by itself
    recovered.set()
    await load
    assert refused
    assert done() > before
    hurry(30.0)
    for person in people:
        kept = await verdicts(url, person)
        unsure = {t for p, t, _ in refused if p == person}
        assert set(acknowledged[person]) <= set(kept) <= set(acknowledged[person]) | unsure
    for person, _, line in refused:
        await good(router, line, person)
    for person in people:
        rated = acknowledged[person] + [t for p, t, _ in refused if p == person]
        assert await verdicts(url, person) == dict.fromkeys(rated, 1)


async def test_a_server_that_said_goodbye_but_has_not_hung_up_yet_is_away(postgres: Cluster) -> None:
    from bot.store.engine import make_engine

    async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            to.write(data)  # its end is not passed on

    async def relay(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(postgres.socket)
        await asyncio.gather(copy(client, to_server), copy(server, to_client))

    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:  # a socket's path must be short
        async with await asyncio.start_unix_server(relay, f"{folder}/{postgres.socket.name}"):
            engine = make_engine(postgres.database().replace(str(postgres.socket.parent), folder), None)
            connection = await engine.connect()
            await connection.execute(text("SELECT 1"))
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)
            with pytest.raises(DBAPIError) as failure:
                await connection.execute(text("SELECT 1"))
            assert trouble_of(failure.value) is AWAY
            await connection.invalidate()
            await engine.dispose()


async def test_a_quick_restart_is_waited_out(opened: Open, postgres: Cluster) -> None:
    url = postgres.database()
    router = opened(url)
    await good(router, UP)
    await asyncio.to_thread(postgres.stop)
    rating = asyncio.create_task(say(router, DOWN))
    await asyncio.sleep(0.2)
    await asyncio.to_thread(postgres.start)
    assert not (await rating).error
    assert await verdicts(url) == {SANDMAN: -1}


async def test_a_database_that_is_not_there_at_the_start_is_found_later(
    opened: Open, postgres: Cluster, hurry: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.database()
    await asyncio.to_thread(postgres.stop)
    hurry()
    router = opened(url.replace("timbre@", "timbre:secretword@"))
    try:
        assert (await say(router, UP, "somebody:1")).error
    finally:
        await asyncio.to_thread(postgres.start)
    hurry(30.0)
    await good(router, UP, "somebody:1")
    assert "does not answer" in caplog.text
    assert "secretword" not in caplog.text
    assert "somebody:1" not in caplog.text


def test_one_line_answers_also_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    def once(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "--once", line],
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )

    kept = once(UP, DATA_DIR=str(tmp_path / "new"))
    assert kept.returncode == 0
    assert "already liked" in once(UP, DATA_DIR=str(tmp_path / "new")).stdout
    lost = once(UP, DATA_DIR=str(tmp_path / "file"))
    assert lost.returncode == 2
    assert "My notebook cannot be written" in lost.stdout
    wrong = once("/help", DATABASE_URL="mysql://secret@host/x")
    assert wrong.returncode == 78
    assert "DATABASE_URL is not usable" in wrong.stderr
    assert "secret" not in wrong.stderr
