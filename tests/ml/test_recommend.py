"""The recommender keeps its promises on any wish."""

import numpy as np
import pytest

from ml.features import COLUMN
from ml.models import Models
from ml.recommend import PER_ARTIST, Wish


def rows(models: Models, wish: Wish) -> list[int]:
    return [pick.track.row for pick in models.recommender.recommend(wish).picks]


@pytest.mark.parametrize(
    "wish",
    [
        Wish(mood="party", count=20),
        Wish(likes=(974, 12), count=20),
        Wish(genres=("techno",), count=20),
        Wish(mood="sleep", gems=True, count=20),
    ],
)
def test_two_an_artist_no_seed_no_repeat(models: Models, wish: Wish) -> None:
    chosen = rows(models, wish)
    assert len(set(chosen)) == 20
    assert not set(chosen) & set(wish.likes)
    assert np.bincount(models.catalog.artist[chosen]).max() <= PER_ARTIST


def test_pages_are_slices_of_one_list(models: Models) -> None:
    both = rows(models, Wish(mood="focus", count=20))
    assert (
        rows(models, Wish(mood="focus", count=10, page=1)) + rows(models, Wish(mood="focus", count=10, page=2)) == both
    )


def test_scores_fall_along_the_list(models: Models) -> None:
    scores = [pick.score for pick in models.recommender.recommend(Wish(mood="chill", count=20)).picks]
    assert scores == sorted(scores, reverse=True)


def test_every_filter_is_counted_in_order(models: Models) -> None:
    found = models.recommender.recommend(Wish(mood="sleep", ranges={"energy": (0.95, 1)}, years=(1990, 1999)))
    assert [name for name, _ in found.left] == ["year", "energy", "mood"]
    assert found.left[0][1] > found.left[1][1] > found.left[2][1] == 0
    assert found.picks == ()


def test_a_small_pool_is_used_up_and_no_further_page_promised(models: Models) -> None:
    narrow = Wish(genres=("romance",), ranges={"tempo": (119, 121)}, count=20)
    found = models.recommender.recommend(narrow)
    assert 0 < len(found.picks) < 20
    assert not found.more
    for pick in found.picks:
        assert 119 <= pick.track.features[COLUMN["tempo"]] <= 121


def test_likes_pull_towards_their_sound_and_family(models: Models) -> None:
    metal = models.catalog.resolve("Enter Sandman by Metallica")
    piano = models.catalog.resolve("Nuvole Bianche by Ludovico Einaudi")
    assert metal is not None
    assert piano is not None
    loud, quiet = (
        np.mean([models.catalog.features[row, COLUMN["energy"]] for row in rows(models, Wish(likes=(t.row,)))])
        for t in (metal, piano)
    )
    assert loud > quiet + 0.4
