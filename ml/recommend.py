"""Which tracks answer a wish: one exact scoring pass over the whole catalogue, at most two tracks an artist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog, Track
from ml.families import FAMILIES, FAMILY_OF
from ml.features import COLUMN
from ml.moods import MoodScorer

PER_ARTIST = 2
SOUND = ("danceability", "energy", "loudness", "acousticness", "instrumentalness", "valence", "tempo", "speechiness")
"""The features that decide whether two tracks sound alike."""
_W_MOOD, _W_LIKE, _W_POPULARITY = 1.0, 0.8, 0.35
_GEM = (0.05, 0.35)  # the popularity of a gem: known to few, but not to none
_DEEP_ENOUGH = 0.9  # a track below the top tenth of a mood is not offered for it while better ones are left

Range = tuple[float, float]


@dataclass(frozen=True)
class Wish:
    """What to recommend: seeds (`likes`, catalogue rows), a mood, filters, and which page of how many."""

    mood: str | None = None
    likes: tuple[int, ...] = ()
    genres: tuple[str, ...] = ()
    years: Range | None = None
    ranges: Mapping[str, Range] = field(default_factory=dict)
    gems: bool = False
    count: int = 10
    page: int = 1


@dataclass(frozen=True)
class Pick:
    """One recommended track and the terms that scored it; None where a term took no part."""

    track: Track
    score: float
    mood_percentile: float | None
    likeness: float | None
    alike: tuple[str, ...]
    shared_genres: tuple[str, ...]


@dataclass(frozen=True)
class Recommendations:
    """The picks of one page, how many tracks each filter left, and whether another page exists."""

    picks: tuple[Pick, ...]
    left: tuple[tuple[str, int], ...]
    more: bool


class Recommender:
    """Scores every track of a catalogue against a wish."""

    def __init__(self, catalog: Catalog, moods: MoodScorer) -> None:
        self.catalog = catalog
        self.moods = moods

    def warm(self) -> None:
        """Compute what every wish shares."""
        self._norms, self._families  # noqa: B018  cached properties

    def recommend(self, wish: Wish) -> Recommendations:
        """The best `wish.count` tracks of page `wish.page`, no recording or seed among them, two an artist at most."""
        pool, left = self._filter(wish)
        likeness = self._likeness(wish.likes) if wish.likes else None
        scores = self._scores(wish, pool, likeness)
        chosen = self._best(pool, scores, wish.page * wish.count + 1)
        page = chosen[(wish.page - 1) * wish.count : wish.page * wish.count]
        picks = tuple(self._pick(int(pool[at]), float(scores[at]), wish, likeness) for at in page)
        return Recommendations(picks, left, more=len(chosen) > wish.page * wish.count)

    def _filter(self, wish: Wish) -> tuple[NDArray[np.intp], tuple[tuple[str, int], ...]]:
        """Rows that pass every filter, and how many were left after each."""
        c = self.catalog
        keep = np.ones(len(c), bool)
        keep[list(wish.likes)] = False
        left = []
        filters: dict[str, NDArray[np.bool_]] = {}
        if wish.genres:
            filters["genre"] = c.in_genre(wish.genres)
        if wish.years:
            filters["year"] = self._in_years(*wish.years)
        for name, (low, high) in wish.ranges.items():
            values = c.features[:, COLUMN[name]]
            filters[name] = (values >= np.float32(low)) & (values <= np.float32(high))
        if wish.mood:
            filters["mood"] = self.moods.percentile(wish.mood) >= _DEEP_ENOUGH
        for name, passed in filters.items():
            keep &= passed
            left.append((name, int(keep.sum())))
        return np.flatnonzero(keep), tuple(left)

    def _in_years(self, low: float, high: float) -> NDArray[np.bool_]:
        """Rows of these years; where only the decade is known, the decade must lie wholly inside."""
        c = self.catalog
        dated = (c.year >= low) & (c.year <= high) & (c.year > 0)
        return dated | ((c.year == 0) & (c.decade >= low) & (c.decade + 9 <= high) & (c.decade > 0))

    def _scores(self, wish: Wish, pool: NDArray[np.intp], likeness: NDArray[np.float32] | None) -> NDArray[np.floating]:
        popularity = np.maximum(self.catalog.popularity[pool], 0) / np.float32(100)
        low, high = _GEM
        known = -np.maximum(popularity - high, 0) - np.maximum(low - popularity, 0) if wish.gems else popularity
        scores = _W_POPULARITY * known
        if wish.mood:
            scores = scores + _W_MOOD * self.moods.percentile(wish.mood)[pool]
        if likeness is not None:
            scores = scores + _W_LIKE * likeness[pool]
        return scores

    def _likeness(self, likes: tuple[int, ...]) -> NDArray[np.float32]:
        """(n,) mean of sound and family likeness to the nearest seed, each 0 to 1."""
        artist = self.catalog.artist
        best = np.zeros(len(artist), np.float32)
        for seed in likes:
            squared = self._norms + self._norms[seed] - 2 * (self._sound @ self._sound[seed])
            family = (self._families @ self._families[artist[seed]])[artist]
            np.maximum(best, 0.5 * np.exp(-8 / len(SOUND) * squared) + 0.5 * family, out=best)
        return best

    @cached_property
    def _sound(self) -> NDArray[np.float32]:
        """(n, 8) percentile ranks of the features that decide likeness."""
        return np.column_stack([self.moods.ranks[name] for name in SOUND])

    @cached_property
    def _norms(self) -> NDArray[np.float32]:
        return np.square(self._sound).sum(axis=1)

    @cached_property
    def _families(self) -> NDArray[np.float32]:
        """(artists, 16) unit-length shares of each artist's tags over the families; zeros without tags."""
        c = self.catalog
        codes = np.array([list(FAMILIES).index(FAMILY_OF[g]) for g in c.genres])
        shares = np.zeros((len(c.artist_keys), len(FAMILIES)), np.float32)
        rows = np.repeat(np.arange(len(c)), np.diff(c.genre_start))
        np.add.at(shares, (c.artist[rows], codes[c.genre_codes]), 1)
        return shares / np.maximum(np.linalg.norm(shares, axis=1, keepdims=True), 1e-9)

    def _best(self, pool: NDArray[np.intp], scores: NDArray[np.floating], count: int) -> list[int]:
        """Positions of the `count` best in `pool`, `PER_ARTIST` an artist at most and no title twice by one artist."""
        looked_at = 8 * count
        while True:
            looked_at = min(looked_at, len(pool))
            near = np.argpartition(-scores, looked_at - 1)[:looked_at] if looked_at else np.empty(0, np.intp)
            chosen = self._limit_artists(pool, near[np.lexsort((near, -scores[near]))], count)
            if len(chosen) == count or looked_at == len(pool):
                return chosen
            looked_at *= 8

    def _limit_artists(self, pool: NDArray[np.intp], order: NDArray[np.intp], count: int) -> list[int]:
        c = self.catalog
        chosen: list[int] = []
        seen: dict[int, list[bytes]] = {}
        for at in order.tolist():
            titles = seen.setdefault(int(c.artist[pool[at]]), [])
            title = c.title_keys.bytes_at(pool[at])
            if len(titles) < PER_ARTIST and not any(title.startswith(t) or t.startswith(title) for t in titles):
                titles.append(title)
                chosen.append(at)
                if len(chosen) == count:
                    break
        return chosen

    def _pick(self, row: int, score: float, wish: Wish, likeness: NDArray[np.float32] | None) -> Pick:
        track = self.catalog.track(row)
        alike: tuple[str, ...] = ()
        shared: tuple[str, ...] = ()
        if wish.likes:
            distances = np.abs(self._sound[list(wish.likes)] - self._sound[row])
            nearest = distances[distances.mean(axis=1).argmin()]
            alike = tuple(SOUND[i] for i in np.argsort(nearest, kind="stable")[:3])
            liked = {g for seed in wish.likes for g in self.catalog.track(seed).genres}
            shared = tuple(g for g in track.genres if g in liked)
        mood = float(self.moods.percentile(wish.mood)[row]) if wish.mood else None
        return Pick(track, score, mood, None if likeness is None else float(likeness[row]), alike, shared)
