"""/profile as people type it: nothing yet, a taste in words, their data, and all of it gone."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.core import Reply
from bot.router import Router
from tests.conftest import Ask

LOUD = ["Enter Sandman", "Chop Suey!", "Painkiller Judas Priest", "Angel of Death Slayer"]


async def say(router: Router, user: str, line: str) -> Reply:
    reply = await router.answer(line, user, "test")
    assert not reply.error, reply.text
    assert reply.private
    return reply


def field(reply: Reply, name: str) -> str:
    return next(f.value for f in reply.fields if f.name == name)


async def test_a_new_person_is_told_how_to_begin(ask: Ask) -> None:
    reply = await ask("/profile")
    assert "You have rated nothing yet" in reply.text
    for step in reply.next:
        assert not (await ask(step.line)).error
    assert (await ask("/profile forget")).text == "I keep nothing about you."
    kept = json.loads((await ask("/profile export")).files[0].data)
    assert kept == {"ratings": [], "pages_shown": [], "lines_of_buttons": [], "scheduled_posts": []}


async def test_a_taste_is_told_in_words(router: Router) -> None:
    for title in LOUD:
        await say(router, "loud", f'/rate "{title}" verdict:up')
    await say(router, "loud", '/rate "Someone Like You Adele" verdict:down')
    reply = await say(router, "loud", "/profile")
    assert reply.text == "You have 4 likes and 1 dislike."
    assert "metal (4)" in field(reply, "Families")
    assert "more energetic" in field(reply, "Sound")
    assert "than most tracks" in field(reply, "Sound")
    rated = [f for f in reply.fields if f.url]
    assert len(rated) == 5
    assert "Someone Like You" in rated[0].name
    assert rated[0].value.startswith("disliked on ")
    assert "Enter Sandman" in rated[-1].name
    await say(router, "loud", rated[0].next[0].line)
    assert (await say(router, "loud", "/profile")).text == "You have 4 likes and 0 dislikes."


async def test_too_few_likes_claim_no_sound_and_a_mixed_taste_no_leaning(router: Router) -> None:
    await say(router, "few", '/rate "Enter Sandman" verdict:up')
    assert "Sound" not in {f.name for f in (await say(router, "few", "/profile")).fields}


async def test_forgetting_says_what_went_and_leaves_nothing(router: Router) -> None:
    await say(router, "leaver", '/rate "Enter Sandman" verdict:up')
    reply = await say(router, "leaver", "/profile forget")
    assert reply.text.startswith("Deleted: 1 rating and 0 pages")
    assert "rated nothing" in (await say(router, "leaver", "/profile")).text


async def test_no_single_press_on_a_profile_deletes_it(router: Router) -> None:
    await say(router, "careful", '/rate "Enter Sandman" verdict:up')
    reply = await say(router, "careful", "/profile")
    assert "/profile forget" in field(reply, "Your data")
    assert not any("forget" in step.line for step in (*reply.next, *(n for f in reply.fields for n in f.next)))


async def test_an_unknown_action_is_refused(ask: Ask) -> None:
    reply = await ask("/profile delete")
    assert reply.error
    assert "forget" in reply.text


async def test_an_export_holds_the_lines_of_buttons_too(router: Router, strangers: Iterator[str]) -> None:
    person = next(strangers)
    assert router._store is not None
    await router._store.keep_line(person, "recommend like:'Enter Sandman'")
    reply = await router.answer("/profile export", person, "test")
    assert json.loads(reply.files[0].data)["lines_of_buttons"] == ["recommend like:'Enter Sandman'"]
    assert "1 line that your buttons stand for" in reply.text
    assert "Deleted: 0 ratings" in (await router.answer("/profile forget", person, "test")).text
