"""Which feature moved a score how far: Shapley values by permutation sampling, for any model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ml.explain import Contribution, Explanation
from ml.features import NAMES, Matrix

Array = NDArray[np.float64]


def permutation_shapley(score: Callable[[Matrix], Array], row: Array, background: Matrix, seed: int = 0) -> Explanation:
    """Explain `score` at one row as its difference from its mean over `background`.

    Each background row is turned into `row` one feature at a time, in a random order and in the reverse of it
    (antithetic permutations: Mitchell et al. 2022, "Sampling permutations for Shapley value estimation"). What a
    feature changes on the way is its contribution; base and contributions add up to the score exactly.

    Parameters
    ----------
    score : maps (n, 14) features to (n,) scores, one vectorised call.
    row : (14,) features.
    background : (b, 14) rows of typical tracks; the cost is 26 b + 1 scored rows, the error falls as b ** -0.5.

    Returns
    -------
    Explanation whose `error` is the largest standard error of a contribution, over background rows and orders.
    """
    b, m = background.shape
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(m), (b, 1)), axis=1)
    position = np.argsort(np.stack([order, order[:, ::-1]], axis=1), axis=2)
    turned = position[:, :, None, :] < np.arange(1, m)[:, None]
    between = np.where(turned, row, background[:, None, None, :]).reshape(-1, m)
    # many tracks share a mode or a time signature, so some steps change nothing
    rows, back = np.unique(np.concatenate([row[None, :], background, between]), axis=0, return_inverse=True)
    scores = np.asarray(score(rows), np.float64)[back.ravel()]
    start = np.broadcast_to(scores[1 : 1 + b, None, None], (b, 2, 1))
    end = np.broadcast_to(scores[0], (b, 2, 1))
    walks = np.concatenate([start, scores[1 + b :].reshape(b, 2, m - 1), end], axis=2)
    effects = np.take_along_axis(np.diff(walks, axis=2), position, axis=2).mean(axis=1)
    error = effects.std(axis=0, ddof=1) / np.sqrt(b) if b > 1 else np.full(m, np.inf)
    contributions = zip(NAMES, row.tolist(), effects.mean(axis=0).tolist(), strict=True)
    return Explanation(
        float(scores[1 : 1 + b].mean()),
        float(scores[0]),
        tuple(Contribution(*c) for c in contributions),
        float(error.max()),
    )
