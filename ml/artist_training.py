"""Learning artist vectors: an SVD of who listens to whom, and a ridge from content for artists nobody listened to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.strings import Strings

if TYPE_CHECKING:
    import pandas as pd

    from ml.listening import Listening

Array = NDArray[np.float64]

Signal = Literal["sound", "era", "fame", "words"]
SIGNALS: tuple[Signal, ...] = ("sound", "era", "fame", "words")
DIMENSIONS, CONTENT_DIMENSIONS = 128, 48
SCALING = 0.2  # columns are divided by listeners^this before the SVD
RANKED = 0.3  # a count weighs (its rank in the person's history)^this
LINKS = 96
_LINKED, _LINK_RIDGE, _BLOCK = 2, 30.0, 1024
_RIDGE = 100.0
_MIN_TAGGED = 8  # artists that carry a tag before it is used
_DECADES = np.arange(1950, 2030, 10)


@dataclass(frozen=True)
class Factors:
    """The artists' right singular vectors (A, d), the singular values (d,), and listeners (A,)."""

    vectors: Array
    sigma: Array
    listeners: NDArray[np.int64]


def factorise(listening: Listening, dimensions: int = DIMENSIONS) -> Factors:
    """Truncated SVD of the ranked, unit-length histories with columns divided by listeners^`SCALING`."""
    from scipy.sparse import diags_array
    from scipy.stats import rankdata

    m = listening.counts.tocsr().copy()
    listeners = np.bincount(m.indices, minlength=m.shape[1])
    for a, b in zip(m.indptr[:-1], m.indptr[1:], strict=True):
        if b > a:
            ranked = (rankdata(m.data[a:b]) / (b - a)) ** RANKED
            m.data[a:b] = ranked / np.linalg.norm(ranked)
    m = (m @ diags_array(np.maximum(listeners, 1.0) ** -SCALING)).tocsr()
    d = min(dimensions, min(m.shape))
    values, people = np.linalg.eigh((m @ m.T).toarray())  # dense: exact, and without a random start
    values, people = values[::-1][:d], people[:, ::-1][:, :d]
    sigma = np.sqrt(np.maximum(values, 1e-12))
    vectors = (m.T @ people) / sigma
    largest = np.abs(vectors).argmax(axis=0)
    vectors *= np.sign(vectors[largest, np.arange(d)])  # an eigenvector's sign is the library's whim
    return Factors(vectors, sigma, listeners)


def links(listening: Listening) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The `LINKS` strongest links of each artist with two listeners or more: (from, to, weight), by `from`.

    EASE (Steck 2019): the ridge regression of each artist on all others, -P_ij / P_jj with P the inverse of the
    regularised Gram matrix; taken over people instead of artists, since people are fewer (Woodbury).
    """
    from scipy.sparse import diags_array

    m = listening.counts.tocsr().copy()
    m.data[:] = 1.0
    listeners = np.bincount(m.indices, minlength=m.shape[1])
    kept = np.flatnonzero(listeners >= _LINKED)
    scaled = (m @ diags_array(np.maximum(listeners, 1.0) ** -SCALING)).tocsr()[:, kept].toarray().astype(np.float32)
    if not len(kept):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    gram = scaled @ scaled.T
    gram[np.diag_indices(len(gram))] += _LINK_RIDGE
    solved = np.linalg.solve(gram, scaled)
    diagonal = 1.0 - (scaled * solved).sum(axis=0)
    count = min(LINKS, len(kept) - 1)
    targets, weights = [], []
    for start in range(0, len(kept), _BLOCK):
        block = scaled[:, start : start + _BLOCK].T @ solved / diagonal
        at = np.arange(len(block))
        block[at, start + at] = -np.inf
        best = np.sort(np.argpartition(-block, count - 1, axis=1)[:, :count], axis=1)
        targets.append(kept[best].ravel())
        weights.append(np.take_along_axis(block, best, axis=1).ravel())
    return np.repeat(kept, count), np.concatenate(targets), np.concatenate(weights)


def describe(catalog: Catalog, tracks: pd.DataFrame, signals: Sequence[Signal] = SIGNALS) -> Array:
    """What an artist's tracks tell: (artists of the catalogue, features), standardised.

    "sound" is means and deviations of the audio features, "era" shares of decades, "fame" popularity, hits and number
    of tracks, "words" shares of genres and tags.
    """
    from sklearn.preprocessing import StandardScaler

    size = len(catalog.artist_keys)
    artist = catalog.artist
    n = np.bincount(artist, minlength=size).astype(float)

    def mean(values: NDArray, known: NDArray[np.bool_]) -> Array:
        """Mean per artist over its known values; over everyone where it has none."""
        total = np.bincount(artist[known], values[known], size)
        count = np.bincount(artist[known], minlength=size)
        return np.where(count > 0, total / np.maximum(count, 1), values[known].mean() if known.any() else 0.0)

    parts: list[Array] = []
    if "sound" in signals:
        for x in catalog.features.T.astype(float):
            known = ~np.isnan(x)
            centre = mean(x, known)
            parts += [centre, np.sqrt(np.maximum(mean(x**2, known) - centre**2, 0.0))]
    if "fame" in signals:
        popularity = catalog.popularity.astype(float)
        best = np.zeros(size)
        np.maximum.at(best, artist, popularity)
        hits, flops = (np.bincount(artist, bits > 0, size) for bits in (catalog.hits, catalog.flops))
        parts += [mean(popularity, popularity >= 0), best, best**2, np.log1p(n), np.log1p(hits), np.log1p(flops)]
    if "era" in signals:
        parts += [mean((catalog.decade == decade).astype(float), catalog.decade > 0) for decade in _DECADES]
        parts.append(np.bincount(artist, catalog.decade == 0, size) / n)
    blocks = [np.ones((size, 1))]
    if parts:
        blocks.append(np.clip(StandardScaler().fit_transform(np.column_stack(parts)), -4.0, 4.0))
    if "words" in signals:
        blocks.append(_words(catalog, tracks, n))
    return np.column_stack(blocks)


def _words(catalog: Catalog, tracks: pd.DataFrame, n: Array) -> Array:
    """(artists, genres and tags): the root of the share of an artist's tracks that carry a word, rare words up."""
    size = len(n)
    keys = {catalog.artist_keys[i]: i for i in range(size)}
    said: Counter[tuple[int, str]] = Counter()
    for key, genres, tags in zip(tracks.artist_key, tracks.genres, tracks.tags, strict=True):
        said.update((keys[key], f"genre {g}") for g in genres)
        said.update((keys[key], f"tag {t}") for t in tags)
    carried = Counter(label for _, label in said)
    labels = {label: j for j, label in enumerate(sorted(c for c, k in carried.items() if k >= _MIN_TAGGED))}
    words = np.zeros((size, len(labels)))
    for (code, label), times in said.items():
        if label in labels:
            words[code, labels[label]] = np.sqrt(times / n[code])
    words *= np.log(size / np.maximum((words > 0).sum(axis=0), 1)) / 3.0  # a rare tag says more
    return words


