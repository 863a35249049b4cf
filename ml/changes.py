"""What changed in a line: then against now, the slope, and breaks by a test that knows how many years it tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.features import COLUMN
from ml.trends import Z95, Series

Array = NDArray[np.float64]

MIN_POINTS = 20
"""Fewer yearly points than this are not searched for a break."""
_EDGE = 5  # points at each end that "then" and "now" are averaged over
_TRIM = 0.15  # the share of years at each end where no break is looked for
_LEAST = 4  # points on either side of a break
_DRAWS = 499
_MAX_PHI = 0.95
ALPHA = 0.05


@dataclass(frozen=True)
class _Interval:
    """A 95 % interval of something that may be nothing."""

    low: float
    high: float

    @property
    def clear(self) -> bool:
        """True when the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Change(_Interval):
    """Then against now: means of the first and last points, the difference and its 95 % interval."""

    then: tuple[int, int]
    now: tuple[int, int]
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Slope(_Interval):
    """The straight line through a yearly series: its rise in ten years and the 95 % interval of it."""

    decade: float


@dataclass(frozen=True)
class Break:
    """The year after which a line left its course, of `tried` years looked at, and the p-value that accounts for them.

    `before` and `after` are the slopes a decade on either side, `jump` the step between them.
    """

    period: int
    p: float
    tried: int
    before: float
    after: float
    jump: float

    @property
    def clear(self) -> bool:
        """True when so much is rare without a break."""
        return self.p <= ALPHA


