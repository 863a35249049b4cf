"""The artist space learned from the real counts: known neighbours, newcomers, dislikes, artists nobody heard, gems."""

from pathlib import Path

import numpy as np
import pytest

from ml import listening, sources
from ml.artists import ArtistSpace
from ml.catalog import Catalog

Columns = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def catalog_and_columns(data: Path) -> tuple[Catalog, Columns]:
    tracks = sources.load(data).tracks
    catalog = Catalog(Catalog.pack(tracks))
    return catalog, ArtistSpace.pack(listening.load(data), catalog, tracks)


@pytest.fixture(scope="module")
def space(catalog_and_columns: tuple[Catalog, Columns]) -> ArtistSpace:
    catalog, columns = catalog_and_columns
    return ArtistSpace(columns, catalog)


def codes(space: ArtistSpace, *names: str) -> np.ndarray:
    found = [space.find(name) for name in names]
    assert None not in found
    return np.array(found, np.intp)


def test_the_catalogue_comes_first_then_who_is_known_from_listening_only(space: ArtistSpace) -> None:
    known = len(space.catalog.artist_keys)
    assert space.find("the beatles") == space.catalog.find_artist("Beatles")
    assert space.find("no such artist at all") is None
    only_heard = space.find("MALICE MIZER")
    assert only_heard is not None
    assert known <= only_heard < len(space)
    assert space.name(only_heard) == "MALICE MIZER"


def test_every_artist_has_a_name_that_finds_it_or_its_namesake(space: ArtistSpace) -> None:
    some = np.random.default_rng(0).choice(len(space), 500, replace=False)
    assert sum(space.find(space.name(code)) == code for code in some) >= 495


@pytest.mark.parametrize(
    ("one", "near"),
    [
        ("Megadeth", "Metallica, Iron Maiden, Slayer, Pantera, Anthrax, Judas Priest, Black Sabbath"),
        ("Miles Davis", "John Coltrane, Thelonious Monk, Charles Mingus, Herbie Hancock, Chet Baker"),
    ],
)
def test_those_their_fans_also_play_stand_above_those_they_rarely_do(space: ArtistSpace, one: str, near: str) -> None:
    scores = space.scores(codes(space, one), np.ones(1))
    close = scores[codes(space, *near.split(", "))]
    far = scores[codes(space, "Lady Gaga", "Black Eyed Peas", "Katy Perry", "Britney Spears")]
    assert np.median(close) > far.max()


def test_nothing_of_the_history_comes_back_and_scores_fall(space: ArtistSpace) -> None:
    history = codes(space, "Radiohead", "Björk", "MALICE MIZER")
    found, scores = space.recommend(history, np.array([900.0, 20.0, 3.0]), 50)
    assert len(set(found.tolist())) == 50
    assert not set(found.tolist()) & set(history.tolist())
    assert (np.diff(scores) <= 0).all()


def test_the_smaller_part_of_a_taste_is_served_too(space: ArtistSpace) -> None:
    rock = ("Coldplay", "Muse", "The Killers", "Radiohead", "The Beatles", "Oasis", "U2")
    history = codes(space, *rock, "Burzum", "Darkthrone", "Immortal")
    found = {space.name(code) for code in space.recommend(history, np.ones(10), 15)[0]}
    assert len(found & {"Behemoth", "Marduk", "Mayhem", "Gorgoroth", "Emperor", "Satyricon", "Enslaved"}) >= 3
    assert len(found & {"Arctic Monkeys", "Blur", "Franz Ferdinand", "Keane", "Kings of Leon", "The Strokes"}) >= 3


def test_a_dislike_pushes_its_kind_down(space: ArtistSpace) -> None:
    likes = codes(space, "Madonna", "Radiohead")
    before = space.scores(likes, np.array([1.0, 1.0]))
    after = space.scores(likes, np.array([1.0, -1.0]))
    (muse,) = codes(space, "Muse")
    assert after[muse] < before[muse] - 1


def test_scores_compare_between_people(space: ArtistSpace) -> None:
    for names in (("Madonna",), ("Metallica", "Slayer", "Aphex Twin"), ("Miles Davis",)):
        scores = space.scores(codes(space, *names), np.ones(len(names)))
        assert np.isfinite(scores).all()
        assert abs(scores[space.heard].mean()) < 0.1
        assert 0.8 < scores[space.heard].std() < 2


def test_an_artist_nobody_listened_to_stands_among_its_like(space: ArtistSpace) -> None:
    (unheard,) = codes(space, "Greta Van Fleet")  # formed after the counts were taken
    assert not space.heard[unheard]
    rock, pop = codes(space, "Led Zeppelin", "AC/DC", "Deep Purple"), codes(space, "Britney Spears", "Rihanna", "Ke$ha")
    of_rock, of_pop = (space.scores(seeds, np.ones(3)) for seeds in (rock, pop))
    assert of_rock[unheard] > of_pop[unheard] + 0.5
    assert (of_rock[~space.heard] < of_rock[unheard]).mean() > 0.95


def test_artists_nobody_heard_leave_the_top_to_the_others(space: ArtistSpace) -> None:
    tops = [
        space.recommend(codes(space, *pair), np.ones(2), 10)[0] for pair in (("Muse", "Coldplay"), ("Tool", "Korn"))
    ]
    assert space.heard[np.concatenate(tops)].mean() >= 0.9


def test_gems_lead_to_lesser_known_artists(space: ArtistSpace) -> None:
    histories = [
        codes(space, *names) for names in (("Coldplay", "Muse", "The Killers"), ("Metallica", "Slayer", "Tool"))
    ]
    fame = []
    for gems in (0.0, 0.5, 1.0):
        found = np.concatenate([space.recommend(history, np.ones(3), 20, gems)[0] for history in histories])
        fame.append(np.log(space.listeners[found]).mean())
    assert fame[0] > fame[1] > fame[2]


@pytest.mark.parametrize("weights", [[], [0.0]])
def test_without_a_history_nothing_is_preferred(space: ArtistSpace, weights: list[float]) -> None:
    assert not space.scores(np.arange(len(weights)), np.array(weights)).any()


def test_the_same_data_gives_the_same_bytes(
    data: Path, catalog_and_columns: tuple[Catalog, Columns], space: ArtistSpace
) -> None:
    catalog, columns = catalog_and_columns
    again = ArtistSpace.pack(listening.load(data), catalog, sources.load(data).tracks)
    assert {name: array.tobytes() for name, array in again.items()} == {n: a.tobytes() for n, a in columns.items()}