def ridge(x: Array, y: Array) -> Array:
    """Weights of the ridge regression of `y` on `x`."""
    gram = x.T @ x
    gram[np.diag_indices(len(gram))] += _RIDGE
    return np.asarray(np.linalg.solve(gram, x.T @ y), np.float64)


def train(
    listening: Listening,
    catalog: Catalog,
    tracks: pd.DataFrame,
    signals: Sequence[Signal] = SIGNALS,
    linked: bool = True,
) -> dict[str, NDArray]:
    """Everything `ml.artists.ArtistSpace` serves from, compact; fewer `signals` and no links to measure their worth."""
    factors = factorise(listening)
    catalogued = len(catalog.artist_keys)
    code_of = {catalog.artist_keys[i]: i for i in range(catalogued)}
    own = [i for i, key in enumerate(listening.keys) if key not in code_of]
    code_of |= {listening.keys[i]: catalogued + j for j, i in enumerate(own)}
    code = np.array([code_of[key] for key in listening.keys], np.intp)
    size = catalogued + len(own)

    column = np.flatnonzero(factors.listeners > 0)
    column = column[np.argsort(code[column])]
    heard = code[column]
    learn = column[heard < catalogued]
    x = describe(catalog, tracks, signals)
    known, fame = x[code[learn]], np.log(factors.listeners[learn])
    content = np.zeros((size, min(CONTENT_DIMENSIONS, len(factors.sigma))))
    content[:catalogued] = x @ ridge(known, factors.vectors[learn, : content.shape[1]])
    listeners = np.ones(size, np.float32)
    listeners[:catalogued] = np.exp(np.clip(x @ ridge(known, fame), 0.0, fame.max()))
    listeners[heard] = factors.listeners[column]

    order = np.argsort(code)
    names, keys = Strings.pack([listening.names[i] for i in order]), Strings.pack([listening.keys[i] for i in own])
    source, target, weight = links(listening if linked else listening.of([]))
    place = np.empty(len(code), np.intp)
    place[column] = np.arange(len(column))
    by_place = np.lexsort((place[target], place[source]))
    worth = float(weight.max(initial=1e-9)) / 255
    columns: dict[str, NDArray] = {
        "heard": heard.astype(np.int32),
        "sigma": (factors.sigma / factors.sigma[0]).astype(np.float32),
        "listeners": listeners.astype(np.float16),
        "named": code[order].astype(np.int32),
        "names": np.frombuffer(names.data, np.uint8),
        "names_at": names.offsets,
        "keys": np.frombuffer(keys.data, np.uint8),
        "keys_at": keys.offsets,
        "link_start": np.searchsorted(place[source][by_place], np.arange(len(column) + 1)).astype(np.int32),
        "link_to": place[target][by_place].astype(np.uint16),
        "link": np.clip(np.round(weight[by_place] / worth), 0, 255).astype(np.uint8),
        "link_scale": np.array(worth, np.float32),
    }
    columns["vectors"], columns["vectors_scale"] = _compress(factors.vectors[column])
    columns["content"], columns["content_scale"] = _compress(np.delete(content, heard, axis=0))
    return columns


def _compress(vectors: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows as whole numbers of -127 to 127, and what one of them is worth."""
    scale = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
    return np.round(vectors / scale[:, None]).astype(np.int8), scale.astype(np.float32)