def change(line: Series) -> Change | None:
    """Compare the first and last points of a line (up to five each); None for fewer than two points."""
    if len(line.periods) < 2:
        return None
    edge = max(1, min(_EDGE, len(line.periods) // 4))
    mean, error = np.array(line.mean), _errors(line)
    before, after = mean[:edge].mean(), mean[-edge:].mean()
    spread = Z95 * np.sqrt((error[:edge] ** 2).sum() + (error[-edge:] ** 2).sum()) / edge
    then, now = (line.periods[0], line.periods[edge - 1]), (line.periods[-edge], line.periods[-1])
    moved = float(after - before)
    return Change(
        then=then,
        now=now,
        before=float(before),
        after=float(after),
        low=moved - float(spread),
        high=moved + float(spread),
    )


def slope(line: Series) -> Slope | None:
    """The weighted least-squares slope of a yearly line; None for fewer than eight points.

    Years resemble their neighbours, so the interval is widened by the autocorrelation of what the line leaves over:
    by sqrt((1 + phi) / (1 - phi)), with phi corrected for its bias in short series.
    """
    if len(line.periods) < 8:
        return None
    x, y, _ = _scaled(line)
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    left = y - x @ beta
    phi = _autocorrelation(left)
    variance = left @ left / (len(y) - 2) * np.linalg.inv(x.T @ x)[1, 1] * (1 + phi) / (1 - phi)
    spread = 2.0 * float(np.sqrt(variance))  # two: Student's t with the few years there are
    rise = float(beta[1])
    return Slope(decade=10 * rise, low=10 * (rise - spread), high=10 * (rise + spread))


def find_break(line: Series) -> Break | None:
    """The likeliest break of a yearly line with its p-value, corrected for every year tried; None if too short.

    Each candidate year lets the level and the slope change (F statistic, Andrews 1993 without the middle 70 % only);
    the largest F is compared with the largest of lines that have no break but the same noise: sampling errors as
    large, and years as alike as these (parametric bootstrap of a straight line with AR(1) residuals).
    """
    years = np.array(line.periods)
    edge = max(_LEAST, int(len(years) * _TRIM))
    return _test(line, years[edge : len(years) - edge + 1])


def break_at(line: Series, year: int) -> Break | None:
    """The same test for the one year asked about; None where too few points stand on either side."""
    years = np.array(line.periods)
    if (years >= year).sum() < _LEAST or (years < year).sum() < _LEAST:
        return None
    return _test(line, np.array([year]))


def season(catalog: Catalog, feature: str, rows: NDArray[np.bool_], start: int, end: int) -> float:
    """The share of the variance of `feature` between release months, eta squared, within years.

    What chance alone would give is taken off (epsilon squared, Kelley 1935), so that it may be 0.
    """
    x = catalog.features[:, COLUMN[feature]].astype(np.float64)
    known = rows & (catalog.month > 0) & (catalog.year >= start) & (catalog.year <= end) & ~np.isnan(x)
    known &= (x > 0) | (feature != "tempo")
    x, month, year = x[known], catalog.month[known].astype(np.intp), catalog.year[known].astype(np.intp)
    x -= (np.bincount(year, x) / np.maximum(np.bincount(year), 1))[year]
    n = np.bincount(month)
    between = float((np.bincount(month, x)[n > 0] ** 2 / n[n > 0]).sum())
    total, groups = float(x @ x), int((n > 0).sum())
    within = (total - between) / max(len(x) - groups, 1)
    return max((between - (groups - 1) * within) / total, 0.0) if total > 0 else 0.0


def _test(line: Series, candidates: NDArray[np.intp]) -> Break | None:
    if len(line.periods) < MIN_POINTS or not len(candidates):
        return None
    x, y, weight = _scaled(line)
    years = np.array(line.periods)
    straight = np.linalg.qr(x)[0]
    left = y - straight @ (straight.T @ y)
    drawn = _noise(_autocorrelation(left), len(y), _DRAWS)
    drawn -= straight @ (straight.T @ drawn)
    both = np.column_stack([left, drawn])
    total = (both**2).sum(axis=0)
    statistics = []
    for year in candidates:
        after = (years >= year) * weight
        extra = np.column_stack([after, after * (years - year)])
        extra = np.linalg.qr(extra - straight @ (straight.T @ extra))[0]
        explained = ((extra.T @ both) ** 2).sum(axis=0)
        statistics.append(explained / np.maximum(total - explained, 1e-300))
    found = np.array(statistics)
    most = found.max(axis=0)
    best = int(candidates[int(found[:, 0].argmax())])
    p = (1 + (most[1:] >= most[0]).sum()) / (_DRAWS + 1)
    after = years >= best
    full = np.column_stack([x, after * weight, after * weight * (years - best)])
    beta, *_ = np.linalg.lstsq(full, y, rcond=None)
    return Break(best, float(p), len(candidates), float(10 * beta[1]), float(10 * (beta[1] + beta[3])), float(beta[2]))


def _errors(line: Series) -> Array:
    return (np.array(line.high) - np.array(line.mean)) / Z95


def _scaled(line: Series) -> tuple[Array, Array, Array]:
    """Intercept and years, the means, and the weights that were put on both: one over each point's total error."""
    years, y, error = np.array(line.periods, float), np.array(line.mean), _errors(line)
    x = np.column_stack([np.ones(len(y)), years - years.mean()])
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    beyond = max(float(np.var(y - x @ beta) - np.mean(error**2)), 0.0)
    total = np.sqrt(error**2 + beyond)
    usual = float(np.median(total)) or 1.0
    weight = usual / np.maximum(total, 0.1 * usual)
    return x * weight[:, None], y * weight, weight


def _autocorrelation(left: Array) -> float:
    """Lag-one autocorrelation of residuals around a line, corrected upwards for its bias (Kendall 1954), 0 to .95."""
    power = float(left @ left)
    phi = float(left[1:] @ left[:-1]) / power if power > 0 else 0.0
    return min(max(phi + (2 + 4 * phi) / len(left), 0.0), _MAX_PHI)


def _noise(phi: float, n: int, draws: int) -> Array:
    """(n, draws) stationary AR(1) noise of variance one, the same every time."""
    shocks = np.random.default_rng(0).normal(size=(n, draws))
    for t in range(1, n):
        shocks[t] = phi * shocks[t - 1] + np.sqrt(1 - phi**2) * shocks[t]
    return shocks
