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
        """(1, 14) when nothing is missing, else (k, 14): the row filled from its k nearest neighbours."""
        missing = np.isnan(row)
        if not missing.any():
            return row[None, :]
        difference = (self.reference - row) / self.scale
        distance = np.where(missing, 0, np.square(difference)).sum(axis=1)
        nearest = np.arange(k) if missing.all() else np.argpartition(distance, k)[:k]
        filled = np.repeat(row[None, :], k, axis=0)
        filled[:, missing] = self.reference[nearest][:, missing]
        return filled

    def typical(self, completed: Matrix) -> NDArray[np.float64]:
        """The one real completion nearest to the middle of them all, for explanations that need a single row."""
        spread = (completed - completed.mean(axis=0)) / self.scale
        return completed[int(np.square(spread).sum(axis=1).argmin())]
