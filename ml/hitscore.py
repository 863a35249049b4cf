"""How much a track sounds like the hits of its era: a calibrated probability, why, and what to change first.

The flops it learned from were chosen among artists that never charted and from niche genres, so the score separates
mainstream from niche. It says "sounds like the hits of its era", never "will chart".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml import boosters
from ml.explain import Contribution, Explanation
from ml.features import BY_NAME, COLUMN, HIT_DECADES, NAMES, Matrix

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

FIRST_DECADE, LATEST_DECADE = HIT_DECADES[0], HIT_DECADES[-1]
CHANGEABLE: tuple[str, ...] = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "valence",
    "tempo",
    "duration_ms",
)
_AUDIO = tuple(n for n in NAMES if n != "explicit")  # the charts' data set does not know it
_RANKED = (*CHANGEABLE, "liveness")
_INPUTS = (*_AUDIO, "decade", *_RANKED)  # the last ones as ranks within the decade
_LEVELS = np.linspace(0, 1, 101)
_STEPS = 25  # values tried for one change
_NOTICEABLE = 0.02  # of a feature's range: nobody can aim for less
_ENOUGH = 0.9  # of the best gain: the nearest value that reaches it is advised, the rest is noise


@dataclass(frozen=True)
class Change:
    """One feature moved from `value` to `to` raises the score by `gain`, all others as they are."""

    feature: str
    value: float
    to: float
    gain: float


@dataclass(frozen=True)
class HitResult:
    """A hit score with its reasons; `percentile` is the share of that decade's tracks, hits and not, below it."""

    score: float
    decade: int
    percentile: float
    explanation: Explanation
    changes: tuple[Change, ...]


