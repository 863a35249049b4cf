"""What a wish allows: rows that pass every filter; when none does, the fewest filters give way, and it says which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.features import COLUMN
from ml.moods import MoodScorer

_DEPTHS = (0.9, 0.8, 0.7)  # how far into a mood tracks must be: the top tenth, or more while too few are left
_ENOUGH = 3  # lists' worth of tracks that a mood should leave to choose from

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

    def __init__(self, catalog: Catalog, moods: MoodScorer) -> None:
        self.catalog = catalog
        self.moods = moods

    def apply(self, wish: Wish, known: Rows) -> Passed:
        """The rows left for `wish`, without its seeds, what was shown and what the person rated (`known`)."""
        fresh = np.ones(len(self.catalog), bool)
        fresh[[*wish.likes, *wish.shown]] = False
        fresh[known] = False
        filters = self._filters(wish)
        left, keep = [], fresh
        for name, passed in filters.items():
            keep = keep & passed
            left.append((name, int(keep.sum())))
        relaxed = []
        while filters and not keep.any():
            without = {n: np.logical_and.reduce([fresh, *(m for o, m in filters.items() if o != n)]) for n in filters}
            widest = max(without, key=lambda name: int(without[name].sum()))
            relaxed.append(widest)
            keep = without[widest]
            del filters[widest]
        if wish.mood:
            keep, deep = self._deep(wish, keep)
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
        dated = (c.year >= low) & (c.year <= high) & (c.year > 0)
        return dated | ((c.year == 0) & (c.decade >= low) & (c.decade + 9 <= high) & (c.decade > 0))

    def _deep(self, wish: Wish, keep: Mask) -> tuple[Mask, int]:
        """Of `keep`, the rows far enough into the mood, and how many; the nearest to it, and 0, when none is."""
        percentile = self.moods.percentile(wish.mood)
        wanted = _ENOUGH * (wish.skip + wish.count)
        for depth in _DEPTHS:
            deep = keep & (percentile >= depth)
            if (found := int(deep.sum())) >= wanted or (found and depth == _DEPTHS[-1]):
                return deep, found
        nearest = np.sort(percentile[keep])[-wanted:]
        return (keep & (percentile >= nearest[0]) if len(nearest) else keep), 0
