"""How a feature moved over time: means with bands that respect artists, what changed, and a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.features import COLUMN

By = Literal["year", "month", "decade"]
MIN_TRACKS = 30
"""Fewer tracks than this make no point."""
MIN_HISTORY = 20
"""Fewer yearly points than this make no forecast."""
MAX_HORIZON = 10
COVERAGE = 0.8
_Z95 = 1.96
_EDGE = 5  # points at each end that "then" and "now" are averaged over
_ALPHAS = np.linspace(0.05, 1, 39)


@dataclass(frozen=True)
class Series:
    """One line: the mean of a feature a period, its 95 % band, and how many tracks stand behind each point."""

    label: str
    periods: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    tracks: tuple[int, ...]


@dataclass(frozen=True)
class Forecast:
    """What comes next; the interval held `backtest` of the held-out years when rehearsed at every past origin."""

    periods: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    coverage: float
    error_ratio: float
    """Mean absolute error over that of "same as last year", over all origins and horizons: below 1 is better."""


@dataclass(frozen=True)
class Change:
    """Then against now: means of the first and last points, the difference and its 95 % interval."""

    then: tuple[int, int]
    now: tuple[int, int]
    before: float
    after: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """True when the interval of the difference leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Trend:
    """The series asked for, what changed in the first of them, and its forecast where the history allows one."""

    feature: str
    by: By
    series: tuple[Series, ...]
    change: Change | None
    forecast: Forecast | None


def periods(catalog: Catalog, by: By) -> NDArray[np.int16]:
    """(n,) the period each track falls in, 0 where unknown: year, first year of the decade, or month 1 to 12."""
    if by == "year":
        return catalog.year
    return catalog.decade if by == "decade" else catalog.month.astype(np.int16)


def series(
    catalog: Catalog, feature: str, by: By, rows: NDArray[np.bool_], label: str, start: int = 0, end: int = 9999
) -> Series:
    """Mean of `feature` a period over `rows`, with a 95 % band from the variance clustered by artist.

    An artist's songs resemble each other, so the band sums residuals within artists before squaring (Liang & Zeger
    1986): about twice as wide as pretending that songs are independent. Periods under `MIN_TRACKS` are left out.
    """
    when = periods(catalog, by)
    x = catalog.features[:, COLUMN[feature]].astype(np.float64)
    known = rows & (when > 0) & ~np.isnan(x) & ((x > 0) | (feature != "tempo"))
    if by != "month":
        known &= (when >= start) & (when <= end)
    x, when, artist = x[known], when[known], catalog.artist[known]
    found, at = np.unique(when, return_inverse=True)
    n = np.bincount(at, minlength=len(found))
    mean = np.bincount(at, x, len(found)) / np.maximum(n, 1)
    cell, cell_of = np.unique(at.astype(np.int64) << 32 | artist, return_inverse=True)
    residual = np.bincount(cell_of, x - mean[at], len(cell))
    clusters = np.bincount(cell >> 32, minlength=len(found))
    variance = np.bincount(cell >> 32, residual**2, len(found)) / np.maximum(n, 1) ** 2
    error = np.sqrt(variance * clusters / np.maximum(clusters - 1, 1))
    kept = n >= MIN_TRACKS
    return Series(
        label,
        tuple(found[kept].tolist()),
        tuple(mean[kept].tolist()),
        tuple((mean - _Z95 * error)[kept].tolist()),
        tuple((mean + _Z95 * error)[kept].tolist()),
        tuple(n[kept].tolist()),
    )


def change(line: Series) -> Change | None:
    """Compare the first and last points of a line (up to five each); None for fewer than two points."""
    if len(line.periods) < 2:
        return None
    edge = max(1, min(_EDGE, len(line.periods) // 4))
    mean, error = np.array(line.mean), (np.array(line.high) - np.array(line.mean)) / _Z95
    before, after = mean[:edge].mean(), mean[-edge:].mean()
    spread = _Z95 * np.sqrt((error[:edge] ** 2).sum() + (error[-edge:] ** 2).sum()) / edge
    then, now = (line.periods[0], line.periods[edge - 1]), (line.periods[-edge], line.periods[-1])
    return Change(
        then, now, float(before), float(after), float(after - before - spread), float(after - before + spread)
    )


def forecast(line: Series, horizon: int) -> Forecast | None:
    """Forecast a yearly line; None where fewer than `MIN_HISTORY` consecutive years end it.

    The mean of the Theta method (Assimakopoulos & Nikolopoulos 2000, in the form of Hyndman & Billah 2003) and the
    last value. The 80 % interval at each step is the quantile of the errors the same rule made at every past origin.
    """
    years = np.array(line.periods)
    gaps = np.flatnonzero(np.diff(years) > 1)
    y = np.array(line.mean)[gaps[-1] + 1 if len(gaps) else 0 :]
    if len(y) < MIN_HISTORY or not 1 <= horizon <= MAX_HORIZON:
        return None
    origins = range(MIN_HISTORY // 2, len(y))
    errors: list[list[float]] = [[] for _ in range(horizon)]
    naive = total = 0.0
    for origin in origins:
        steps = theta_naive(y[:origin], horizon)
        for h in range(min(horizon, len(y) - origin)):
            errors[h].append(abs(y[origin + h] - steps[h]))
            total, naive = total + errors[h][-1], naive + abs(y[origin + h] - y[origin - 1])
    width = np.maximum.accumulate([_quantile(e) for e in errors])
    mean = theta_naive(y, horizon)
    coming = tuple(int(years[-1]) + h for h in range(1, horizon + 1))
    low, high = mean - width, mean + width
    return Forecast(coming, tuple(mean), tuple(low), tuple(high), COVERAGE, total / naive if naive else 1.0)


def theta_naive(y: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """(horizon,) the average of the Theta forecast and the last value of `y`."""
    return (theta(y, horizon) + y[-1]) / 2


def theta(y: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """(horizon,) Theta forecast: simple exponential smoothing plus half the slope of a straight line through `y`."""
    n = len(y)
    slope = np.polyfit(np.arange(n), y, 1)[0]
    level = np.full(len(_ALPHAS), y[0])
    squared = np.zeros(len(_ALPHAS))
    for value in y[1:]:
        squared += (value - level) ** 2
        level += _ALPHAS * (value - level)
    best = int(squared.argmin())
    alpha = _ALPHAS[best]
    drift = slope / 2 * (np.arange(horizon) + (1 - (1 - alpha) ** n) / alpha)
    return level[best] + drift


def _quantile(errors: Sequence[float]) -> float:
    """The conformal quantile: with n rehearsals, rank ceil((n + 1) * coverage)."""
    rank = min(len(errors), int(np.ceil((len(errors) + 1) * COVERAGE)))
    return float(np.sort(errors)[rank - 1])
