"""The hybrid on the real catalogue: seeds pull, dislikes push, terms add up, and held-out playlists leave no trace."""

from pathlib import Path

import numpy as np
import pytest

from ml import listening, sources
from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.hybrid import TERMS, Hybrid
from ml.hybrid_training import Examples, describe, fit_weights, forget, rough_weights
from ml.models import Models
from ml.playlists import playlist_rows
from ml.sources import Sources
from ml.taste import Taste


@pytest.fixture(scope="module")
def world(data: Path) -> tuple[Sources, Hybrid]:
    loaded = sources.load(data)
    catalog = Catalog(Catalog.pack(loaded.tracks))
    space = ArtistSpace(ArtistSpace.pack(listening.load(data), catalog, loaded.tracks), catalog)
    return loaded, Hybrid(catalog, space, describe(loaded.tracks, catalog) | {"weights": rough_weights()})


@pytest.fixture(scope="module")
def hybrid(world: tuple[Sources, Hybrid]) -> Hybrid:
    return world[1]


def row(hybrid: Hybrid, text: str) -> int:
    track = hybrid.catalog.resolve(text)
    assert track is not None
    return track.row


def best(hybrid: Hybrid, taste: Taste, count: int = 50) -> np.ndarray:
    total = hybrid.score(taste).total.copy()
    total[taste.rows] = -np.inf
    return np.argsort(-total, kind="stable")[:count]


def in_family(hybrid: Hybrid, rows: np.ndarray, *genres: str) -> int:
    return int(hybrid.catalog.in_genre(genres)[rows].sum())


METAL = ("metal", "heavy-metal", "death-metal", "black-metal", "metalcore", "hard-rock")
PIANO = ("classical", "piano", "new-age", "ambient", "study", "sleep")


def test_seeds_pull_their_kind(hybrid: Hybrid) -> None:
    metal = best(hybrid, Taste.of([row(hybrid, "Enter Sandman by Metallica")]))
    piano = best(hybrid, Taste.of([row(hybrid, "Nuvole Bianche by Ludovico Einaudi")]))
    assert in_family(hybrid, metal, *METAL) >= 12 > in_family(hybrid, piano, *METAL)
    assert in_family(hybrid, piano, *PIANO) >= 12 > in_family(hybrid, metal, *PIANO)


def test_an_artist_is_a_seed_like_a_track(hybrid: Hybrid) -> None:
    slayer = hybrid.artists.find("Slayer")
    assert slayer is not None
    found = best(hybrid, Taste.of(artists=[slayer]))
    assert in_family(hybrid, found, *METAL) >= 20
    assert (hybrid.catalog.artist[found] == slayer).any()


def test_an_artist_known_from_listening_only_still_steers(hybrid: Hybrid) -> None:
    code = hybrid.artists.find("MALICE MIZER")
    assert code is not None
    assert code >= len(hybrid.catalog.artist_keys)
    assert hybrid.score(Taste.of(artists=[code])).total.std() > hybrid.score(Taste.of()).total.std()


def test_two_tastes_at_once_come_apart_and_keep_the_dislikes(hybrid: Hybrid) -> None:
    names = ("Enter Sandman by Metallica", "Nuvole Bianche by Ludovico Einaudi", "Paranoid by Black Sabbath")
    metal, piano, more_metal = (row(hybrid, name) for name in names)
    rows, weights = np.array([metal, piano, more_metal, 40]), np.array([1.0, 1.0, 1.0, -1.0])
    parts = hybrid.split(Taste(rows, weights, np.empty(0, np.intp), np.empty(0)))
    assert sorted(tuple(part.rows) for part in parts) == sorted([(metal, more_metal, 40), (piano, 40)])
    assert len(hybrid.split(Taste.of([metal, more_metal]))) == len(hybrid.split(Taste.of())) == 1


