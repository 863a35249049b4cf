"""What a measurement is: a value with its split, its size and its interval; and the metrics the models share."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """One measured figure: never shown without its `split`.

    `low` and `high` bound 95 % when measured; `headline` marks the few that stand for a model.
    """

    model: str
    metric: str
    value: float
    split: str
    n: int
    low: float | None = None
    high: float | None = None
    note: str = ""
    headline: bool = False


def task(score: Score) -> str:
    """What was measured: the first word of the metric."""
    return score.metric.split()[0]


def expected_calibration_error(confidence: Array, correct: Array, bins: int = 15) -> float:
    """Mean |accuracy - confidence| over equal-width bins, weighted by size (Naeini et al. 2015)."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    size = np.bincount(index, minlength=bins)
    gap = np.bincount(index, correct - confidence, minlength=bins)
    return float(np.abs(gap).sum() / size.sum())


def bootstrap_by_artist(
    statistic: Callable[[NDArray[np.intp]], float], artists: NDArray, seed: int, draws: int = 200
) -> tuple[float, float]:
    """The 95 % percentile interval of `statistic(row positions)` when whole artists are drawn with replacement."""
    rng = np.random.default_rng(seed)
    codes = np.unique(artists, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(codes.max() + 2))
    members = [order[a:b] for a, b in itertools.pairwise(starts)]
    values = [
        statistic(np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))]))
        for _ in range(draws)
    ]
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))
