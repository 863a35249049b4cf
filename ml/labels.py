"""Source rows as training examples: each track once, its labels as soft targets, prolific artists held down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.features import COLUMN, NAMES, Matrix
from ml.network import Task
from ml.splits import Protocol, split

_MIN_TRACKS = 60  # a tag on fewer tracks teaches its artists, not its sound
_TAUGHT_ASIDE = 0.5  # what a track's tags and era weigh beside a genre label
_PUBLISHED = {"explicit": 0.0, "time_signature": 4.0}  # what to assume where a source lacks the column


@dataclass(frozen=True)
class Examples:
    """The (n, 14) features, titles, recordings and artists of tracks, and their labels as (n, k) counts of rows."""

    x: Matrix
    titles: list[str]
    recordings: NDArray[np.intp]
    artists: NDArray[np.object_]
    genres: NDArray[np.float32]
    tags: NDArray[np.float32]
    eras: NDArray[np.float32]

    def tasks(self) -> list[Task]:
        """Genres first; what other sources know of tags, decades and hits teaches the shared layers about sound."""
        once = np.full(len(self.x), _TAUGHT_ASIDE)
        return [
            self._task(self.genres, self.genres.sum(axis=1)),
            self._task(self.tags, once),
            self._task(self.eras, once),
        ]

    def counts_of_artist(self) -> NDArray[np.float32]:
        """The (n, k) genre counts of the other recordings of each track's artist."""
        totals = pd.DataFrame(self.genres)
        own = totals.groupby([self.artists, self.recordings]).transform("sum")
        return (totals.groupby(self.artists).transform("sum") - own).to_numpy()

    def _task(self, counts: NDArray[np.float32], rows: NDArray) -> Task:
        """Soft targets, weighted by `rows` and by the artist's number of labelled tracks to the power -1/2."""
        labelled = counts.any(axis=1)
        of_artist = pd.Series(labelled).groupby(self.artists).transform("sum").clip(lower=1).to_numpy() ** -0.5
        weights = labelled * rows * of_artist / max(of_artist[labelled].mean(), 1e-9)
        return Task(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), weights.astype(np.float32))


def examples(rows: pd.DataFrame, genres: Sequence[str]) -> Examples:
    """One example a source and track, from the source rows of `ml.sources.load`."""
    code = (rows.source + "\0" + rows.track_id).factorize()[0]
    first = np.unique(code, return_index=True)[1]
    x = rows[list(NAMES)].to_numpy(np.float64)[first]
    for name, value in _PUBLISHED.items():
        column = x[:, COLUMN[name]]
        column[np.isnan(column)] = value
    x[np.isnan(x)] = 0
    tags = rows.tags.reset_index(drop=True).explode().dropna()
    common = tags.value_counts().loc[lambda n: n >= _MIN_TRACKS].index
    charted = rows.hit.map({1: "hit", 0: "flop"}) + rows.decade.astype(str)
    eras = charted.fillna((rows.year // 10 * 10).astype(str).where(rows.year > 0))
    return Examples(
        x,
        rows.title.iloc[first].tolist(),
        rows.recording.to_numpy()[first],
        rows.artist_key.to_numpy()[first],
        _counts(code, np.arange(len(rows)), rows.genre, list(genres)),
        _counts(code, tags.index.to_numpy(), tags, sorted(common)),
        _counts(code, np.arange(len(rows)), eras, sorted(set(eras.dropna()))),
    )


def hold_out(rows: pd.DataFrame, by: Protocol, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the genre rows (see `ml.splits`); rows of other sources train unless they give a test track away."""
    has_genre = rows.genre != ""
    genre, others = rows[has_genre], rows[~has_genre]
    train, test = split(genre, by, seed)
    held = genre.iloc[test]
    if by != "row":
        others = others[~others.recording.isin(held.recording)]
    if by == "artist":
        others = others[~others.artist_key.isin(held.artist_key)]
    return pd.concat([genre.iloc[train], others]), held


def _counts(code: NDArray, at: NDArray, labels: pd.Series, names: list[str]) -> NDArray[np.float32]:
    """How many rows give each example each label; labels that are not in `names` are left out."""
    column = pd.Index(names).get_indexer(pd.Index(labels))
    counts = np.zeros((code.max() + 1, len(names)), np.float32)
    np.add.at(counts, (code[at][column >= 0], column[column >= 0]), 1)
    return counts
