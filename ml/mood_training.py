"""What the moods learn: from the 114 genres and from artists' tags, starting at formulas set by hand.

First the sound: a logistic regression on the halves of the percentile ranks, pulled towards the formulas of
`ml.mood_table` and held to their signs. Then what a track is called: a weight for each genre, on top of the sound, from
the tags of artists. A track's genres are its own, else those of its artist's other tracks; beside them count the genres
that usually go with its artist's tags. The tags that bear a mood's own words are hidden while that mood is learnt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.features import NAMES
from ml.mood_labels import TAGS, by_tags
from ml.mood_table import MOODS
from ml.moods import WORD_STEP, MoodScorer, by_hand, halves
from ml.playlists import rows_of
from ml.sources import Sources

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Ends = tuple[float | None, float | None]

_SLOPE = 0.6  # log-odds a standard deviation of a score set by hand is taken to be worth
_HOLD_SOUND, _HOLD_GENRE = 0.1, 0.03  # how firmly weights are held to those set by hand, per track's mean loss
_OTHERS = 15_000  # tracks without the mood's words that teach, evenly spaced
_UNSURE = 0.3  # artists that outweigh what one artist's genres say of a tag


def pack(sources: Sources, catalog: Catalog) -> dict[str, NDArray]:
    """The fields of `ml.moods.MoodWeights`, fitted on everything; what `artifacts` stores."""
    school = School(sources, catalog)
    everybody = np.ones(len(catalog), bool)
    learnt = {mood: school.learn(mood, everybody) for mood in MOODS}
    words = np.array([school.words(mood, learnt[mood]) for mood in MOODS])
    return {
        "sound": np.array([learnt[mood].sound for mood in MOODS], np.float32),
        "words": np.clip((words / WORD_STEP).round(), -127, 127).astype(np.int8),
    }


@dataclass(frozen=True)
class Learnt:
    """One mood: `sound`, (14, 2), so that the catalogue's scores have a standard deviation of 1; `genres`, (114,)."""

    sound: Floats
    genres: Floats


class School:
    """The tracks as moods learn from them: the halves of their ranks, their genres, and what they are called."""

    def __init__(self, sources: Sources, catalog: Catalog) -> None:
        self.catalog = catalog
        ranks = MoodScorer(catalog.features).ranks
        self._halves = np.column_stack([half for name in NAMES for half in halves(ranks[name])])
        self._own = _shares(catalog)
        self._has_own = self._own.sum(axis=1) > 0
        of_artist = _mean_by(self._own[self._has_own], catalog.artist[self._has_own], len(catalog.artist_keys))
        self._called = np.where(self._has_own[:, None], self._own, of_artist[catalog.artist])
        self._tags = by_tags(sources, catalog)
        self._associations = _Associations(sources, of_artist, catalog)

    def learn(self, mood: str, teaching: NDArray[np.bool_]) -> Learnt:
        """Fit one mood to the tracks marked in `teaching`, (n,)."""
        said = self._tags.said[mood]
        tagged, called = _some(self._tags.rows, said, teaching)
        genred, suits = _some(self._of_genre, self._fits(mood), teaching)
        rows, yes = np.concatenate([tagged, genred]), np.concatenate([called, suits])
        weight = np.concatenate([self._weight(tagged, called), self._weight(genred, suits)]) * np.float32(0.5)
        start = by_hand()[list(MOODS).index(mood)].reshape(-1)
        ends = [_ends(*pair) for pair in start.reshape(-1, 2).tolist() for _ in range(2)]
        sound = _fit(self._halves[rows], yes, weight, _SLOPE * start, _HOLD_SOUND, ends)
        sound /= (self._halves @ sound).std()
        start, ends = self._leaning(mood)
        known = self._called[tagged] + self._associations.genres(mood)[self.catalog.artist[tagged]]
        genres = _fit(
            known, called, self._weight(tagged, called), start, _HOLD_GENRE, ends, self._halves[tagged] @ sound
        )
        return Learnt(sound.reshape(-1, 2), genres)

    def sound(self, learnt: Learnt) -> Floats:
        """(n,) the part of a score that the sound gives."""
        return self._halves @ learnt.sound.reshape(-1)

    def words(self, mood: str, learnt: Learnt, hidden: bool = False) -> Floats:
        """(n,) the part that genres and tags give, 0 for a track that has none and for the usual one.

        With `hidden`, the tags that bear the mood's own words are left out.
        """
        by_tag = self._associations.genres(mood if hidden else None) @ learnt.genres
        words = self._called @ learnt.genres + by_tag[self.catalog.artist]
        known = self._called.any(axis=1) | self._associations.tagged[self.catalog.artist]
        words[known] -= words[known].mean()
        return words

    @cached_property
    def _of_genre(self) -> Rows:
        return np.flatnonzero(self._has_own)

    def _fits(self, mood: str) -> NDArray[np.bool_]:
        return self._own[self._of_genre][:, self._codes(MOODS[mood].fits)].sum(axis=1) > 0

    def _leaning(self, mood: str) -> tuple[Floats, list[Ends]]:
        """The genres' weights by hand, and the side of 0 that each must stay on."""
        start = np.zeros(len(self.catalog.genres), np.float32)
        start[self._codes(MOODS[mood].fits)] = 1
        start[self._codes(MOODS[mood].jars)] = -1
        return start, [_ends(value, value) if value else (None, None) for value in start.tolist()]

    def _codes(self, genres: str) -> list[int]:
        return [self.catalog.genres.index(genre) for genre in genres.split()]

    def _weight(self, rows: Rows, yes: NDArray[np.bool_]) -> Floats:
        """Both sides weigh a half; the tracks of an artist with many weigh together as their square root."""
        artist = self.catalog.artist[rows]
        weight = np.bincount(artist)[artist] ** -0.5
        return (weight / np.where(yes, weight[yes].sum(), weight[~yes].sum()) / 2).astype(np.float32)


