"""Genres overlap as much as their sounds do, and the recipe leads from one to the other."""

import pytest

from ml.blend import Blend, blend
from ml.features import COLUMN
from ml.models import Models


def mixed(models: Models, a: str, b: str) -> Blend:
    found = blend(models.catalog, models.moods, (a, (a,)), (b, (b,)))
    assert found is not None
    return found


def test_near_genres_overlap_more_than_far_ones(models: Models) -> None:
    near, far = mixed(models, "techno", "trance"), mixed(models, "classical", "death-metal")
    assert 0 <= far.overlap < 0.1 < 0.3 < near.overlap <= 1


def test_a_blend_reads_the_same_from_the_other_side(models: Models) -> None:
    one, other = mixed(models, "pop", "edm"), mixed(models, "edm", "pop")
    assert one.overlap == pytest.approx(other.overlap, abs=0.02)
    assert [i.feature for i in one.recipe] == [i.feature for i in other.recipe]
    assert one.both == other.both


def test_the_axis_runs_from_0_in_a_to_1_in_b(models: Models) -> None:
    found = mixed(models, "pop", "edm")
    assert found.a_scores.mean() == pytest.approx(0, abs=1e-6)
    assert found.b_scores.mean() == pytest.approx(1, abs=1e-6)


def test_border_tracks_lie_halfway_and_belong_to_either(models: Models) -> None:
    found = mixed(models, "pop", "edm")
    assert len({track.artist for track, _ in found.border}) == len(found.border) > 0
    for track, score in found.border:
        assert {"pop", "edm"} & set(track.genres)
        assert 0.4 <= score <= 0.6


def test_the_recipe_gives_medians_that_differ(models: Models) -> None:
    first = mixed(models, "classical", "death-metal").recipe[0]
    assert first.feature == "acousticness"
    assert first.a > 0.9 > 0.1 > first.b
    rows = models.catalog.in_genre(["death-metal"])
    assert models.catalog.features[rows, COLUMN["acousticness"]].mean() < 0.1


def test_genres_that_share_their_tracks_cannot_be_blended(models: Models) -> None:
    pair = ("singer-songwriter", ("singer-songwriter",)), ("songwriter", ("songwriter",))
    assert blend(models.catalog, models.moods, *pair) is None
