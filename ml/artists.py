"""Which artists go together: learned from who listens to whom, predicted from content where nobody listens.

Three views are added. Vectors: a truncated SVD of the listening matrix, columns scaled by listeners^-0.2. A person's
history is projected on them, each dimension is weighted by a power of its singular value, and one matrix product scores
every artist. The power falls as the history grows: one artist tells the broad direction only, fifty tell the details,
so the same vectors serve newcomers and old hands. Links: the strongest direct links between artists (EASE), which know
the rare pairs that a truncated SVD forgets. Cosines: which vectors point where a ridge regression on the history
does, whoever is famous; it asks for all of the history at once and for nothing else, where a sum asks for its middle.
Links and cosines join in as the history grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.ranking import highest
from ml.strings import Strings
from ml.text import artist_key

if TYPE_CHECKING:
    import pandas as pd

    from ml.listening import Listening

Codes = NDArray[np.intp]
Floats = NDArray[np.float32]

_FEW = 5.0  # listeners of whom half a likeness is believed
_OTHERS = 0.01  # how much it counts that an artist outside the history is predicted to be in it, against one inside
_GEMS = 4.0  # standard deviations that each e-fold of listeners costs at gems = 1


@dataclass(frozen=True)
class Curves:
    """How a history is read, by its size: each value holds at one of `sizes`, straight lines in log size between.

    `power` of the singular values; listeners^-`rarity` weighs the artists of the history; listeners^`fame` weighs the
    answers; `links` and `cosines` are their weights beside the vectors.
    """

    sizes: tuple[float, ...] = (1, 3, 5, 10, 20, 40)
    power: tuple[float, ...] = (2.0, 1.7, 1.4, 0.8, 0.6, 0.5)
    rarity: tuple[float, ...] = (0.5, 0.55, 0.5, 0.45, 0.4, 0.42)
    fame: tuple[float, ...] = (0.2, 0.05, 0.05, 0.03, 0.0, 0.0)
    links: tuple[float, ...] = (0.0, 0.0, 0.1, 0.3, 0.5, 0.7)
    cosines: tuple[float, ...] = (0.0, 0.15, 0.4, 0.6, 0.7, 0.8)

    def at(self, size: float) -> tuple[float, float, float, float, float]:
        """(power, rarity, fame, links, cosines) for a history of this size."""
        x, known = np.log(max(size, 1.0)), np.log(self.sizes)
        power, rarity, fame, links, cosines = (
            float(np.interp(x, known, curve))
            for curve in (self.power, self.rarity, self.fame, self.links, self.cosines)
        )
        return power, rarity, fame, links, cosines


CURVES = Curves()


class ArtistSpace:
    """Every artist of the catalogue (codes as in `Catalog.artist_keys`), then those known only from listening.

    Attributes
    ----------
    heard : (A,) bool, artists with listeners in the listening data.
    listeners : (A,) float32, how many listeners each has there; predicted from content where not heard.
    """

    def __init__(self, columns: dict[str, NDArray], catalog: Catalog, curves: Curves = CURVES) -> None:
        self.catalog = catalog
        self.curves = curves
        self._names = Strings(columns["names"].tobytes(), columns["names_at"])
        self._keys = Strings(columns["keys"].tobytes(), columns["keys_at"])
        self._named: NDArray[np.int32] = columns["named"]
        size = len(catalog.artist_keys) + len(self._keys)
        self.heard = np.zeros(size, bool)
        self.heard[columns["heard"]] = True
        self._rows = columns["heard"].astype(np.intp)
        self._others = np.flatnonzero(~self.heard)
        self._place = np.empty(size, np.intp)
        self._place[self._rows] = np.arange(len(self._rows))
        self._place[self._others] = np.arange(len(self._others))
        self._sigma: Floats = columns["sigma"]
        self._vectors = _expand(columns["vectors"], columns["vectors_scale"])
        self._content = _expand(columns["content"], columns["content_scale"])
        self.listeners: Floats = columns["listeners"].astype(np.float32)
        self._log_listeners = np.log(self.listeners)
        self._log_heard, self._log_others = self._log_listeners[self._rows], self._log_listeners[self._others]
        self._link_start: NDArray[np.int32] = columns["link_start"]
        self._link_to: NDArray[np.uint16] = columns["link_to"]
        self._link = columns["link"].astype(np.float32) * columns["link_scale"]

    def __len__(self) -> int:
        return len(self.heard)

    def name(self, code: int) -> str:
        """The artist as Last.fm spells it where it is known there, else as the catalogue does."""
        at = int(np.searchsorted(self._named, code))
        if at < len(self._named) and self._named[at] == code:
            return self._names[at]
        row = self.catalog.by_artist(code)[0]
        return self.catalog.artists[self.catalog.artist_name[row]].split(", ")[0]

    def find(self, text: str) -> int | None:
        """The code of the artist with this name; spelling must match up to case, accents and "the"."""
        found = self.catalog.find_artist(text)
        if found is not None:
            return found
        wanted = artist_key(text).encode()
        low, high = 0, len(self._keys)
        while low < high:  # the keys are sorted
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._keys.bytes_at(middle) < wanted else (low, middle)
        known = low < len(self._keys) and self._keys.bytes_at(low) == wanted
        return len(self.catalog.artist_keys) + low if known else None

    def scores(self, artists: Codes, weights: NDArray, gems: float = 0.0, count: int | None = None) -> Floats:
        """How well each artist suits someone with this history, in standard deviations over the heard artists.

        Parameters
        ----------
        artists : (n,) codes, n >= 0.
        weights : (n,) listening counts or strengths of taste, compared by sign(w) log(1 + |w|); below 0 is dislike.
        gems : from 0 to 1, takes more and more off an artist for each e-fold of listeners, and trusts direct links
            more, which keep the lesser known near the history.
        count : score the first so many artists only (those of the catalogue come first); all by default.

        Returns
        -------
        (count,) float32, higher is better; the history itself is not removed. All 0 without a history.
        """
        artists = np.asarray(artists, np.intp)
        found = np.zeros(len(self) if count is None else count, np.float32)
        w = (np.sign(weights) * np.log1p(np.abs(weights))).astype(np.float32)
        if not w.any():
            return found
        size = float(np.abs(w).sum() ** 2 / (w**2).sum())  # of a history in which all weigh the same
        power, rarity, fame, links, cosines = self.curves.at(size)
        person = self._project(artists, w * self.listeners[artists] ** -rarity) * self._sigma**power
        rows, places = (codes[: np.searchsorted(codes, len(found))] for codes in (self._rows, self._others))
        heard = self._vectors[: len(rows)] @ person
        others = self._content[: len(places)] @ person[: self._content.shape[1]]
        if fame:
            heard *= np.exp(np.float32(fame) * self._log_heard[: len(rows)])
            others *= np.exp(np.float32(fame) * self._log_others[: len(places)])
        mean, deviation = heard.mean(), max(float(heard.std()), 1e-12)
        heard -= mean
        heard /= deviation
        links = max(links, gems)
        if links:
            linked = self._linked(artists, w)[: len(rows)]
            heard += linked * (links / max(float(linked.std()), 1e-12))
        if cosines:
            alike = self._vectors[: len(rows)] @ self._fitted(artists, w)
            alike /= self._lengths[: len(rows)]
            alike -= alike.mean()
            alike *= cosines / max(float(alike.std()), 1e-12)
            heard += alike
            heard /= 1 + cosines  # as the two agree: the artists without listeners keep their place
        found[rows] = heard
        found[places] = (others - mean) / deviation
        if gems:
            found -= np.float32(gems * _GEMS) * self._log_listeners[: len(found)]
        return found

    def recommend(self, artists: Codes, weights: NDArray, count: int, gems: float = 0.0) -> tuple[Codes, Floats]:
        """The `count` best artists outside the history and their scores, best first; see `scores`."""
        found = self.scores(artists, weights, gems)
        found[np.asarray(artists, np.intp)] = -np.inf
        best = highest(found, count)
        best = best[np.isfinite(found[best])]
        return best, found[best]

    def likeness(self, some: Codes, others: Codes) -> Floats:
        """(some, others) cosines between the vectors of artists: do the same people play them?"""
        a, b = (self._vectors_of(codes) * np.sqrt(self._sigma) for codes in (some, others))
        lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
        return (a @ b.T) / np.maximum(lengths, 1e-9)

    @cached_property
    def _lengths(self) -> Floats:
        """What divides a product with each heard artist's vector to give its likeness."""
        fans = self.listeners[self._rows]
        return np.sqrt(self._vectors**2 @ self._sigma) * (fans + _FEW) / fans

    def _project(self, artists: Codes, weights: Floats) -> Floats:
        """The weighted sum of the artists' vectors."""
        heard = self.heard[artists]
        person = weights[heard] @ self._vectors[self._place[artists[heard]]]
        person[: self._content.shape[1]] += weights[~heard] @ self._content[self._place[artists[~heard]]]
        return person

    def _fitted(self, artists: Codes, weights: Floats) -> Floats:
        """What to multiply the vectors by for the ridge regression that knows the history from all other artists.

        The user's step of implicit ALS (Hu, Koren & Volinsky 2008): minimises the sum of w (1 - v·u)² over the history,
        of `_OTHERS` (v·u)² over everyone, and of u² times the mean square length of a vector v; a dislike wants -1.
        The vectors are orthonormal before they are scaled, so the second sum is a diagonal.
        """
        root, strengths = np.sqrt(self._sigma), np.abs(weights)
        own = self._vectors_of(artists) * root
        gram = (own.T * (strengths / strengths.mean())) @ own
        gram[np.diag_indices(len(gram))] += _OTHERS * self._sigma + self._sigma.sum() / np.float32(len(self._rows))
        return np.asarray(np.linalg.solve(gram, weights @ own) * root, np.float32)

    def _vectors_of(self, artists: Codes) -> Floats:
        """(n, dimensions), what is predicted from content filled up with zeros."""
        found = np.zeros((len(artists), len(self._sigma)), np.float32)
        heard = self.heard[artists]
        found[heard] = self._vectors[self._place[artists[heard]]]
        found[~heard, : self._content.shape[1]] = self._content[self._place[artists[~heard]]]
        return found

    def _linked(self, artists: Codes, weights: Floats) -> Floats:
        """The sum of the links that lead from the history to each heard artist."""
        known = self.heard[artists]
        rows, weights = self._place[artists[known]], weights[known]
        starts, sizes = self._link_start[rows], np.diff(self._link_start)[rows]
        at = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        values = np.repeat(weights, sizes) * self._link[at]
        return np.bincount(self._link_to[at], values, len(self._rows)).astype(np.float32)

    @staticmethod
    def pack(listening: Listening, catalog: Catalog, tracks: pd.DataFrame) -> dict[str, NDArray]:
        """Learn the vectors and links; what `artifacts` stores and `__init__` takes.

        `tracks` is `Sources.tracks`, the table that `catalog` was packed from. Nothing is drawn at random.
        """
        from ml.artist_training import train

        return train(listening, catalog, tracks)


def _expand(stored: NDArray[np.int8], scale: Floats) -> Floats:
    return np.ascontiguousarray(stored * scale[:, None])
