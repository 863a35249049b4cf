"""The map of sounds: alike lie near, new sounds lie with theirs, and its facts are those of the catalogue."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ml import sound_map
from ml.clusters import ClusterModel
from ml.models import Models
from ml.sound_map import SoundMap
from ml.terrain import TALL, WIDE, Terrain
from tests.ml.test_clusters import blobs


@pytest.fixture(scope="module")
def small() -> tuple[SoundMap, np.ndarray]:
    """A map of three kinds of sound, half of its tracks landmarks."""
    x, kind = blobs(150)
    catalog: Any = SimpleNamespace(features=x.astype(np.float32))
    clusters = ClusterModel(k=3).fit(x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound_map, "LANDMARKS", 225)
        columns = SoundMap.pack(catalog, clusters, seed=1)
        again = SoundMap.pack(catalog, clusters, seed=1)
    assert all((columns[name] == again[name]).all() for name in columns)
    return SoundMap(columns, catalog, clusters), kind


def test_every_track_lies_among_its_kind_landmark_or_not(small: tuple[SoundMap, np.ndarray]) -> None:
    found, kind = small
    assert 0 < len(found.landmarks) < len(kind)
    apart = np.linalg.norm(found.coordinates[:, None] - found.coordinates, axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = np.argsort(apart, axis=1)[:, :5]
    assert (kind[nearest] == kind[:, None]).mean() > 0.99


def test_a_new_sound_lies_among_its_kind(small: tuple[SoundMap, np.ndarray]) -> None:
    found, kind = small
    x, new = blobs(40, seed=9)
    apart = np.linalg.norm(found.place(x)[:, None] - found.coordinates, axis=2)
    assert (kind[apart.argmin(axis=1)] == new).mean() > 0.97


def test_no_place_lies_in_the_sea_between_islands() -> None:
    """Seven landmarks on one island and three on another: the mean would fall between them."""
    places = np.array([[[0.0, 0.0]] * 7 + [[1.0, 1.0]] * 3])
    settled = sound_map._settle(places, np.ones((1, 10)))
    np.testing.assert_allclose(settled, [[0, 0]], atol=1e-6)


def test_a_demo_with_a_track_s_features_lies_on_the_track(models: Models) -> None:
    some = np.random.default_rng(0).choice(len(models.catalog), 300, replace=False)
    placed = models.sound_map.place(models.catalog.features[some])
    off = np.linalg.norm(placed - models.sound_map.coordinates[some], axis=1)
    assert np.quantile(off, 0.98) < 0.01  # of a map 2 wide; a few lie between two islands of equal weight


def test_neighbours_on_the_map_are_neighbours_in_sound(models: Models) -> None:
    from sklearn.manifold import trustworthiness

    z = models.clusters.standardise(models.catalog.features)
    some = np.random.default_rng(0).choice(len(z), 2000, replace=False)
    assert trustworthiness(z[some], models.sound_map.coordinates[some], n_neighbors=5) > 0.95


def test_a_centre_is_typical_and_a_point_between_two_regions_is_on_their_border(models: Models) -> None:
    clusters = models.clusters
    z = clusters.standardise(models.catalog.features)
    rows = np.flatnonzero(models.sound_map.region == 0)
    middle = rows[np.square(z[rows] - clusters.centroids_[0]).sum(axis=1).argmin()]
    spot = models.sound_map.locate(models.catalog.features[[middle]])
    assert (spot.region, spot.border) == (0, False)
    assert spot.typical > 0.99
    near = clusters.distances(models.catalog.features)
    near.sort(axis=1)
    halfway = int((near[:, 0] / near[:, 1]).argmax())
    assert models.sound_map.locate(models.catalog.features[[halfway]]).border


def test_the_nearest_known_tracks_are_known_alike_and_by_others(models: Models) -> None:
    catalog = models.catalog
    track = catalog.resolve("Enter Sandman")
    assert track is not None
    rows = models.sound_map.nearest_known(np.array([track.features]), 5, without=track.row)
    artists = catalog.artist[rows].tolist()
    assert len(set(artists)) == 5
    assert catalog.artist[track.row] not in artists
    assert (catalog.popularity[rows] > 60).all()
    z = models.clusters.standardise(catalog.features)
    apart = np.linalg.norm(z - z[track.row], axis=1)
    assert apart[rows].max() < np.quantile(apart, 0.02)


def test_terrain_is_deepest_where_tracks_are_and_belongs_to_them() -> None:
    rng = np.random.default_rng(3)
    left, right = rng.normal(-0.6, 0.05, (900, 2)), rng.normal(0.6, 0.05, (100, 2))
    terrain = Terrain.of(np.concatenate([left, right]), np.repeat([0, 1], [900, 100]), 3)
    assert terrain.level.shape == terrain.region.shape == (TALL, WIDE)
    for k, centre in ((0, -0.6), (1, 0.6)):
        across, down = terrain.cells(np.array([[centre, centre]]))[0].astype(int)
        assert terrain.level[down, across] >= 1
        assert terrain.region[down, across] == k
        assert np.abs(terrain.middles[k] - (across, down)).max() < 60
    assert np.isnan(terrain.middles[2]).all()
    assert terrain.level[TALL // 2, WIDE // 2] == 0
    across, down = terrain.cells(np.array([[-0.6, -0.6], [0.6, 0.6]])).T
    assert across[0] < across[1]
    assert down[0] > down[1]  # up is up


def test_regions_add_up_to_the_catalogue(models: Models) -> None:
    regions = list(models.regions)
    assert sum(r.size for r in regions) == len(models.catalog)
    assert sum(r.share for r in regions) == pytest.approx(1)
    charted = sum(r.charted for r in regions)
    assert sum(r.hit_share * r.charted for r in regions) / charted == pytest.approx(models.regions.hit_share)
    for region in regions:
        best = models.catalog.popularity[list(region.best_known)]
        assert len(set(models.catalog.artist[list(region.best_known)].tolist())) == 3
        assert (np.diff(best) <= 0).all()


def test_over_represented_genres_are_counted_as_one_would(models: Models) -> None:
    catalog, region = models.catalog, models.regions[0]
    genre, lift = region.genres[0]
    tagged = catalog.in_genre([genre])
    inside = models.sound_map.region == region.index
    labels = np.diff(catalog.genre_start)
    plain = (tagged & inside).sum() / labels[inside].sum() / (tagged.sum() / labels.sum())
    assert lift == pytest.approx(plain, rel=0.1)
    assert lift == max(lift for _, lift in region.genres)


def test_under_served_means_few_hits_and_more_love_than_expected(models: Models) -> None:
    gaps = models.regions.gaps
    assert gaps
    for gap in gaps:
        assert gap.hit_share < models.regions.hit_share
        assert gap.love > gap.expected
        assert gap.charted >= 100
        assert models.sound_map.region[gap.row] in range(len(models.regions))
