"""Trend lines, their bands and forecasts have known answers on made-up catalogues."""

from types import SimpleNamespace

import numpy as np
import pytest

from ml.features import COLUMN, NAMES
from ml.trends import MIN_TRACKS, Series, change, forecast, series, theta


def catalog(years: np.ndarray, energy: np.ndarray, artist: np.ndarray) -> SimpleNamespace:
    features = np.full((len(years), len(NAMES)), 0.5, np.float32)
    features[:, COLUMN["energy"]] = energy
    return SimpleNamespace(
        features=features, year=years, decade=years // 10 * 10, month=np.ones(len(years), np.int8), artist=artist
    )


def line(values: np.ndarray, start: int = 1960) -> Series:
    periods = tuple(range(start, start + len(values)))
    near = tuple(values.tolist())
    return Series("x", periods, near, near, near, (100,) * len(values))


def test_means_and_counts_are_those_of_the_rows_asked_for() -> None:
    years = np.repeat(np.array([2000, 2001], np.int16), 40)
    energy = np.where(years == 2000, 0.25, 0.75)
    c = catalog(years, energy, np.arange(80))
    found = series(c, "energy", "year", np.ones(80, bool), "all")
    assert found.periods == (2000, 2001)
    assert found.mean == pytest.approx((0.25, 0.75))
    assert found.tracks == (40, 40)
    half = np.arange(80) % 40 < 35
    assert series(c, "energy", "year", half, "some", start=2001).tracks == (35,)


def test_a_point_needs_enough_tracks() -> None:
    years = np.array([2000] * MIN_TRACKS + [2001] * (MIN_TRACKS - 1), np.int16)
    found = series(catalog(years, np.zeros(len(years)), np.arange(len(years))), "energy", "year", years > 0, "all")
    assert found.periods == (2000,)


def test_the_band_counts_artists_not_songs() -> None:
    rng = np.random.default_rng(0)
    years = np.full(1000, 2000, np.int16)
    taste = rng.normal(0.5, 0.1, 50)
    same_artist = np.repeat(np.arange(50), 20)
    songs = taste[same_artist]  # twenty identical songs an artist: only fifty observations
    clustered = series(catalog(years, songs, same_artist), "energy", "year", years > 0, "all")
    independent = series(catalog(years, songs, np.arange(1000)), "energy", "year", years > 0, "all")
    width = clustered.high[0] - clustered.low[0]
    assert width == pytest.approx(2 * 1.96 * taste.std(ddof=1) / np.sqrt(50), rel=0.02)
    assert width == pytest.approx(np.sqrt(20) * (independent.high[0] - independent.low[0]), rel=0.05)


def test_theta_equals_the_reference_implementation() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    rng = np.random.default_rng(1)
    for _ in range(5):
        y = np.cumsum(rng.normal(0.1, 1, 60)) + 50
        reference = ThetaModel(y, period=1, deseasonalize=False).fit(use_mle=False)
        assert theta(y, 5) == pytest.approx(np.asarray(reference.forecast(5)), abs=0.15)


def test_a_straight_line_is_forecast_onwards_and_a_flat_one_flat() -> None:
    rising = forecast(line(np.arange(40.0)), 3)
    assert rising is not None
    assert rising.periods == (2000, 2001, 2002)
    assert 39 < rising.mean[0] < rising.mean[1] < rising.mean[2] < 43
    assert all(a < m < b for a, m, b in zip(rising.low, rising.mean, rising.high, strict=True))
    assert rising.error_ratio < 1
    flat = forecast(line(np.full(40, 7.0)), 3)
    assert flat is not None
    assert flat.mean == pytest.approx((7, 7, 7))


def test_the_interval_holds_what_it_promises_on_random_walks() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        walk = np.cumsum(rng.normal(0, 1, 64))
        ahead = forecast(line(walk[:60]), 1)
        assert ahead is not None
        held += ahead.low[0] <= walk[60] <= ahead.high[0]
    assert 140 <= held <= 182


def test_short_and_broken_histories_get_no_forecast() -> None:
    assert forecast(line(np.arange(10.0)), 5) is None
    gap = line(np.arange(40.0))
    broken = Series(
        "x", (*gap.periods[:30], *(p + 5 for p in gap.periods[30:])), gap.mean, gap.low, gap.high, gap.tracks
    )
    assert forecast(broken, 5) is None


def test_a_change_is_clear_only_outside_its_interval() -> None:
    steady = np.full(20, 5.0)
    wide = Series("x", tuple(range(20)), tuple(steady + np.linspace(0, 0.1, 20)), (4,) * 20, (6,) * 20, (50,) * 20)
    moved = change(wide)
    assert moved is not None
    assert not moved.clear
    jump = line(np.r_[np.zeros(10), np.ones(10)])
    found = change(jump)
    assert found is not None
    assert found.clear
    assert (found.before, found.after) == (0, 1)
    assert change(line(np.ones(1))) is None
