"""What a wish allows: rows that pass every filter; when none does, the fewest filters give way, and it says which."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.features import COLUMN

_DEPTHS = (0.9, 0.8, 0.7)  # how far into a mood tracks must be: the top tenth, or more while too few are left
_ENOUGH = 3  # lists' worth of tracks that a mood should leave to choose from

_LAST_YEAR = 9999

Range = tuple[float, float]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Wish:
    """What to recommend: moods, seeds (`likes` catalogue rows, `artists` codes), filters, and which page of how many.

    `shown` are the rows of earlier pages, which are not repeated; of pages before that nobody remembers, `skip`
    tracks are passed over.
    """

    mood: tuple[str, ...] = ()
    likes: tuple[int, ...] = ()
    artists: tuple[int, ...] = ()
    genres: tuple[str, ...] = ()
    years: Range | None = None
    ranges: Mapping[str, Range] = field(default_factory=dict)
    gems: bool = False
    count: int = 10
    shown: tuple[int, ...] = ()
    skip: int = 0


@dataclass(frozen=True)
class Passed:
    """The rows that passed, how many each filter left, and the filters `relaxed` because nothing passed them all."""

    rows: Rows
    left: tuple[tuple[str, int], ...]
    relaxed: tuple[str, ...]


class Filters:
    """Holds the tracks of a catalogue against a wish's genres, years, ranges and mood."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._all = np.arange(len(catalog))

    def apply(self, wish: Wish, gone: Rows, depth: NDArray[np.float32] | None = None) -> Passed:
        """The rows left for `wish` without those `gone`; all rows, those too, where there is nothing to filter by.

        `depth` is how far into the mood each track of the catalogue is, if the wish has one.
        """
        filters = self._filters(wish)
        if not filters and depth is None:
            return Passed(self._all, (), ())
        fresh = np.ones(len(self.catalog), bool)
        fresh[gone] = False
        left, keep = [], fresh
        for name, passed in filters.items():
            keep = keep & passed
            left.append((name, int(np.count_nonzero(keep))))
        relaxed = []
        while filters and not keep.any():
            without = {n: np.logical_and.reduce([fresh, *(m for o, m in filters.items() if o != n)]) for n in filters}
            widest = max(without, key=lambda name: np.count_nonzero(without[name]))
            relaxed.append(widest)
            keep = without[widest]
            del filters[widest]
        if depth is not None:
            keep, deep = _deep(keep, depth, _ENOUGH * (wish.skip + wish.count))
            left.append(("mood", deep))
            relaxed += [] if deep else ["mood"]
        return Passed(np.flatnonzero(keep), tuple(left), tuple(relaxed))

    def _filters(self, wish: Wish) -> dict[str, Mask]:
        c = self.catalog
        filters: dict[str, Mask] = {}
        if wish.genres:
            filters["genre"] = c.in_genre(wish.genres)
        if wish.years:
            filters["year"] = self._in_years(*wish.years)
        for name, (low, high) in wish.ranges.items():
            values = c.features[:, COLUMN[name]]
            filters[name] = (values >= np.float32(low)) & (values <= np.float32(high))
        return filters

    def _in_years(self, low: float, high: float) -> Mask:
        """Rows of these years; where only the decade is known, the decade must lie wholly inside."""
        c = self.catalog
        first, last = (whole(np.clip(end, 1, _LAST_YEAR)) for whole, end in ((math.ceil, low), (math.floor, high)))
        dated = (c.year >= first) & (c.year <= last)
        return dated | ((c.year == 0) & (c.decade >= first) & (c.decade <= last - 9))


def _deep(keep: Mask, depth: NDArray[np.float32], wanted: int) -> tuple[Mask, int]:
    """Of `keep`, the rows far enough into the mood, and how many; the nearest to it, and 0, when none is."""
    for least in _DEPTHS:
        deep = keep & (depth >= least)
        if (found := int(np.count_nonzero(deep))) >= wanted or (found and least == _DEPTHS[-1]):
            return deep, found
    nearest = np.sort(depth[keep])[-wanted:]
    return (keep & (depth >= nearest[0]) if len(nearest) else keep), 0
