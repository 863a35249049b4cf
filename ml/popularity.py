"""The popularity to expect of a track: an 80 % interval from its audio, its genre if given, its artist if known.

Audio says little about popularity, so the interval is the answer, beside the usual range of the genre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml import boosters
from ml.explain import Contribution, Explanation
from ml.features import COLUMN, NAMES, Matrix

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

COVERAGE = 0.8
LEVELS: tuple[float, ...] = (0.1, 0.5, 0.9)
_HELD_OUT = 0.2  # of the artists, to calibrate the interval
_SHRINK = 1.0  # an artist's mean counts one more track, as popular as its genre
_INPUTS = (*NAMES, *("genre",) * (3 + len(LEVELS)), *("artist",) * 4)
_AUDIO, _GENRE, _ARTIST = len(NAMES), len(_INPUTS) - 4, len(_INPUTS)  # each head reads that many of the inputs


@dataclass(frozen=True)
class PopularityBand:
    """For n tracks, 0 to 100: what to `expect` on average, and the `low` and `high` ends of the 80 % interval."""

    expected: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class PopularityResult:
    """The band of one track beside what is usual: the 10 to 90 % range of its `genres`, or of all tracks for none.

    `explanation` says what moved the expected value.
    """

    expected: float
    low: float
    high: float
    genres: tuple[str, ...]
    usual_low: float
    usual_median: float
    usual_high: float
    explanation: Explanation


@dataclass(frozen=True)
class _Head:
    """What one state of knowledge allows: the mean, both quantiles, and how much to widen them."""

    mean: boosters.Forest
    low: boosters.Forest
    high: boosters.Forest
    widen: float

    def band(self, inputs: Array) -> Array:
        """Expected, low and high, (3, n)."""
        mean, low, high = (forest.raw(inputs) for forest in (self.mean, self.low, self.high))
        low, high = low - self.widen, high + self.widen
        return np.clip([mean, np.minimum(low, high), np.maximum(low, high)], 0, 100)


class PopularityModel:
    """Conformalised quantile regression, one head for each state of knowledge: audio; and genre; and artist.

    Romano, Patterson and Candès 2019: boosters learn the 10 and 90 % quantiles, and artists they never saw tell how far
    both must move for 80 % of tracks to lie between.

    Parameters
    ----------
    rounds : trees a forest
    leaves : leaves a tree
    """

    def __init__(self, rounds: int = 250, leaves: int = 24) -> None:
        self.rounds = rounds
        self.leaves = leaves

    def fit(self, rows: pd.DataFrame, seed: int = 0) -> PopularityModel:
        """Learn from the `rows` that have a genre label and a popularity.

        Needs the audio features, genre, popularity, artist_key and track_id of `ml.sources.Sources.rows`.
        """
        rows = rows[(rows.genre != "") & rows.popularity.notna()]
        x, y = rows[list(NAMES)].to_numpy(float), rows.popularity.to_numpy(float)
        artist = rows.artist_key.factorize()[0]
        held = np.random.default_rng(seed).random(artist.max() + 1)[artist] < _HELD_OUT
        self.genres_ = tuple(sorted(set(rows.genre)))
        genre = np.searchsorted(self.genres_, rows.genre)
        self.usual_ = _summary(y[~held])
        self.genre_usual_ = np.array([_summary(y[~held & (genre == g)]) for g in range(len(self.genres_))])
        inputs = self._inputs(x, self.genre_usual_[genre], artist_means(rows, rows))
        self.heads_ = {width: self._head(inputs[:, :width], y, held, seed) for width in (_AUDIO, _GENRE, _ARTIST)}
        return self

    def predict(
        self,
        x: Matrix,
        genre_weights: Array | None = None,
        artist: Array | None = None,
    ) -> PopularityBand:
        """The band of (n, 14) complete features; "explicit" may be NaN and then counts as no.

        Parameters
        ----------
        genre_weights : (n, genres) in the order of `genres_`; a row sums to 1, or is all 0 where no genre is given
        artist : (n, 4) as `artist_means` gives: mean popularity of the artist's other tracks, how many they are (0: the
            artist is unknown), and the same for those of them in the track's genre
        """
        inputs, width = self._known(x, genre_weights, artist)
        band = np.empty((3, len(x)))
        for known in np.unique(width):
            rows = width == known
            band[:, rows] = self.heads_[int(known)].band(inputs[rows, :known])
        return PopularityBand(*band)

    def assess(self, x: Matrix, genres: Sequence[str] = (), artist: Array | None = None) -> PopularityResult:
        """Everything about one (1, 14) track: its band, what is usual in its genres, and the reasons."""
        weights = self.weights(genres)
        band = self.predict(x, weights, artist)
        return PopularityResult(
            float(band.expected[0]),
            float(band.low[0]),
            float(band.high[0]),
            tuple(genres),
            *self.usual_range(genres),
            explanation=self.explain(x, weights, artist),
        )

    def weights(self, genres: Sequence[str]) -> Array:
        """A (1, genres) row for `predict` that spreads evenly over the names given; all 0 for none."""
        row = np.zeros((1, len(self.genres_)))
        row[0, [self.genres_.index(g) for g in genres]] = 1 / max(len(genres), 1)
        return row

    def usual_range(self, genres: Sequence[str] = ()) -> tuple[float, float, float]:
        """The 10, 50 and 90 % quantiles of the popularity of a genre's tracks; the mean over several, all for none."""
        summary = (self.weights(genres) @ self.genre_usual_)[0] if genres else self.usual_
        low, median, high = (float(v) for v in summary[-len(LEVELS) :])
        return low, median, high

    def explain(
        self,
        x: Matrix,
        genre_weights: Array | None = None,
        artist: Array | None = None,
    ) -> Explanation:
        """Exact Shapley values of one (1, 14) track's expected popularity, in points.

        "genre" and "artist" stand for all that was read of them, their value is their mean popularity.
        """
        inputs, width = self._known(x, genre_weights, artist)
        row, forest = inputs[0, : width[0]], self.heads_[int(width[0])].mean
        effects: dict[str, list[float]] = {}
        for name, value, gain in zip(_INPUTS, row, forest.contributions(row), strict=False):
            effects.setdefault(name, [float(value), 0.0])[1] += float(gain)
        found = sorted((Contribution(n, v, e) for n, (v, e) in effects.items()), key=lambda c: -abs(c.effect))
        return Explanation(forest.base, forest.base + sum(c.effect for c in found), tuple(found))

    def _head(self, inputs: Array, y: Array, held: NDArray[np.bool_], seed: int) -> _Head:
        """Train on the artists not `held` and widen the interval on those that are; the mean may learn from all."""
        params: dict[str, float] = {"num_leaves": self.leaves, "min_data_in_leaf": 80, "max_bin": 63}
        params |= {"learning_rate": 0.05, "feature_fraction": 0.7}

        def forest(rows: NDArray[np.bool_], **objective: Any) -> boosters.Forest:
            how: dict[str, Any] = {**params, **objective}
            return boosters.forest([boosters.train(inputs[rows], y[rows], seed, self.rounds, **how)])

        mean = forest(np.ones_like(held), objective="regression")
        low, high = (forest(~held, objective="quantile", alpha=alpha) for alpha in (LEVELS[0], LEVELS[-1]))
        outside = np.maximum(low.raw(inputs[held]) - y[held], y[held] - high.raw(inputs[held]))
        rank = min(1.0, COVERAGE * (1 + 1 / max(held.sum(), 1)))
        return _Head(mean, low, high, float(np.quantile(outside, rank, method="higher")))

    def _known(self, x: Matrix, genre_weights: Array | None, artist: Array | None) -> tuple[Array, NDArray[np.intp]]:
        """The inputs of all heads, and for each row how many of them are known: which head to ask."""
        weights = np.zeros((len(x), len(self.genres_))) if genre_weights is None else genre_weights
        artist = np.zeros((len(x), 4)) if artist is None else artist
        tagged = weights.sum(axis=1) > 0
        usual = np.where(tagged[:, None], weights @ self.genre_usual_, self.usual_)
        width = np.where(artist[:, 1] > 0, _ARTIST, np.where(tagged, _GENRE, _AUDIO))
        return self._inputs(x, usual, artist), width

    def _inputs(self, x: Matrix, usual: Array, artist: Array) -> Array:
        audio = x.copy()
        audio[:, COLUMN["explicit"]] = np.nan_to_num(audio[:, COLUMN["explicit"]])
        mean, count, mean_in_genre, count_in_genre = artist.T
        mean = (count * mean + _SHRINK * usual[:, 0]) / (count + _SHRINK)
        mean_in_genre = (count_in_genre * mean_in_genre + _SHRINK * mean) / (count_in_genre + _SHRINK)
        return np.column_stack([audio, usual, mean, count, mean_in_genre, count_in_genre])


