"""Commands, completions, buttons and menus, through the stand-in for Discord and the unmodified discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.commands import COMMANDS
from bot.core import Command, Option
from bot.router import Router
from bot.store import Store
from ml.models import Models
from tests.discord_bot import TABLE, TRACKS, options_of, running, seen, words
from tests.fakes.discord import FakeDiscord, NotOffered, Permission, Terms, Upload
from tests.fakes.discord.model import TALK

FAST = Terms("token", heartbeat_seconds=2.0, identify_seconds=0.0)


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('discord')}/timbre.sqlite3")
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def real(models: Models, store: Store) -> AsyncIterator[FakeDiscord]:
    """Discord with the bot as people meet it: every command, the real models."""
    async with FakeDiscord(FAST, guilds=2) as fake, running(fake, Router(COMMANDS, models, store), store):
        yield fake
        assert clean(fake)


@pytest.fixture(scope="module")
async def small(models: Models, store: Store) -> AsyncIterator[FakeDiscord]:
    """Discord with the bot over a small table that holds every kind of option and reply."""
    async with FakeDiscord(FAST, guilds=2) as fake, running(fake, Router(TABLE, models, store), store):
        yield fake
        assert clean(fake)


def clean(fake: FakeDiscord) -> bool:
    """Nobody pinged, nothing refused, nothing answered twice, no route unknown, no beat missed."""
    stats = fake.stats()
    return not (stats["pings"] or stats["unknown_routes"] or stats["late_beats"] or 40060 in fake.errors)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
async def test_every_command_answers_its_example(real: FakeDiscord, command: Command) -> None:
    ann = real.person(f"ann-{command.name}", TALK | Permission.MANAGE_MESSAGES if command.moderator else TALK)
    asked = await real.slash(ann, command.name, options_of(command, command.example))
    message = await seen(asked)
    assert not asked.followups, words(message)
    assert (asked.ephemeral, asked.refused, message.broken) == (command.private, [], [])
    assert len(words(message)) > 20
    assert [a.filename for a in message.attachments if a.filename.endswith("png") and not a.description] == []
    assert all(c.get("label") or c.get("placeholder") for c in message.controls)


@pytest.mark.parametrize(
    ("command", "option"),
    [(c, o) for c in COMMANDS for o in c.options if o.suggest],
    ids=lambda x: x.name,
)
async def test_every_suggestion_completes(real: FakeDiscord, command: Command, option: Option) -> None:
    offered = []
    for typed_so_far in ("", "e", "\u202e@everyone '\"; \\", "x" * 300):
        asked = await real.autocomplete(real.person("ann"), command.name, option.name, typed_so_far)
        await asked.answered()
        assert asked.refused == []
        offered += asked.choices
    assert offered


async def test_a_list_of_songs_has_thumbs_and_turns_its_page(real: FakeDiscord) -> None:
    ann = real.person("ann")
    asked = await real.slash(ann, "recommend", {"mood": "energetic", "year": "1990s"})
    first = words(await seen(asked))
    menu = next(c for c in asked.reply.controls if c["type"] == 3)
    assert len(menu["options"]) == 10
    turned = await real.press(asked.reply, "More", ann)
    await turned.until(lambda i: i.edits)
    assert turned.reply is asked.reply
    assert words(asked.reply) != first
    assert asked.reply.broken == []
    back = await real.press(asked.reply, "Back", ann)
    await back.until(lambda i: i.edits)
    assert back.reply is asked.reply
    assert words(asked.reply) == first
    assert "Back" not in [c.get("label") for c in asked.reply.controls]


async def test_a_csv_comes_back_scored(real: FakeDiscord) -> None:
    demos = Upload("my demos.csv", b"title,energy,tempo\nNight Bus,0.8,124\n", "text/csv")
    asked = await real.slash(real.person("ann"), "genre", {"file": demos})
    message = await seen(asked)
    assert [a.filename for a in message.attachments] == ["demos.png", "scored-my_demos.csv"]
    assert b"Night Bus" in message.attachments[1].data
    assert message.embeds[0]["image"]["url"] == "attachment://demos.png"


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (Upload("demo.wav", b"RIFF", "audio/wav"), "I read CSV files, and “demo.wav” (audio/wav) is none."),
        (Upload("demo.csv", b"x", "image/png"), "I read CSV files, and “demo.csv” (image/png) is none."),
        (Upload("demo.csv", b"", "text/csv", size=600 * 1024**2), "“demo.csv” has 600.0 MiB; I read up to 10 MiB."),
    ],
)
async def test_an_attachment_that_cannot_be_read_is_not_downloaded(real: FakeDiscord, file: Upload, says: str) -> None:
    before = list(real.messages.downloads)
    asked = await real.slash(real.person("ann"), "genre", {"file": file})
    message = await seen(asked)
    assert message.ephemeral
    assert words(message).startswith(says)
    assert real.messages.downloads == before


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "holds a PNG picture"),
        (b"RIFF0000WAVEfmt ", "holds a WAV"),
        (b"a\0b\0c" * 9, "holds no text"),
    ],
)
async def test_an_attachment_that_lies_is_found_out(real: FakeDiscord, data: bytes, says: str) -> None:
    asked = await real.slash(real.person("ann"), "hitscore", {"file": Upload("demo.csv", data, "text/csv")})
    assert says in words(await seen(asked))


async def test_options_arrive_typed_and_the_room_is_the_server(small: FakeDiscord) -> None:
    ann, guild = small.person("ann"), small.guilds[1]
    given = {"text": "x", "from": 1990, "share": 0.5, "sure": True, "mood": "calm", "key": 1}
    message = await seen(await small.slash(ann, "echo", given, guild=guild))
    expected = {"from": 1990, "key": 1, "mood": "calm", "share": 0.5, "sure": True, "text": "x"}
    assert words(message) == f"{expected} in discord:guild:{guild.id} of discord:{ann.id}"
    alone = await seen(await small.slash(ann, "echo", {"text": "x"}, channel=small.dm(ann)))
    assert words(alone) == f"{{'text': 'x'}} in no room of discord:{ann.id}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"from": 1}, "from 1 is out of range"),
        ({"share": "much"}, "share needs a number"),
        ({"mood": "sad"}, "mood has no “sad”"),
        ({"text": "x" * 301}, "text has 301 characters"),
        ({"nonsense": "1"}, "/echo has no option “nonsense”"),
    ],
)
async def test_what_discord_let_through_the_router_refuses(small: FakeDiscord, given: Any, says: str) -> None:
    asked = await small.slash(small.person("ann"), "echo", given, raw=True)
    message = await seen(asked)
    assert (message.ephemeral, asked.reply.deleted) == (True, True)
    assert words(message).startswith(says)


async def test_an_error_alone_with_the_bot_needs_no_detour(small: FakeDiscord) -> None:
    ann = small.person("ann")
    asked = await small.slash(ann, "echo", {"text": "x" * 301}, channel=small.dm(ann))
    assert words(await seen(asked)).startswith("text has 301")
    assert (asked.followups, asked.reply.deleted) == ([], False)


async def test_completions_are_cut_to_what_discord_takes(small: FakeDiscord) -> None:
    asked = await small.autocomplete(small.person("ann"), "echo", "text", "😀")
    await asked.answered()
    assert len(asked.choices) == 25
    assert {c["value"] for c in asked.choices} == {f"😀{n}" for n in range(25)}
    many = await small.autocomplete(small.person("ann"), "echo", "genre", "genre 10")
    await many.answered()
    assert [c["value"] for c in many.choices] == [f"genre {n}" for n in (10, *range(100, 110))]


async def test_a_page_turns_in_place_for_the_one_who_asked(small: FakeDiscord) -> None:
    ann, bob = small.person("ann"), small.person("bob")
    asked = await small.slash(ann, "list", {"about": "love", "year": "1990s"})
    message = await seen(asked)
    for page in (2, 3):
        turned = await small.press(message, "More", ann)
        await turned.until(lambda i: i.edits)
        assert turned.reply is message
        assert words(message).startswith(f"Page {page} for love.")
        assert [(a.filename, a.description) for a in message.attachments] == [
            ("list_chart.png", f"A chart of page {page}.")
        ]
    theirs = await small.press(message, "More", bob)
    own = await seen(theirs)
    assert (own.ephemeral, own is message) == (True, False)
    assert words(own).startswith("Page 4 for love.")
    assert words(message).startswith("Page 3 for love.")
    again = await small.press(own, "More", bob)
    await again.until(lambda i: i.edits)
    assert words(own).startswith("Page 5 for love.")


async def test_another_line_is_a_new_message_and_private_for_everybody_else(small: FakeDiscord) -> None:
    ann, bob = small.person("ann"), small.person("bob")
    message = await seen(await small.slash(ann, "list", {"about": "love"}))
    mine = await seen(await small.press(message, "Another", ann))
    theirs = await seen(await small.press(message, "Another", bob))
    assert (mine.ephemeral, theirs.ephemeral) == (False, True)
    assert words(mine).startswith("Page 1 for other.")
    private = await small.press(message, "Yours", ann)
    assert (await seen(private)).ephemeral


async def test_a_page_that_does_not_exist_leaves_the_list_alone(small: FakeDiscord) -> None:
    ann = small.person("ann")
    message = await seen(await small.slash(ann, "list", {"page": 9}))
    pressed = await small.press(message, "More", ann)
    await pressed.until(lambda i: i.followups)
    assert pressed.followups[0].ephemeral
    assert words(pressed.followups[0]).startswith("page 10 is out of range")
    assert words(message).startswith("Page 9")


async def test_the_last_page_stays_also_where_nobody_else_reads(small: FakeDiscord) -> None:
    ann = small.person("ann")
    message = await seen(await small.slash(ann, "list", {"page": 9}, channel=small.dm(ann)))
    pressed = await small.press(message, "More", ann)
    await pressed.until(lambda i: i.followups)
    assert words(message).startswith("Page 9")


async def test_thumbs_are_the_pressers_own_and_leave_the_list_alone(small: FakeDiscord) -> None:
    ann, bob = small.person("ann"), small.person("thumbs-bob")
    message = await seen(await small.slash(ann, "list"))
    before = (words(message), message.edits)
    up, down = [c for c in message.controls if c["type"] == 3]
    assert (up["placeholder"], down["placeholder"]) == ("👍  Like…", "👎  Not for me…")
    liked = await small.press(message, up["custom_id"], bob, values=[o["value"] for o in up["options"]])
    answer = await seen(liked)
    assert answer.ephemeral
    assert words(answer).count("Liked") == len(TRACKS)
    disliked = await small.press(message, down["custom_id"], bob, values=[down["options"][0]["value"]])
    assert "no longer liked" in words(await seen(disliked))
    assert (words(message), message.edits) == before
    assert "1 like and 1 dislike" in words(await seen(await small.slash(bob, "profile")))
    assert "rated nothing" in words(await seen(await small.slash(small.person("thumbs-eve"), "profile")))


async def test_a_long_line_works_until_it_is_forgotten(small: FakeDiscord) -> None:
    ann = small.person("long-ann")
    about = "a very long story, told in more words than a button holds; " * 3
    message = await seen(await small.slash(ann, "list", {"about": about}))
    more = next(c for c in message.controls if c.get("label") == "More")
    assert "#" in more["custom_id"]
    assert about[:20] not in more["custom_id"]
    turned = await small.press(message, "More", ann)
    await turned.until(lambda i: i.edits)
    assert words(message).startswith("Page 2 for a very long story")
    await seen(await small.slash(ann, "profile", {"action": "forget"}))
    gone = await small.press(message, "More", ann)
    await gone.until(lambda i: i.followups)
    assert words(gone.followups[0]).startswith("That button is too old")
    assert gone.followups[0].ephemeral


async def test_nothing_typed_formats_links_or_pings(small: FakeDiscord) -> None:
    message = await seen(
        await small.slash(small.person("ann"), "list", {"about": "@everyone [x](https://evil.example)"})
    )
    text = str(message.embeds)
    assert "](https://evil" not in text
    assert "://evil" not in text.replace("\\://", "")
    assert "@everyone" not in text
    assert message.embeds[0]["description"].count("](https://open.spotify.com/track/") == len(TRACKS)


async def test_moderators_commands_are_theirs_on_buttons_too(small: FakeDiscord) -> None:
    ann, boss = small.person("ann"), small.person("boss", Permission.MANAGE_MESSAGES | Permission.VIEW_CHANNEL)
    with pytest.raises(NotOffered):
        await small.slash(ann, "post", {"line": "x"})
    with pytest.raises(NotOffered):
        await small.slash(boss, "post", {"line": "x"}, channel=small.dm(boss))
    assert "'line': 'x'" in words(await seen(await small.slash(boss, "post", {"line": "x"})))
    message = await seen(await small.slash(ann, "echo", {"text": "x" * 301}, raw=True))
    message.controls[0]["custom_id"] = "l0:post line:x"
    refused = await small.press(message, "l0:post line:x", ann)
    assert words(await seen(refused)).startswith("Only people who may manage messages here can use /post")


async def test_who_may_administer_is_a_moderator(small: FakeDiscord) -> None:
    chief = small.person("chief", Permission.ADMINISTRATOR)
    assert "'line': 'x'" in words(await seen(await small.slash(chief, "post", {"line": "x"})))


async def test_where_files_are_not_allowed_it_answers_in_words(small: FakeDiscord) -> None:
    channel = small.guilds[0].channels[1]
    await small.deny(channel, Permission.ATTACH_FILES)
    asked = await small.slash(small.person("ann"), "list", channel=channel)
    message = await seen(asked)
    assert (message.attachments, message.broken, asked.refused) == ([], [], [])
    assert "I need the permission “Attach Files” in this channel" in words(message)
    assert "The chart: A chart of page 1." in words(message)


async def test_a_command_that_is_gone_says_so(small: FakeDiscord) -> None:
    entry = next(iter(small.commands[None].values()))
    small.commands[None]["gone"] = {**entry, "name": "gone", "options": []}
    try:
        asked = await small.slash(small.person("ann"), "gone")
        message = await seen(asked)
        assert message.ephemeral
        assert words(message).startswith("There is no command /gone any more.")
    finally:
        del small.commands[None]["gone"]


async def test_completions_of_a_command_that_is_gone_are_none(small: FakeDiscord) -> None:
    small.commands[None]["gone"] = {**small.commands[None]["echo"], "name": "gone"}
    try:
        asked = await small.autocomplete(small.person("ann"), "gone", "text", "x")
        assert (await asked.answered()).choices == []
    finally:
        del small.commands[None]["gone"]


async def test_buttons_and_forms_of_an_earlier_bot_are_answered(small: FakeDiscord) -> None:
    ann = small.person("ann")
    message = await seen(await small.slash(ann, "list"))
    message.controls[-1]["custom_id"] = "vote:3"
    pressed = await small.press(message, "vote:3", ann)
    pressed.modal = {"custom_id": "form", "components": []}
    for asked in (pressed, await small.submit_modal(pressed, {})):
        answer = await seen(asked)
        assert answer.ephemeral
        assert words(answer).startswith("That button is too old")
        assert answer is not message


async def test_fifty_people_at_once_are_all_answered(small: FakeDiscord) -> None:
    people = [small.person(f"crowd-{n}") for n in range(50)]
    asked = await asyncio.gather(*(small.slash(p, "list", {"about": p.name}) for p in people))
    for person, one in zip(people, asked, strict=True):
        assert words(await seen(one)).startswith(f"Page 1 for {person.name}.")
    assert max(i.ack_seconds for i in asked) < 3
