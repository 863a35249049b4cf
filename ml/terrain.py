"""The map of sounds as terrain: how many tracks lie around each cell of a grid, and which region has most of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDE, TALL = 1088, 780
"""Cells across and down: one a pixel of the chart."""
SHARES = (0.98, 0.8, 0.55, 0.3, 0.12)
"""Of all tracks, the share inside each contour, from the shore to the peaks."""
_REACH = 7  # cells a track is smeared over, to either side, three times: nearly a Gaussian
_EDGE = 36  # cells of sea around nearly all tracks
_STRAYS = 0.001  # of all tracks, to each side, may lie outside and are put on the edge
_COARSE = 4  # a region's middle is looked for among blocks of so many cells


@dataclass(frozen=True, eq=False)
class Terrain:
    """A grid over the map, its first row at the top.

    Attributes
    ----------
    level : (TALL, WIDE) 0 for sea, then the number of contours of `SHARES` a cell lies within.
    region : (TALL, WIDE) the region with most tracks around each cell.
    middles : (k, 2) the cell, across and down, where each region is densest; NaN for regions without tracks.
    low, high : (2,) the corners of the map in its own coordinates.
    """

    level: NDArray[np.uint8]
    region: NDArray[np.uint8]
    middles: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, places: NDArray[np.floating], region: NDArray[np.integer], count: int) -> Terrain:
        """The terrain of (n, 2) places that belong to (n,) of `count` regions."""
        inner_low, inner_high = np.quantile(places, [_STRAYS, 1 - _STRAYS], axis=0)
        margin = (inner_high - inner_low) * _EDGE / (np.array([WIDE, TALL]) - 2 * _EDGE)
        low, high = inner_low - margin, np.maximum(inner_high + margin, inner_low + 1e-6)
        across, down = (part.astype(np.intp) for part in _cells(places, low, high))
        total, most = np.zeros((2, TALL, WIDE), np.float32)
        owner = np.zeros((TALL, WIDE), np.uint8)
        middles = np.full((count, 2), np.nan)
        for k in range(count):
            mine = region == k
            if not mine.any():
                continue
            density = _smear(_counts(across[mine], down[mine], 1))
            total += density
            owner[density > most] = k
            np.maximum(most, density, out=most)
            blocks = _smear(_counts(across[mine], down[mine], _COARSE))
            row, column = np.unravel_index(blocks.argmax(), blocks.shape)
            middles[k] = (column + 0.5) * _COARSE, (row + 0.5) * _COARSE
        heights = np.quantile(total[down, across], [1 - share for share in SHARES])
        level = np.searchsorted(heights, total.ravel(), side="right").reshape(TALL, WIDE)
        level[total < 1e-9] = 0
        return cls(level.astype(np.uint8), owner, middles, low, high)

    def cells(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) cells, across and down, of (n, 2) places."""
        return np.column_stack(_cells(places, self.low, self.high))


def _cells(
    places: NDArray[np.floating], low: NDArray[np.floating], high: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    share = (np.asarray(places, np.float64).reshape(-1, 2) - low) / (high - low)
    return np.clip(share[:, 0] * WIDE, 0, WIDE - 1), np.clip((1 - share[:, 1]) * TALL, 0, TALL - 1)


def _counts(across: NDArray[np.intp], down: NDArray[np.intp], block: int) -> NDArray[np.intp]:
    """Tracks in each square block of cells."""
    wide, tall = WIDE // block, TALL // block
    return np.bincount(down // block * wide + across // block, minlength=tall * wide).reshape(tall, wide)


def _smear(counts: NDArray) -> NDArray[np.float32]:
    """Three running means each way, which add up to nearly a Gaussian; nothing comes in from outside."""
    grid = counts.astype(np.float32)
    for _ in range(3):
        for _ in range(2):
            padded = np.pad(grid, ((_REACH + 1, _REACH), (0, 0)))
            sums = np.cumsum(padded, axis=0, dtype=np.float64)
            grid = ((sums[2 * _REACH + 1 :] - sums[: -2 * _REACH - 1]) / (2 * _REACH + 1)).astype(np.float32).T
    return grid