def artist_means(known: pd.DataFrame, rows: pd.DataFrame) -> Array:
    """What the artist's `known` tracks tell about each of `rows`, leaving the track itself out, (n, 4).

    Mean popularity and number of all its other tracks, then of those with the row's genre.
    """
    parts = [_others(known, rows, keys) for keys in (["artist_key"], ["artist_key", "genre"])]
    return np.concatenate(parts, axis=1)


def _others(known: pd.DataFrame, rows: pd.DataFrame, keys: list[str]) -> Array:
    tracks = known.groupby([*keys, "track_id"], as_index=False).popularity.mean()
    totals = tracks.groupby(keys, as_index=False).popularity.agg(["sum", "size"])
    asked = rows[[*keys, "track_id"]].merge(totals, "left", keys).merge(tracks, "left", [*keys, "track_id"])
    count = asked["size"].fillna(0).to_numpy() - asked.popularity.notna().to_numpy()
    total = asked["sum"].fillna(0).to_numpy() - asked.popularity.fillna(0).to_numpy()
    return np.column_stack([np.where(count > 0, total / np.maximum(count, 1), 0), count])


def _summary(popularity: Array) -> Array:
    """What a genre tells about its tracks' popularity: mean, spread, share at 0, quantiles."""
    return np.array([popularity.mean(), popularity.std(), (popularity == 0).mean(), *np.quantile(popularity, LEVELS)])
