"""People's lines to every command, answered by the real models."""

from __future__ import annotations

import re

import pytest

from bot.core import Reply
from bot.router import Router
from ml.families import FAMILIES
from tests.conftest import Ask

DEMO = "danceability:0.7 energy:0.8 key:C mode:minor loudness:-6 tempo:124 valence:0.6 acousticness:0.05"
LINKS = re.compile(r"https://open\.spotify\.com/track/[0-9A-Za-z]{22}")


def good(reply: Reply) -> Reply:
    """The reply, which must be no error and whose charts must be PNGs with a description."""
    assert not reply.error, reply.text
    for chart in reply.charts:
        assert chart.png.startswith(b"\x89PNG")
        assert len(chart.alt) > 20
    return reply


def field(reply: Reply, name: str) -> str:
    found = [f.value for f in reply.fields if f.name == name]
    assert found, f"no field {name!r} in {[f.name for f in reply.fields]}"
    return found[0]


async def test_energetic_songs_are_ten_linked_reasoned_and_two_an_artist(ask: Ask) -> None:
    reply = good(await ask("/recommend mood:energetic"))
    assert len(reply.fields) == 10
    assert all(LINKS.fullmatch(f.url) for f in reply.fields)
    assert len({f.url for f in reply.fields}) == 10
    assert all("for energetic" in f.value for f in reply.fields)
    artists = [f.name.rsplit(" — ", 1)[1] for f in reply.fields]
    assert max(artists.count(a) for a in artists) <= 2
    energies = [float(re.search(r"energy ([\d.]+)", f.value)[1]) for f in reply.fields]  # type: ignore[index]
    assert min(energies) > 0.7
    assert len(reply.charts) == 1


async def test_pages_go_on_without_repeats_also_after_thumbs(tell: Ask) -> None:
    seen: set[str] = set()
    line = "/recommend chill"
    for _ in range(3):
        reply = good(await tell(line))
        urls = {f.url for f in reply.fields}
        assert not urls & seen
        seen |= urls
        line = next(step.line for step in reply.next if step.label == "More")
        good(await tell(reply.fields[2].next[0].line))
    assert len(seen) == 30


async def test_a_list_turns_back_to_the_page_before(tell: Ask) -> None:
    def turn(reply: Reply, label: str) -> str:
        return next(step.line for step in reply.next if step.label == label)

    pages = [good(await tell("/recommend chill count:5"))]
    for _ in range(2):
        pages.append(good(await tell(turn(pages[-1], "More"))))
    assert "Back" not in [step.label for step in pages[0].next]
    for before, after in ((1, 2), (0, 1)):
        again = good(await tell(turn(pages[after], "Back")))
        assert again.fields == pages[before].fields
        assert again.next == pages[before].next


async def test_a_thumb_changes_the_very_next_list_and_it_says_why(tell: Ask) -> None:
    before = good(await tell("/recommend chill"))
    liked = before.fields[0]
    good(await tell(liked.next[0].line))
    after = good(await tell("/recommend chill"))
    assert liked.url not in {f.url for f in after.fields}
    assert [f.url for f in after.fields] != [f.url for f in before.fields[1:]]
    title = liked.name.split(". ", 1)[1].rsplit(" — ", 1)[0]
    assert f"Moved by your ratings: you liked {title}." in after.text
    good(await tell(after.fields[0].next[1].line))
    assert after.fields[0].url not in {f.url for f in (await tell("/recommend chill")).fields}


async def test_who_asks_for_nothing_gets_something_to_rate(tell: Ask) -> None:
    reply = good(await tell("/recommend"))
    assert "I don't know your taste yet" in reply.text
    assert len(reply.fields) == 10
    assert all(len(f.next) == 2 for f in reply.fields)


async def test_free_words_are_read_as_moods_and_it_says_so(ask: Ask) -> None:
    reply = good(await ask('/recommend "late night coding"'))
    assert "I read “late night coding” as" in reply.text
    assert "I read" not in good(await ask("/recommend chill")).text


async def test_every_filter_holds(ask: Ask, router: Router) -> None:
    reply = good(await ask('/recommend genre:"synth pop" energy:>0.7 tempo:120-130 year:1980s count:5'))
    catalog = router.services.models.catalog
    for f in reply.fields:
        track = catalog.find_id(f.url)
        assert track is not None
        assert "synth-pop" in track.genres
        assert track.features[1] >= 0.7
        assert 120 <= track.features[10] <= 130
        assert track.decade == 1980


async def test_more_like_a_track_or_an_artist(ask: Ask) -> None:
    reply = good(await ask('/recommend like:"Enter Sandman"'))
    assert not any("Enter Sandman" in f.name for f in reply.fields)
    assert any("more by Metallica" in f.value for f in reply.fields)
    assert any("fans of Metallica also play" in f.value for f in reply.fields)
    assert "Metallica and Adele" in good(await ask("/recommend like:Metallica; like:Adele")).text


async def test_gems_are_known_to_few(ask: Ask) -> None:
    known = good(await ask("/recommend energetic"))
    gems = good(await ask("/recommend energetic gems"))

    def popularity(reply: Reply) -> list[int]:
        return [int(re.search(r"popularity (\d+)", f.value)[1]) for f in reply.fields]  # type: ignore[index]

    assert max(popularity(gems)) <= 45 < min(popularity(known))


