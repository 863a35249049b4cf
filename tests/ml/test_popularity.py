"""The popularity model on made-up tracks: a known spread that its interval must cover, and a genre it must use."""

import pickle

import numpy as np
import pandas as pd
import pytest

from ml.features import COLUMN, FEATURES, NAMES
from ml.popularity import PopularityModel, artist_means


def made_up(n: int = 5000, seed: int = 0) -> pd.DataFrame:
    """Pop is popular, drone is not; energetic tracks are harder to tell; some artists are better known."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({f.name: rng.uniform(f.low, f.high, n) for f in FEATURES})
    rows["genre"] = rng.choice(["drone", "pop"], n)
    artist = rng.integers(0, n // 4, n)
    fame = rng.normal(0, 6, n // 4)[artist]
    spread = np.where(rows.energy > 0.5, 12, 3)
    rows["popularity"] = np.clip(np.where(rows.genre == "pop", 60, 35) + fame + rng.normal(0, spread), 0, 100)
    return rows.assign(artist_key=[f"{seed} {a}" for a in artist], track_id=[f"{seed} {i}" for i in range(n)])


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return made_up()


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame) -> PopularityModel:
    return PopularityModel(rounds=60, leaves=8).fit(rows, 1)


@pytest.fixture(scope="module")
def fresh() -> pd.DataFrame:
    return made_up(seed=7)


def features(rows: pd.DataFrame) -> np.ndarray:
    return rows[list(NAMES)].to_numpy(float, copy=True)


def one_hot(model: PopularityModel, rows: pd.DataFrame) -> np.ndarray:
    return np.vstack([model.weights((genre,)) for genre in rows.genre])


def covered(band, rows: pd.DataFrame) -> np.ndarray:
    return (band.low <= rows.popularity) & (rows.popularity <= band.high)


def test_the_band_is_ordered_bounded_and_one_a_row(model, fresh):
    band = model.predict(features(fresh), one_hot(model, fresh))
    assert band.expected.shape == band.low.shape == band.high.shape == (len(fresh),)
    assert np.all((band.low >= 0) & (band.low <= band.high) & (band.high <= 100))


@pytest.mark.parametrize("with_genre", [False, True])
def test_the_interval_covers_80_percent_of_new_artists(model, fresh, with_genre):
    band = model.predict(features(fresh), one_hot(model, fresh) if with_genre else None)
    assert covered(band, fresh).mean() == pytest.approx(0.8, abs=0.04)


def test_the_interval_is_wide_only_where_the_spread_is(model, fresh):
    band = model.predict(features(fresh), one_hot(model, fresh))
    width, loud = band.high - band.low, fresh.energy > 0.5
    assert width[loud].mean() > 1.4 * width[~loud].mean()
    assert covered(band, fresh)[loud].mean() == pytest.approx(covered(band, fresh)[~loud].mean(), abs=0.1)


def test_knowing_more_narrows_the_interval(model, rows, fresh):
    x, weights = features(rows), one_hot(model, rows)
    bands = [model.predict(x), model.predict(x, weights), model.predict(x, weights, artist_means(rows, rows))]
    widths = [(band.high - band.low).mean() for band in bands]
    errors = [np.abs(band.expected - rows.popularity).mean() for band in bands]
    assert widths[0] > widths[1] > widths[2]
    assert errors[0] > errors[1] > errors[2]


def test_weights_of_zero_and_counts_of_zero_mean_unknown(model, fresh):
    x = features(fresh)[:50]
    expected = model.predict(x).expected
    np.testing.assert_array_equal(model.predict(x, np.zeros((50, 2)), np.zeros((50, 4))).expected, expected)
    assert not np.array_equal(model.predict(x, one_hot(model, fresh[:50])).expected, expected)


def test_rows_of_different_knowledge_mix(model, fresh):
    x, weights = features(fresh)[:40], one_hot(model, fresh[:40])
    weights[::2] = 0
    mixed = model.predict(x, weights)
    np.testing.assert_array_equal(mixed.low[::2], model.predict(x).low[::2])
    np.testing.assert_array_equal(mixed.low[1::2], model.predict(x, one_hot(model, fresh[:40])).low[1::2])


def test_explicit_may_be_missing(model, fresh):
    unknown, no = features(fresh)[:20], features(fresh)[:20]
    unknown[:, COLUMN["explicit"]], no[:, COLUMN["explicit"]] = np.nan, 0
    np.testing.assert_array_equal(model.predict(unknown).expected, model.predict(no).expected)
    assert np.isnan(unknown[:, COLUMN["explicit"]]).all(), "the caller's matrix stays as it was"


def test_the_usual_range_is_the_genre_s_own(model, rows):
    low, median, high = model.usual_range(("pop",))
    assert (low, median, high) == pytest.approx(
        np.quantile(rows.popularity[rows.genre == "pop"], [0.1, 0.5, 0.9]), abs=2
    )
    assert model.usual_range(("drone",))[2] < median
    assert model.usual_range(("drone",))[1] < model.usual_range(("drone", "pop"))[1] < median
    assert model.usual_range()[1] == pytest.approx(rows.popularity.median(), abs=2)


def test_contributions_add_up_and_name_the_genre(model, fresh):
    x = features(fresh)[:1]
    explanation = model.explain(x, model.weights(("drone",)))
    assert explanation.base + sum(c.effect for c in explanation.contributions) == pytest.approx(explanation.score)
    assert explanation.score == pytest.approx(model.predict(x, model.weights(("drone",))).expected[0])
    assert explanation.contributions[0].feature == "genre"
    assert explanation.contributions[0].effect < -8
    assert "genre" not in {c.feature for c in model.explain(x).contributions}


def test_assess_says_it_all_for_one_track(model, fresh):
    x = features(fresh)[:1]
    result = model.assess(x, ("pop",))
    assert result.low <= result.expected <= result.high
    assert (result.usual_low, result.usual_median, result.usual_high) == model.usual_range(("pop",))
    assert model.assess(x, ("pop",), np.array([[95.0, 30, 95, 30]])).expected > result.expected + 5, (
        "a known artist counts"
    )


def test_same_seed_same_band_also_after_pickling(model, rows, fresh):
    x = features(fresh)
    again = PopularityModel(rounds=60, leaves=8).fit(rows, 1)
    for twin in (again, pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin.predict(x).low, model.predict(x).low)


def test_artist_means_leave_the_track_itself_out():
    known = pd.DataFrame(
        {
            "artist_key": ["a", "a", "a", "b"],
            "track_id": ["1", "1", "2", "3"],
            "genre": ["pop", "soul", "pop", "pop"],
            "popularity": [10.0, 10.0, 40.0, 7.0],
        }
    )
    expected = [[40, 1, 40, 1], [40, 1, 0, 0], [10, 1, 10, 1], [0, 0, 0, 0]]
    np.testing.assert_array_equal(artist_means(known, known), expected)
    new = pd.DataFrame({"artist_key": ["a", "c"], "track_id": ["9", "8"], "genre": ["soul", "pop"]})
    np.testing.assert_array_equal(artist_means(known, new), [[25, 2, 10, 1], [0, 0, 0, 0]])
