"""Demos with features missing: the missing ones are drawn from real tracks that agree on those given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.features import Matrix

COMPLETIONS = 24


class Completer:
    """Completes a demo `k` ways, so that a model's mean over them is its answer to what is known.

    A single filled-in value would make the model sure of something nobody said; conditional draws (hot-deck
    imputation, Andridge & Little 2010) keep the doubt.

    Parameters
    ----------
    reference : (m, 14) complete feature rows of real tracks.
    """

    def __init__(self, reference: Matrix) -> None:
        self.reference = reference
        self.center = reference.mean(axis=0)
        self.scale = np.maximum(reference.std(axis=0), 1e-9)

    @classmethod
    def sample(cls, features: NDArray[np.float32], size: int = 4096, seed: int = 42) -> Completer:
        """A completer over a random sample of the complete rows of (n, 14) `features`."""
        complete = np.flatnonzero(~np.isnan(features).any(axis=1))
        chosen = np.random.default_rng(seed).choice(complete, min(size, len(complete)), replace=False)
        return cls(features[np.sort(chosen)].astype(np.float64))

    def complete(self, row: NDArray[np.float64], k: int = COMPLETIONS) -> Matrix:
        """(1, 14) when nothing of the (14,) row is missing, else (k, 14): the row filled from k neighbours."""
        return self.complete_all(row[None, :], k)[0]

    def complete_all(self, x: Matrix, k: int = COMPLETIONS) -> tuple[Matrix, NDArray[np.intp]]:
        """Complete each of (n, 14) rows 1 or k ways: (m, 14) complete rows and (m,) the row each belongs to."""
        parts, owners = [], []
        patterns, pattern_of = np.unique(np.isnan(x), axis=0, return_inverse=True)
        for i, missing in enumerate(patterns):
            rows = np.flatnonzero(pattern_of.ravel() == i)
            if not missing.any():
                parts.append(x[rows])
                owners.append(rows)
                continue
            filled = np.repeat(x[rows], k, axis=0)
            neighbours = self._neighbours(x[rows][:, ~missing], ~missing, k).ravel()
            filled[:, missing] = self.reference[neighbours][:, missing]
            parts.append(filled)
            owners.append(np.repeat(rows, k))
        return np.concatenate(parts), np.concatenate(owners)

    def _neighbours(self, known: Matrix, given: NDArray[np.bool_], k: int) -> NDArray[np.intp]:
        """(n, k) reference rows nearest to (n, given) values, in standard deviations."""
        if not given.any():
            return np.tile(np.arange(k), (len(known), 1))
        reference = (self.reference[:, given] - self.center[given]) / self.scale[given]
        wanted = (known - self.center[given]) / self.scale[given]
        distance = np.square(reference).sum(axis=1) - 2 * wanted @ reference.T
        return np.argpartition(distance, k, axis=1)[:, :k]

    def typical(self, completed: Matrix) -> NDArray[np.float64]:
        """The one real completion nearest to the middle of them all, for explanations that need a single row."""
        spread = (completed - completed.mean(axis=0)) / self.scale
        return completed[int(np.square(spread).sum(axis=1).argmin())]