async def test_filters_that_leave_nothing_are_relaxed_and_it_says_which(ask: Ask) -> None:
    reply = good(await ask("/recommend energy:>0.95 acousticness:>0.98 valence:>0.95"))
    assert re.search(r"No track passes all of that together, so I left out \w+:\.", reply.text)
    assert len(reply.fields) == 10
    reply = good(await ask("/recommend party genre:classical energy:<0.1"))
    assert "so I relaxed mood" in reply.text
    reply = good(await ask("/recommend energy:>0.9 mood:sleep"))
    assert re.search(r"of [\d,]+ tracks that pass energy: only \d+ are sleep\.", reply.text)
    assert "hardly" not in good(await ask("/recommend energy:>0.8 mood:workout genre:edm")).text


async def test_genre_of_a_track_and_of_a_demo(ask: Ask) -> None:
    track = good(await ask("/genre enter sandman"))
    assert "Enter Sandman by Metallica sounds like" in track.text
    assert "metal" in field(track, "Genres") or "rock" in field(track, "Genres")
    assert "metal" in field(track, "Tagged")
    demo = good(await ask(f"/genre {DEMO}"))
    assert any(family in demo.text for family in FAMILIES)
    assert "Not given: " in demo.text
    shares = [int(p) for p in re.findall(r"(\d+) %", field(demo, "Genres"))]
    assert shares == sorted(shares, reverse=True)


async def test_the_sound_decides_a_demo_s_family(ask: Ask) -> None:
    loud = good(await ask("/genre energy:0.98 loudness:-3 acousticness:0.0001 valence:0.2 danceability:0.3 tempo:150"))
    assert "metal" in loud.text.split(".")[0]
    quiet = good(await ask("/genre energy:0.05 loudness:-28 acousticness:0.99 instrumentalness:0.92 danceability:0.2"))
    assert "classical" in quiet.text.split(".")[0]


async def test_hit_score_says_what_it_means_and_gives_no_bare_popularity(ask: Ask) -> None:
    reply = good(await ask("/hitscore blinding lights"))
    assert re.search(r"sounds \d+ of 100 like the hits of the \d{4}s", reply.text)
    assert "knows nothing of the artist" in reply.text
    assert re.search(r"between \d+ and \d+ of 100 \(80 % interval\)", field(reply, "Popularity"))


async def test_hit_score_depends_on_the_era(ask: Ask) -> None:
    scores = set()
    for year in (1962, 1985, 2015):
        reply = good(await ask(f"/hitscore {DEMO} year:{year}"))
        assert f"hits of the {year // 10 * 10}s" in reply.text
        scores.add(re.search(r"sounds (\d+)", reply.text)[1])  # type: ignore[index]
    assert len(scores) > 1


async def test_trend_finds_what_is_known_of_this_data(ask: Ask) -> None:
    for feature, verb in (("energy", "rose"), ("loudness", "rose"), ("acousticness", "fell"), ("valence", "fell")):
        reply = good(await ask(f"/trend {feature}"))
        assert f"{feature.capitalize()} {verb}" in reply.text
        assert "80 % interval" in reply.text


@pytest.mark.parametrize(
    "line",
    [
        "/trend",
        "/trend tempo by:decade",
        "/trend valence by:month",
        '/trend danceability genre:"hip-hop & r&b"',
        "/trend energy vs:hits",
        "/trend energy genre:pop vs:rock by:decade",
        "/trend duration from:1980 to:2020 horizon:2",
        "/trend explicit from:1990",
        "/track hey jude",
        "/about",
        "/help",
        "/help recommend",
        "/help /trend",
        "/blend a:pop b:edm",
        '/compare "Blinding Lights" b:"Take On Me"',
        '/compare "Blinding Lights" genre:pop',
        f"/compare {DEMO} genre:pop",
        '/whatif "Blinding Lights" vary:energy',
        f"/whatif {DEMO} vary:tempo",
        "/explain hit",
        "/explain popularity",
        "/explain techno",
    ],
)
async def test_lines_of_the_design_are_answered_and_so_is_every_follow_up(ask: Ask, line: str) -> None:
    reply = good(await ask(line))
    for step in reply.next:
        good(await ask(step.line))


async def test_every_example_and_hint_of_the_help_works(ask: Ask, router: Router) -> None:
    for command in router.commands.values():
        assert command.example
        reply = await ask(command.example)
        assert reply.error == command.moderator, reply.text
        assert f"/{command.name}" in {f.name for f in (await ask("/help")).fields}


async def test_about_prints_no_score_without_its_split(ask: Ask) -> None:
    reply = good(await ask("/about"))
    assert reply.fields
    assert all("split" in f.value for f in reply.fields)


async def test_reasons_are_drawn_step_by_step_and_sampled_ones_state_their_error(ask: Ask) -> None:
    score, waterfall = good(await ask("/hitscore blinding lights")).charts
    assert (score.filename, waterfall.filename) == ("hitscore.png", "hitscore-why.png")
    steps = re.search(r"average track's (\d+) to (\d+)", waterfall.alt)
    assert steps
    assert steps[2] in score.alt
    score, waterfall = good(await ask("/hitscore energy:0.9 tempo:170 loudness:-4 year:1985")).charts
    steps = re.search(r"average track's (\d+) to (\d+)", waterfall.alt)
    assert steps
    assert f" {steps[2]} of 100" in score.alt
    assert re.search(r"each within about \d+", field(good(await ask(f"/genre {DEMO}")), "Why"))