class _Associations:
    """Which genres go with the tags of each artist, as shares beyond the usual ones."""

    def __init__(self, sources: Sources, genres: Floats, catalog: Catalog) -> None:
        from scipy.sparse import csr_matrix

        rows = sources.rows[sources.rows.source == "collected-2024"]
        artist = catalog.artist[rows_of(sources.tracks, catalog)[rows.recording]]
        tags = pd.Series(rows.tags.to_numpy(), artist).explode().dropna()
        self._names, at = np.unique(tags.to_numpy(str), return_inverse=True)
        pairs = np.unique(np.column_stack([tags.index.to_numpy(), at]), axis=0)
        shape = (len(genres), len(self._names))
        self._bears = csr_matrix((np.ones(len(pairs), np.float32), tuple(pairs.T)), shape)
        known = np.flatnonzero(genres.any(axis=1))
        usual = genres[known].mean(axis=0)
        counts = np.asarray(self._bears[known].sum(axis=0)).reshape(-1, 1)
        self._beside = (self._bears[known].T @ genres[known] + _UNSURE * usual) / (counts + _UNSURE) - usual
        self.tagged = np.diff(self._bears.indptr) > 0

    def genres(self, hidden: str | None) -> Floats:
        """(a, 114) the mean over each artist's tags, those with the words of the mood `hidden` left out."""
        shown = [not (hidden and re.search(TAGS[hidden], name, re.IGNORECASE)) for name in self._names]
        kept = np.array(shown, np.float32)[:, None]
        return (self._bears @ (kept * self._beside)) / np.maximum(self._bears @ kept, 1)


def _shares(catalog: Catalog) -> Floats:
    """(n, 114) the share of each genre among those of a track."""
    counts = np.asarray(np.diff(catalog.genre_start.astype(np.int64)), np.int64)
    shares = np.zeros((len(catalog), len(catalog.genres)), np.float32)
    at = np.repeat(np.arange(len(catalog)), counts)
    shares[at, catalog.genre_codes] = 1.0 / counts[at]
    return shares


def _mean_by(values: Floats, codes: NDArray, size: int) -> Floats:
    """(size, k) the mean of `values`, (n, k), over each of `codes`; 0 where there are none."""
    sums = np.zeros((size, values.shape[1]), np.float32)
    np.add.at(sums, codes, values)
    return sums / np.maximum(np.bincount(codes, minlength=size), 1).astype(np.float32)[:, None]


def _some(rows: Rows, yes: NDArray[np.bool_], teaching: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
    """Those of `rows` that teach: all with the words, and of the others `_OTHERS` at most; and which have them."""
    allowed = teaching[rows]
    others = np.flatnonzero(~yes & allowed)
    spread = others[np.linspace(0, len(others) - 1, min(len(others), _OTHERS)).astype(np.intp)]
    at = np.sort(np.concatenate([np.flatnonzero(yes & allowed), spread]))
    return rows[at], yes[at]


def _ends(low: float, high: float) -> Ends:
    """What a weight may be where these were set by hand: on their side of 0; any where they differ, 0 where none."""
    if not low and not high:
        return 0, 0
    return (0, None) if min(low, high) >= 0 else (None, 0) if max(low, high) <= 0 else (None, None)


def _fit(
    x: Floats, yes: NDArray[np.bool_], weight: Floats, start: Floats, hold: float, ends: Sequence[Ends], known: Any = 0
) -> Floats:
    """The (k,) weights of a logistic regression, held to `start` and within `ends`, beside `known` log-odds."""
    from scipy.optimize import minimize

    side = np.where(yes, 1, -1).astype(np.float32)

    def loss(w: NDArray) -> tuple[float, NDArray]:
        margin = (x @ w[:-1].astype(np.float32) + np.float32(w[-1]) + known) * side
        off = w[:-1] - start
        pull = -weight * side / (1 + np.exp(np.minimum(margin, 60)))
        value = weight @ np.logaddexp(0, -margin) + hold * (off @ off) / 2
        return float(value), np.append(pull @ x + hold * off, pull.sum()).astype(np.float64)

    first = np.append(start, 0).astype(np.float64)
    return minimize(loss, first, jac=True, bounds=[*ends, (None, None)], method="L-BFGS-B").x[:-1].astype(np.float32)
