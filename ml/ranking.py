"""The best of many scores, exactly and fast."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_SAMPLE, _SPARE = 8192, 8
_TRIED = 3  # times as many as wanted are scored to learn which ceilings matter

Places = NDArray[np.intp]
Scores = NDArray[np.floating]


def highest(scores: Scores, count: int) -> Places:
    """Positions of the `count` highest, best first, ties in order of position.

    What a sample says is surely high enough is sorted; to partition everything costs five times as much.
    """
    near = np.flatnonzero(scores >= _low_enough(scores, count))
    if len(near) < count:
        near = np.arange(len(scores))
    return near[np.lexsort((near, -scores[near]))][:count]


def highest_below(ceilings: Scores, fall: Callable[[Places], Scores], count: int) -> tuple[Places, Scores]:
    """Positions and scores of the `count` highest of `ceilings` plus `fall` of their positions, in order of `highest`.

    No fall is above 0, so that only positions whose ceiling reaches the last of `count` known scores need one.
    """
    least = _low_enough(ceilings, _TRIED * count)
    while True:
        near = np.flatnonzero(ceilings >= least)
        scores = ceilings[near] + fall(near)
        reached = np.partition(scores, -count)[-count] if 0 < count < len(scores) else -np.inf
        if reached >= least or least == -np.inf:
            best = highest(scores, count)
            return near[best], scores[best]
        least = reached


def _low_enough(scores: Scores, count: int) -> float:
    """A score that about twice `count` of `scores` reach, by the look of a sample; minus infinity for few."""
    stride = max(1, len(scores) // _SAMPLE)
    place = 2 * count // stride + _SPARE
    sample = scores[::stride]
    return float(np.partition(sample, -place)[-place]) if place < len(sample) else -np.inf
