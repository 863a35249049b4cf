"""What may come next: a forecast of a yearly line, with an interval that is rehearsed at every past origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.trends import Series

Array = NDArray[np.float64]

MIN_HISTORY = 20
"""Fewer yearly points than this make no forecast."""
MAX_HORIZON = 10
COVERAGE = 0.8
_FIRST = MIN_HISTORY // 2  # the first origin that is rehearsed
_ALPHAS = np.linspace(0.05, 1, 39)
_BETA, _PHI = 0.2, 0.8  # of the damped trend: fixed, for 60 points cannot tell them
_STEP = 0.05  # how far one miss moves the level aimed at
_LEVELS = (0.5, 0.98)
OURS, NAIVE = "mix", "naive"


@dataclass(frozen=True)
class Forecast:
    """What comes next, by the `method` that did better at past origins: `OURS`, or `NAIVE` where nothing beats it."""

    periods: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    held: float
    """The share of past outcomes that fell inside the interval as it was drawn before them."""
    error_ratio: float
    """Mean absolute error of `OURS` over that of "same as last year", all origins and horizons: below 1 is better."""
    method: str = OURS


def forecast(line: Series, horizon: int) -> Forecast | None:
    """Forecast a yearly line; None where fewer than `MIN_HISTORY` consecutive years end it."""
    years = np.array(line.periods)
    gaps = np.flatnonzero(np.diff(years) > 1)
    y = np.array(line.mean)[gaps[-1] + 1 if len(gaps) else 0 :]
    if len(y) < MIN_HISTORY or not 1 <= horizon <= MAX_HORIZON:
        return None
    all_paths = paths(y, horizon)
    missed = {name: misses(y, all_paths[name]) for name in (OURS, NAIVE)}
    naive = float(np.nansum(missed[NAIVE]))
    ratio = float(np.nansum(missed[OURS])) / naive if naive else 1.0
    method = OURS if ratio < 1 else NAIVE
    width = widths(missed[method])
    known = ~np.isnan(width[:-1]) & ~np.isnan(missed[method][:-1])
    held = float((missed[method][:-1] <= width[:-1])[known].mean())
    mean = all_paths[method][-1]
    coming = tuple(int(years[-1]) + h for h in range(1, horizon + 1))
    low, high = (tuple((mean + side * width[-1]).tolist()) for side in (-1, 1))
    return Forecast(coming, tuple(mean.tolist()), low, high, held, ratio, method)


def paths(y: Array, horizon: int) -> Mapping[str, Array]:
    """Each method's forecasts from every origin: method -> (n + 1, horizon), row o made from `y[:o]` alone.

    `OURS` is the mean of three: the last value, Theta (Assimakopoulos & Nikolopoulos 2000, in the form of Hyndman &
    Billah 2003: simple exponential smoothing plus half the slope of a straight line) and an exponentially damped trend
    (Gardner & McKenzie 1985). The smoothing of each is the one with the smallest one-step errors up to the origin.
    """
    n, steps = len(y), np.arange(1, horizon + 1)
    found = {name: np.full((n + 1, horizon), np.nan) for name in (NAIVE, "SES", "Theta", OURS)}
    level = np.full(len(_ALPHAS), y[0])
    damped, growth = level.copy(), np.zeros(len(_ALPHAS))
    squared, damped_squared = np.zeros(len(_ALPHAS)), np.zeros(len(_ALPHAS))
    for origin in range(2, n + 1):
        error = y[origin - 1] - level
        squared += error**2
        level = level + _ALPHAS * error
        expected = damped + _PHI * growth
        error = y[origin - 1] - expected
        damped_squared += error**2
        damped, growth = expected + _ALPHAS * error, _PHI * growth + _BETA * _ALPHAS * error
        if origin < _FIRST:
            continue
        best = int(squared.argmin())
        alpha = _ALPHAS[best]
        x = np.arange(origin) - (origin - 1) / 2
        slope = x @ y[:origin] / (x @ x)
        theta = level[best] + slope / 2 * (steps - 1 + (1 - (1 - alpha) ** origin) / alpha)
        best = int(damped_squared.argmin())
        trend = damped[best] + growth[best] * np.cumsum(_PHI**steps)
        found[NAIVE][origin] = y[origin - 1]
        found["SES"][origin] = level[int(squared.argmin())]
        found["Theta"][origin] = theta
        found[OURS][origin] = (y[origin - 1] + theta + trend) / 3
    return found


def misses(y: Array, path: Array) -> Array:
    """(n + 1, horizon) absolute errors of a method's forecasts, NaN where the outcome is not known."""
    n, horizon = len(y), path.shape[1]
    after = np.arange(n + 1)[:, None] + np.arange(horizon)
    return np.abs(np.where(after < n, y[np.minimum(after, n - 1)], np.nan) - path)


def widths(missed: Array) -> Array:
    """(n + 1, horizon) half-widths of the interval at each origin, from the errors known there and then.

    The quantile of the earlier errors, at a level that every outcome corrects: up after a miss, down after a hold
    (adaptive conformal inference, Gibbs & Candès 2021). A later year never has the narrower interval.
    """
    origins, horizon = missed.shape
    found = np.full((origins, horizon), np.nan)
    for h in range(horizon):
        aimed = COVERAGE
        for origin in range(_FIRST + h + 1, origins):
            newest = origin - 1 - h  # the latest origin whose outcome at this step is known
            if not np.isnan(found[newest, h]):
                aimed += _STEP * (COVERAGE - (missed[newest, h] <= found[newest, h]))
                aimed = min(max(aimed, _LEVELS[0]), _LEVELS[1])
            past = np.sort(missed[_FIRST : newest + 1, h])
            rank = min(len(past), int(np.ceil((len(past) + 1) * aimed)))
            found[origin, h] = past[rank - 1]
    return np.maximum.accumulate(found, axis=1)