def test_a_dislike_lowers_the_track_and_its_artist(hybrid: Hybrid) -> None:
    liked, hated = row(hybrid, "Enter Sandman by Metallica"), row(hybrid, "Hells Bells by AC/DC")
    mixed = Taste(np.array([liked, hated]), np.array([1.0, -1.0]), np.empty(0, np.intp), np.empty(0))
    plain = hybrid.score(Taste.of([liked])).total
    pushed = hybrid.score(mixed).total
    same_artist = hybrid.catalog.by_artist(hybrid.catalog.artist[hated])
    rank = [np.argsort(np.argsort(-total))[same_artist].mean() for total in (plain, pushed)]
    assert rank[1] > rank[0]


def test_without_a_taste_popularity_alone_decides(hybrid: Hybrid) -> None:
    total = hybrid.score(Taste.of()).total
    known = hybrid.catalog.popularity >= 0
    order = np.argsort(hybrid.catalog.popularity[known], kind="stable")
    assert (np.diff(total[known][order]) >= 0).all()
    assert total.max() > total.min()


@pytest.mark.parametrize("seeds", [1, 3, 30])
def test_terms_add_up_to_the_total(hybrid: Hybrid, seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    taste = Taste(
        rng.choice(len(hybrid.catalog), seeds), rng.normal(size=seeds), rng.choice(len(hybrid.artists), 2), np.ones(2)
    )
    affinity = hybrid.score(taste)
    rows = np.append(rng.choice(len(hybrid.catalog), 300), hybrid.playlists.tracks.members[:300])
    terms = affinity.terms(rows)
    assert tuple(terms) == TERMS
    assert np.isfinite(affinity.total).all()
    np.testing.assert_allclose(sum(terms.values()), affinity.total[rows], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seeds", [1, 3, 30])
def test_no_total_is_above_its_ceiling_and_a_few_score_as_among_all(models: Models, seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    rows = rng.choice(len(models.catalog), seeds)
    affinity = models.hybrid.score(Taste(rows, rng.normal(size=seeds), np.array([3]), np.ones(1)))
    assert (affinity.ceiling(slice(None)) >= affinity.total).all()
    assert (affinity.ceiling(slice(None)) > affinity.total).any()
    some = rng.choice(len(models.catalog), 777)
    assert (affinity.ceiling(some) + affinity.sound(some) == affinity.total[some]).all()


def test_a_taste_scores_the_same_every_time(hybrid: Hybrid) -> None:
    taste = Taste.of([5, 900, 40_000], [17])
    assert hybrid.score(taste).total.tobytes() == hybrid.score(taste).total.tobytes()


def test_the_same_data_give_the_same_description(world: tuple[Sources, Hybrid]) -> None:
    loaded, hybrid = world
    first, second = (describe(loaded.tracks, hybrid.catalog) for _ in range(2))
    assert {name: column.tobytes() for name, column in first.items()} == {
        name: column.tobytes() for name, column in second.items()
    }


def test_a_forgotten_playlist_leaves_no_trace(world: tuple[Sources, Hybrid]) -> None:
    loaded, hybrid = world
    listed = playlist_rows(loaded.tracks, hybrid.catalog)
    gone = list(listed)[7]
    tracks, reduced, known = forget(loaded, hybrid.catalog, (loaded.rows.playlist_id == gone).to_numpy())
    left = playlist_rows(tracks, reduced)
    assert set(listed) - set(left) == {gone}
    assert all((left[name] == listed[name]).all() for name in left)
    alone = loaded.tracks.playlists.map(lambda held: held == (gone,)) & (loaded.tracks.sources.map(len) == 1)
    assert (~known).sum() == alone.sum() > 0
    undated = (reduced.year == 0) & (hybrid.catalog.year > 0)
    assert undated.any()
    assert set(np.flatnonzero(undated)) <= set(listed[gone])


def test_learning_finds_the_signal_that_tells() -> None:
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(4000, len(rough_weights()[0]))).astype(np.float32)
    query = np.repeat(np.arange(40), 100)
    right = np.zeros(4000, bool)
    right[[100 * q + signals[100 * q : 100 * q + 100, 4].argmax() for q in range(40)]] = True
    told = Examples(signals, query, right, np.ones(4000, np.float32), np.zeros(40, int), np.ones(40, int))
    weights = fit_weights(told)
    assert weights[4] > 5 * np.abs(np.delete(weights, 4)).max()
    assert fit_weights(told, np.arange(len(weights)) != 4)[4] == 0
