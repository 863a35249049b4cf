"""/cluster: the map of sounds, as people ask for it."""

import pytest

from bot.core import File
from bot.router import Router
from tests.bot.test_commands import LINKS, field, good
from tests.conftest import Ask


async def test_a_track_is_pinned_in_its_region(ask: Ask, router: Router) -> None:
    reply = good(await ask('/cluster "Enter Sandman"'))
    names = [r.name for r in router.services.models.regions]
    told = [name for name in names if f"lies in “{name}”" in reply.text]
    assert len(told) == 1
    assert "of its tracks" in field(reply, "How typical")
    assert "×" in field(reply, "Genres in it")
    linked = [f for f in reply.fields if f.url]
    assert len(linked) == 5
    assert all(LINKS.fullmatch(f.url) for f in linked)
    assert not any("Metallica" in f.name for f in linked)
    assert "Enter Sandman" in reply.charts[0].alt
    for step in reply.next:
        good(await ask(step.line))


async def test_a_demo_is_placed_by_what_is_known_of_it(ask: Ask) -> None:
    quiet = good(
        await ask("/cluster energy:0.05 loudness:-28 acousticness:0.99 instrumentalness:0.92 danceability:0.2")
    )
    assert quiet.text.startswith("This demo lies in “quiet & instrumental”")
    assert "Not given: " in quiet.text
    fast = good(await ask('/cluster energy:0.95 loudness:-4 tempo:175 danceability:0.4 title:"Run"'))
    assert "“Run” lies in" in fast.text
    assert "fast" in fast.text.split(".")[0]


async def test_a_region_by_name_by_part_of_it_and_by_its_number(ask: Ask, router: Router) -> None:
    for region in router.services.models.regions:
        reply = good(await ask(f'/cluster name:"{region.name}"'))
        assert reply.text.startswith(f"“{region.name}” is ")
        assert len([f for f in reply.fields if f.url]) == 3
        same = good(await ask(f"/cluster name:{region.index}"))
        assert same.text == reply.text
        assert same.charts[0].png == reply.charts[0].png


async def test_the_whole_map_names_every_region_and_what_is_under_served(ask: Ask, router: Router) -> None:
    reply = good(await ask("/cluster"))
    names = {f.name for f in reply.fields}
    assert {r.name for r in router.services.models.regions} <= names
    assert any(name.startswith("Under-served: ") for name in names)
    assert "two standard errors" in reply.text
    for step in reply.next:
        good(await ask(step.line))


@pytest.mark.parametrize("name", ["instrumental", "quiet and instrumentl", "zzz", "", "99", "💥", "x" * 300])
async def test_unknown_regions_are_answered_with_those_there_are(ask: Ask, name: str) -> None:
    reply = await ask(f'/cluster name:"{name}"')
    assert reply.error
    assert "quiet & instrumental" in reply.text
    good(await ask(reply.next[0].line))


async def test_bad_input_is_named_with_a_line_that_works(ask: Ask) -> None:
    for line, said in (
        ('/cluster "no such track at all qqq"', "I don't know a track"),
        ("/cluster energy:7", "energy"),
        ('/cluster "Enter Sandman" energy:0.5', "not both"),
        ('/cluster "Enter Sandman" name:0', "not both"),
        ("/cluster title:Dawn", "features"),
    ):
        reply = await ask(line)
        assert reply.error, line
        assert said in reply.text, line


async def test_a_file_of_demos_becomes_dots(ask: Ask) -> None:
    rows = b"title,energy,tempo,acousticness,loudness\nLoud,0.95,170,0.01,-4\nSoft,0.05,80,0.99,-28\nBad,9,80,0.9,-20\n"
    reply = good(await ask("/cluster", File("demos.csv", rows)))
    assert "of 2 demos lie in" in reply.text
    told = " ".join(f.value for f in reply.fields)
    assert "Loud" in told
    assert "Soft" in told
    empty = await ask("/cluster", File("demos.csv", b"title,energy\nBad,9\n"))
    assert empty.error
    assert "energy" in empty.text


def test_suggestions_are_region_names(router: Router) -> None:
    every = [c.value for c in router.suggest("cluster", "name", "")]
    assert every == [r.name for r in router.services.models.regions]
    assert "quiet & instrumental" in [c.value for c in router.suggest("cluster", "name", "slee")]
