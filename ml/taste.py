"""What somebody likes and dislikes, as the hybrid scores it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]


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
