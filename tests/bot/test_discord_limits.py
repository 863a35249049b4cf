"""Whatever a reply holds, its message stays inside Discord's limits; checked by the stand-in's own rules."""

from __future__ import annotations

import asyncio
import random
import re
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.core import Chart, Command, Field, File, Next, Option, Reply, Request
from bot.router import Router
from bot.store import Store
from bot.transports.discord_buttons import Asked, view_of
from bot.transports.discord_reply import MAX_BYTES, draw
from bot.transports.discord_text import clamp, escape, length, link
from ml.models import Models
from tests.discord_bot import TABLE, running, seen
from tests.fakes.discord import FakeDiscord, Terms
from tests.fakes.discord.errors import Problems
from tests.fakes.discord.forms import MAX_FILES, check_message
from tests.fakes.discord.model import safe_name, walk
from tests.fakes.router import PNG

BIG = 11 * 1024**2
UGLY = (
    "",
    " ",
    "\n",
    "\u200b",
    "\x00\x1b[31m",
    "\ud800",
    "@everyone",
    "<@1>",
    "👨‍👩‍👧‍👦",
    "e\u0301",
    "\u202e",
    "`" * 9,
    "[a](b)",
    "](https://e.vil)",
    "\\",
    "# ",
)

text = st.one_of(
    st.sampled_from(UGLY),
    st.text(max_size=40),
    st.builds(lambda part, times: part * times, st.sampled_from(UGLY) | st.text(max_size=9), st.integers(0, 3000)),
)
url = st.sampled_from(
    [
        "",
        "javascript:alert(1)",
        "https://open.spotify.com/track/5sICkBXVmaCQk5aISGR3x1",
        "https://x.y/)z",
        "https://x.y/" + "z" * 2000,
    ]
)
line = st.one_of(
    text, st.sampled_from(["/list about:x page:2", "/rate track:x verdict:up", "/post line:x", "/nothing"])
)
steps = st.lists(st.builds(Next, text, line), max_size=40).map(tuple)
fields = st.lists(
    st.builds(
        Field,
        text,
        text,
        url,
        st.lists(st.builds(Next, st.sampled_from(["👍", "👎", "", "Undo"]), line), max_size=3).map(tuple),
    ),
    max_size=40,
).map(tuple)
charts = st.lists(st.builds(Chart, text, st.sampled_from([PNG, b"0" * 100]), text), max_size=12).map(tuple)
files = st.lists(st.builds(File, text, st.sampled_from([b"", b"a,b", bytes(BIG), bytes(BIG // 2)])), max_size=12).map(
    tuple
)
replies = st.builds(Reply, text, fields, charts, files, steps, st.booleans(), st.booleans())

LOOSE = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))


class Shelf:
    """Keeps lines in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def keep_line(self, user: str, line: str) -> str:
        self.kept[key := f"{len(self.kept):024x}"] = line
        return key

    async def line(self, key: str) -> str | None:
        return self.kept.get(key)


def message_of(reply: Reply, may_attach: bool = True) -> dict[str, Any]:
    """The message of a reply as it goes over the wire, with its files' names."""
    drawn = draw(reply, may_attach)
    asked = Asked(2**63, "list", {"about": "x"})
    table = {c.name: c for c in TABLE}
    view = asyncio.run(view_of(reply, asked, table, Shelf()))
    attachments = [
        {"id": n, "filename": a.name, "description": a.file().description} for n, a in enumerate(drawn.attachments)
    ]
    return {
        "content": drawn.content,
        "embeds": [e.to_dict() for e in drawn.embeds],
        "components": view.to_components() if view else [],
        "attachments": attachments,
        "sizes": [len(a.data) for a in drawn.attachments],
    }


def check(message: dict[str, Any]) -> None:
    """Raise when Discord would refuse the message, or show less than was sent."""
    problems = Problems()
    check_message(problems, (), message)
    problems.check()
    assert message["content"].strip() or message["embeds"]
    assert length(message["content"]) <= 2000
    everything = 0
    for embed in message["embeds"]:
        texts = [embed.get("title", ""), embed.get("description", "")]
        texts += [t for f in embed.get("fields", ()) for t in (f["name"], f["value"])]
        assert length(texts[1]) <= 4096
        everything += sum(map(length, texts))
    assert everything <= 6000
    names = [a["filename"] for a in message["attachments"]]
    assert len(set(names)) == len(names) <= MAX_FILES
    assert [safe_name(name) for name in names] == names
    assert sum(message["sizes"]) <= MAX_BYTES
    shown = [e["image"]["url"].removeprefix("attachment://") for e in message["embeds"] if "image" in e]
    assert set(shown) <= set(names)
    controls = [c for c in walk(message["components"]) if c["type"] != 1]
    for control in controls:
        assert length(control["custom_id"]) <= 100
        values = [o["value"] for o in control.get("options", ())]
        assert len(set(values)) == len(values)
        assert all(length(value) <= 100 for value in values)


@LOOSE
@given(replies, st.booleans())
@example(Reply("x" * 5000, tuple(Field("y" * 300, "z" * 2000) for _ in range(30))), True)
@example(Reply("😀" * 5000, tuple(Field("😀" * 300, "😀" * 2000, "https://a.b") for _ in range(30))), True)
@example(Reply("", (), (), (File("a.bin", bytes(BIG)),)), True)
def test_every_reply_fits_into_a_message(reply: Reply, may_attach: bool) -> None:
    check(message_of(reply, may_attach))


@LOOSE
@given(text, st.integers(1, 300))
def test_clamped_text_is_a_prefix_with_an_ellipsis(given_text: str, limit: int) -> None:
    cut = clamp(given_text, limit)
    assert length(cut) <= limit
    assert cut == given_text or (cut.endswith("…") and given_text.startswith(cut[:-1]))


@LOOSE
@given(text)
def test_escaped_text_reads_as_it_was(given_text: str) -> None:
    shown = escape(given_text)
    assert "@everyone" not in shown
    bare = re.sub(r"<#\d{1,20}>", "", shown.replace("\\\\", ""))  # a channel's name may stand there
    for special in "*_~|`[]()<>":
        assert bare.count(special) == bare.count("\\" + special)


def test_a_masked_link_leads_only_where_it_should() -> None:
    hostile = link(escape("a](https://evil.example) [b"), "https://open.spotify.com/track/1")
    assert hostile.endswith("](https://open.spotify.com/track/1)")
    assert "](https://evil" not in hostile
    assert link("x", "javascript:alert(1)") == "x"
    assert link("x", "https://a.b/) [y](https://evil.example") == "x"


def ugly_value(option: Option) -> st.SearchStrategy[Any]:
    sensible = {
        "text": st.sampled_from(option.choices or ("Blinding Lights", "pop", "energy", "hit", "energetic", "up")),
        "range": st.sampled_from([">0", "0.2-0.9", "1"]),
        "years": st.sampled_from(["1990s", ">2010", "1900"]),
        "flag": st.booleans(),
        "channel": st.just("<#1>"),
        "number": st.sampled_from([option.low or 0, option.high or 1]),
        "whole": st.sampled_from([option.low or 0, option.high or 1]),
    }
    return text | sensible[option.kind] | sensible[option.kind]


def ugly_request(command: Command) -> st.SearchStrategy[Request]:
    options = {o.name: ugly_value(o) for o in command.options if o.kind != "file"}
    few = st.lists(st.sampled_from(sorted(options)), max_size=3, unique=True) if options else st.just([])
    given = few.flatmap(lambda names: st.fixed_dictionaries({name: options[name] for name in names}))
    return given.map(lambda values: Request(command.name, values, "discord:1", moderator=True))


@pytest.fixture(scope="module")
def fresh(models: Models) -> Router:
    return Router(COMMANDS, models)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_command_fits_with_the_ugliest_input(fresh: Router, command: Command) -> None:
    @settings(LOOSE, max_examples=15)
    @given(ugly_request(command), st.booleans())
    def fits(request: Request, may_attach: bool) -> None:
        reply = asyncio.run(fresh.dispatch(request))
        assert "Something broke" not in reply.text
        check(message_of(reply, may_attach))

    fits()


async def test_ugly_replies_are_taken_by_discord(models: Models, tmp_path: Any) -> None:
    dice = random.Random(7)
    pool = [*UGLY, string.printable, "x" * 3000, "😀" * 2500, "e\u0301" * 900]

    def some(most: int) -> range:
        return range(dice.randrange(most))

    def make() -> Reply:
        def words() -> str:
            return "".join(dice.choice(pool) for _ in some(5))

        link = "https://open.spotify.com/track/5sICkBXVmaCQk5aISGR3x1"
        return Reply(
            words(),
            tuple(Field(words(), words(), dice.choice(["", link]), (Next("👍", words()),)) for _ in some(40)),
            tuple(Chart(words(), PNG, words()) for _ in some(6)),
            tuple(File(words(), bytes(dice.choice([0, 9, BIG]))) for _ in some(4)),
            tuple(Next(words(), words()) for _ in some(30)),
            private=dice.random() < 0.3,
        )

    prepared = [make() for _ in range(40)]
    command = Command("ugly", "ugly", (Option("n", "whole", "which"),), lambda r, _: prepared[r.options["n"]])
    store = Store(f"sqlite:///{tmp_path}/timbre.sqlite3")
    async with FakeDiscord(Terms("token", identify_seconds=0.0)) as fake:
        async with running(fake, Router((command,), models, store), store):
            for n in range(len(prepared)):
                asked = await fake.slash(fake.person(f"ann{n}"), "ugly", {"n": n})
                message = await seen(asked)
                assert (asked.refused, message.broken) == ([], [])
        assert fake.errors == {}
        assert fake.messages.pings == []
    await store.close()
