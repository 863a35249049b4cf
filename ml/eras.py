"""Which era a sound resembles: how far the decades of a genre lie apart, and whether an old one has come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.features import COLUMN
from ml.trends import MIN_TRACKS

Array = NDArray[np.float64]

SOUND: tuple[str, ...] = (
    "danceability", "energy", "loudness", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms",
)  # fmt: skip
"""The features a sound is made of here: those that have a mean; durations count by their logarithm."""
_DRAWS = 200
SURE = 0.9


@dataclass(frozen=True)
class Moved:
    """A feature between the first decade and the last: its means, and the difference in standard deviations."""

    feature: str
    before: float
    after: float
    deviations: float


@dataclass(frozen=True)
class Eras:
    """The decades of one sound, in order; the last is today's.

    `distance` is (n, n): the root mean square over `SOUND` of the difference of means, in standard deviations of the
    catalogue, less what sampling alone would give. `sure` is, of the era nearest to today's, the share of resampled
    catalogues (whole artists drawn) that name it too. `back` is an era that today's sound is nearer to than to one that
    came between, in `SURE` of them at least; `passed` are the eras between that are further away.
    """

    decades: tuple[int, ...]
    tracks: tuple[int, ...]
    distance: Array
    moved: tuple[Moved, ...]
    nearest: int
    sure: float
    back: int | None
    passed: tuple[int, ...]


def eras(catalog: Catalog, rows: NDArray[np.bool_], start: int = 0, end: int = 9999) -> Eras | None:
    """Compare the decades of `rows` that have `MIN_TRACKS` tracks; None for fewer than two decades."""
    x = sound(catalog)
    known = np.flatnonzero(rows & (catalog.decade >= start // 10 * 10) & (catalog.decade <= end) & (catalog.decade > 0))
    found, n = np.unique(catalog.decade[known], return_counts=True)
    found, n = found[n >= MIN_TRACKS], n[n >= MIN_TRACKS]
    if len(found) < 2:
        return None
    known = known[np.isin(catalog.decade[known], found)]
    at = np.searchsorted(found, catalog.decade[known])
    means, drawn = _means(x[known], at, catalog.artist[known], len(found))
    distance = _distances(means, drawn.var(axis=0))
    again = np.stack([((d[-1] - d[:-1]) ** 2).mean(axis=1) for d in drawn])  # (draws, decades but the last)
    nearest = int(distance[-1, :-1].argmin())
    back, passed = _returned(distance[-1, :-1], again)
    raw = catalog.features[known].astype(np.float64)
    moved = []
    for i, feature in enumerate(SOUND):
        first, last = (float(raw[at == k, COLUMN[feature]].mean()) for k in (0, len(found) - 1))
        moved.append(Moved(feature, first, last, float(means[-1, i] - means[0, i])))
    moved.sort(key=lambda m: -abs(m.deviations))
    return Eras(
        tuple(found.tolist()),
        tuple(n.tolist()),
        distance,
        tuple(moved),
        int(found[nearest]),
        float((again.argmin(axis=1) == nearest).mean()),
        None if back is None else int(found[back]),
        tuple(int(found[k]) for k in passed),
    )


def sound(catalog: Catalog) -> NDArray[np.float32]:
    """(n, 10) the features of `SOUND` in standard deviations of the catalogue."""
    x = catalog.features[:, [COLUMN[f] for f in SOUND]].copy()
    tempo, duration = x[:, SOUND.index("tempo")], x[:, SOUND.index("duration_ms")]
    tempo[tempo == 0] = tempo[tempo > 0].mean()  # no beat was found: no tempo rather than a slow one
    duration[:] = np.log(np.maximum(duration, 1_000))
    return (x - x.mean(axis=0)) / x.std(axis=0)


def _means(
    x: NDArray[np.float32], at: NDArray[np.intp], artist: NDArray[np.int32], n: int
) -> tuple[Array, NDArray[np.float32]]:
    """Means by decade, (n, 10), and those of resampled artists, (draws, n, 10): Rubin's Bayesian bootstrap."""
    who, code = np.unique(artist, return_inverse=True)
    weight = np.random.default_rng(0).exponential(size=(len(who), _DRAWS)).astype(np.float32)
    means, drawn = np.empty((n, x.shape[1])), np.empty((_DRAWS, n, x.shape[1]), np.float32)
    for k in range(n):
        rows = at == k
        own, cell = np.unique(code[rows], return_inverse=True)
        total = np.column_stack([np.bincount(cell, column, len(own)) for column in (*x[rows].T, np.ones(rows.sum()))])
        sums = total.astype(np.float32).T @ weight[own]
        drawn[:, k] = (sums[:-1] / sums[-1]).T
        means[k] = total[:, :-1].sum(axis=0) / rows.sum()
    return means, drawn


def _distances(means: Array, variance: Array) -> Array:
    difference = (means[:, None] - means[None]) ** 2 - variance[:, None] - variance[None]
    distance = np.sqrt(np.maximum(difference.mean(axis=2), 0))
    np.fill_diagonal(distance, 0)
    return distance


def _returned(today: Array, again: Array) -> tuple[int | None, list[int]]:
    """The nearest era that is surely nearer than one after it, and those after it that are further away."""
    for era in np.argsort(today, kind="stable").tolist():
        further = [k for k in range(era + 1, len(today)) if (again[:, era] < again[:, k]).mean() >= SURE]
        if further:
            return era, further
    return None, []
