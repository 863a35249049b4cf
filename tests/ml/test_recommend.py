"""The recommender keeps its promises on any wish, for anybody."""

import numpy as np
import pytest

from ml.features import COLUMN
from ml.filters import Wish
from ml.listener import HALF_LIFE, Listener
from ml.models import Models
from ml.ranking import highest, highest_below
from ml.recommend import PER_ARTIST
from ml.taste import Taste


def rows(models: Models, wish: Wish, person: Listener | None = None) -> list[int]:
    return [pick.track.row for pick in models.recommender.recommend(wish, person).picks]


def row(models: Models, name: str) -> int:
    track = models.catalog.resolve(name)
    assert track is not None, name
    return track.row


def rated(models: Models, *ratings: tuple[str, int, float], room: tuple[tuple[str, ...], ...] = ()) -> Listener:
    ids = [(models.catalog.track(row(models, name)).id, verdict, age) for name, verdict, age in ratings]
    likes = [[models.catalog.track(row(models, name)).id for name in member] for member in room]
    return Listener.of(models.catalog, ids, likes)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(mood=("party",), count=20),
        Wish(likes=(974, 12), count=20),
        Wish(genres=("techno",), count=20),
        Wish(mood=("sleep",), gems=True, count=20),
        Wish(count=20),
    ],
)
def test_two_an_artist_no_seed_no_repeat(models: Models, wish: Wish) -> None:
    chosen = rows(models, wish)
    assert len(set(chosen)) == 20
    assert not set(chosen) & set(wish.likes)
    assert np.bincount(models.catalog.artist[chosen]).max() <= PER_ARTIST


def test_pages_are_slices_of_one_list_remembered_or_not(models: Models) -> None:
    both = rows(models, Wish(mood=("focus",), count=20))
    first = rows(models, Wish(mood=("focus",)))
    assert first + rows(models, Wish(mood=("focus",), skip=10)) == both
    assert first + rows(models, Wish(mood=("focus",), shown=tuple(first))) == both


def test_a_page_after_a_rating_repeats_nothing_and_keeps_to_two_an_artist(models: Models) -> None:
    first = rows(models, Wish(likes=(row(models, "Enter Sandman by Metallica"),)))
    again = models.catalog.track(first[0])
    person = Listener.of(models.catalog, [(again.id, 1, 0.0)])
    second = rows(models, Wish(likes=(row(models, "Enter Sandman by Metallica"),), shown=tuple(first)), person)
    assert not set(first) & set(second)
    assert np.bincount(models.catalog.artist[first + second]).max() <= PER_ARTIST


@pytest.mark.parametrize("likes", [(974,), (12, 3000), (90_000,)])
def test_nothing_left_out_would_have_scored_higher(models: Models, likes: tuple[int, ...]) -> None:
    picks = models.recommender.recommend(Wish(likes=likes, count=20)).picks
    total = models.hybrid.score(Taste.of(likes)).total
    listed = [pick.track.row for pick in picks]
    np.testing.assert_allclose([pick.score for pick in picks], total[listed], rtol=1e-5)
    full = models.catalog.artist[listed]
    better = np.setdiff1d(np.flatnonzero(total > picks[-1].score), [*listed, *likes])
    doubles = {models.catalog.title_keys[r] for r in listed}
    for left_out in better:
        artist, title = models.catalog.artist[left_out], models.catalog.title_keys[left_out]
        assert (full == artist).sum() == PER_ARTIST or any(title.startswith(t) or t.startswith(title) for t in doubles)


def test_scores_fall_along_the_list(models: Models) -> None:
    scores = [pick.score for pick in models.recommender.recommend(Wish(mood=("chill",), count=20)).picks]
    assert scores == sorted(scores, reverse=True)


def test_filters_that_leave_nothing_give_way_one_by_one_and_say_so(models: Models) -> None:
    impossible = Wish(ranges={"energy": (0.95, 1), "acousticness": (0.98, 1), "valence": (0.95, 1)})
    found = models.recommender.recommend(impossible)
    assert [name for name, _ in found.left] == ["energy", "acousticness", "valence"]
    assert found.left[-1][1] == 0
    assert len(found.relaxed) == 1
    kept = [name for name in impossible.ranges if name not in found.relaxed]
    for pick in found.picks:
        for name in kept:
            assert impossible.ranges[name][0] <= pick.track.features[COLUMN[name]] + 1e-6


def test_a_mood_that_nothing_is_deep_in_orders_what_passes(models: Models) -> None:
    found = models.recommender.recommend(Wish(mood=("party",), genres=("classical",), ranges={"energy": (0, 0.1)}))
    assert found.relaxed == ("mood",)
    percentiles = [pick.mood_percentile or 0 for pick in found.picks]
    assert max(percentiles) < 0.7
    everyone = models.moods.percentile("party")[models.catalog.in_genre(["classical"])]
    assert np.mean(percentiles) > np.median(everyone)


def test_a_small_pool_is_used_up_and_no_further_page_promised(models: Models) -> None:
    narrow = Wish(genres=("romance",), ranges={"tempo": (119, 121)}, count=20)
    found = models.recommender.recommend(narrow)
    assert 0 < len(found.picks) < 20
    assert not found.more
    for pick in found.picks:
        assert 119 <= pick.track.features[COLUMN["tempo"]] <= 121


