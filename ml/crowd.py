"""The catalogue in the plane of two features: what a few tracks are shown against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]


class Crowd:
    """Where all tracks lie; (n, 2) `points` without those that lack a value, and their `low` and `high` corners."""

    def __init__(self, xy: Points) -> None:
        self.points = xy[~np.isnan(xy).any(axis=1)]
        self.low = self.points.min(axis=0)
        self.high = self.points.max(axis=0)
