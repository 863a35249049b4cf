"""Missing features are drawn from real tracks that agree on the given ones."""

import numpy as np
import pytest

from ml.completion import Completer
from ml.features import COLUMN, NAMES


@pytest.fixture(scope="module")
def completer() -> Completer:
    rng = np.random.default_rng(0)
    x = rng.random((2000, len(NAMES)))
    x[:, COLUMN["loudness"]] = x[:, COLUMN["energy"]] * 30 - 30  # loudness follows energy
    return Completer(x)


def test_a_whole_row_is_left_as_it_is(completer: Completer) -> None:
    row = completer.reference[3]
    assert np.array_equal(completer.complete(row), row[None, :])


def test_what_is_given_stays_and_what_is_missing_agrees_with_it(completer: Completer) -> None:
    row = np.full(len(NAMES), np.nan)
    row[COLUMN["energy"]] = 0.9
    filled = completer.complete(row, k=20)
    assert filled.shape == (20, len(NAMES))
    assert not np.isnan(filled).any()
    assert (filled[:, COLUMN["energy"]] == 0.9).all()
    assert filled[:, COLUMN["loudness"]] == pytest.approx(-3, abs=1)
    assert filled[:, COLUMN["valence"]].std() > 0.15


def test_nothing_given_means_any_track(completer: Completer) -> None:
    assert completer.complete(np.full(len(NAMES), np.nan), k=8).shape == (8, len(NAMES))


def test_the_typical_completion_is_one_of_them(completer: Completer) -> None:
    row = np.full(len(NAMES), np.nan)
    row[COLUMN["energy"]] = 0.2
    filled = completer.complete(row)
    assert any(np.array_equal(completer.typical(filled), f) for f in filled)


def test_many_rows_complete_like_each_alone(completer: Completer) -> None:
    x = completer.reference[:4].copy()
    x[1, COLUMN["valence"]] = np.nan
    x[2, [COLUMN["valence"], COLUMN["tempo"]]] = np.nan
    filled, owner = completer.complete_all(x, k=6)
    assert np.bincount(owner).tolist() == [1, 6, 6, 1]
    for i in range(4):
        alone = completer.complete(x[i], k=6)
        assert {tuple(row) for row in filled[owner == i]} == {tuple(row) for row in alone}
