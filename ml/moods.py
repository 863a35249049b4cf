"""How far into a mood each track is: an additive score on the percentile ranks of its sound, and on what it is called.

What it is called, its genres and its artist's tags, is weighed in training and stored a number a track and mood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ml.features import COLUMN, NAMES
from ml.mood_table import MOODS

Array = NDArray[np.float32]
Ranks = Mapping[str, Array]
"""Feature name -> (n,) percentile rank in [0, 1] within the catalogue."""
WORD_STEP = np.float32(1 / 32)
"""What one step of the stored words is worth, in standard deviations of the sound's score."""
_LEVELS = 4001
_KEPT = 24  # moods and blends whose percentiles are kept, 0.3 MB each


def by_hand() -> Array:
    """(m, 14, 2) what each of `MOODS` asks of the lower and the upper half of each feature's ranks, before learning."""
    return np.array([[mood.pull.get(name, (0, 0)) for name in NAMES] for mood in MOODS.values()], np.float32)


@dataclass(frozen=True)
class MoodWeights:
    """What training learnt: `sound`, (m, 14, 2) as `by_hand`; `words`, (m, n) int8 steps, or None: sound alone."""

    sound: Array
    words: NDArray[np.int8] | None = None


class MoodScorer:
    """Percentile ranks of the catalogue's features, and how far each track is into each mood.

    Parameters
    ----------
    features : (n, 14) array, columns as `ml.features.NAMES`; NaN ranks in the middle.
    weights : what training learnt; without it the formulas set by hand, on the sound alone.
    """

    def __init__(self, features: NDArray[np.float32], weights: MoodWeights | None = None) -> None:
        self.features = features
        self.weights = weights or MoodWeights(by_hand())
        self._steps = lru_cache(_KEPT)(self._rank)

    @cached_property
    def _levels(self) -> dict[str, NDArray[np.float32]]:
        """The quantiles of each feature, fine enough for percentiles and small enough to keep."""
        at = np.linspace(0, 1, _LEVELS)
        return {
            name: np.quantile(column[~np.isnan(column)], at, method="inverted_cdf")
            for name, column in zip(NAMES, self.features.T, strict=True)
        }

    @cached_property
    def ranks(self) -> Ranks:
        """Percentile ranks of every track, one (n,) array a feature."""
        return {name: self.rank(name, self.features[:, COLUMN[name]]).astype(np.float32) for name in NAMES}

    def rank(self, feature: str, values: NDArray) -> NDArray[np.float64]:
        """Mid-rank percentile of `values` within the catalogue, in [0, 1]; 0.5 for NaN."""
        known = self._levels[feature]
        low, high = np.searchsorted(known, values, "left"), np.searchsorted(known, values, "right")
        return np.where(np.isnan(values), 0.5, (low + high) / 2 / len(known))

    def percentile(self, mood: str | Sequence[str]) -> Array:
        """How far into `mood` each track is: its percentile (0 to 1) among all tracks, so that .95 is the top 5 %.

        Several moods blend: the geometric mean of their percentiles, ranked anew.
        """
        return self._steps(_names(mood)).astype(np.float32) / np.float32(65535)

    def _rank(self, names: tuple[str, ...]) -> NDArray[np.uint16]:
        """Percentiles of the catalogue in one mood or a blend, in steps of 1 / 65,535."""
        return _ranked(self._score(names[0]) if len(names) == 1 else _mean([self.percentile(name) for name in names]))

    def _score(self, mood: str) -> Array:
        score = np.zeros(len(self.features), np.float32)
        for feature, (low, high) in zip(NAMES, self.weights.sound[_AT[mood]], strict=True):
            if low or high:
                lower, upper = halves(self.ranks[feature])
                score += low * lower + high * upper
        words = self.weights.words
        return score if words is None else score + WORD_STEP * words[_AT[mood]]


_AT = {mood: at for at, mood in enumerate(MOODS)}


def halves(ranks: Array) -> tuple[Array, Array]:
    """How much of the lower and of the upper half of the ranks each of `ranks` has passed, in [0, 1]."""
    doubled = 2 * ranks
    lower = np.minimum(doubled, 1)
    return lower, doubled - lower


def _names(mood: str | Sequence[str]) -> tuple[str, ...]:
    return (mood,) if isinstance(mood, str) else tuple(sorted(set(mood)))


def _mean(percentiles: Sequence[Array]) -> Array:
    """The geometric mean: a track must be in every mood, not far into one of them."""
    return np.exp(np.mean([np.log(np.maximum(p, 1e-3)) for p in percentiles], axis=0))


def _ranked(score: Array) -> NDArray[np.uint16]:
    """The catalogue's percentiles by `score`, in 65,536 steps of it: whole numbers that small sort ten times faster."""
    low, high = float(score.min()), float(score.max())
    steps = ((score - low) * (65535 / max(high - low, 1e-9))).astype(np.uint16)
    percentile = np.empty(len(score), np.uint16)
    percentile[np.argsort(steps, kind="stable")] = np.linspace(0, 65535, len(score)).round()
    return percentile
