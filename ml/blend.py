"""How much two genres overlap in sound, which tracks lie on the border, and what turns one into the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog, Track
from ml.clusters import SOUND
from ml.features import COLUMN
from ml.moods import MoodScorer

MIN_TRACKS = 30
_BINS = 60
_RIDGE = 1e-2  # of the mean variance, so that features that move together stay solvable


@dataclass(frozen=True)
class Ingredient:
    """One feature of the recipe: its median in either genre, and its share of the distance between them."""

    feature: str
    a: float
    b: float
    share: float


@dataclass(frozen=True)
class Blend:
    """Two genres on the one axis that tells them apart best: 0 is the middle of `a`, 1 the middle of `b`.

    `overlap` is the area their two distributions share: 0 apart, 1 the same. `both` counts tracks tagged as both.
    """

    a: str
    b: str
    overlap: float
    both: int
    a_scores: NDArray[np.float64]
    b_scores: NDArray[np.float64]
    border: tuple[tuple[Track, float], ...]
    recipe: tuple[Ingredient, ...]


def blend(
    catalog: Catalog, moods: MoodScorer, a: tuple[str, tuple[str, ...]], b: tuple[str, tuple[str, ...]]
) -> Blend | None:
    """Compare two (name, genres); None when either has fewer than `MIN_TRACKS` tracks of its own.

    The axis is Fisher's linear discriminant on percentile ranks of the sound features; the overlap is the overlapping
    coefficient of the two score histograms (Inman & Bradley 1989).
    """
    ranks = np.column_stack([moods.ranks[name] for name in SOUND]).astype(np.float64)
    in_a, in_b = catalog.in_genre(a[1]), catalog.in_genre(b[1])
    only_a, only_b = in_a & ~in_b, in_b & ~in_a
    if min(only_a.sum(), only_b.sum()) < MIN_TRACKS:
        return None
    xa, xb = ranks[only_a], ranks[only_b]
    gap = xb.mean(axis=0) - xa.mean(axis=0)
    within = (np.cov(xa.T) + np.cov(xb.T)) / 2
    weights = np.linalg.solve(within + _RIDGE * np.trace(within) / len(SOUND) * np.eye(len(SOUND)), gap)
    length = float(weights @ gap)
    score = (ranks - xa.mean(axis=0)) @ weights / length
    return Blend(
        a[0],
        b[0],
        _overlap(score[only_a], score[only_b]),
        int((in_a & in_b).sum()),
        score[only_a],
        score[only_b],
        _border(catalog, score, in_a | in_b),
        _recipe(catalog, only_a, only_b, weights * gap / length),
    )


def _overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    edges = np.linspace(min(a.min(), b.min()), max(a.max(), b.max()), _BINS + 1)
    shares = [np.histogram(scores, edges)[0] / len(scores) for scores in (a, b)]
    return float(np.minimum(*shares).sum())


def _border(
    catalog: Catalog, score: NDArray[np.float64], members: NDArray[np.bool_]
) -> tuple[tuple[Track, float], ...]:
    """The best-known tracks of either genre that lie halfway, one an artist."""
    halfway = np.flatnonzero(members & (np.abs(score - 0.5) < 0.1))
    _, first = np.unique(catalog.artist[halfway], return_index=True)  # rows are in order of popularity
    rows = np.sort(halfway[first])[:5]
    return tuple((catalog.track(int(row)), float(score[row])) for row in rows)


def _recipe(
    catalog: Catalog, only_a: NDArray[np.bool_], only_b: NDArray[np.bool_], shares: NDArray[np.float64]
) -> tuple[Ingredient, ...]:
    order = np.argsort(-shares, kind="stable")[:4]
    columns = [COLUMN[SOUND[i]] for i in order]
    medians = [np.nanmedian(catalog.features[rows][:, columns], axis=0) for rows in (only_a, only_b)]
    return tuple(
        Ingredient(SOUND[i], float(ma), float(mb), float(shares[i])) for i, ma, mb in zip(order, *medians, strict=True)
    )
