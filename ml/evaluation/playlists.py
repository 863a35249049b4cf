"""How well the hybrid continues playlists that it never saw, beside each of its terms alone and without each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.hybrid import SIGNALS, TERMS, weights_at
from ml.hybrid_training import HISTORIES, Examples, Fold, examples, folds, remainders, weights_by_size
from ml.scores import Score
from ml.sources import Sources

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

_POOL = "pool of tracks that other sources have too, ties at random"
_WHOLE = f"whole playlists held out in 10 folds, history: {{}} of each, to find: the other half; {_POOL}"
_PART = f"20 % of every playlist's tracks held out, history: the other 80 %; {_POOL}"
_METRICS = ("playlist N@10", "playlist R@50")
_DEEP = 50
_GAIN = 1 / np.log2(np.arange(2, 12))
_HYBRID = "hybrid"


def evaluate_playlists(sources: Sources, catalog: Catalog, artists: ArtistSpace, seed: int) -> list[Score]:
    """N@10 and R@50 of the hybrid, of each of its terms alone, and of the hybrid without each, fitted anew.

    Weights are learned on the other folds, with co-occurrence that saw none of the playlists asked. What the
    playlists' source says of its tracks (year, popularity, tags) is forgotten with them.
    """
    asked = list(folds(sources, catalog, artists, seed, (*HISTORIES, None)))
    told = examples(asked, seed)
    start = weights_by_size(told)
    weights = {_HYBRID: _by_fold(told, None, start)}
    for term in TERMS:
        of_term = np.array([t == term for t in SIGNALS.values()])
        weights[f"{term} alone"] = _by_fold(told, of_term, start)
        weights[f"{_HYBRID} without {term}"] = _by_fold(told, ~of_term, start)
    found = _scores(_measure(asked, None, weights, seed), _WHOLE.format("half"))
    for size in HISTORIES:
        figures = _measure(asked, size, {_HYBRID: weights[_HYBRID]}, seed)
        found += _scores(figures, _WHOLE.format(f"{size} track{'s' if size > 1 else ''} at most"))
    mean = {name: w.mean(axis=0, keepdims=True) for name, w in weights.items() if "without" not in name}
    return found + _scores(_measure([remainders(sources, catalog, artists, seed)], None, mean, seed), _PART)


def _by_fold(told: Examples, used: NDArray[np.bool_] | None, start: Floats) -> Floats:
    """(folds, sizes, signals) the weights learned without each fold."""
    return np.stack([weights_by_size(told.of(told.fold != k), used, start) for k in range(told.fold.max() + 1)])


def _measure(asked: Sequence[Fold], size: int | None, weights: Mapping[str, Floats], seed: int) -> Mapping[str, Array]:
    """By model: (queries, 2) N@10 and R@50 of the queries of one size, over the whole pool."""
    rng = np.random.default_rng(seed)
    found = []
    for k, fold in enumerate(asked):
        place = np.empty(len(fold.hybrid.catalog), np.intp)
        place[fold.pool] = np.arange(len(fold.pool))
        inside = np.isin(np.arange(len(place)), fold.pool)
        for query in (query for query in fold.queries if query.size == size):
            signals, log_size = fold.hybrid.signals(query.taste)
            at = np.stack([weights_at(w[k], log_size) for w in weights.values()], axis=1)
            totals = fold.hybrid.signals_at(signals, fold.pool) @ at
            totals[place[query.taste.rows[inside[query.taste.rows]]]] = -np.inf
            lottery = rng.permutation(len(totals))
            wanted = np.zeros(len(totals), bool)
            wanted[place[query.wanted]] = True
            found.append([_figures(model[lottery], wanted[lottery]) for model in totals.T])
    by_model = np.array(found).swapaxes(0, 1)
    return dict(zip(weights, by_model, strict=True))


def _figures(total: Floats, wanted: NDArray[np.bool_]) -> tuple[float, float]:
    """N@10 and R@50 of one query; equals are taken as they come."""
    cut = np.partition(total, -_DEEP)[-_DEEP]
    above, level = np.flatnonzero(total > cut), np.flatnonzero(total == cut)
    best = np.concatenate([above[np.argsort(-total[above], kind="stable")], level])[:_DEEP]
    hits = wanted[best]
    many = int(wanted.sum())
    return float(hits[:10] @ _GAIN / _GAIN[:many].sum()), float(hits.sum() / many)


def _scores(figures: Mapping[str, Array], split: str) -> list[Score]:
    """The mean of each model with its 95 % interval; for the others, what they lack beside the hybrid."""
    found = []
    for model, values in figures.items():
        for i, metric in enumerate(_METRICS):
            value, error = _mean(values[:, i])
            note = f"standard error {error:.4f}"
            if model != _HYBRID:
                gain, apart = _mean(figures[_HYBRID][:, i] - values[:, i])
                sure = "" if abs(gain) > 2 * apart else ": not established"
                note = f"the hybrid is {gain:+.4f} ± {apart:.4f} (paired standard error){sure}"
            low, high = value - 1.96 * error, value + 1.96 * error
            found.append(Score(model, metric, value, split, len(values), low, high, note))
    return found


def _mean(values: Array) -> tuple[float, float]:
    """Mean and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
