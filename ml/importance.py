"""What drives a target overall: mean absolute Shapley values over many tracks, and the range that works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.explain import Explanation
from ml.features import COLUMN, HIT_DECADES, NAMES

if TYPE_CHECKING:
    from ml.genre import GenreModel
    from ml.hitscore import HitModel
    from ml.popularity import PopularityModel

POPULARITY, HIT = "popularity", "hit"
_TRACKS = 300  # explained for popularity and for hits
_OF_GENRE, _OTHERS = 24, 16  # explained for each genre: what is in it, and what is not
_WORKS = (0.1, 0.9)
_POPULAR = 0.75  # the blueprint of popularity is that of the most popular quarter

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Driver:
    """One feature's part in a target: mean absolute effect, its share of all effects, and whether more of it helps.

    `direction` is the rank correlation of the feature with its effect, -1 to 1; `low` to `high` holds the middle
    80 % of the tracks where the target is reached.
    """

    feature: str
    effect: float
    share: float
    direction: float
    low: float
    high: float


@dataclass(frozen=True)
class Importance:
    """The drivers of one target, strongest first, and how many tracks were explained."""

    target: str
    drivers: tuple[Driver, ...]
    tracks: int


def measure(
    catalog: Catalog,
    genre: GenreModel,
    hit: HitModel,
    popularity: PopularityModel,
    seed: int,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, NDArray]:
    """Explain many catalogue tracks for every target; the arrays that `drivers` reads.

    Returns
    -------
    `targets` (t,) names, `effects` (t, 14) mean absolute Shapley values, `directions` (t, 14), `tracks` (t,).
    """
    rng = np.random.default_rng(seed)
    whole = ~np.isnan(catalog.features).any(axis=1)

    def draw(rows: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
        at = np.flatnonzero(rows & whole)
        return rng.choice(at, min(count, len(at)), replace=False)

    def explain_hit(row: int, x: Array) -> Explanation:
        return hit.explain(x[None, :], int(catalog.decade[row]) or HIT_DECADES[-1])

    def explain_popularity(row: int, x: Array) -> Explanation:
        names = [catalog.genres[g] for g in catalog.genres_of(row)]
        return popularity.explain(x[None, :], popularity.weights(names[:1]))

    every = np.ones(len(catalog), bool)
    tagged = np.diff(catalog.genre_start) > 0
    found = {POPULARITY: _summary(catalog, draw(tagged, _TRACKS), explain_popularity)}
    found[HIT] = _summary(catalog, draw((catalog.hits | catalog.flops) > 0, _TRACKS), explain_hit)
    for name in genre.genres_:
        rows = np.concatenate([draw(catalog.in_genre([name]), _OF_GENRE), draw(every, _OTHERS)])
        found[name] = _summary(catalog, rows, partial(_explain_genre, genre, name))
        progress(name)
    effects, directions, tracks = zip(*found.values(), strict=True)
    return {
        "targets": np.array(list(found)),
        "effects": np.array(effects, np.float32),
        "directions": np.array(directions, np.float32),
        "tracks": np.array(tracks),
    }


def _explain_genre(genre: GenreModel, name: str, row: int, x: Array) -> Explanation:
    return genre.explain(x, name)


def _summary(
    catalog: Catalog, rows: NDArray[np.intp], explain: Callable[[int, Array], Explanation]
) -> tuple[Array, Array, int]:
    """Mean absolute effects and rank correlations of values with effects, (14,) each."""
    x = catalog.features[rows].astype(np.float64)
    effects = np.zeros_like(x)
    for i, row in enumerate(rows.tolist()):
        for part in explain(row, x[i]).contributions:
            if part.feature in COLUMN:
                effects[i, COLUMN[part.feature]] = part.effect
    ranks = [np.argsort(np.argsort(a, axis=0, kind="stable"), axis=0) for a in (x, effects)]
    centred = [r - r.mean(axis=0) for r in ranks]
    spread = np.sqrt(np.square(centred[0]).sum(axis=0) * np.square(centred[1]).sum(axis=0))
    directions = (centred[0] * centred[1]).sum(axis=0) / np.maximum(spread, 1e-9)
    return np.abs(effects).mean(axis=0), np.where(effects.any(axis=0), directions, 0), len(rows)


class ImportanceTable:
    """Looks up what `measure` found, and reads the blueprint off the catalogue."""

    def __init__(self, columns: dict[str, NDArray], catalog: Catalog) -> None:
        self.columns = columns
        self.catalog = catalog
        self.targets: tuple[str, ...] = tuple(columns["targets"].tolist())

    def importance(self, target: str) -> Importance:
        """The drivers of "popularity", "hit" or a genre.

        Raises
        ------
        KeyError
            When the target is none of these.
        """
        if target not in self.targets:
            raise KeyError(target)
        at = self.targets.index(target)
        effects, directions = self.columns["effects"][at], self.columns["directions"][at]
        x = self.catalog.features[self._reached(target)]
        low, high = np.nanquantile(x, _WORKS, axis=0)
        total = max(float(effects.sum()), 1e-9)
        drivers = tuple(
            Driver(
                NAMES[i],
                float(effects[i]),
                float(effects[i]) / total,
                float(directions[i]),
                float(low[i]),
                float(high[i]),
            )
            for i in np.argsort(-effects, kind="stable")
        )
        return Importance(target, drivers, int(self.columns["tracks"][at]))

    def _reached(self, target: str) -> NDArray[np.bool_]:
        """The tracks where the target is reached: hits, the most popular quarter, or the genre's own."""
        catalog = self.catalog
        if target == HIT:
            return catalog.hits > 0
        if target == POPULARITY:
            known = catalog.popularity >= 0
            return known & (catalog.popularity >= np.quantile(catalog.popularity[known], _POPULAR))
        return catalog.in_genre([target])
