"""How much each signal of `ml.hybrid` counts: learned by finding the rest of playlists that nothing was fitted on."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, diags_array, hstack
from scipy.sparse.linalg import svds

from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.hybrid import SIGNALS, SIZES, Hybrid, sound_of
from ml.playlists import Playlists, playlist_rows, rows_of
from ml.sources import Sources, merge
from ml.taste import Taste

Codes = NDArray[np.intp]
Floats = NDArray[np.float32]

_SOURCE = "tidytuesday"  # of the playlists
_STYLE_DIMENSIONS = 32
_FOLDS = 10
_PART = 0.2
_HARD, _EASY = 1200, 600  # wrong answers that a rough hybrid ranks high, and that were drawn at random
_SHRINK = 1e-3
HISTORIES = tuple(round(float(size)) for size in np.exp(SIZES))
"""The history sizes at which weights are learned."""
_ROUGH = {
    "tracks together": 10.0,
    "artists together": 3.0,
    "listeners": 0.2,
    "same artist": 1.5,
    "style": 1.5,
    "era": 2.0,
    "sound": 1.0,
    "popularity": 1.5,
}


@dataclass(frozen=True)
class Query:
    """A history cut to `size` tracks (None: uncut), and the rest of its playlist, to be found."""

    size: int | None
    taste: Taste
    wanted: Codes


@dataclass(frozen=True)
class Fold:
    """Queries, a hybrid that never saw what they want, and the rows they may be answered with."""

    hybrid: Hybrid
    pool: Codes
    queries: Sequence[Query]


@dataclass(frozen=True)
class Examples:
    """Right and wrong answers to queries.

    Attributes
    ----------
    signals : (rows, signals). right : (rows,). stands_for : (rows,) for how many rows of the pool each stands.
    query : (rows,) index into `fold` and `size`, which are by query.
    """

    signals: Floats
    query: Codes
    right: NDArray[np.bool_]
    stands_for: Floats
    fold: Codes
    size: Codes

    def of(self, queries: NDArray[np.bool_]) -> Examples:
        """The examples of some queries."""
        rows = queries[self.query]
        number = (np.cumsum(queries) - 1)[self.query[rows]]
        return Examples(
            self.signals[rows], number, self.right[rows], self.stands_for[rows], self.fold[queries], self.size[queries]
        )


def describe(tracks: pd.DataFrame, catalog: Catalog) -> dict[str, NDArray]:
    """What the signals need beside the catalogue: the playlists, styles of artists, the usual spread of a sound."""
    columns = Playlists.pack(tracks, catalog)
    sound = sound_of(catalog)[columns["playlist_rows"]].astype(np.float64)
    lists = np.repeat(np.arange(len(columns["playlist_start"]) - 1), np.diff(columns["playlist_start"]))
    size = np.bincount(lists)
    means = np.stack([np.bincount(lists, x) / size for x in sound.T], axis=1)
    columns["sound_spread"] = np.square(sound - means[lists]).mean(axis=0).astype(np.float32)
    columns["style"] = np.round(_styles(tracks, catalog) * 127).astype(np.int8)
    return columns


def _styles(tracks: pd.DataFrame, catalog: Catalog) -> NDArray[np.float64]:
    """(artists, 32) unit vectors: genres and tags of each artist's tracks, rare ones heavier, by truncated SVD."""
    code = catalog.artist[rows_of(tracks, catalog)]
    parts = []
    for column in ("genres", "tags"):
        words, artists = [], []
        for artist, held in zip(code.tolist(), tracks[column], strict=True):
            words += held
            artists += [artist] * len(held)
        number, names = pd.factorize(np.array(words, object), sort=True)
        counts = csr_array((np.ones(len(words)), (artists, number)), (len(catalog.artist_keys), len(names)))
        artists_with = np.bincount(counts.indices, minlength=len(names))
        weighed = counts.log1p() @ diags_array((1 + artists_with) ** -0.5)
        length = np.sqrt(np.asarray(weighed.power(2).sum(axis=1)).ravel())
        parts.append(diags_array(1 / np.maximum(length, 1e-9)) @ weighed)
    described = csr_array(hstack(parts))
    u, s, v = svds(described, _STYLE_DIMENSIONS, v0=np.ones(min(described.shape)))
    vectors = u * s * np.sign(v.sum(axis=1))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def folds(
    sources: Sources, catalog: Catalog, artists: ArtistSpace, seed: int, sizes: Sequence[int | None] = HISTORIES
) -> Iterator[Fold]:
    """Every playlist once, in a fold whose hybrid never saw it: half of it is the history, the rest is to be found.

    A history names the tracks that are then unknown by their artist alone.
    """
    listed = playlist_rows(sources.tracks, catalog)
    names = np.array(list(listed))
    rng = np.random.default_rng(seed)
    held_in = np.empty(len(names), int)
    held_in[rng.permutation(len(names))] = np.arange(len(names)) % _FOLDS
    shuffled = {name: rng.permutation(rows) for name, rows in listed.items()}
    for k in range(_FOLDS):
        held = names[held_in == k]
        halves = [np.split(shuffled[name], [(len(shuffled[name]) + 1) // 2]) for name in held]
        yield _fold(sources, catalog, artists, sources.rows.playlist_id.isin(held).to_numpy(), halves, sizes)


def remainders(sources: Sources, catalog: Catalog, artists: ArtistSpace, seed: int) -> Fold:
    """Every playlist known but for a fifth of its tracks, which are to be found."""
    row_of = rows_of(sources.tracks, catalog)
    rows = sources.rows[sources.rows.playlist_id != ""]
    entries = pd.DataFrame({"playlist": rows.playlist_id, "row": row_of[rows.recording]})
    unique = entries.drop_duplicates().sort_values(["playlist", "row"])
    unique["held"] = np.random.default_rng(seed).random(len(unique)) < _PART
    held = entries.reset_index().merge(unique[unique.held], on=["playlist", "row"])["index"]
    parts = [(p.row[~p.held].to_numpy(), p.row[p.held].to_numpy()) for _, p in unique.groupby("playlist")]
    return _fold(sources, catalog, artists, sources.rows.index.isin(held), parts, (None,))


def _fold(
    sources: Sources,
    catalog: Catalog,
    artists: ArtistSpace,
    hidden: NDArray[np.bool_],
    parts: Sequence[Sequence[Codes]],
    sizes: Sequence[int | None],
) -> Fold:
    """A fold that never saw the `hidden` source rows; `parts` are (history, rest) of each playlist."""
    tracks, reduced, known = forget(sources, catalog, hidden)
    hybrid = Hybrid(reduced, artists, describe(tracks, reduced) | {"weights": rough_weights()})
    elsewhere = np.zeros(len(catalog), bool)
    rows = sources.rows
    elsewhere[rows_of(sources.tracks, catalog)[rows.recording[rows.source != _SOURCE].unique()]] = True
    queries = []
    for history, rest in parts:
        for size in sizes:
            first = history[:size]
            unseen = catalog.artist[first[~known[first]]]
            taste = Taste.of(first[known[first]].tolist(), unseen.tolist())
            if elsewhere[rest].any() and len(first):
                queries.append(Query(size, taste, rest[elsewhere[rest]]))
    return Fold(hybrid, np.flatnonzero(elsewhere), queries)


def rough_weights() -> Floats:
    """Weights by hand, to find wrong answers worth learning from."""
    return np.tile(np.array([_ROUGH.get(name, 0.0) for name in SIGNALS], np.float32), (len(SIZES), 1))


def forget(
    sources: Sources, catalog: Catalog, hidden: NDArray[np.bool_]
) -> tuple[pd.DataFrame, Catalog, NDArray[np.bool_]]:
    """Tracks and catalogue as if the `hidden` source rows had never been published, and which rows are still known.

    A playlist's source also tells year and popularity: kept, they would give its tracks away.
    """
    rows = sources.rows
    touched = np.unique(rows.recording[hidden])
    kept = rows[rows.recording.isin(touched) & ~hidden]
    left, merged = np.unique(kept.recording), merge(kept)
    tracks, reduced, row_of = sources.tracks.copy(), copy.copy(catalog), rows_of(sources.tracks, catalog)
    empty = np.fromiter(((),) * len(touched), object, len(touched))
    for name in ("tags", "playlists"):
        values = tracks[name].to_numpy(copy=True)
        values[touched] = empty
        values[left] = merged[name]
        tracks[name] = values
    for name in ("year", "decade", "popularity"):
        column = getattr(catalog, name).copy()
        column[row_of[left]] = merged[name].fillna(-1)
        setattr(reduced, name, column)
    known = np.ones(len(catalog), bool)
    known[row_of[np.setdiff1d(touched, left)]] = False
    return tracks, reduced, known


def examples(parts: Iterator[Fold] | Sequence[Fold], seed: int) -> Examples:
    """For each query the right answers, the wrong ones a rough hybrid ranks highest, and some at random."""
    rng = np.random.default_rng(seed)
    signals, right, stands_for, of_fold, size = [], [], [], [], []
    for number, fold in enumerate(parts):
        mark = np.zeros(len(fold.hybrid.catalog), np.float32)
        for query in (query for query in fold.queries if query.size):
            mark[query.taste.rows], mark[query.wanted] = -np.inf, np.inf
            total = fold.hybrid.score(query.taste).total[fold.pool] + mark[fold.pool]
            mark[query.taste.rows], mark[query.wanted] = 0, 0
            order = np.argpartition(-total, _HARD)
            rest = order[_HARD:][np.isfinite(total[order[_HARD:]])]
            chosen = np.concatenate([order[:_HARD], rng.choice(rest, _EASY)])
            signals.append(fold.hybrid.signals_at(fold.hybrid.signals(query.taste)[0], fold.pool[chosen]))
            right.append(np.isposinf(total[chosen]))
            stands_for.append(np.repeat([1, len(rest) / _EASY], [_HARD, _EASY]))
            of_fold.append(number)
            size.append(query.size)
    query_of = np.repeat(np.arange(len(right)), _HARD + _EASY)
    weight = np.concatenate(stands_for).astype(np.float32)
    of_query = np.array(of_fold), np.array(size)
    return Examples(np.concatenate(signals), query_of, np.concatenate(right), weight, *of_query)


def fit_weights(told: Examples, used: NDArray[np.bool_] | None = None, start: Floats | None = None) -> Floats:
    """(signals,) weights under which a softmax over the pool favours each query's right answers (listwise loss).

    `used` leaves signals out: their weight is 0. `start` is where the search begins.
    """
    scale = told.signals.std(axis=0)
    used = (scale > 0) & (True if used is None else used)
    x = told.signals[:, used] / scale[used]
    first = np.flatnonzero(np.diff(told.query, prepend=-1))
    share = told.right / np.add.reduceat(told.right.astype(np.float32), first)[told.query]
    target = share @ x
    offset = np.log(told.stands_for)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        plain = x @ w.astype(np.float32)
        logits = plain + offset
        logits -= np.maximum.reduceat(logits, first)[told.query]
        odds = np.exp(logits)
        sums = np.add.reduceat(odds, first)
        value = np.log(sums).sum(dtype=float) - share @ (logits - offset)
        slope = (odds / sums[told.query]) @ x - target
        return value / len(first) + _SHRINK * w @ w, slope.astype(float) / len(first) + 2 * _SHRINK * w

    begin = (np.zeros(len(scale)) if start is None else start.astype(float))[used] * scale[used]
    weights = np.zeros(len(SIGNALS), np.float32)
    weights[used] = (
        minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-7}).x / scale[used]
    )
    at = list(SIGNALS).index("sound")
    weights[at] = max(weights[at], 0)  # sound may only take away: `Affinity.ceiling` relies on it
    return weights


def learn(sources: Sources, catalog: Catalog, artists: ArtistSpace, seed: int) -> Floats:
    """(sizes, signals) the weights at each history size of `SIZES`."""
    return weights_by_size(examples(folds(sources, catalog, artists, seed), seed))


def weights_by_size(told: Examples, used: NDArray[np.bool_] | None = None, start: Floats | None = None) -> Floats:
    """(sizes, signals) the weights for each of `HISTORIES`; `used` and `start` as `fit_weights` takes them."""
    starts = [None] * len(HISTORIES) if start is None else list(start)
    return np.stack(
        [fit_weights(told.of(told.size == n), used, begin) for n, begin in zip(HISTORIES, starts, strict=True)]
    )
