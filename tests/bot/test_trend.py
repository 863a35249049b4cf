"""/trend answers with a finding that its own details bear out, and what cannot be answered is told with what can."""

import re

import pytest

from bot.core import Reply
from tests.conftest import Ask


def answered(reply: Reply) -> Reply:
    assert not reply.error, reply.text
    assert reply.charts
    assert reply.charts[0].png.startswith(b"\x89PNG")
    assert 1 <= len(reply.next) <= 5
    return reply


async def test_the_reply_leads_with_the_finding_and_shows_both_lines(ask: Ask) -> None:
    reply = answered(await ask("/trend loudness"))
    first, rest = reply.text.split("\n", 1)
    assert re.match(r"Loudness rose: −[\d.]+ dB in 1957–1961, −[\d.]+ dB in 2020–2024\.", first)
    assert "95 % interval" in rest
    assert "one mix of genres" in rest
    assert "as collected" in rest
    assert "80 % interval" in rest
    assert "clustered by artist" in rest
    assert "as collected" in reply.charts[0].alt
    assert "one mix of genres" in reply.charts[0].alt


async def test_no_feature_means_tempo_unless_a_genre_is_named(ask: Ask) -> None:
    assert answered(await ask("/trend")).text.startswith("Tempo ")
    assert answered(await ask("/trend tempo genre:rock")).text.startswith("Tempo of rock ")
    assert answered(await ask("/trend genre:rock vs:pop")).text.startswith("Tempo in ")
    assert answered(await ask("/trend genre:rock")).charts[0].filename == "eras.png"


async def test_a_genre_alone_shows_its_own_sound_by_era(ask: Ask) -> None:
    reply = answered(await ask('/trend genre:"synth-pop"'))
    assert re.match(r"Synth-pop of the 2020s .*\d{4}s", reply.text)
    assert "What moved most" in reply.text
    assert "standard deviations" in reply.text
    assert "Heat map" in reply.charts[0].alt
    assert "1980s" in reply.charts[0].alt


@pytest.mark.parametrize("line", ["/trend danceability from:2015", "/trend tempo", "/trend energy from:1995"])
async def test_2020_is_asked_and_answered_whenever_the_range_covers_it(ask: Ask, line: str) -> None:
    assert re.search(r"[Bb]reak at 2020", answered(await ask(line)).text)


async def test_2020_is_not_spoken_of_where_the_range_ends_before_it(ask: Ask) -> None:
    assert "reak at 2020" not in answered(await ask("/trend energy to:2015")).text


async def test_a_short_range_is_forecast_from_the_whole_history(ask: Ask) -> None:
    short, whole = [answered(await ask(f"/trend valence{end}")).text for end in (" from:2015", "")]
    ahead = [re.search(r"By 2029: .*? to [\d.]+", text) for text in (short, whole)]
    assert ahead[0] is not None
    assert ahead[1] is not None
    assert ahead[0][0][:12] == ahead[1][0][:12]


async def test_the_horizon_is_the_one_asked_for(ask: Ask) -> None:
    assert "By 2026:" in answered(await ask("/trend energy horizon:2")).text
    assert "By 2034:" in answered(await ask("/trend energy horizon:10")).text
    assert "80 %" not in answered(await ask("/trend energy horizon:0")).text


async def test_the_month_of_release_is_called_tiny(ask: Ask) -> None:
    reply = answered(await ask("/trend valence by:month"))
    assert "eta²" in reply.text
    assert "tiny" in reply.text


async def test_buttons_lead_to_another_feature_a_genre_and_a_longer_forecast(ask: Ask) -> None:
    reply = answered(await ask("/trend energy"))
    lines = [step.line for step in reply.next]
    assert any("feature:loudness" in line for line in lines)
    assert any("genre:" in line for line in lines)
    assert any("horizon:10" in line for line in lines)
    for step in reply.next:
        answered(await ask(step.line))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/trend tempo from:1901 to:1902", "Too few tracks for all tracks"),
        ("/trend tempo from:1930 to:1930", "With a date there are"),
        ("/trend tempo genre:forro", "14 in the 1960s"),
        ("/trend genre:forro", "Too few tracks for forro"),
        ("/trend tempo genre:pop to:1980", "Too few tracks for pop"),
        ("/trend energy genre:pop vs:forro", "Too few tracks for forro"),
        ("/trend tempo from:2010 to:1990", "is after"),
        ("/trend genre:pop from:2010 to:1990", "is after"),
        ("/trend tempo horizon:500", "from 0 to 10"),
        ("/trend danceabilty", "There is no feature"),
        ("/trend key", "There is no feature"),
        ("/trend tempo vs:sinth-pop", "I don't know a genre"),
    ],
)
async def test_what_cannot_be_drawn_is_told_with_a_line_that_works(ask: Ask, line: str, said: str) -> None:
    reply = await ask(line)
    assert reply.error
    assert said in reply.text
    if reply.next:
        assert not (await ask(reply.next[0].line)).error
    else:
        assert "There are: danceability" in reply.text


async def test_the_same_line_draws_the_same_picture(ask: Ask) -> None:
    for line in ("/trend energy", "/trend genre:disco"):
        first, again = answered(await ask(line)), answered(await ask(line))
        assert first.text == again.text
        assert first.charts[0].png == again.charts[0].png
