"""A map from a model's probabilities to the shares that turn out right, fitted on held-out data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_TILT = 1e-3  # keeps flat stretches rising, so that the map never changes a ranking


@dataclass(frozen=True)
class Calibration:
    """A rising piecewise-linear map from 0-1 to 0-1; calling it is one `np.interp`, safe in any thread."""

    x: Array
    y: Array

    @classmethod
    def fit(cls, p: Array, right: NDArray[np.bool_], knots: int = 50) -> Calibration:
        """Fit to (n,) probabilities and whether each came true.

        The means of `knots` bins, made monotone (isotonic: Zadrozny & Elkan 2002), so that serving needs no
        scikit-learn. The bins hold equal sums of probability: as many come true in each, so high ones stay finely told.
        """
        from sklearn.isotonic import isotonic_regression

        order = np.argsort(p, kind="stable")
        total = np.cumsum(p[order])
        ends = np.searchsorted(total, total[-1] * np.arange(1, knots) / knots)
        bins = [b for b in np.split(order, ends) if len(b)]
        x = np.array([p[b].mean() for b in bins])
        share = isotonic_regression([right[b].mean() for b in bins], sample_weight=[len(b) for b in bins])
        x, share = np.r_[0, x, 1], np.r_[0, share, min(1, share[-1] / x[-1])]
        x, first = np.unique(x, return_index=True)
        return cls(x, (1 - _TILT) * share[first] + _TILT * x)

    def __call__(self, p: Array) -> Array:
        """Calibrate probabilities of any shape."""
        return np.interp(p, self.x, self.y)
