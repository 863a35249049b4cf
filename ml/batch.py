"""A whole CSV of demos through every model, a chunk of rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.demo_csv import Demos
from ml.errors import MlError
from ml.families import FAMILIES
from ml.hitscore import LATEST_DECADE

if TYPE_CHECKING:
    from ml.models import Models

TOP = 5
_CHUNK = 1000
_COMPLETIONS = 8  # fewer than for a single demo: a file's rows number thousands
Progress = Callable[[int], None]


class NothingToScoreError(MlError):
    """Every row of the file is in error; the message quotes the first."""


@dataclass(frozen=True)
class BatchScores:
    """Scores of the rows that could be scored, (n,) or (n, 5) each; `rows` are their positions in the file."""

    rows: NDArray[np.intp]
    genres: tuple[tuple[str, ...], ...]
    genre_p: NDArray[np.float64]
    families: tuple[str, ...]
    family_p: NDArray[np.float64]
    hit: NDArray[np.float64]
    popularity: NDArray[np.float64]
    popularity_low: NDArray[np.float64]
    popularity_high: NDArray[np.float64]
    cluster: NDArray[np.intp]


def score(models: Models, demos: Demos, progress: Progress = lambda _: None) -> BatchScores:
    """Score every row without an error; `progress` is told how many rows are done after each chunk.

    Raises
    ------
    NothingToScoreError
        When every row is in error.
    """
    good = np.array([i for i, error in enumerate(demos.errors) if not error], np.intp)
    if not len(good):
        said = f"The first says: {demos.errors[0]}" if demos.errors else "There is none below the first line"
        raise NothingToScoreError(f"No row can be scored. {said}.")
    parts = []
    for start in range(0, len(good), _CHUNK):
        parts.append(_chunk(models, demos, good[start : start + _CHUNK]))
        progress(min(start + _CHUNK, len(good)))
    genre, genre_p, family, family_p, hit, band, cluster = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    names, families = models.genre.genres_, tuple(FAMILIES)
    return BatchScores(
        rows=good,
        genres=tuple(tuple(names[g] for g in five) for five in genre),
        genre_p=genre_p,
        families=tuple(families[f] for f in family),
        family_p=family_p,
        hit=hit,
        popularity=band[:, 0],
        popularity_low=band[:, 1],
        popularity_high=band[:, 2],
        cluster=cluster,
    )


def _chunk(models: Models, demos: Demos, rows: NDArray[np.intp]) -> tuple[NDArray, ...]:
    """Every model on some rows; where features are missing, the mean over completions."""
    x, owner = models.completer.complete_all(demos.x[rows], _COMPLETIONS)
    order = np.argsort(owner, kind="stable")
    x, owner = x[order], owner[order]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(starts, append=len(owner))[:, None]

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.add.reduceat(values, starts, axis=0) / (sizes if values.ndim > 1 else sizes[:, 0])

    genre = models.genre
    p = mean(genre.probabilities(x, [demos.titles[i] for i in rows[owner]]))
    top = np.argsort(-p, axis=1, kind="stable")[:, :TOP]
    families = genre.families(p)
    best = families.argmax(axis=1)
    titled = np.array([bool(demos.titles[i]) for i in rows])
    decades = np.array([demos.decades[i] or LATEST_DECADE for i in rows])
    weights = np.concatenate([models.popularity.weights(demos.genres[i]) for i in rows])
    band = models.popularity.predict(x, weights[owner])
    return (
        top,
        np.take_along_axis(genre.confidence(p, titled), top, axis=1),
        best,
        np.take_along_axis(genre.family_confidence(families, titled), best[:, None], axis=1)[:, 0],
        mean(models.hitscore.score(x, decades[owner])),
        mean(np.column_stack([band.expected, band.low, band.high])),
        models.clusters.predict(mean(x)),
    )


def columns(demos: Demos, scores: BatchScores) -> dict[str, list[object]]:
    """The columns of `python -m ml score`: one value a row of the file, empty where it could not be scored."""
    n = len(demos.cells)
    found: dict[str, list[object]] = {f"genre_{k + 1}": [""] * n for k in range(TOP)}
    found |= {f"genre_{k + 1}_p": [""] * n for k in range(TOP)}
    numbers = ("family_p", "hit_score", "popularity", "popularity_low", "popularity_high")
    found |= {name: [""] * n for name in ("family", *numbers, "cluster")}
    for i, row in enumerate(scores.rows.tolist()):
        for k in range(TOP):
            found[f"genre_{k + 1}"][row] = scores.genres[i][k]
            found[f"genre_{k + 1}_p"][row] = f"{scores.genre_p[i, k]:.4f}"
        found["family"][row] = scores.families[i]
        found["family_p"][row] = f"{scores.family_p[i]:.4f}"
        found["hit_score"][row] = f"{scores.hit[i]:.4f}"
        found["popularity"][row] = f"{scores.popularity[i]:.1f}"
        found["popularity_low"][row] = f"{scores.popularity_low[i]:.1f}"
        found["popularity_high"][row] = f"{scores.popularity_high[i]:.1f}"
        found["cluster"][row] = int(scores.cluster[i])
    return found | {"error": list(demos.errors)}
