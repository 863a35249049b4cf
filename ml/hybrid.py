"""The score of every track for a taste: playlists, listeners, genre, era, sound and popularity in one exact pass.

Each signal is one number a track. The total is their weighted sum; the weights were learned from whole playlists
(`ml.hybrid_training`) and shift with the size of the history. A total is the logit of a softmax over the catalogue, so
one unit means the same for every taste, and a term of fixed weight may be added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.features import COLUMN
from ml.moods import MoodScorer
from ml.playlists import Playlists
from ml.taste import Taste

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
_FIRST_YEAR, _YEARS, _FADE = 1899, 128, 4.0  # code 0 is an unknown year; likeness of eras fades by e in 4 years
_UNKNOWN = 101  # the level that stands for an unknown popularity
_UNDATED, _UNSTYLED = 0.5, 0.3  # what share of a full likeness a track gets whose year, or genre, is unknown
_USUAL = 3.0  # as how many tracks the usual spread of a playlist's sound counts beside the spread of the history
_LISTENERS = (-2.0, 8.0)
_APART, _ROUNDS = 0.2, 4  # below this cosine two groups of styles are two tastes; rounds of 2-means
_SPOKEN_BY = 5  # how many of its best-known tracks speak for the sound and era of a liked artist


@dataclass(frozen=True)
class _Signals:
    """The signals of one taste, each kept where it is smallest; popularity itself is the same for every taste."""

    by_artist: dict[str, Floats]  # (artists,) each
    listed: Floats  # (listed tracks,) "tracks together"
    era: Floats  # (_YEARS,)
    near: Floats  # (_UNKNOWN + 1,) "popularity near"
    sound: Floats  # (1 + 2 features,) coefficients of 1, x and x²


@dataclass(frozen=True)
class Affinity:
    """How well every track suits one taste; `total` is (n,) float32, higher is better."""

    total: Floats
    _hybrid: Hybrid
    _signals: _Signals | None
    _weights: Floats

    def terms(self, rows: Codes) -> dict[str, Floats]:
        """What each of `TERMS` adds to the total of `rows`: (len(rows),) each."""
        signals = self._hybrid.signals_at(self._signals, rows) * self._weights
        found = {term: np.zeros(len(rows), np.float32) for term in TERMS}
        for i, term in enumerate(SIGNALS.values()):
            found[term] += signals[:, i]
        return found


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
        self._style = np.ascontiguousarray(columns["style"].T.astype(np.float32) / 127)
        self._unstyled = np.abs(self._style).max(axis=0, initial=0) == 0
        self._artist = catalog.artist.astype(np.intp)
        self._year = year_codes(catalog)
        known = catalog.popularity >= 0
        self._popularity = np.where(known, catalog.popularity, _UNKNOWN).astype(np.intp)
        levels = np.append(np.arange(_UNKNOWN), catalog.popularity[known].mean() if known.any() else 0)
        self._levels = (levels / 100).astype(np.float32)
        self._moment = self._year * len(self._levels) + self._popularity
        sound = sound_of(catalog).T
        self._sound = np.ascontiguousarray(np.vstack([np.ones((1, len(catalog)), np.float32), sound, sound**2]))

    @staticmethod
    def pack(sources: Sources, catalog: Catalog, artists: ArtistSpace, seed: int) -> dict[str, NDArray]:
        """Learn from the playlists of `sources`; what `artifacts` stores and `__init__` takes."""
        from ml.hybrid_training import describe, learn

        return describe(sources.tracks, catalog) | {"weights": learn(sources, catalog, artists, seed)}

    def score(self, taste: Taste) -> Affinity:
        """The affinity of every track; of a taste without likes and dislikes, the popularity prior alone."""
        signals, size = self.signals(taste)
        row = weights_at(self.weights, size)
        if signals is None:
            row *= np.array([name == "popularity" for name in SIGNALS])
            total = (row[_AT["popularity"]] * self._levels)[self._popularity]
            return Affinity(total, self, None, row)
        w = dict(zip(SIGNALS, row, strict=True))
        by_artist = np.zeros(self._style.shape[1], np.float32)
        for name, values in signals.by_artist.items():
            by_artist += w[name] * values
        by_popularity = w["popularity"] * self._levels + w["popularity near"] * signals.near
        by_moment = np.add.outer(w["era"] * signals.era, by_popularity).ravel()
        total = (w["sound"] * signals.sound) @ self._sound
        step = np.take(by_artist, self._artist, mode="clip")  # clip: in range anyhow, and twice as fast
        total += step
        total += np.take(by_moment, self._moment, out=step, mode="clip")
        total[self.playlists.tracks.members] += w["tracks together"] * signals.listed
        return Affinity(total, self, signals, row)

    def signals_at(self, signals: _Signals | None, rows: Codes) -> Floats:
        """(len(rows), signals) every signal at `rows`, in the order of `SIGNALS`."""
        found = np.zeros((len(rows), len(SIGNALS)), np.float32)
        artist, popularity = self._artist[rows], self._popularity[rows]
        found[:, _AT["popularity"]] = self._levels[popularity]
        if signals is None:
            return found
        for name, values in signals.by_artist.items():
            found[:, _AT[name]] = values[artist]
        found[:, _AT["era"]] = signals.era[self._year[rows]]
        found[:, _AT["popularity near"]] = signals.near[popularity]
        found[:, _AT["sound"]] = signals.sound @ self._sound[:, rows]
        members = self.playlists.tracks.members
        at = np.minimum(np.searchsorted(members, rows), len(members) - 1)
        is_listed = members[at] == rows
        found[is_listed, _AT["tracks together"]] = signals.listed[at[is_listed]]
        return found

    def signals(self, taste: Taste) -> tuple[_Signals | None, float]:
        """The signals of a taste, None without one, and the log of the history's size."""
        weights = np.concatenate([taste.weights, taste.artist_weights]).astype(np.float32)
        strength = float(np.abs(weights).sum())
        if not strength:
            return None, float(SIZES[0])
        codes, place = np.unique(np.concatenate([self._artist[taste.rows], taste.artists]), return_inverse=True)
        of_artist = np.bincount(place, weights).astype(np.float32)
        inside = codes < self._style.shape[1]
        own, own_weights = codes[inside], of_artist[inside]
        together = np.zeros(self._style.shape[1], np.float32)
        together[self.playlists.artists.members] = self.playlists.artists.scores(own, own_weights / strength)
        same = np.zeros(self._style.shape[1], np.float32)
        same[own] = np.sign(own_weights) * np.log1p(np.abs(own_weights))
        listeners = self.artists.scores(codes, of_artist, count=self._style.shape[1])
        by_artist = {
            "artists together": together,
            "same artist": same,
            "listeners": np.clip(listeners, *_LISTENERS),
            "style": self._style_likeness(own, own_weights),
        }
        listed = self.playlists.tracks.scores(taste.rows, taste.weights / strength)
        examples, shares = self._examples(taste)
        signals = _Signals(
            by_artist,
            listed,
            self._era_likeness(examples, shares),
            self._nearness(examples, shares),
            self._sound_likeness(examples, shares),
        )
        return signals, float(np.log(strength**2 / np.square(weights).sum()))

    def split(self, taste: Taste) -> tuple[Taste, ...]:
        """The taste itself, or two when its likes fall into two groups of far apart styles; both keep the dislikes.

        The mean of metal and piano is like neither: score each part and take from both in turn. 2-means on the sphere.
        """
        artists = np.concatenate([self._artist[taste.rows], taste.artists])
        weights = np.concatenate([taste.weights, taste.artist_weights])
        inside = artists < self._style.shape[1]
        styled = inside & ~self._unstyled[np.where(inside, artists, 0)]
        liked = np.flatnonzero((weights > 0) & styled)
        if len(liked) < 2:
            return (taste,)
        styles = self._style[:, artists[liked]].T
        one = styles[(styles @ styles.sum(axis=0)).argmin()]
        centres = np.stack([styles[(styles @ one).argmin()], one])
        for _ in range(_ROUNDS):
            nearest = (styles @ centres.T).argmax(axis=1)
            sums = np.stack([weights[liked[nearest == g]] @ styles[nearest == g] for g in (0, 1)])
            centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        if centres[0] @ centres[1] > _APART or not 0 < nearest.sum() < len(nearest):
            return (taste,)
        group = np.zeros(len(artists), np.intp)
        group[liked] = nearest
        return tuple(self._part(taste, (group == g) | (weights < 0)) for g in (0, 1))

    @staticmethod
    def _part(taste: Taste, kept: NDArray[np.bool_]) -> Taste:
        rows, artists = kept[: len(taste.rows)], kept[len(taste.rows) :]
        return Taste(taste.rows[rows], taste.weights[rows], taste.artists[artists], taste.artist_weights[artists])

    def _style_likeness(self, artists: Codes, weights: Floats) -> Floats:
        """(artists,) cosine between each artist's style and that of the history."""
        centre = self._style[:, artists] @ weights
        length = float(np.linalg.norm(centre))
        if not length:
            return np.zeros(self._style.shape[1], np.float32)
        likeness: Floats = np.asarray((centre / length) @ self._style, np.float32)
        likeness[self._unstyled] = _UNSTYLED * float(likeness[artists].mean())
        return likeness

    def _examples(self, taste: Taste) -> tuple[Codes, Floats]:
        """The tracks that speak for the sound and era of a taste, and the share of each; dislikes do not."""
        rows, weights = [taste.rows], [np.maximum(taste.weights, 0)]
        for artist, weight in zip(taste.artists.tolist(), taste.artist_weights.tolist(), strict=True):
            if artist < self._style.shape[1] and weight > 0:
                best = self.catalog.by_artist(artist)[:_SPOKEN_BY]
                rows.append(best)
                weights.append(np.full(len(best), weight / len(best)))
        shares = np.concatenate(weights).astype(np.float32)
        return np.concatenate(rows), shares

    def _era_likeness(self, rows: Codes, weights: Floats) -> Floats:
        """Likeness in era of each year code."""
        years, era = self._year[rows], np.zeros(_YEARS, np.float32)
        dated = (years > 0) & (weights > 0)
        if dated.any():
            share = weights[dated] / weights[dated].sum()
            era += share @ np.exp(-np.abs(np.arange(_YEARS) - years[dated, None]) / np.float32(_FADE))
            era[0] = _UNDATED * float(share @ era[years[dated]])
        return era

    def _nearness(self, rows: Codes, weights: Floats) -> Floats:
        """Minus the distance of each level of popularity from the history's mean."""
        known = (self._popularity[rows] < _UNKNOWN) & (weights > 0)
        if not known.any():
            return np.zeros(len(self._levels), np.float32)
        mean = np.average(self._levels[self._popularity[rows[known]]], weights=weights[known])
        return np.asarray(-np.abs(self._levels - mean), np.float32)

    def _sound_likeness(self, rows: Codes, weights: Floats) -> Floats:
        """Coefficients of 1, x and x² of minus the mean squared distance to the history's mean, in its spreads."""
        total = float(weights.sum())
        features = len(SOUND)
        if not total:
            return np.zeros(1 + 2 * features, np.float32)
        share = weights / total
        x, squares = self._sound[1 : 1 + features, rows], self._sound[1 + features :, rows]
        mean = x @ share
        size = total**2 / float(np.square(weights).sum())
        variance = np.maximum(squares @ share - mean**2, 0)
        variance = (size * variance + _USUAL * self._spread) / (size + _USUAL)
        slope = 1 / (features * variance)
        return np.concatenate([[-(slope @ mean**2)], 2 * slope * mean, -slope]).astype(np.float32)


def weights_at(weights: Floats, size: float) -> Floats:
    """(signals,) the weights for a history whose log size is `size`, between those learned at `SIZES`."""
    between: Floats = np.array([np.interp(size, SIZES, w) for w in weights.T], np.float32)
    return between


def sound_of(catalog: Catalog) -> Floats:
    """(n, 8) percentile ranks of the features in `SOUND`, from -0.5 to 0.5."""
    moods = MoodScorer(catalog.features)
    ranks = [moods.rank(name, catalog.features[:, COLUMN[name]]) for name in SOUND]
    return (np.column_stack(ranks) - 0.5).astype(np.float32)


def year_codes(catalog: Catalog) -> Codes:
    """(n,) years counted from 1899, the middle of the decade where that is all one knows, 0 where nothing is."""
    decade = np.where(catalog.decade > 0, catalog.decade + 5, 0)
    year = np.where(catalog.year > 0, catalog.year, decade).astype(np.intp)
    return np.clip(year - _FIRST_YEAR, 0, _YEARS - 1)
