"""Moods and activities as formulas on percentile ranks of the audio features: geometric means of what each asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ml.features import COLUMN, NAMES

Ranks = Mapping[str, NDArray[np.float32]]
"""Feature name -> (n,) percentile rank in [0, 1] within the catalogue."""
Formula = Callable[[Ranks], list[NDArray[np.float32]]]

MOODS: Mapping[str, Formula] = {
    "energetic": lambda r: [r["energy"], r["loudness"], 0.5 + 0.5 * r["tempo"], 1 - 0.5 * r["acousticness"]],
    "happy": lambda r: [r["valence"], r["valence"], 0.4 + 0.6 * r["danceability"], 0.4 + 0.6 * r["energy"]],
    "sad": lambda r: [
        1 - r["valence"],
        1 - r["energy"],
        0.4 + 0.6 * r["acousticness"],
        1 - 0.5 * r["instrumentalness"],
    ],
    "chill": lambda r: [
        1 - r["energy"],
        1 - r["loudness"],
        1 - 0.5 * r["liveness"],
        0.6 + 0.4 * r["acousticness"],
        1 - np.abs(r["danceability"] - 0.6),
    ],
    "calm": lambda r: [1 - r["energy"], 1 - r["loudness"], 0.4 + 0.6 * r["acousticness"], 1 - 0.5 * r["speechiness"]],
    "focus": lambda r: [
        1 - r["loudness"],
        1 - 0.5 * r["speechiness"],
        0.3 + 0.7 * r["instrumentalness"],
        1 - 0.5 * r["liveness"],
        1 - 0.6 * r["energy"],
    ],
    "party": lambda r: [
        r["danceability"],
        r["energy"],
        r["loudness"],
        1 - r["instrumentalness"],
        1 - 0.5 * r["acousticness"],
    ],
    "dance": lambda r: [r["danceability"], r["danceability"], 0.4 + 0.6 * r["energy"], 1 - 0.6 * r["acousticness"]],
    "workout": lambda r: [r["energy"], 0.4 + 0.6 * r["danceability"], 0.4 + 0.6 * r["tempo"], r["loudness"]],
    "romantic": lambda r: [
        r["acousticness"],
        1 - r["energy"],
        1 - 0.6 * r["speechiness"],
        1 - 0.7 * r["instrumentalness"],
        1 - 0.6 * np.abs(r["valence"] - 0.45),
    ],
    "sleep": lambda r: [
        1 - r["energy"],
        1 - r["energy"],
        1 - r["loudness"],
        1 - r["danceability"],
        0.4 + 0.6 * r["instrumentalness"],
    ],
    "angry": lambda r: [r["energy"], r["loudness"], 1 - 0.8 * r["valence"], 1 - r["acousticness"]],
}


_LEVELS = 4001


class MoodScorer:
    """Percentile ranks of the catalogue's features, and how far each track is into each mood.

    Parameters
    ----------
    features : (n, 14) array, columns as `ml.features.NAMES`; NaN ranks in the middle.
    """

    def __init__(self, features: NDArray[np.float32]) -> None:
        self.features = features
        self._moods: dict[str, NDArray[np.float32]] = {}

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

    def percentile(self, mood: str) -> NDArray[np.float32]:
        """How far into `mood` each track is: its percentile (0 to 1) among all tracks, so that .95 is the top 5 %."""
        if mood not in self._moods:
            terms = np.clip(MOODS[mood](self.ranks), 1e-3, 1)
            score = np.log(terms).mean(axis=0)
            order = np.empty(len(score), np.float32)
            order[np.argsort(score, kind="stable")] = np.linspace(0, 1, len(score), dtype=np.float32)
            self._moods[mood] = order
        return self._moods[mood]
