"""What lies in each region of sound, and where people love what seldom charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ml.clusters import Trait
from ml.sound_map import SoundMap

_MIN_TAGGED = 60  # tracks with a genre label before a region is said to have that genre
_MIN_CHARTED = 100  # hits and non-hits before a corner's share of hits is judged
_PRIOR = 8  # labels as many as by chance, added to a genre's count so that rare genres do not lead by luck
_SURE = 2  # standard errors
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """One region's portrait.

    `genres` are (genre, lift), the most over-represented first: how many times its share of all labels. `hit_share` is
    hits among the `charted` tracks known to be Hot 100 hits or not; `popularity` the mean of those that have one.
    """

    index: int
    name: str
    size: int
    share: float
    traits: tuple[Trait, ...]
    genres: tuple[tuple[str, float], ...]
    hit_share: float
    charted: int
    popularity: float
    best_known: tuple[int, ...]


@dataclass(frozen=True)
class Gap:
    """An under-served corner: `love` is mean popularity, `expected` what corners with as few hits have.

    It is named by its two leading genres, those left over by gaps that are loved more. `row` is the track in its
    middle, `best_known` its most popular tracks, one an artist; `genres` as in `Region`.
    """

    name: str
    genres: tuple[tuple[str, float], ...]
    region: int
    size: int
    hit_share: float
    charted: int
    love: float
    expected: float
    row: int
    best_known: tuple[int, ...]


class Regions:
    """Facts of the regions, counted once from the catalogue."""

    def __init__(self, sound_map: SoundMap) -> None:
        self.sound_map = sound_map
        self.catalog = sound_map.catalog
        self.clusters = sound_map.clusters

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, region: int) -> Region:
        return self._all[region]

    def __iter__(self) -> Iterator[Region]:
        return iter(self._all)

    @cached_property
    def _all(self) -> tuple[Region, ...]:
        return tuple(self._portrait(k, name) for k, name in enumerate(self.clusters.names))

    @cached_property
    def hit_share(self) -> float:
        """Hits among all tracks known to be hits or not."""
        return float((self.catalog.hits[self._charted] > 0).mean())

    @cached_property
    def popularity(self) -> float:
        """Mean popularity of all tracks that have one."""
        return float(self.catalog.popularity[self.catalog.popularity >= 0].mean())

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Corners with few hits and much love, the most loved beyond expectation first.

        The sound space is cut into `ml.sound_map.CORNERS` corners, as ten regions are too coarse. Few hits: the share
        of Hot 100 hits among the tracks known to be hits or not is below that of all by two standard errors. Much
        love: mean popularity is above what a straight line through all corners, of popularity on share of hits,
        expects of so few hits, by two standard errors. Popularity is taken over tracks with a genre label: one data
        set, about a thousand a genre, while popularity elsewhere mostly tells which search found the track. Standard
        errors treat an artist's tracks as one draw.
        """
        catalog, cell = self.catalog, self._cell
        loved = (np.diff(catalog.genre_start) > 0) & (catalog.popularity >= 0)
        hits, love = [], []
        for k in range(cell.max() + 1):
            mine = cell == k
            hits.append(_mean(catalog.hits > 0, mine & self._charted, catalog.artist))
            love.append(_mean(catalog.popularity, mine & loved, catalog.artist))
        (share, share_error), (mean, mean_error) = np.array(hits).T, np.array(love).T
        charted = np.bincount(cell[self._charted], minlength=len(share))
        judged = (charted >= _MIN_CHARTED) & np.isfinite(mean)
        if judged.sum() < 3:
            return ()
        slope, level = np.polyfit(share[judged], mean[judged], 1)
        excess = mean - (level + slope * share)
        few, much = share + _SURE * share_error < self.hit_share, excess - _SURE * mean_error > 0
        found = [k for k in np.argsort(-excess, kind="stable") if judged[k] and few[k] and much[k]]
        gaps: list[Gap] = []
        named: set[str] = set()
        for k in found:
            genres = self.genres(cell == k)
            fresh = [genre for genre, _ in genres if genre not in named][:2]
            if fresh:
                named.update(fresh)
                told = (float(share[k]), int(charted[k]), float(mean[k]), float(mean[k] - excess[k]))
                gaps.append(self._gap(cell == k, " & ".join(fresh), genres, *told))
        return tuple(gaps)

    def _portrait(self, index: int, name: str) -> Region:
        mine = self.sound_map.region == index
        popularity = self.catalog.popularity[mine & (self.catalog.popularity >= 0)]
        charted = self.catalog.hits[mine & self._charted] > 0
        return Region(
            index,
            name,
            int(mine.sum()),
            float(mine.mean()),
            self.clusters.traits(index),
            self.genres(mine),
            float(charted.mean()) if len(charted) else float("nan"),
            len(charted),
            float(popularity.mean()) if len(popularity) else float("nan"),
            self._best_known(mine),
        )

    def _gap(
        self,
        mine: Mask,
        name: str,
        genres: tuple[tuple[str, float], ...],
        hit_share: float,
        charted: int,
        love: float,
        expected: float,
    ) -> Gap:
        rows = np.flatnonzero(mine)
        z = self.clusters.standardise(self.catalog.features[rows])
        middle = int(rows[np.square(z - z.mean(axis=0)).sum(axis=1).argmin()])
        region = int(np.bincount(self.sound_map.region[rows]).argmax())
        best = self._best_known(mine)
        return Gap(name, genres, region, len(rows), hit_share, charted, love, expected, middle, best)

    def genres(self, mine: Mask, count: int = 5) -> tuple[tuple[str, float], ...]:
        """The genres over-represented among the marked tracks, with their lift, those with enough tracks only."""
        catalog = self.catalog
        within = np.bincount(catalog.genre_codes[np.repeat(mine, np.diff(catalog.genre_start))], minlength=114)
        chance = self._genre_share * within.sum()
        lift = (within + _PRIOR) / (chance + _PRIOR)
        leading = [int(g) for g in np.argsort(-lift, kind="stable") if within[g] >= _MIN_TAGGED and lift[g] > 1]
        return tuple((catalog.genres[g], float(lift[g])) for g in leading[:count])

    def _best_known(self, mine: Mask, count: int = 3) -> tuple[int, ...]:
        rows = np.flatnonzero(mine)  # in the order of popularity
        _, first = np.unique(self.catalog.artist[rows], return_index=True)
        return tuple(rows[np.sort(first)[:count]].tolist())

    @cached_property
    def _genre_share(self) -> NDArray[np.float64]:
        labels = np.bincount(self.catalog.genre_codes, minlength=len(self.catalog.genres))
        return labels / max(labels.sum(), 1)

    @cached_property
    def _charted(self) -> Mask:
        return (self.catalog.hits > 0) | (self.catalog.flops > 0)

    @cached_property
    def _cell(self) -> NDArray[np.intp]:
        """(n,) the corner of each track."""
        z = self.clusters.standardise(self.catalog.features).astype(np.float32)
        centres = self.sound_map.corners
        parts = range(0, len(z), 20_000)
        squares = np.square(centres).sum(axis=1)
        return np.concatenate([(squares - 2 * z[a : a + 20_000] @ centres.T).argmin(axis=1) for a in parts])


def _mean(values: NDArray, rows: Mask, artists: NDArray[np.int32]) -> tuple[float, float]:
    """Mean and its standard error when whole artists are drawn (Liang & Zeger 1986); NaN for fewer than two rows."""
    some = values[rows].astype(np.float64)
    if len(some) < 2:
        return float("nan"), float("nan")
    mean = float(some.mean())
    owner = np.unique(artists[rows], return_inverse=True)[1]
    return mean, float(np.sqrt(np.square(np.bincount(owner, some - mean)).sum()) / len(some))