class HitModel:
    """Boosters that each held out other artists, averaged, and calibrated on the artists they held out.

    Parameters
    ----------
    folds : boosters, one a fold of artists
    rounds : trees a booster
    leaves : leaves a tree
    """

    def __init__(self, folds: int = 5, rounds: int = 200, leaves: int = 16) -> None:
        self.folds = folds
        self.rounds = rounds
        self.leaves = leaves

    def fit(self, rows: pd.DataFrame, seed: int = 0) -> HitModel:
        """Learn from the `rows` that have a `hit` label; those with any decade or year tell what their era is like.

        Needs the audio features, artist_key, decade, year and hit of `ml.sources.Sources.rows`.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold

        features = rows[list(NAMES)].to_numpy(float)
        era = np.where(rows.decade > 0, rows.decade, rows.year // 10 * 10).astype(int)
        era = np.where(era > 0, np.clip(era, FIRST_DECADE, LATEST_DECADE), 0)
        self.decades_ = np.unique(era[era > 0])
        self.levels_ = np.stack([np.quantile(features[era == d], _LEVELS, axis=0).T for d in self.decades_])

        known = rows.hit.notna().to_numpy()
        hit, artist = rows.hit.to_numpy(float)[known], rows.artist_key.to_numpy()[known]
        features, era = features[known], era[known]
        x = self._inputs(features, era)
        folds = GroupKFold(self.folds, shuffle=True, random_state=seed).split(x, groups=artist)
        trained, raw = [], np.empty(len(x))
        for fold, (train, held) in enumerate(folds):
            booster = boosters.train(
                x[train],
                hit[train],
                seed + fold,
                self.rounds,
                objective="binary",
                num_leaves=self.leaves,
                learning_rate=0.1,
                min_data_in_leaf=60,
                feature_fraction=0.4,
                max_bin=63,
            )
            raw[held] = np.asarray(booster.predict(x[held], raw_score=True))
            trained.append(booster)
        self.forest_ = boosters.forest(trained)
        line = LogisticRegression(C=np.inf).fit(raw[:, None], hit)
        self.slope_, self.intercept_ = float(line.coef_[0, 0]), float(line.intercept_[0])
        score = self._probability(raw)
        self.scores_ = {
            int(d): tuple(np.quantile(score[(era == d) & (hit == side)], _LEVELS) for side in (1, 0))
            for d in np.unique(era)
        }
        self.hit_ranges_ = {
            int(d): np.quantile(features[(era == d) & (hit == 1)], (0.05, 0.95), axis=0).T for d in np.unique(era)
        }
        return self

    def score(self, x: Matrix, decade: NDArray[np.integer]) -> Array:
        """P(a hit of its decade), (n,), of (n, 14) complete features and (n,) decades, clipped to those known.

        "Explicit" is not read and may be NaN. Hits were half of the tracks that taught it, not one in a thousand.
        """
        return self._probability(self.forest_.raw(self._inputs(x, decade)))

    def assess(self, x: Matrix, decade: int, k: int = 3) -> HitResult:
        """Everything about one (1, 14) track: score, rank in its decade, reasons and the `k` best changes."""
        explanation = self.explain(x, decade)
        percentile = self.percentile(explanation.score, decade)
        return HitResult(explanation.score, decade, percentile, explanation, self.best_changes(x, decade, k))

    def percentile(self, score: float, decade: int) -> float:
        """The share of the decade's tracks with a lower score, hits and others counting the same."""
        return float(np.mean([np.interp(score, levels, _LEVELS) for levels in self.era_scores(decade)]))

    def era_scores(self, decade: int) -> tuple[Array, Array]:
        """The 0 to 100 % quantiles of the scores of a decade's (hits, others), each scored while it was held out."""
        return self.scores_[self._nearest(decade)]

    def members(self, x: Matrix, decade: NDArray[np.integer]) -> Array:
        """What each booster alone would score, (folds, n): how far they disagree is how unsure the model is."""
        return self._probability(self.forest_.raw_of_members(self._inputs(x, decade)))

    def explain(self, x: Matrix, decade: int) -> Explanation:
        """Exact Shapley values of one (1, 14) track and its decade, in probability.

        They are exact in log-odds, where the model adds up, and then scaled by one factor for all, so that they add up
        to the score less its base. A feature's rank within the decade counts as the feature.
        """
        row = self._inputs(x, np.array([decade]))[0]
        gains = self.forest_.contributions(row)
        ends = np.array([self.forest_.base, self.forest_.base + gains.sum()])
        base, score = (float(p) for p in self._probability(ends))
        moved = float(ends[1] - ends[0])
        unit = (score - base) / moved if abs(moved) > 1e-9 else 0.0
        values = dict(zip(_INPUTS, row[: len(_AUDIO) + 1], strict=False))
        effects = dict.fromkeys(values, 0.0)
        for name, gain in zip(_INPUTS, gains * unit, strict=True):
            effects[name] += float(gain)
        found = sorted((Contribution(n, float(values[n]), e) for n, e in effects.items()), key=lambda c: -abs(c.effect))
        return Explanation(base, score, tuple(found))

    def sweep(self, x: Matrix, decade: int, feature: str, values: Array) -> Array:
        """Scores of one (1, 14) track with `feature` set to each of `values`, all else as it is."""
        varied = np.repeat(x, len(values), axis=0)
        varied[:, COLUMN[feature]] = values
        return self.score(varied, np.full(len(values), decade))

    def best_changes(
        self, x: Matrix, decade: int, k: int = 3, features: Sequence[str] = CHANGEABLE
    ) -> tuple[Change, ...]:
        """Up to `k` changes of one feature that raise the score of one (1, 14) track most, the largest gain first.

        Values tried lie where 90 % of that decade's hits do; of those nearly as good as the best, the nearest is given.
        """
        ranges = self.hit_ranges_[self._nearest(decade)]
        now = float(self.score(x, np.array([decade]))[0])
        changes = []
        for feature in features:
            value = float(x[0, COLUMN[feature]])
            low, high = ranges[COLUMN[feature]]
            tried: Array = np.linspace(low, high, _STEPS)
            tried = tried[np.abs(tried - value) >= _NOTICEABLE * (1 if BY_NAME[feature].is_share else high - low)]
            if not len(tried):
                continue
            if BY_NAME[feature].whole:
                tried = tried.round()
            gains = self.sweep(x, decade, feature, tried) - now
            if gains.max() <= 0:
                continue
            good = np.flatnonzero(gains >= _ENOUGH * gains.max())
            nearest = good[np.argmin(np.abs(tried[good] - value))]
            changes.append(Change(feature, value, float(tried[nearest]), float(gains[nearest])))
        return tuple(sorted(changes, key=lambda c: -c.gain)[:k])

    def _inputs(self, x: Matrix, decade: NDArray[np.integer]) -> Array:
        """The (n, 24) matrix the boosters read: audio, decade, and ranks within the decade."""
        era = np.abs(self.decades_[:, None] - decade).argmin(axis=0)
        ranks = np.empty((len(x), len(_RANKED)))
        for e in np.unique(era):
            rows = era == e
            for i, name in enumerate(_RANKED):
                levels, values = self.levels_[e, COLUMN[name]], x[rows, COLUMN[name]]
                below, upto = np.searchsorted(levels, values), np.searchsorted(levels, values, "right")
                ranks[rows, i] = (below + upto) / (2 * len(levels))  # the middle of a tie
        return np.column_stack([x[:, [COLUMN[n] for n in _AUDIO]], self.decades_[era], ranks])

    def _nearest(self, decade: int) -> int:
        return min(self.hit_ranges_, key=lambda known: abs(known - decade))

    def _probability(self, raw: Array) -> Array:
        return np.asarray(1 / (1 + np.exp(-(self.slope_ * raw + self.intercept_))))