def test_seeds_pull_towards_their_sound_and_kind(models: Models) -> None:
    metal = Wish(likes=(row(models, "Enter Sandman by Metallica"),))
    artist = models.artists.find("Ludovico Einaudi")
    assert artist is not None
    loud, quiet = (
        np.mean(models.catalog.features[rows(models, wish), COLUMN["energy"]])
        for wish in (metal, Wish(artists=(artist,)))
    )
    assert loud > quiet + 0.4


def test_one_thumb_changes_the_very_next_list(models: Models) -> None:
    wish = Wish(mood=("chill",))
    before = rows(models, wish)
    liked = models.catalog.track(before[5]).id
    up = rows(models, wish, Listener.of(models.catalog, [(liked, 1, 0.0)]))
    down = rows(models, wish, Listener.of(models.catalog, [(liked, -1, 0.0)]))
    assert before[5] not in up
    assert before[5] not in down
    assert len({tuple(before), tuple(up), tuple(down)}) == 3


def test_likes_lean_the_list_and_fade_with_age(models: Models) -> None:
    person = [("Enter Sandman by Metallica", 1, 0.0), ("Nuvole Bianche by Ludovico Einaudi", 1, 0.0)]

    def energy(*ages: float) -> float:
        aged = [(name, verdict, age) for (name, verdict, _), age in zip(person, ages, strict=True)]
        return float(
            np.mean(models.catalog.features[rows(models, Wish(count=20), rated(models, *aged)), COLUMN["energy"]])
        )

    assert energy(0, 10 * HALF_LIFE) > energy(10 * HALF_LIFE, 0) + 0.2


def test_a_dislike_turns_the_list_away_from_that_artist(models: Models) -> None:
    liked = ("Enter Sandman by Metallica", 1, 0.0)
    artist = models.catalog.artist[row(models, "Thunderstruck by AC/DC")]

    def best(person: Listener) -> float:
        scores = models.hybrid.score(models.recommender._taste(Wish(), person)).total
        return float(scores[models.catalog.artist == artist].max())

    down = rated(models, liked, ("Thunderstruck by AC/DC", -1, 0.0), ("Back In Black by AC/DC", -1, 0.0))
    assert best(down) < best(rated(models, liked))


def test_gems_are_known_to_few(models: Models) -> None:
    artist = models.artists.find("Radiohead")
    assert artist is not None
    known, gems = (models.recommender.recommend(Wish(artists=(artist,), gems=g)).picks for g in (False, True))
    assert np.mean([p.track.popularity or 0 for p in known]) > np.mean([p.track.popularity or 0 for p in gems]) + 20
    assert all(5 <= (p.track.popularity or 0) <= 45 for p in gems)


def test_a_room_speaks_once_enough_of_it_has_and_for_like_minded_members_first(models: Models) -> None:
    metal = (
        "Paranoid by Black Sabbath",
        "Ace of Spades by Motörhead",
        "Holy Diver by Dio",
        "Chop Suey! by System Of A Down",
    )
    piano = (
        "Clair de lune",
        "Experience by Ludovico Einaudi",
        "River Flows In You by Yiruma",
        "Comptine d'un autre été",
    )
    mine = ("Paranoid by Black Sabbath", 1, 0.0)
    lone = rated(models, mine, room=(metal,))
    assert lone.room == ()
    person = rated(models, mine, room=(metal, metal, piano))
    votes = person.liked_here(len(models.catalog))
    assert votes[row(models, "Holy Diver by Dio")] > votes[row(models, "Clair de lune")] > 0
    picks = models.recommender.recommend(Wish(count=20), person).picks
    assert any(pick.room == 2 for pick in picks)


def test_strangers_see_different_lists_and_each_the_same_one_again(models: Models) -> None:
    ann, bob = Listener.of(models.catalog, who="ann"), Listener.of(models.catalog, who="bob")
    wish = Wish(mood=("happy",))
    assert rows(models, wish, ann) == rows(models, wish, ann)
    assert rows(models, wish, ann) != rows(models, wish, bob)


@pytest.mark.parametrize("size", [0, 5, 50, 3000, 170_000])
def test_the_highest_are_exact_whatever_a_sample_suggests(size: int) -> None:
    rng = np.random.default_rng(size)
    draws = rng.random(size, np.float32)
    for scores in (draws, np.sort(draws), np.sort(draws)[::-1], np.round(4 * draws), np.zeros(size, np.float32)):
        order = np.lexsort((np.arange(size), -scores)).tolist()
        for count in (0, 1, 5, 88, 2500):
            assert highest(scores, min(count, size)).tolist() == order[: min(count, size)]


@pytest.mark.parametrize("size", [1, 50, 3000, 170_000])
def test_the_highest_below_their_ceilings_are_those_of_a_full_sort(size: int) -> None:
    rng = np.random.default_rng(size)
    rounded = np.round(8 * rng.random(size, np.float32))
    for ceilings in (rng.random(size, np.float32), np.sort(rounded), rounded, np.zeros(size, np.float32)):
        for falls in (-rng.random(size, np.float32), -np.round(rng.random(size, np.float32)), 0 * ceilings):
            order = highest(ceilings + falls, size)
            for count in {1, min(88, size), size}:
                found, scores = highest_below(ceilings, lambda at, falls=falls: falls[at], count)
                assert found.tolist() == order[:count].tolist()
                assert (scores == (ceilings + falls)[found]).all()
