"""Which tracks answer a wish: one exact scoring pass over the whole catalogue, at most two tracks an artist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog, Track
from ml.filters import Filters, Wish
from ml.hybrid import Affinity, Hybrid
from ml.listener import Listener
from ml.moods import MoodScorer
from ml.ranking import highest_below
from ml.taste import Taste

PER_ARTIST = 2
_HEARD = ("tempo", "energy", "danceability", "acousticness", "valence", "loudness")  # likenesses that people notice
_ALIKE, _ALIKE_TOLD = 0.08, 2  # percentile ranks nearer than this are "the same"; how many of them are told
_W_MOOD, _W_GEM, _W_ROOM, _W_CHANCE = 9.0, 20.0, 2.0, 0.15  # in the units of `ml.hybrid`: logits
_OWN_TASTE = 0.5  # beside what a wish names, the person's own likes weigh at most half as much
_GEM = (0.1, 0.35)  # the popularity of a gem: known to few, but not to none
_GEM_ARTIST = 0.55  # how popular the best-known track of its artist may be, before that counts against it
_UNKNOWN = 5.0  # how much worse than too popular it is to be known to nobody: often a double of a famous track

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Pick:
    """One recommended track and what scored it.

    `mood_percentile` is None without a mood. `terms` is what each signal of `ml.hybrid` adds to its score beyond an
    average track; `alike` the features it shares with a seed, `fans_of` the liked artist whose listeners
    like it most, `room` how many members of the room like it.
    """

    track: Track
    score: float
    mood_percentile: float | None
    terms: Mapping[str, float]
    alike: tuple[str, ...]
    shared_genres: tuple[str, ...]
    fans_of: str
    room: int


@dataclass(frozen=True)
class Recommendations:
    """The picks, how many tracks each filter left, the filters `relaxed` because nothing passed, and if more follow."""

    picks: tuple[Pick, ...]
    left: tuple[tuple[str, int], ...]
    relaxed: tuple[str, ...]
    more: bool


@dataclass(frozen=True)
class _Side:
    """One taste, how much is liked in it, and the most that each of `rows` may score for it, -inf where it may not."""

    liking: float
    affinity: Affinity
    rows: Rows
    ceilings: Floats

    def best(self, count: int) -> dict[int, float]:
        """The `count` best rows and their scores, best first."""
        at, scores = highest_below(self.ceilings, lambda at: self.affinity.sound(self.rows[at]), count)
        allowed = scores > -np.inf
        return dict(zip(self.rows[at[allowed]].tolist(), scores[allowed].tolist(), strict=True))


class Recommender:
    """Scores every track of a catalogue against a wish, for a person."""

    def __init__(self, catalog: Catalog, moods: MoodScorer, hybrid: Hybrid) -> None:
        self.catalog = catalog
        self.moods = moods
        self.hybrid = hybrid
        self.filters = Filters(catalog)

    def warm(self) -> None:
        """Compute what every wish shares."""
        self.moods.ranks, self._noise, self._sample  # noqa: B018  cached properties

    def recommend(self, wish: Wish, person: Listener | None = None) -> Recommendations:
        """The best `wish.count` tracks for `person`: none rated, shown or named by them, two an artist at most."""
        person = person or Listener.of(self.catalog)
        gone = np.array([*wish.likes, *wish.shown, *person.rows], np.intp)
        depth = self.moods.percentile(wish.mood) if wish.mood else None
        passed = self.filters.apply(wish, gone, depth)
        parts = self.hybrid.split(self._taste(wish, person))
        beside = self._beside(wish, person, passed.rows, depth)
        sides = [self._side(part, passed.rows, beside, gone) for part in parts]
        wanted = wish.skip + wish.count
        chosen = self._best(sides, wanted + 1, wish.shown)
        picks = self._picks(chosen[wish.skip : wanted], sides, wish, person, depth)
        return Recommendations(picks, passed.left, passed.relaxed, more=len(chosen) > wanted)

    def _taste(self, wish: Wish, person: Listener) -> Taste:
        """What the wish names, and beside it, weighing less, what the person rated."""
        named = len(wish.likes) + len(wish.artists)
        own = person.weights
        if named and len(own):
            own = own * min(1.0, _OWN_TASTE * named / float(np.abs(own).sum()))
        return Taste(
            rows=np.concatenate([np.array(wish.likes, np.intp), person.rows]),
            weights=np.concatenate([np.ones(len(wish.likes), np.float32), own]),
            artists=np.array(wish.artists, np.intp),
            artist_weights=np.ones(len(wish.artists), np.float32),
        )

    def _side(self, taste: Taste, rows: Rows, beside: Floats | np.float32, gone: Rows) -> _Side:
        affinity = self.hybrid.score(taste)
        ceilings = affinity.ceiling(self._places(rows)) + beside
        if len(rows) == len(self.catalog):
            ceilings[gone] = -np.inf
        return _Side(taste.liking, affinity, rows, ceilings)

    def _places(self, rows: Rows) -> Rows | slice:
        """The rows, as a slice where they are the whole catalogue: nothing is copied then."""
        return rows if len(rows) < len(self.catalog) else slice(None)

    def _beside(self, wish: Wish, person: Listener, rows: Rows, depth: Floats | None) -> Floats | np.float32:
        """What is added to the affinity of each of `rows`: mood, obscurity, what the room likes, and chance."""
        at = self._places(rows)
        scores: Floats | np.float32 = np.float32(0)
        if depth is not None:
            scores = scores + np.float32(_W_MOOD) * depth[at]
        if wish.gems:
            scores = scores + np.float32(_W_GEM) * self._obscurity[at]
        if person.room:
            scores = scores + np.float32(_W_ROOM) * person.liked_here(len(self.catalog))[at]
        if not wish.likes and not wish.artists:  # who is hardly known is shown a little of everything
            scores = scores + np.float32(_W_CHANCE / (1 + len(person.rows))) * self._deck(person.chance)[at]
        return scores

    @cached_property
    def _obscurity(self) -> Floats:
        """(n,) minus how far the popularity of each track, and of its artist's best, is from that of a gem."""
        c = self.catalog
        popularity = np.maximum(c.popularity, 0) / np.float32(100)
        best = np.zeros(len(c.artist_keys), np.float32)
        np.maximum.at(best, c.artist, popularity)
        low, high = (np.float32(end) for end in _GEM)
        too_known = np.maximum(popularity - high, 0) + np.maximum(best - np.float32(_GEM_ARTIST), 0)[c.artist]
        return -too_known - np.float32(_UNKNOWN) * np.maximum(low - popularity, 0)

    @cached_property
    def _noise(self) -> Floats:
        return np.random.default_rng(0).standard_normal(2 * len(self.catalog), np.float32)

    def _deck(self, chance: float) -> Floats:
        """(n,) standard normal draws, always the same for one person."""
        start = int(chance * len(self.catalog))
        return self._noise[start : start + len(self.catalog)]

    def _best(self, sides: Sequence[_Side], count: int, shown: Sequence[int]) -> list[tuple[int, int, float]]:
        """The `count` best as (row, whose of `sides`, score), from each side its share.

        `PER_ARTIST` an artist at most, those of `shown` counted, and no title twice by one artist.
        """
        rows = len(sides[0].rows)
        looked_at = 8 * count
        while True:
            looked_at = min(looked_at, rows)
            best = [side.best(looked_at) for side in sides]
            order = _in_turn(best, [side.liking for side in sides]) if len(best) > 1 else dict.fromkeys(best[0], 0)
            chosen = self._limit_artists(order, count, shown)
            if len(chosen) == count or looked_at == rows:
                return [(row, order[row], best[order[row]][row]) for row in chosen]
            looked_at *= 8

    def _limit_artists(self, order: Iterable[int], count: int, shown: Sequence[int]) -> list[int]:
        c = self.catalog
        seen: dict[int, list[bytes]] = {}
        for row in shown:
            seen.setdefault(int(c.artist[row]), []).append(c.title_keys.bytes_at(row))
        chosen = []
        for row in order:
            titles = seen.setdefault(int(c.artist[row]), [])
            title = c.title_keys.bytes_at(row)
            if len(titles) < PER_ARTIST and not any(title.startswith(t) or t.startswith(title) for t in titles):
                titles.append(title)
                chosen.append(row)
                if len(chosen) == count:
                    break
        return chosen

    def _picks(
        self,
        chosen: Sequence[tuple[int, int, float]],
        sides: Sequence[_Side],
        wish: Wish,
        person: Listener,
        depth: Floats | None,
    ) -> tuple[Pick, ...]:
        c = self.catalog
        seeds = self.hybrid.examples(Taste.of(wish.likes, wish.artists))[0]
        liked = seeds if wish.likes or wish.artists else person.rows[person.weights > 0]
        artists = np.unique(np.concatenate([c.artist[liked], np.array(wish.artists, np.intp)]))
        rows = np.array([row for row, _, _ in chosen], np.intp)
        lifts = [side.affinity.terms(rows, beyond=self._sample) for side in sides]
        fans_of, alike = self._fans_of(rows, artists), self._alike(rows, seeds)
        genres = {c.genres[code] for row in liked for code in c.genres_of(row)}
        picks = []
        for i, (row, side, score) in enumerate(chosen):
            track = c.track(row)
            picks.append(
                Pick(
                    track=track,
                    score=score,
                    mood_percentile=None if depth is None else float(depth[row]),
                    terms={term: float(values[i]) for term, values in lifts[side].items()},
                    alike=alike[i],
                    shared_genres=tuple(g for g in track.genres if g in genres),
                    fans_of=fans_of[i],
                    room=sum(row in theirs for theirs in person.room),
                )
            )
        return tuple(picks)

    @cached_property
    def _sample(self) -> Rows:
        """Rows that stand for the whole catalogue."""
        return np.linspace(0, len(self.catalog) - 1, 200).astype(np.intp)

    def _fans_of(self, rows: Rows, artists: Rows) -> list[str]:
        """For each row the name of the one of `artists` nearest to its artist among listeners; "" without any."""
        if not len(artists):
            return [""] * len(rows)
        space = self.hybrid.artists
        nearest = artists[space.likeness(self.catalog.artist[rows].astype(np.intp), artists).argmax(axis=1)].tolist()
        names = {artist: space.name(artist) for artist in set(nearest)}
        return [names[artist] for artist in nearest]

    def _alike(self, rows: Rows, seeds: Rows) -> list[tuple[str, ...]]:
        """For each row the features in which it is as good as the same as the seed that sounds most like it."""
        if not len(seeds):
            return [()] * len(rows)
        both = np.concatenate([rows, seeds])
        ranks = np.column_stack([self.moods.ranks[name][both] for name in _HEARD])
        distances = np.abs(ranks[: len(rows), None] - ranks[len(rows) :])
        nearest = distances[np.arange(len(rows)), distances.mean(axis=2).argmin(axis=1)]
        order = np.argsort(nearest, axis=1, kind="stable")[:, :_ALIKE_TOLD]
        return [
            tuple(_HEARD[f] for f in told if distance[f] < _ALIKE)
            for told, distance in zip(order, nearest, strict=True)
        ]


def _in_turn(orders: Sequence[Iterable[int]], shares: Sequence[float]) -> dict[int, int]:
    """The orders as one, each with its share of any beginning; beside each row, whose order it came from first."""
    turns = [((n + 0.5) / share, part, row) for part, share in enumerate(shares) for n, row in enumerate(orders[part])]
    first: dict[int, int] = {}
    for _, part, row in sorted(turns):
        first.setdefault(row, part)
    return first
