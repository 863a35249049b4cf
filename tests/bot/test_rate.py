"""/rate as people type it: a thumb, its undo, and tracks nobody knows."""

from __future__ import annotations

import pytest

from bot.core import Reply
from bot.router import Router
from bot.store import Store
from tests.conftest import Ask

BLINDING, OTHER_EDITION = "0sf12qNH5qcw8qpgymFOqD", "0VjIjW4GlUZAMYd2vXMi3b"


def labels(reply: Reply) -> list[str]:
    return [step.label for step in reply.next]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('/rate "Blinding Lights" verdict:up', "Liked Blinding Lights by The Weeknd. Your next list"),
        (f"/rate track:{OTHER_EDITION} verdict:up", "Liked Blinding Lights by The Weeknd"),
        (f"/rate https://open.spotify.com/track/{BLINDING} verdict:down", "Disliked Blinding Lights by The Weeknd."),
        ("/rate blinding lights verdict:👍", "Liked Blinding Lights"),
        ("/rate blinding lights 👎", "Disliked Blinding Lights"),
        ("/rate blinding lights love", "Liked Blinding Lights"),
        ('/rate "Blinding Lights" Dislike', "Disliked Blinding Lights"),
        ('/rate "Shut Up" verdict:up', "Liked shut up by"),
        ('/rate "Blinding Lights" verdict:clear', "You have not rated Blinding Lights"),
    ],
)
async def test_a_thumb_in_the_words_people_use(ask: Ask, line: str, said: str) -> None:
    reply = await ask(line)
    assert not reply.error
    assert reply.private
    assert reply.text.startswith(said)
    assert "/recommend" in {step.line for step in reply.next}


async def test_a_thumb_is_changed_repeated_and_undone(router: Router) -> None:
    async def say(line: str) -> Reply:
        return await router.answer(line, "rater", "test")

    liked = await say('/rate "Blinding Lights" verdict:up')
    assert labels(liked) == ["A fresh list", "Undo", "More like it"]
    assert "already liked" in (await say(f"/rate {OTHER_EDITION} verdict:like")).text
    assert "no longer liked" in (await say('/rate "Blinding Lights" verdict:down')).text
    assert "Taken back" in (await say(liked.next[1].line)).text
    assert "not rated" in (await say(liked.next[1].line)).text
    assert not (await say(liked.next[2].line)).error


async def test_without_a_verdict_it_asks(ask: Ask) -> None:
    for line in ('/rate "Blinding Lights"', f"/rate {BLINDING}"):
        reply = await ask(line)
        assert reply.text == "Do you like Blinding Lights by The Weeknd?"
        assert labels(reply) == ["Like", "Dislike"]
        assert [(await ask(step.line)).text.split()[0] for step in reply.next] == ["Liked", "Disliked"]
    assert (await ask("/rate Shut Up")).text.startswith("Do you like shut up by")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/rate", "Which track?"),
        ('/rate "bohemain rapsody" verdict:up', "I don't know a track “bohemain rapsody”"),
        ("/rate zzzz0000zzzz0000zzzz00 verdict:up", "not in my catalogue"),
        ("/rate zzzz0000zzzz0000zzzz00 verdict:clear", "not in my catalogue"),
        ('/rate "Blinding Lights" verdict:meh', "verdict is up, down or clear, not “meh”"),
        ("/rate xyzzyqqq verdict:up", "I don't know a track"),
    ],
)
async def test_what_cannot_be_rated_is_said_with_a_line_that_works(ask: Ask, line: str, said: str) -> None:
    reply = await ask(line)
    assert reply.error
    assert said in reply.text
    assert reply.next
    if "/rate" in reply.next[0].line:
        assert (await ask(reply.next[0].line)).text.startswith("Liked")


async def test_the_rating_of_a_track_that_has_left_the_catalogue_can_be_taken_back(models: object, url: str) -> None:
    from bot.commands import COMMANDS
    from bot.core import Rate

    gone = "zzzz0000zzzz0000zzzz00"
    store = Store(url)
    router = Router(COMMANDS, models, store)  # type: ignore[arg-type]
    await store.remember("ann", "", "", [Rate(gone, 1)])
    profile = await router.answer("/profile", "ann", "test")
    row = next(f for f in profile.fields if "left my catalogue" in f.name)
    assert "Taken back" in (await router.answer(row.next[0].line, "ann", "test")).text
    assert "rated nothing" in (await router.answer("/profile", "ann", "test")).text
    await router.close()


async def test_of_who_gives_no_name_nothing_is_kept_and_it_says_so(router: Router) -> None:
    async def speak(line: str) -> Reply:
        return await router.answer(line, "", "web", room="web")

    kept = await speak('/rate "Enter Sandman" up')
    assert kept.error
    assert "who you are" in kept.text
    assert not (await speak("/recommend chill")).error
    assert "nothing" in (await speak("/profile")).text.casefold()
