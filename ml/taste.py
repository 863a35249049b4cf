"""What somebody likes and dislikes, as the hybrid scores it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]

_APART, _ROUNDS = 0.2, 4  # below this cosine two groups of styles are two tastes; rounds of 2-means


@dataclass(frozen=True)
class Taste:
    """What somebody likes (weights above 0) and dislikes (below): catalogue rows, and codes of an `ArtistSpace`."""

    rows: Codes
    weights: NDArray
    artists: Codes
    artist_weights: NDArray

    @classmethod
    def of(cls, rows: Sequence[int] = (), artists: Sequence[int] = ()) -> Taste:
        """A taste that likes all of these alike."""
        return cls(np.array(rows, np.intp), np.ones(len(rows)), np.array(artists, np.intp), np.ones(len(artists)))

    @property
    def liking(self) -> float:
        """How much is liked in all."""
        return float(np.maximum(self.weights, 0).sum() + np.maximum(self.artist_weights, 0).sum())

    def part(self, kept: NDArray[np.bool_]) -> Taste:
        """The taste of some of its tracks and artists; `kept` marks them, tracks first."""
        rows, artists = kept[: len(self.rows)], kept[len(self.rows) :]
        return Taste(self.rows[rows], self.weights[rows], self.artists[artists], self.artist_weights[artists])


def two_groups(styles: NDArray, weights: NDArray) -> NDArray[np.intp] | None:
    """(n,) 0 or 1, the group of each of (n, d) unit vectors, by 2-means on the sphere; None where they are one."""
    if len(styles) < 2:
        return None
    one = styles[(styles @ styles.sum(axis=0)).argmin()]
    centres = np.stack([styles[(styles @ one).argmin()], one])
    for _ in range(_ROUNDS):
        group = (styles @ centres.T).argmax(axis=1)
        sums = np.stack([weights[group == g] @ styles[group == g] for g in (0, 1)])
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return group if centres[0] @ centres[1] <= _APART and 0 < group.sum() < len(group) else None
