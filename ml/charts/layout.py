"""Where things go: labels that must not touch, round axis steps, smooth densities in one and two directions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move centres as little as needed for things of these sizes to stand clear within `low` to `high`, in order.

    Neighbours that would touch are pooled and centred on their mean, as in isotonic regression.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    before = {}  # the room taken by everything up to the middle of each
    taken = 0.0
    for i in order:
        before[i] = taken + sizes[i] / 2
        taken += sizes[i]
    pools: list[tuple[float, int]] = []  # (mean of the wanted starts, members)
    for i in order:
        pools.append((wanted[i] - before[i], 1))
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    starts = [min(max(start, low), max(high - taken, low)) for start, size in pools for _ in range(size)]
    placed = [0.0] * len(wanted)
    for start, i in zip(starts, order, strict=True):
        placed[i] = start + before[i]
    return placed


def place(wanted: Points, sizes: Points, low: tuple[float, float], high: tuple[float, float]) -> Points:
    """Put boxes, (n, 2) wanted centres and (n, 2) sizes, near where they belong, inside the bounds, none on another.

    Each in turn takes the free place nearest to its own on a sunflower spiral; one that finds none stays where it is.
    """
    turn = np.arange(2500) * 2.39996
    spiral = 14 * np.sqrt(np.arange(2500))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    placed = np.clip(wanted, low + sizes / 2, high - sizes / 2)
    for i in range(1, len(placed)):
        room = (sizes[i] + sizes[:i]) / 2
        clear = (np.abs(placed[i] - placed[:i]) >= room).any(axis=1)
        if not clear.all():
            tries = np.clip(wanted[i] + spiral, low + sizes[i] / 2, high - sizes[i] / 2)
            free = (np.abs(tries[:, None] - placed[:i]) >= room).any(axis=2).all(axis=1)
            reach = np.where(free, ((tries - wanted[i]) ** 2).sum(axis=1), np.inf)
            placed[i] = tries[reach.argmin()] if free.any() else placed[i]
    return placed


def round_steps(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round values inside `low` to `high`, in steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.8)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def density(values: ArrayLike, low: float, high: float, bins: int = 160, smooth: float = 0.03) -> Points:
    """A (bins,) density over `low` to `high`, smoothed by a Gaussian of `smooth` times the range; the mean is 1.

    The edges reflect, so nothing leaks past a bound such as a probability of 1.
    """
    counts = np.histogram(np.asarray(values, dtype=np.float64), bins, (low, high))[0]
    if not counts.sum():
        return np.zeros(bins)
    reach = math.ceil(3 * smooth * bins)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (smooth * bins)) ** 2)
    padded = np.pad(counts / counts.mean(), reach, mode="symmetric")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def relief(across: Points, down: Points, shape: tuple[int, int], shares: Sequence[float]) -> NDArray[np.intp]:
    """How many contours each cell of a (tall, wide) grid lies within; points are given as shares, 0 to 1, of each way.

    Each contour holds one of the falling `shares` of all points, as in highest-density regions (Hyndman 1996). The
    density is smoothed by three running means, nearly a Gaussian, which reflect at the edges of the grid.
    """
    tall, wide = shape
    column = np.minimum((across * wide).astype(np.intp), wide - 1)
    row = np.minimum((down * tall).astype(np.intp), tall - 1)
    grid = np.bincount(row * wide + column, minlength=tall * wide).reshape(shape).astype(np.float64)
    reach = wide // 60
    for _ in range(3):
        for _ in range(2):
            sums = np.cumsum(np.pad(grid, ((reach + 1, reach), (0, 0)), mode="symmetric"), axis=0)
            grid = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]).T
    heights = np.quantile(grid[row, column], [1 - share for share in shares])
    return np.searchsorted(heights, grid.ravel(), side="right").reshape(shape)
