"""A boosted forest as plain arrays: prediction and exact Shapley values without the library that trained it.

Importing LightGBM brings scikit-learn, scipy and pandas: a second and 120 MB that a server need not pay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lightgbm import Booster

Array = NDArray[np.float64]

_MAX_LEAVES = 32
_FULL = np.uint32(2**_MAX_LEAVES - 1)
_CHUNK = 256  # rows whose leaf masks stay in the processor's cache


@dataclass(frozen=True)
class Forest:
    """The mean of several boosters over the same numeric columns; build it with `forest`.

    `cuts` turn each column's values into bins, and a leaf is a box of bins. `masks[column][bin, tree]` has a bit for
    each leaf whose box meets that bin: AND over the columns leaves one bit, the leaf a row falls in (Lucchese et al.
    2015, "QuickScorer"). The `side_` arrays list the sides of all boxes, leaf after leaf, for the Shapley values.
    """

    members: int  # boosters, each with as many trees
    cuts: tuple[Array, ...]
    masks: tuple[NDArray[np.uint32], ...]
    values: Array  # (trees, leaves)
    base: float  # the mean output over the training rows
    leaf_value: Array  # (boxes,)
    leaf_start: NDArray[np.intp]  # (boxes,) the first side of each
    side_column: NDArray[np.intp]  # (sides,)
    side_low: NDArray[np.int16]
    side_high: NDArray[np.int16]
    side_share: Array  # the share of training rows that stays inside this side, given the others

    def raw(self, x: Array) -> Array:
        """Sum the leaf values of each row of an (n, columns) matrix, (n,): log-odds for a classifier."""
        parts = [self._leaf_values(x[i : i + _CHUNK]).sum(axis=1) for i in range(0, len(x), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0)

    def raw_of_members(self, x: Array) -> Array:
        """What each booster alone says of an (n, columns) matrix, (members, n); their mean is `raw`."""
        trees = self._leaf_values(x).reshape(len(x), self.members, -1)
        return trees.sum(axis=2).T * self.members

    def _leaf_values(self, x: Array) -> Array:
        alive = np.full((len(x), len(self.values)), _FULL)
        for column, (cuts, masks) in enumerate(zip(self.cuts, self.masks, strict=True)):
            if len(cuts):
                alive &= masks[np.searchsorted(cuts, x[:, column])]
        leaf = np.bitwise_count(alive - np.uint32(1))  # one bit is left: count the zeros below it
        return self.values[np.arange(len(self.values)), leaf]

    def contributions(self, row: Array) -> Array:
        """Exact path-dependent Shapley values of one (columns,) row; with `base` they add up to `raw`.

        A column's value is the integral over t from 0 to 1 of the gain it brings when every other column is known with
        probability t (Owen 1972); in a tree that is a polynomial, which Gauss-Legendre quadrature integrates exactly.
        Equals LightGBM's `pred_contrib` (Lundberg et al. 2020, "TreeSHAP").
        """
        found = np.array([np.searchsorted(cuts, value) for cuts, value in zip(self.cuts, row, strict=True)])
        bins = found[self.side_column]
        inside = ((self.side_low <= bins) & (bins <= self.side_high)).astype(float)
        surprise = inside - self.side_share
        sides = np.diff(self.leaf_start, append=len(bins))
        leaf = np.repeat(np.arange(len(sides)), sides)
        others = np.zeros(len(bins))
        points, weights = np.polynomial.legendre.leggauss((int(sides.max(initial=1)) + 1) // 2)
        for t, weight in zip((points + 1) / 2, weights / 2, strict=True):
            known = self.side_share + t * surprise
            reached = np.multiply.reduceat(known, self.leaf_start) * self.leaf_value * weight
            others += reached[leaf] / known
        return np.bincount(self.side_column, surprise * others, minlength=len(self.cuts)).astype(float)


class _Side(NamedTuple):
    """A leaf holds the rows with low < value <= high of one column."""

    low: float = -np.inf
    high: float = np.inf
    share: float = 1.0

    def left(self, cut: float, share: float) -> _Side:
        return _Side(self.low, min(self.high, cut), self.share * share)

    def right(self, cut: float, share: float) -> _Side:
        return _Side(max(self.low, cut), self.high, self.share * share)


class _Leaf(NamedTuple):
    value: float
    sides: Mapping[int, _Side]


def _leaves(node: Mapping[str, Any], sides: Mapping[int, _Side]) -> Iterator[_Leaf]:
    """The leaves of a dumped LightGBM tree from left to right."""
    if "leaf_value" in node:
        yield _Leaf(node["leaf_value"], sides)
        return
    column, cut = node["split_feature"], node["threshold"]
    side = sides.get(column, _Side())
    for child, narrow in ((node["left_child"], side.left), (node["right_child"], side.right)):
        rows = child["leaf_count"] if "leaf_value" in child else child["internal_count"]
        yield from _leaves(child, {**sides, column: narrow(cut, rows / node["internal_count"])})


def train(x: Array, y: Array, seed: int, rounds: int, weight: Array | None = None, **params: Any) -> Booster:
    """Train a LightGBM booster on an (n, columns) matrix; `params` go to LightGBM over the defaults shared here."""
    import lightgbm

    defaults = {"bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5, "seed": seed, "verbose": -1}
    # one thread: the same trees on every machine, and no spinning where others compute too
    reproducible = {"deterministic": True, "force_row_wise": True, "num_threads": 1}
    return lightgbm.train({**defaults, **reproducible, **params}, lightgbm.Dataset(x, y, weight=weight), rounds)


def forest(boosters: Sequence[Booster]) -> Forest:
    """Average LightGBM boosters over the same numeric columns, at most 32 leaves a tree; they must not learn from NaN.

    Raises
    ------
    ValueError
        When a tree has too many leaves.
    """
    trees = [list(_leaves(t["tree_structure"], {})) for b in boosters for t in b.dump_model()["tree_info"]]
    if max(map(len, trees)) > _MAX_LEAVES:
        raise ValueError(f"a tree has more than {_MAX_LEAVES} leaves")
    edges: list[set[float]] = [set() for _ in range(boosters[0].num_feature())]
    for column, side in (item for tree in trees for leaf in tree for item in leaf.sides.items()):
        edges[column] |= {side.low, side.high} - {-np.inf, np.inf}
    cuts = tuple(np.array(sorted(e), dtype=float) for e in edges)

    every = np.array([(1 << len(tree)) - 1 for tree in trees], np.uint32)
    masks = tuple(np.tile(every, (len(c) + 1, 1)) for c in cuts)
    values = np.zeros((len(trees), max(map(len, trees))))
    base, leaf_value, leaf_start = 0.0, [], []
    sides: list[tuple[int, int, int, float]] = []
    for t, tree in enumerate(trees):
        for position, leaf in enumerate(tree):
            values[t, position] = value = leaf.value / len(boosters)
            base += value * float(np.prod([side.share for side in leaf.sides.values()]))
            if leaf.sides:  # a tree of a single leaf is all base
                leaf_value.append(value)
                leaf_start.append(len(sides))
            for column, side in leaf.sides.items():
                low = int(np.searchsorted(cuts[column], side.low)) + (side.low > -np.inf)
                high = int(np.searchsorted(cuts[column], side.high))
                sides.append((column, low, high, side.share))
                masks[column][:low, t] &= ~np.uint32(1 << position)
                masks[column][high + 1 :, t] &= ~np.uint32(1 << position)
    columns, lows, highs, shares = np.array(sides, dtype=float).reshape(-1, 4).T
    return Forest(
        len(boosters), cuts, masks, values, base, np.array(leaf_value), np.array(leaf_start, np.intp),
        columns.astype(np.intp), lows.astype(np.int16), highs.astype(np.int16), shares,
    )  # fmt: skip
