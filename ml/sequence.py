"""A playlist out of candidates: tracks chosen and ordered to fill a time, smooth from one to the next, along an arc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml import sequence_search, transitions
from ml.catalog import Catalog
from ml.features import COLUMN
from ml.sequence_search import Problem
from ml.transitions import Transition

Array = NDArray[np.float64]
Arc = Literal["steady", "winding down", "peak", "wave"]

PER_ARTIST = 2
_TRACKS_PER_MORE = 15  # in a long list an artist may have one track in so many
_SLACK = 120.0  # seconds by which a length may miss what was asked
_TRIES = 3
_ARC_STEP, _W_ARC = 0.25, 0.8
_W_RANK = 0.1  # for each length of the playlist that a candidate stands down the list
_USUAL, _W_UNUSUAL = (90.0, 600.0), 2.0  # seconds; an interlude or a whole side is taken only for want of others

_ARCS: Mapping[str, Arc] = {
    "focus": "steady",
    "sleep": "winding down",
    "party": "peak",
    "workout": "peak",
    "dance": "peak",
    "energetic": "peak",
}
_SHAPES: Mapping[Arc, tuple[tuple[float, float], ...]] = {
    "steady": ((0, 0.5), (1, 0.5)),
    "winding down": ((0, 0.8), (1, 0.15)),
    "peak": ((0, 0.3), (0.65, 0.9), (0.8, 0.9), (1, 0.4)),
    "wave": ((0, 0.4), (0.25, 0.65), (0.6, 0.4), (0.85, 0.65), (1, 0.5)),
}
"""(share of the playlist, share of the candidates that are calmer), joined by straight lines."""


@dataclass(frozen=True)
class Sequence:
    """Tracks in order (catalogue rows), what changes from each to the next, and the length of the whole."""

    rows: tuple[int, ...]
    transitions: tuple[Transition, ...]
    seconds: float
    arc: Arc


def arc_of(activities: Iterable[str]) -> Arc:
    """The energy arc of an activity or mood, of the first that has one of its own."""
    return next((_ARCS[name] for name in activities if name in _ARCS), "wave")


def intensity_wanted(arc: Arc, places: int) -> Array:
    """(places,) the share of the candidates that each place's track should be more intense than."""
    at, level = np.array(_SHAPES[arc]).T
    return np.interp((np.arange(places) + 0.5) / places, at, level)


def arrange(catalog: Catalog, candidates: Rows[int], seconds: float, arc: Arc = "wave") -> Sequence:
    """Choose among candidate rows, best first, and order them to last about `seconds`.

    The cost of an order is the sum of its transitions (`ml.transitions`) and, for each track, of its distance from the
    arc (one step a quarter of the candidates, weight 0.8) and of how far down the candidates it stands (0.1 for each
    playlist's length); a total more than a minute off costs too. Intensity is the mean of a track's ranks in energy and
    loudness among the candidates. No two neighbours share a performer, no title comes twice, and no artist has more
    than two tracks, or one in fifteen; the result is short where the candidates are.
    """
    rows = _songs(catalog, candidates)
    length = catalog.features[rows, COLUMN["duration_ms"]].astype(np.float64) / 1000
    rows, length = rows[length <= seconds + _SLACK], length[length <= seconds + _SLACK]
    if not len(rows):
        return Sequence((), (), 0.0, arc)
    between = transitions.costs(catalog.features[rows])
    between[_share_performers(catalog, rows)] = np.inf
    places = int(np.clip(round(seconds / np.median(length)), 1, len(rows)))
    tried: list[NDArray[np.intp]] = []
    for _ in range(_TRIES):
        order = sequence_search.solve(_problem(catalog, rows, between, length, seconds, arc, places))
        tried.append(order)
        missed = float(length[order].sum()) - seconds
        fewer = int(np.sign(missed))
        if abs(missed) <= _SLACK or not 1 <= places - fewer <= len(rows) or len(order) < places:
            break
        places -= fewer
    best = min(tried, key=lambda order: abs(length[order].sum() - seconds))
    chosen = rows[best]
    changes = transitions.transitions(catalog.features[chosen])
    return Sequence(tuple(chosen.tolist()), changes, float(length[best].sum()), arc)


def _songs(catalog: Catalog, candidates: Rows[int]) -> NDArray[np.intp]:
    """The candidates without a second track of one title: a song and its duet would be the smoothest of neighbours."""
    first: dict[bytes, int] = {}
    for row in candidates:
        first.setdefault(catalog.title_keys.bytes_at(row), row)
    return np.array(list(first.values()), dtype=np.intp)


def _share_performers(catalog: Catalog, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(p, p) pairs of tracks with an artist or guest in common, each track with itself among them."""
    names = [catalog.artists[catalog.artist_name[row]].split(", ") for row in rows]
    codes = {name: i for i, name in enumerate(dict.fromkeys(name for together in names for name in together))}
    plays = np.zeros((len(rows), len(codes)), np.float32)
    for at, together in enumerate(names):
        plays[at, [codes[name] for name in together]] = 1
    artist = catalog.artist[rows]
    return (plays @ plays.T > 0) | (artist[:, None] == artist)


def _problem(
    catalog: Catalog,
    rows: NDArray[np.intp],
    between: Array,
    length: Array,
    seconds: float,
    arc: Arc,
    places: int,
) -> Problem:
    off = np.abs(intensity(catalog, rows)[:, None] - intensity_wanted(arc, places)) / _ARC_STEP
    unusual = (length < _USUAL[0]) | (length > _USUAL[1])
    rank = np.arange(len(rows)) / places
    return Problem(
        between=between,
        fit=_W_ARC * transitions.bend(off) + (_W_RANK * rank + _W_UNUSUAL * unusual)[:, None],
        seconds=length,
        artist=catalog.artist[rows],
        wanted=seconds,
        per_artist=max(PER_ARTIST, places // _TRACKS_PER_MORE),
    )


def intensity(catalog: Catalog, rows: NDArray[np.intp]) -> Array:
    """(p,) the mean of the ranks, 0 to 1, of energy and loudness among the rows."""
    ranks = [np.argsort(np.argsort(catalog.features[rows, COLUMN[n]], kind="stable")) for n in ("energy", "loudness")]
    return (ranks[0] + ranks[1]) / (2 * max(len(rows) - 1, 1))
