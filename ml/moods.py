"""How far into a mood each track is: an additive score on the percentile ranks of its sound and on its genres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.features import COLUMN, NAMES
from ml.mood_table import MOODS

if TYPE_CHECKING:
    from ml.catalog import Catalog

Array = NDArray[np.float32]
Ranks = Mapping[str, Array]
"""Feature name -> (n,) percentile rank in [0, 1] within the catalogue."""
_LEVELS = 4001
_PLACES = 1001  # quantiles kept of a mood's scores, to place a demo among the catalogue
_KEPT = 24  # moods and blends whose percentiles are kept, 0.3 MB each


@dataclass(frozen=True)
class _Depths:
    """How deep in a mood the whole catalogue is: uint16 percentiles, and quantiles of the scores behind them."""

    percentile: NDArray[np.uint16]
    levels: Array


class MoodScorer:
    """Percentile ranks of the catalogue's features, and how far each track is into each mood.

    Parameters
    ----------
    features : (n, 14) array, columns as `ml.features.NAMES`; NaN ranks in the middle.
    catalog : where the tracks' genres and artists are read; without it the sound alone counts.
    """

    def __init__(self, features: NDArray[np.float32], catalog: Catalog | None = None) -> None:
        self.features = features
        self.catalog = catalog
        self._kept: dict[tuple[str, ...], _Depths] = {}

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
        return self._depths(_names(mood)).percentile.astype(np.float32) / np.float32(65535)

    def score_features(self, mood: str | Sequence[str], x: NDArray) -> Array:
        """How far into `mood` each row of `x`, (n, 14), is: its percentile (0 to 1) among the catalogue's tracks.

        The sound alone counts, so that a demo without a genre can be placed.
        """
        names = _names(mood)
        ranks = {name: self.rank(name, x[:, COLUMN[name]]).astype(np.float32) for name in NAMES}
        parts = [_place(_sound(name, ranks), self._depths((name,)).levels) for name in names]
        return parts[0] if len(names) == 1 else _place(_mean(parts), self._depths(names).levels)

    def _depths(self, names: tuple[str, ...]) -> _Depths:
        if names not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            single = len(names) == 1
            self._kept[names] = _deepen(
                self._score(names[0]) if single else _mean([self.percentile(name) for name in names])
            )
        return self._kept[names]

    def _score(self, mood: str) -> Array:
        score = _sound(mood, self.ranks)
        return score if self.catalog is None else score + _genre_score(mood, self.catalog)


def _names(mood: str | Sequence[str]) -> tuple[str, ...]:
    return (mood,) if isinstance(mood, str) else tuple(sorted(set(mood)))


def _sound(mood: str, ranks: Ranks) -> Array:
    """The part of a mood's score that the sound gives, (n,)."""
    score = np.zeros(len(ranks[NAMES[0]]), np.float32)
    for feature, (low, high) in MOODS[mood].pull.items():
        doubled = 2 * ranks[feature]
        lower = np.minimum(doubled, 1)
        score += np.float32(low) * lower + np.float32(high) * (doubled - lower)
    return score


def _genre_score(mood: str, catalog: Catalog) -> Array:
    """What the genres give, (n,) in [-1, 1]: a track's own, else those of its artist's other tracks, else 0."""
    fits, jars = MOODS[mood].fits.split(), MOODS[mood].jars.split()
    weight = np.array([(genre in fits) - (genre in jars) for genre in catalog.genres], np.float64)
    counts = np.diff(catalog.genre_start.astype(np.int64))
    tagged = np.flatnonzero(counts)
    own = np.add.reduceat(weight[catalog.genre_codes], catalog.genre_start[tagged].astype(np.int64)) / counts[tagged]
    artist = catalog.artist[tagged]
    size = int(catalog.artist.max()) + 1
    usual = np.bincount(artist, own, size) / np.maximum(np.bincount(artist, minlength=size), 1)
    score = usual.astype(np.float32)[catalog.artist]
    score[tagged] = own
    return score


def _mean(percentiles: Sequence[Array]) -> Array:
    """The geometric mean: a track must be in every mood, not far into one of them."""
    return np.exp(np.mean([np.log(np.maximum(p, 1e-3)) for p in percentiles], axis=0))


def _deepen(score: Array) -> _Depths:
    """Rank the catalogue by `score`, in 65,536 steps of it: whole numbers that small are sorted ten times faster."""
    low, high = float(score.min()), float(score.max())
    steps = ((score - low) * (65535 / max(high - low, 1e-9))).astype(np.uint16)
    order = np.argsort(steps, kind="stable")
    percentile = np.empty(len(score), np.uint16)
    percentile[order] = np.linspace(0, 65535, len(score)).round()
    return _Depths(percentile, score[order[np.linspace(0, len(score) - 1, _PLACES).round().astype(int)]])


def _place(score: Array, levels: Array) -> Array:
    """The percentiles of `score` among the catalogue's scores, of which `levels` are the quantiles."""
    return np.interp(score, levels, np.linspace(0, 1, len(levels))).astype(np.float32)
