"""Which tracks answer a wish: one exact scoring pass over the whole catalogue, at most two tracks an artist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog, Track
from ml.filters import Filters, Wish
from ml.hybrid import Affinity, Hybrid
from ml.listener import Listener
from ml.moods import MoodScorer
from ml.ranking import highest
from ml.taste import Taste

PER_ARTIST = 2
_HEARD = ("tempo", "energy", "danceability", "acousticness", "valence", "loudness")  # likenesses that people notice
_ALIKE, _ALIKE_TOLD = 0.08, 2  # percentile ranks nearer than this are "the same"; how many of them are told
_SPOKEN_BY = 3  # how many of its best-known tracks say what a liked artist sounds like
_W_MOOD, _W_GEM, _W_ROOM, _W_CHANCE = 9.0, 20.0, 2.0, 0.15  # in the units of `ml.hybrid`: logits
_OWN_TASTE = 0.5  # beside what a wish names, the person's own likes weigh at most half as much
_GEM = (0.1, 0.35)  # the popularity of a gem: known to few, but not to none
_GEM_ARTIST = 0.55  # how popular the best-known track of its artist may be, before that counts against it
_UNKNOWN = 5.0  # how much worse than too popular it is to be known to nobody: often a double of a famous track

Rows = NDArray[np.intp]


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


class Recommender:
    """Scores every track of a catalogue against a wish, for a person."""

    def __init__(self, catalog: Catalog, moods: MoodScorer, hybrid: Hybrid) -> None:
        self.catalog = catalog
        self.moods = moods
        self.hybrid = hybrid
        self.filters = Filters(catalog, moods)

    def warm(self) -> None:
        """Compute what every wish shares."""
        self.moods.ranks, self._noise, self._sample  # noqa: B018  cached properties

    def recommend(self, wish: Wish, person: Listener | None = None) -> Recommendations:
        """The best `wish.count` tracks for `person`: none rated, shown or named by them, two an artist at most."""
        person = person or Listener.of(self.catalog)
        passed = self.filters.apply(wish, person.rows)
        parts = self.hybrid.split(self._taste(wish, person))
        shares = [part.liking for part in parts] if len(parts) > 1 else [1.0]
        affinities = [self.hybrid.score(part) for part in parts]
        beside = self._beside(wish, person, passed.rows)
        scores = [affinity.total[passed.rows] + beside for affinity in affinities]
        wanted = wish.skip + wish.count
        chosen = self._best(passed.rows, scores, shares, wanted + 1, wish.shown)
        picks = self._picks(passed.rows, chosen[wish.skip : wanted], scores, affinities, wish, person)
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

    def _beside(self, wish: Wish, person: Listener, rows: Rows) -> NDArray[np.float32] | np.float32:
        """What is added to the affinity of each of `rows`: mood, obscurity, what the room likes, and chance."""
        scores: NDArray[np.float32] | np.float32 = np.float32(0)
        if wish.mood:
            scores = scores + np.float32(_W_MOOD) * self.moods.percentile(wish.mood)[rows]
        if wish.gems:
            scores = scores + np.float32(_W_GEM) * self._obscurity[rows]
        if person.room:
            scores = scores + np.float32(_W_ROOM) * person.liked_here(len(self.catalog))[rows]
        if not wish.likes and not wish.artists:  # who is hardly known is shown a little of everything
            scores = scores + np.float32(_W_CHANCE / (1 + len(person.rows))) * self._deck(person.chance)[rows]
        return scores

    @cached_property
    def _obscurity(self) -> NDArray[np.float32]:
        """(n,) minus how far the popularity of each track, and of its artist's best, is from that of a gem."""
        c = self.catalog
        popularity = np.maximum(c.popularity, 0) / np.float32(100)
        best = np.zeros(len(c.artist_keys), np.float32)
        np.maximum.at(best, c.artist, popularity)
        low, high = (np.float32(end) for end in _GEM)
        too_known = np.maximum(popularity - high, 0) + np.maximum(best - np.float32(_GEM_ARTIST), 0)[c.artist]
        return -too_known - np.float32(_UNKNOWN) * np.maximum(low - popularity, 0)

    @cached_property
    def _noise(self) -> NDArray[np.float32]:
        return np.random.default_rng(0).standard_normal(2 * len(self.catalog), np.float32)

    def _deck(self, chance: float) -> NDArray[np.float32]:
        """(n,) standard normal draws, always the same for one person."""
        start = int(chance * len(self.catalog))
        return self._noise[start : start + len(self.catalog)]

    def _best(
        self, pool: Rows, scores: list[NDArray[np.float32]], shares: list[float], count: int, shown: tuple[int, ...]
    ) -> list[tuple[int, int]]:
        """The `count` best as (position in `pool`, whose of `scores`), from each of `scores` its share.

        `PER_ARTIST` an artist at most, those of `shown` counted, and no title twice by one artist.
        """
        looked_at = 8 * count
        while True:
            looked_at = min(looked_at, len(pool))
            orders = [highest(part, looked_at).tolist() for part in scores]
            chosen = self._limit_artists(pool, _in_turn(orders, shares), count, shown)
            if len(chosen) == count or looked_at == len(pool):
                return chosen
            looked_at *= 8

    def _limit_artists(
        self, pool: Rows, order: list[tuple[int, int]], count: int, shown: tuple[int, ...]
    ) -> list[tuple[int, int]]:
        c = self.catalog
        seen: dict[int, list[bytes]] = {}
        for row in shown:
            seen.setdefault(int(c.artist[row]), []).append(c.title_keys.bytes_at(row))
        chosen = []
        for at, part in order:
            titles = seen.setdefault(int(c.artist[pool[at]]), [])
            title = c.title_keys.bytes_at(pool[at])
            if len(titles) < PER_ARTIST and not any(title.startswith(t) or t.startswith(title) for t in titles):
                titles.append(title)
                chosen.append((at, part))
                if len(chosen) == count:
                    break
        return chosen

    def _picks(
        self,
        pool: Rows,
        chosen: list[tuple[int, int]],
        scores: list[NDArray[np.float32]],
        affinities: list[Affinity],
        wish: Wish,
        person: Listener,
    ) -> tuple[Pick, ...]:
        seeds = self._spoken(wish)
        liked = seeds if wish.likes or wish.artists else person.rows[person.weights > 0]
        artists = np.unique(np.concatenate([self.catalog.artist[liked], np.array(wish.artists, np.intp)]))
        rows = pool[[at for at, _ in chosen]]
        lifts = [self._lifts(affinity, rows) for affinity in affinities]
        fans_of, alike = self._fans_of(rows, artists.astype(np.intp)), self._alike(rows, seeds)
        genres = {g for row in liked.tolist() for g in self.catalog.track(row).genres}
        picks = []
        for i, (at, part) in enumerate(chosen):
            track = self.catalog.track(int(pool[at]))
            picks.append(
                Pick(
                    track=track,
                    score=float(scores[part][at]),
                    mood_percentile=float(self.moods.percentile(wish.mood)[track.row]) if wish.mood else None,
                    terms={term: float(values[i]) for term, values in lifts[part].items()},
                    alike=alike[i],
                    shared_genres=tuple(g for g in track.genres if g in genres),
                    fans_of=fans_of[i],
                    room=sum(track.row in theirs for theirs in person.room),
                )
            )
        return tuple(picks)

    def _lifts(self, affinity: Affinity, rows: Rows) -> dict[str, NDArray[np.float32]]:
        """What each term adds to `rows` beyond what it adds to an average track."""
        both = affinity.terms(np.concatenate([rows, self._sample]))
        return {term: values[: len(rows)] - values[len(rows) :].mean() for term, values in both.items()}

    @cached_property
    def _sample(self) -> Rows:
        """Rows that stand for the whole catalogue."""
        return np.linspace(0, len(self.catalog) - 1, 200).astype(np.intp)

    def _fans_of(self, rows: Rows, artists: Rows) -> list[str]:
        """For each row the name of the one of `artists` nearest to its artist among listeners; "" without any."""
        if not len(artists):
            return [""] * len(rows)
        space = self.hybrid.artists
        nearest = space.likeness(self.catalog.artist[rows].astype(np.intp), artists).argmax(axis=1)
        return [space.name(int(artists[i])) for i in nearest]

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

    def _spoken(self, wish: Wish) -> Rows:
        """The rows that say what the wish's seeds sound like."""
        inside = [artist for artist in wish.artists if artist < len(self.catalog.artist_keys)]
        rows = [self.catalog.by_artist(artist)[:_SPOKEN_BY] for artist in inside]
        return np.concatenate([np.array(wish.likes, np.intp), *rows])


def _in_turn(orders: list[list[int]], shares: list[float]) -> list[tuple[int, int]]:
    """The orders as one, each with its share of any beginning; beside each place, whose order it came from first."""
    turns = [((n + 0.5) / share, part, at) for part, share in enumerate(shares) for n, at in enumerate(orders[part])]
    first: dict[int, int] = {}
    for _, part, at in sorted(turns):
        first.setdefault(at, part)
    return list(first.items())
