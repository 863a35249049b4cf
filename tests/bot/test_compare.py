"""/compare and /whatif: one unit for the hit score, every difference in the chart's words."""

from __future__ import annotations

import re
from itertools import pairwise

from ml.clusters import SOUND
from ml.features import BY_NAME
from tests.conftest import Ask


async def test_the_alt_text_tells_every_feature_the_widest_difference_first(ask: Ask) -> None:
    (chart,) = (await ask('/compare "Blinding Lights" genre:synth-pop')).charts
    told = re.findall(r"(\w+) (\d+) against (\d+)", chart.alt)
    assert {name for name, *_ in told} == {BY_NAME[name].label for name in SOUND}
    gaps = [abs(int(a) - int(b)) for _, a, b in told]
    assert all(a >= b - 1 for a, b in pairwise(gaps))  # both ends are rounded
    assert "synth-pop hits" in chart.alt


async def test_a_sweep_and_a_score_speak_of_the_same_points(ask: Ask) -> None:
    score = await ask('/hitscore "Skinny Love"')
    found = re.search(r"sounds (\d+) of 100", score.text)
    sweep = await ask('/whatif "Skinny Love" vary:loudness')
    (chart,) = sweep.charts
    assert found
    assert f" now, {found[1]}." in chart.alt
    assert "%" not in chart.alt
    raised = re.search(r"Louder, .* could score (\d+) points more, (\d+) of 100", sweep.text)
    assert raised
    assert abs(int(raised[2]) - int(raised[1]) - int(found[1])) <= 1


async def test_a_hit_score_tells_its_place_among_hits_and_others_and_what_to_change(ask: Ask) -> None:
    standing, _ = (await ask('/hitscore "Skinny Love"')).charts
    below = re.search(r"(\d+) % of those hits and (\d+) % of the others score lower", standing.alt)
    assert below
    assert int(below[1]) < int(below[2])
    assert "What to change first: " in standing.alt


async def test_a_genre_goes_by_its_own_name_however_it_was_typed(ask: Ask) -> None:
    assert "hip-hop hits" in (await ask('/compare "Blinding Lights" genre:hiphop')).text


async def test_a_track_is_not_compared_with_itself_nor_with_a_genre_without_hits(ask: Ask) -> None:
    same = await ask('/compare "Blinding Lights" b:"blinding lights"')
    assert same.error
    assert "Both sides are" in same.text
    none = await ask('/compare "Blinding Lights" genre:iranian')
    assert "No Hot 100 hits are tagged iranian" in none.text
    for refused in (same, none):
        assert not (await ask(refused.next[0].line)).error
