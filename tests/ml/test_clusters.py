"""Regions of sound: what belongs together is found, named by what sets it apart, and stays where it is."""

import numpy as np
import pytest

from ml.clusters import REGIONS, SOUND, ClusterModel
from ml.features import COLUMN, NAMES
from ml.models import Models


def blobs(size: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three kinds of sound, far apart, and which kind each row is."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.5, 0.02, (3 * size, len(NAMES)))
    kind = np.repeat(np.arange(3), size)
    x[kind == 1, COLUMN["liveness"]] += 0.4
    x[kind == 2, COLUMN["acousticness"]] += 0.4
    x[kind == 2, COLUMN["loudness"]] -= 0.4
    return x, kind


def test_three_kinds_of_sound_are_three_regions_and_are_named_by_them() -> None:
    x, kind = blobs()
    model = ClusterModel(k=3).fit(x)
    region = model.predict(x)
    assert [len(set(region[kind == k])) for k in range(3)] == [1, 1, 1]
    assert len(set(region)) == 3
    live, soft = (int(region[kind == k][0]) for k in (1, 2))
    assert model.traits(live, 1)[0].word == "live"
    assert model.name(live).startswith("live")
    assert {t.word for t in model.traits(soft, 2)} == {"acoustic", "quiet"}


def test_distances_are_those_of_the_standardised_space() -> None:
    x, _ = blobs()
    model = ClusterModel(k=3).fit(x)
    z = np.clip((x - x.mean(axis=0)) / x.std(axis=0), -3, 3)
    columns = [COLUMN[name] for name in SOUND]
    apart = np.linalg.norm(z[:, None, columns] - model.centroids_, axis=2)
    np.testing.assert_allclose(model.distances(x), apart, atol=1e-6)


def test_equal_traits_still_give_unequal_names() -> None:
    model = ClusterModel(k=4)
    model.centroids_ = np.tile(np.linspace(2, 1, len(SOUND)), (4, 1))
    assert len(set(model.names)) == 4


def test_the_shipped_regions_are_ten_of_different_names_two_to_four_words_long(models: Models) -> None:
    names = models.clusters.names
    assert len(names) == len(set(names)) == REGIONS
    assert all(2 <= len(name.replace("&", "").split()) <= 4 for name in names)
    sizes = np.bincount(models.clusters.predict(models.catalog.features), minlength=REGIONS)
    assert (np.diff(sizes) <= 0).all()


@pytest.mark.parametrize(
    ("track", "word"),
    [("Enter Sandman", "intense"), ("Clair de Lune", "quiet"), ("Stayin' Alive", "bright")],
)
def test_well_known_tracks_lie_where_one_would_look(models: Models, track: str, word: str) -> None:
    found = models.catalog.resolve(track)
    assert found is not None
    region = int(models.clusters.predict(np.array([found.features]))[0])
    assert word in [t.word for t in models.clusters.traits(region, 4)]
