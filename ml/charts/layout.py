"""Where things go: labels that must not touch, round axis steps, smooth densities, hexagonal maps."""

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
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
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


def hexagons(points: Points, radius: float) -> tuple[Points, NDArray[np.intp]]:
    """Sort (n, 2) points into pointy-top hexagons: the (m, 2) centres in use, and each point's hexagon."""
    across, down = radius * math.sqrt(3), radius * 1.5
    u, v = points[:, 0] / across, points[:, 1] / (2 * down)
    # Two staggered grids of rectangles; the nearer of the two candidate centres owns the point.
    even_u, even_v, odd_u, odd_v = np.rint(u), np.rint(v), np.floor(u) + 0.5, np.floor(v) + 0.5
    stretch = (2 * down / across) ** 2
    odd = (u - odd_u) ** 2 + (v - odd_v) ** 2 * stretch < (u - even_u) ** 2 + (v - even_v) ** 2 * stretch
    column = (2 * np.where(odd, odd_u, even_u)).astype(np.intp)
    row = (2 * np.where(odd, odd_v, even_v)).astype(np.intp)
    left, top = column.min(), row.min()
    wide = column.max() - left + 1
    cell = (row - top) * wide + column - left
    used = np.flatnonzero(np.bincount(cell))
    place_of = np.empty(used[-1] + 1, np.intp)
    place_of[used] = np.arange(len(used))
    centres = np.column_stack([(used % wide + left) * across / 2, (used // wide + top) * down])
    return centres, place_of[cell]


def hexagon(radius: float) -> Points:
    """The six corners of a pointy-top hexagon around the origin."""
    turn = np.pi / 6 + np.arange(6) * np.pi / 3
    return radius * np.column_stack([np.cos(turn), np.sin(turn)])
