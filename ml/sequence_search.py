"""Picks and orders `n` of many tracks at the least cost: a beam of partial orders, then local search with kicks.

The cost of an order is the sum of its transitions, of each track in its place, and of a length that misses the wanted
one. All moves of a kind are priced at once from (n, n) and (n, tracks) tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Order = NDArray[np.intp]

_BEAM = 48
_KICKED, _KICK_WIDTH = 3, 24  # neighbours replaced at once, each by one of so many that fit best
_KICKS, _EFFORT = 48, 720  # the most kicks, and the most kicks times tracks: long lists take not much longer
_FREE_SECONDS, _LENGTH_STEP = 60.0, 30.0
_EPSILON = 1e-9


@dataclass(frozen=True)
class Problem:
    """What an order costs.

    Attributes
    ----------
    between : (p, p) cost of one track after another; symmetric, infinite for those that may not be neighbours.
    fit : (p, n) cost of each track in each place.
    seconds : (p,) lengths; `wanted` is the length of the whole.
    artist : (p,) codes, each used `per_artist` times at most.
    """

    between: Array
    fit: Array
    seconds: Array
    artist: NDArray[np.integer]
    wanted: float
    per_artist: int

    def length_cost(self, seconds: Array | float) -> Array:
        """The cost of a length: none within a minute, 4 at two minutes, squared beyond."""
        missed = np.maximum(np.abs(seconds - self.wanted) - _FREE_SECONDS, 0)
        return np.square(missed / _LENGTH_STEP)

    def cost(self, order: Order) -> float:
        """The cost of a whole order."""
        places = self.fit[order, np.arange(len(order))].sum()
        return float(self.between[order[:-1], order[1:]].sum() + places + self.length_cost(self.seconds[order].sum()))


def solve(problem: Problem) -> Order:
    """The best order found; shorter than n places when the artists allow no more. Deterministic."""
    order = _beam(problem)
    n = len(order)
    if n < problem.fit.shape[1] or n < 2:
        return order
    order = _descend(problem, order)
    best, rng = problem.cost(order), np.random.default_rng(n)
    for _ in range(min(_KICKS, _EFFORT // n)):
        tried = _descend(problem, _kick(problem, order, rng))
        cost = problem.cost(tried)
        if cost < best - _EPSILON:
            order, best = tried, cost
    return order


def _beam(p: Problem) -> Order:
    """Extend the `_BEAM` cheapest partial orders track by track; end with the best whole one, length counted."""
    tracks, n = p.fit.shape
    orders = np.argsort(p.fit[:, 0], kind="stable")[:_BEAM][:, None]
    spent = p.fit[orders[:, 0], 0]
    for place in range(1, n):
        more = spent[:, None] + p.between[orders[:, -1]] + p.fit[:, place]
        artists = p.artist[orders]
        full = (artists[:, :, None] == p.artist).sum(axis=1) >= p.per_artist
        more[full] = np.inf
        np.put_along_axis(more, orders, np.inf, axis=1)
        kept = np.argsort(more, axis=None, kind="stable")[:_BEAM]
        kept = kept[np.isfinite(more.ravel()[kept])]
        if not len(kept):
            break
        orders = np.column_stack([orders[kept // tracks], kept % tracks])
        spent = more.ravel()[kept]
    return orders[np.argmin(spent + p.length_cost(p.seconds[orders].sum(axis=1)))]


def _descend(p: Problem, order: Order) -> Order:
    """Take the best move of the first kind that gains, until none does."""
    moves = (_replace, _reverse, _relocate)
    while True:
        for move in moves:
            moved = move(p, order)
            if moved is not None:
                order = moved
                break
        else:
            return order


def _replace(p: Problem, order: Order) -> Order | None:
    """Put an unused track in the place of a used one."""
    return _taken(order, _prices(p, order), _with)


def _with(order: Order, place: int, track: int) -> Order:
    return np.r_[order[:place], track, order[place + 1 :]]


def _prices(p: Problem, order: Order) -> Array:
    """(n, p) change of cost when a place is given to another track; infinite where it may not be."""
    n = len(order)
    cost = p.fit.T[:n].copy()
    cost[1:] += p.between[order[:-1]]
    cost[:-1] += p.between[order[1:]]
    cost -= cost[np.arange(n), order][:, None]
    seconds = p.seconds[order]
    total = seconds.sum()
    cost += p.length_cost(total - seconds[:, None] + p.seconds) - p.length_cost(total)
    same = p.artist[order][:, None] == p.artist
    cost[same.sum(axis=0) - same >= p.per_artist] = np.inf
    cost[:, order] = np.inf
    return cost


def _kick(p: Problem, order: Order, rng: np.random.Generator) -> Order:
    """Replace a few neighbours by others that nearly fit there."""
    start = int(rng.integers(max(len(order) - _KICKED, 0) + 1))
    for place in range(start, min(start + _KICKED, len(order))):
        price = _prices(p, order)[place]
        near = np.argsort(price, kind="stable")[:_KICK_WIDTH]
        near = near[np.isfinite(price[near])]
        if len(near):
            order = _with(order, place, int(rng.choice(near)))
    return order


def _reverse(p: Problem, order: Order) -> Order | None:
    """Turn a stretch around (2-opt)."""
    n = len(order)
    link, fit = _framed(p, order), p.fit[order]  # fit[k, at]: the track now at k, moved to `at`
    inside = np.zeros((n + 2, n + 2))  # [i, j + 1]: cost in place of the stretch i..j turned around
    swapped = fit + fit.T
    diagonal = np.arange(n)
    inside[diagonal, diagonal + 1] = fit.diagonal()
    for length in range(2, n + 1):
        i = diagonal[: n - length + 1]
        inside[i, i + length] = swapped[i, i + length - 1] + inside[i + 1, i + length - 1]
    before = np.r_[0, np.cumsum(fit.diagonal())]
    delta = inside[:n, 1 : n + 1] - (before[None, 1:] - before[:n, None])
    along = link.diagonal(1)
    delta += link[:n, 1 : n + 1] + link[1 : n + 1, 2:] - along[:n, None] - along[None, 1:]
    delta[np.tril_indices(n)] = np.inf
    return _taken(order, delta, _turned)


def _relocate(p: Problem, order: Order) -> Order | None:
    """Move one track elsewhere (or-opt)."""
    n = len(order)
    link, fit = _framed(p, order), p.fit[order]
    at = np.arange(n)
    along = link.diagonal(1)
    closed = link[at, at + 2] - along[:n] - along[1:]  # the gain of taking track i out
    own = fit - fit.diagonal()[:, None]
    sooner = np.r_[0, np.cumsum(np.r_[0, fit[at[1:], at[:-1]] - fit.diagonal()[1:]])]
    later = np.r_[0, np.cumsum(np.r_[fit[at[:-1], at[1:]] - fit.diagonal()[:-1], 0])]
    i, j = at[:, None], at[None, :]
    gap = np.where(j > i, j + 1, j)  # track i goes between the tracks now at gap - 1 and gap
    opened = link[gap, i + 1] + link[i + 1, gap + 1] - along[gap]
    shifted = np.where(j > i, sooner[j + 1] - sooner[i + 1], later[i] - later[j])
    delta = own + closed[:, None] + opened + shifted
    np.fill_diagonal(delta, np.inf)
    return _taken(order, delta, _moved)


def _framed(p: Problem, order: Order) -> Array:
    """(n + 2, n + 2) costs between the tracks of an order, with a free start and end around them."""
    link = np.zeros((len(order) + 2, len(order) + 2))
    link[1:-1, 1:-1] = p.between[np.ix_(order, order)]
    return link


def _turned(order: Order, i: int, j: int) -> Order:
    return np.r_[order[:i], order[i : j + 1][::-1], order[j + 1 :]]


def _moved(order: Order, i: int, j: int) -> Order:
    return np.insert(np.delete(order, i), j, order[i])


def _taken(order: Order, delta: Array, move: Callable[[Order, int, int], Order]) -> Order | None:
    """The order after the move that gains most; None when none gains."""
    i, j = divmod(int(delta.argmin()), delta.shape[1])
    return move(order, i, j) if delta[i, j] < -_EPSILON else None
