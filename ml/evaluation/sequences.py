"""How smooth playlists are against the same candidates in random, ranked and greedy order, paired over requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml import transitions
from ml.catalog import Catalog
from ml.features import COLUMN
from ml.filters import Wish
from ml.moods import MOODS
from ml.recommend import Recommender
from ml.scores import Score
from ml.sequence import Arc, arc_of, arrange, intensity, intensity_wanted

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

_GENRES = ("pop", "rock", "hip-hop", "jazz", "techno", "classical", "country", "metal", "reggae", "latin")
_SEEDS = 8
_POOL, _DRAWS = 250, 20
_METRICS = (
    "sequence mean transition cost",
    "sequence share within 8 % tempo",
    "sequence share of keys compatible",
    "sequence mean distance from the arc",
    "sequence mean rank among candidates",
    "sequence minutes off",
)


class _Request(NamedTuple):
    candidates: Rows
    arc: Arc


def evaluate_sequences(recommender: Recommender, minutes: float = 60, seed: int = 0) -> list[Score]:
    """The metrics of each order over 30 requests (12 moods, 10 genres, 8 popular tracks), 250 candidates each.

    "random": candidates drawn at random until the time is full, the mean of 20 draws; "ranked": the best candidates
    in their order; "greedy": from the best candidate, always the cheapest transition. Differences are those of the
    playlist minus another order's, over the same requests; intervals are two-sided 95 % from their standard error.
    """
    catalog, seconds = recommender.catalog, minutes * 60
    rng = np.random.default_rng(seed)
    requests = _requests(recommender)
    orders: Mapping[str, Callable[[_Request], list[Rows]]] = {
        "playlist": lambda r: [np.array(arrange(catalog, r.candidates.tolist(), seconds, r.arc).rows, np.intp)],
        "greedy": lambda r: [_filled(catalog, _greedy(catalog, r.candidates), seconds)],
        "ranked": lambda r: [_filled(catalog, r.candidates, seconds)],
        "random": lambda r: [_filled(catalog, rng.permutation(r.candidates), seconds) for _ in range(_DRAWS)],
    }
    measured = {
        name: np.array([np.mean([_measure(catalog, r, rows, seconds) for rows in order(r)], axis=0) for r in requests])
        for name, order in orders.items()
    }
    split = f"{len(requests)} requests of {minutes:g} minutes, {_POOL} candidates each"
    scores = []
    for name, values in measured.items():
        scores += [_score(name, metric, column, split) for metric, column in zip(_METRICS, values.T, strict=True)]
        if name != "playlist":
            gaps = (measured["playlist"] - values).T
            scores += [
                _score("playlist", f"{metric}, minus {name}", gap, split)
                for metric, gap in zip(_METRICS, gaps, strict=True)
            ]
    return scores


def _requests(recommender: Recommender) -> list[_Request]:
    """Every mood, ten genres, and tracks spread over the two thousand most popular as seeds."""
    popular = [row * 2000 // _SEEDS for row in range(_SEEDS)]
    wishes = [
        *(Wish(mood=(mood,), count=_POOL) for mood in MOODS),
        *(Wish(genres=(genre,), count=_POOL) for genre in _GENRES),
        *(Wish(likes=(row,), count=_POOL) for row in popular),
    ]
    return [
        _Request(np.array([pick.track.row for pick in recommender.recommend(wish).picks], np.intp), arc_of(wish.mood))
        for wish in wishes
    ]


def _greedy(catalog: Catalog, candidates: Rows) -> Rows:
    """The candidates from the best on, always the one with the cheapest transition next."""
    between = transitions.costs(catalog.features[candidates])
    order, free = [0], np.ones(len(candidates), bool)
    free[0] = False
    while free.any():
        order.append(int(np.where(free, between[order[-1]], np.inf).argmin()))
        free[order[-1]] = False
    return candidates[order]


def _filled(catalog: Catalog, rows: Rows, seconds: float) -> Rows:
    """The first of `rows`, two at least, that fill the time as nearly as whole tracks can."""
    ends = np.cumsum(_seconds(catalog, rows))
    return rows[: max(int(np.abs(ends - seconds).argmin()) + 1, 2)]


def _seconds(catalog: Catalog, rows: Rows) -> Array:
    return catalog.features[rows, COLUMN["duration_ms"]].astype(np.float64) / 1000


def _measure(catalog: Catalog, request: _Request, rows: Rows, seconds: float) -> Array:
    """The values of `_METRICS` for one order."""
    changes = transitions.transitions(catalog.features[rows])
    places = np.array([np.flatnonzero(request.candidates == row)[0] for row in rows])
    reached = intensity(catalog, request.candidates)[places]
    return np.array(
        [
            np.mean([c.cost for c in changes]),
            np.mean([c.near_tempo for c in changes]),
            np.mean([c.near_key for c in changes]),
            np.abs(reached - intensity_wanted(request.arc, len(rows))).mean(),
            places.mean() + 1,
            abs(_seconds(catalog, rows).sum() - seconds) / 60,
        ]
    )


def _score(model: str, metric: str, values: Array, split: str) -> Score:
    mean, reach = float(values.mean()), 1.96 * float(values.std(ddof=1) / np.sqrt(len(values)))
    return Score(model, metric, mean, split, len(values), mean - reach, mean + reach)
