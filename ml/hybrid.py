"""The score of every track for a taste: playlists, listeners, genre, era, sound and popularity, exactly.

Each signal is one number a track. The total is their weighted sum; the weights were learned from whole playlists
(`ml.hybrid_training`) and shift with the size of the history. A total is the logit of a softmax over the catalogue, so
one unit means the same for every taste, and a term of fixed weight may be added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.features import COLUMN
from ml.likeness import YEARS, likeness_in_sound, of_eras, of_levels, of_sound, year_codes
from ml.moods import MoodScorer
from ml.playlists import Playlists
from ml.taste import Taste, two_groups

if TYPE_CHECKING:
    from ml.sources import Sources

Codes = NDArray[np.intp]
Floats = NDArray[np.float32]

SOUND = ("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness", "valence", "tempo")
"""The features that decide whether two tracks sound alike."""
SIGNALS: Mapping[str, str] = {
    "tracks together": "played together",
    "artists together": "played together",
    "listeners": "listeners",
    "same artist": "same artist",
    "style": "genre",
    "era": "era",
    "sound": "sound",
    "popularity": "popularity",
    "popularity near": "popularity",
}
"""Every signal, and the term under which people are told of it."""
TERMS = tuple(dict.fromkeys(SIGNALS.values()))
SIZES = np.log([1.0, 3.0, 10.0, 30.0])
"""Log sizes of a history at which weights are learned."""

_AT = {name: i for i, name in enumerate(SIGNALS)}
_UNKNOWN = 101  # the level that stands for an unknown popularity
_UNSTYLED = 0.3  # what share of a full likeness a track gets whose genre is unknown
_LISTENERS = (-2.0, 8.0)
_SPOKEN_BY = 5  # how many of its best-known tracks speak for the sound and era of a liked artist
_NONE = np.empty(0, np.intp)
_BLOCK = 8192  # rows whose sound is compared at once: they stay in the cache


@dataclass(frozen=True)
class _Signals:
    """The signals of one taste, each kept where it is smallest; popularity itself is the same for every taste."""

    by_artist: dict[str, Floats]  # (artists,) each
    listed: Floats  # (listed tracks,) "tracks together"
    era: Floats  # (YEARS,)
    near: Floats  # (_UNKNOWN + 1,) "popularity near"
    sound: Floats  # (2, features), as `of_sound` gives it


@dataclass(frozen=True)
class Affinity:
    """How well every track suits one taste: what its artist, year and popularity are worth, and then its sound."""

    _hybrid: Hybrid
    _signals: _Signals
    _weights: Floats

    @cached_property
    def total(self) -> Floats:
        """(n,) float32, higher is better."""
        total = self.ceiling(slice(None))
        for start in range(0, len(total), _BLOCK):
            block = slice(start, start + _BLOCK)
            total[block] += self._of_sound(self._hybrid._sound[:, block])
        return total

    def ceiling(self, rows: Codes | slice) -> Floats:
        """The total of `rows` but for the sound, which takes something off."""
        w, signals, hybrid = dict(zip(SIGNALS, self._weights, strict=True)), self._signals, self._hybrid
        by_artist, by_moment = self._sums
        found: Floats = by_artist.take(hybrid._artist[rows], mode="clip")  # clip: in range anyhow, and twice as fast
        found += by_moment.take(hybrid._moment[rows], mode="clip")
        if signals.listed.any():
            listed = np.zeros(len(hybrid.catalog), np.float32)
            listed[hybrid.playlists.tracks.members] = w["tracks together"] * signals.listed
            found += listed[rows]
        return found

    def sound(self, rows: Codes) -> Floats:
        """What the sound adds to the ceiling of `rows`: never more than 0, as its weight is above 0."""
        return self._of_sound(self._hybrid._sound.take(rows, axis=1, mode="clip"))

    def _of_sound(self, x: Floats) -> Floats:
        return self._weights[_AT["sound"]] * likeness_in_sound(self._signals.sound, x)

    def terms(self, rows: Codes, beyond: Codes = _NONE) -> dict[str, Floats]:
        """What each of `TERMS` adds to the total of `rows`, (len(rows),) each, beyond its mean in other rows."""
        signals = self._hybrid.signals_at(self._signals, np.concatenate([rows, beyond])) * self._weights
        signals[: len(rows)] -= signals[len(rows) :].sum(axis=0) / max(1, len(beyond))
        found = {term: np.zeros(len(rows), np.float32) for term in TERMS}
        for i, term in enumerate(SIGNALS.values()):
            found[term] += signals[: len(rows), i]
        return found

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """What each artist is worth, and each year with each level of popularity."""
        w, signals, hybrid = dict(zip(SIGNALS, self._weights, strict=True)), self._signals, self._hybrid
        by_artist = np.zeros(len(hybrid._style_of), np.float32)
        for name, values in signals.by_artist.items():
            by_artist += w[name] * values
        by_popularity = w["popularity"] * hybrid._levels + w["popularity near"] * signals.near
        return by_artist, np.add.outer(w["era"] * signals.era, by_popularity).ravel()


class Hybrid:
    """Scores a whole catalogue against a taste.

    Attributes
    ----------
    weights : (sizes, signals) float32, of each signal of `SIGNALS` at each history size of `SIZES`.
    only_listed : (n,) bool, tracks that no source knows but the one of the playlists, which gives no time signature.
    """

    def __init__(self, catalog: Catalog, artists: ArtistSpace, columns: dict[str, NDArray]) -> None:
        self.catalog = catalog
        self.artists = artists
        self.playlists = Playlists(columns, catalog)
        self.weights: Floats = columns["weights"].astype(np.float32)
        self.only_listed = np.isnan(catalog.features[:, COLUMN["time_signature"]])
        self._spread = columns["sound_spread"].astype(np.float32)
        style = columns["style"]  # few differ: most artists have one genre, or the same few
        each = np.ascontiguousarray(style).view(np.dtype((np.void, style.shape[1]))).ravel()
        _, first, self._style_of = np.unique(each, return_index=True, return_inverse=True)
        self._styles = np.ascontiguousarray(style[first].T.astype(np.float32) / 127)
        self._unstyled = np.abs(self._styles).max(axis=0, initial=0) == 0
        self._artist = catalog.artist.astype(np.intp)
        known = catalog.popularity >= 0
        levels = np.append(np.arange(_UNKNOWN), catalog.popularity[known].mean() if known.any() else 0)
        self._levels = (levels / 100).astype(np.float32)
        self._year = year_codes(catalog)
        self._popularity = np.where(known, catalog.popularity, np.int8(_UNKNOWN))
        self._moment = self._year.astype(np.intp) * len(levels) + self._popularity
        self._sound = np.ascontiguousarray(sound_of(catalog).T)

    @staticmethod
    def pack(sources: Sources, catalog: Catalog, artists: ArtistSpace, seed: int) -> dict[str, NDArray]:
        """Learn from the playlists of `sources`; what `artifacts` stores and `__init__` takes."""
        from ml.hybrid_training import describe, learn

        return describe(sources.tracks, catalog) | {"weights": learn(sources, catalog, artists, seed)}

    def score(self, taste: Taste) -> Affinity:
        """The affinity of every track; of a taste without likes and dislikes, the popularity prior alone."""
        signals, size = self.signals(taste)
        return Affinity(self, signals, weights_at(self.weights, size))

    def signals_at(self, signals: _Signals, rows: Codes) -> Floats:
        """(len(rows), signals) every signal at `rows`, in the order of `SIGNALS`."""
        found = np.zeros((len(rows), len(SIGNALS)), np.float32)
        artist, popularity = self._artist[rows], self._popularity[rows]
        for name, values in signals.by_artist.items():
            found[:, _AT[name]] = values[artist]
        found[:, _AT["era"]] = signals.era[self._year[rows]]
        found[:, _AT["popularity"]] = self._levels[popularity]
        found[:, _AT["popularity near"]] = signals.near[popularity]
        found[:, _AT["sound"]] = likeness_in_sound(signals.sound, self._sound[:, rows])
        members = self.playlists.tracks.members
        at = np.minimum(np.searchsorted(members, rows), len(members) - 1)
        is_listed = members[at] == rows
        found[is_listed, _AT["tracks together"]] = signals.listed[at[is_listed]]
        return found

    def signals(self, taste: Taste) -> tuple[_Signals, float]:
        """The signals of a taste and the log of the history's size; all are 0 of a taste that weighs nothing."""
        weights = np.concatenate([taste.weights, taste.artist_weights]).astype(np.float32)
        strength = float(np.abs(weights).sum())
        if not strength:
            sizes = (len(self.playlists.tracks.members), YEARS, len(self._levels), (2, len(SOUND)))
            return _Signals({}, *(np.zeros(size, np.float32) for size in sizes)), float(SIZES[0])
        codes, place = np.unique(np.concatenate([self._artist[taste.rows], taste.artists]), return_inverse=True)
        of_artist = np.bincount(place, weights).astype(np.float32)
        inside = codes < len(self._style_of)
        own, own_weights = codes[inside], of_artist[inside]
        together = np.zeros(len(self._style_of), np.float32)
        together[self.playlists.artists.members] = self.playlists.artists.scores(own, own_weights / strength)
        same = np.zeros(len(self._style_of), np.float32)
        same[own] = np.sign(own_weights) * np.log1p(np.abs(own_weights))
        listeners = self.artists.scores(codes, of_artist, count=len(self._style_of))
        by_artist = {
            "artists together": together,
            "same artist": same,
            "listeners": np.clip(listeners, *_LISTENERS),
            "style": self._style_likeness(own, own_weights),
        }
        listed = self.playlists.tracks.scores(taste.rows, taste.weights / strength)
        examples, shares = self.examples(taste)
        signals = _Signals(
            by_artist,
            listed,
            of_eras(self._year[examples], shares),
            of_levels(self._levels, self._popularity[examples], shares),
            of_sound(self._sound[:, examples], shares, self._spread),
        )
        return signals, float(np.log(strength**2 / np.square(weights).sum()))

    def split(self, taste: Taste) -> tuple[Taste, ...]:
        """The taste itself, or two when its likes fall into two groups of far apart styles; both keep the dislikes.

        The mean of metal and piano is like neither: score each part and take from both in turn.
        """
        artists = np.concatenate([self._artist[taste.rows], taste.artists])
        weights = np.concatenate([taste.weights, taste.artist_weights])
        inside = artists < len(self._style_of)
        styled = inside & ~self._unstyled[self._style_of[np.where(inside, artists, 0)]]
        liked = np.flatnonzero((weights > 0) & styled)
        second = two_groups(self._styles[:, self._style_of[artists[liked]]].T, weights[liked])
        if second is None:
            return (taste,)
        group = np.zeros(len(artists), np.intp)
        group[liked] = second
        return tuple(taste.part((group == g) | (weights < 0)) for g in (0, 1))

    def _style_likeness(self, artists: Codes, weights: Floats) -> Floats:
        """(artists,) cosine between each artist's style and that of the history."""
        styles = self._style_of[artists]
        centre = self._styles[:, styles] @ weights
        length = float(np.linalg.norm(centre))
        if not length:
            return np.zeros(len(self._style_of), np.float32)
        likeness: Floats = np.asarray((centre / length) @ self._styles, np.float32)
        likeness[self._unstyled] = _UNSTYLED * float(likeness[styles].mean())
        return likeness[self._style_of]

    def examples(self, taste: Taste) -> tuple[Codes, Floats]:
        """The tracks that speak for the sound and era of a taste, and the share of each; dislikes do not."""
        rows, weights = [taste.rows], [np.maximum(taste.weights, 0)]
        for artist, weight in zip(taste.artists.tolist(), taste.artist_weights.tolist(), strict=True):
            if artist < len(self._style_of) and weight > 0:
                best = self.catalog.by_artist(artist)[:_SPOKEN_BY]
                rows.append(best)
                weights.append(np.full(len(best), weight / len(best)))
        return np.concatenate(rows), np.concatenate(weights).astype(np.float32)


def weights_at(weights: Floats, size: float) -> Floats:
    """(signals,) the weights for a history whose log size is `size`, between those learned at `SIZES`."""
    at = float(np.interp(size, SIZES, np.arange(len(SIZES))))
    low = min(int(at), len(SIZES) - 2)
    between: Floats = (low + 1 - at) * weights[low] + (at - low) * weights[low + 1]
    return between


def sound_of(catalog: Catalog) -> Floats:
    """(n, 8) percentile ranks of the features in `SOUND`, from -0.5 to 0.5."""
    moods = MoodScorer(catalog.features)
    ranks = [moods.rank(name, catalog.features[:, COLUMN[name]]) for name in SOUND]
    return (np.column_stack(ranks) - 0.5).astype(np.float32)
