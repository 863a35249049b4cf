"""How a feature moved over time: means with bands that respect artists, as the data come or at one mix of genres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.families import FAMILIES, FAMILY_OF
from ml.features import COLUMN

if TYPE_CHECKING:
    from ml.changes import Break, Change, Slope
    from ml.forecasts import Forecast

Array = NDArray[np.float64]
By = Literal["year", "month", "decade"]
MIN_TRACKS = 30
"""Fewer tracks than this make no point."""
Z95 = 1.96
UNTAGGED = len(FAMILIES)
"""The stratum of tracks of which no family is known."""


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
class Trend:
    """The series asked for, and what is known of the first of them.

    `raw` is the first series as the data come, where that one is held at one mix of genres. `break_` is the likeliest
    break of all years, `at_2020` the test of that year alone; each is None where the history is too short for it.
    `season` is the share of the variance that lies between release months, for a series by month; `published` the
    slope of yearly means over other tracks, as far as they reach.
    """

    feature: str
    by: By
    series: tuple[Series, ...]
    change: Change | None
    forecast: Forecast | None
    raw: Series | None = None
    slope: Slope | None = None
    raw_slope: Slope | None = None
    break_: Break | None = None
    at_2020: Break | None = None
    season: float | None = None
    published: Slope | None = None


@dataclass(frozen=True)
class _Cells:
    """The tracks of a series by period: values, period index and artist of each, and the periods with enough."""

    x: Array
    at: NDArray[np.intp]
    artist: NDArray[np.int32]
    rows: NDArray[np.intp]
    found: NDArray[np.int16]
    n: NDArray[np.intp]

    def series(self, label: str, mean: Array, error: Array) -> Series:
        kept = self.n >= MIN_TRACKS
        return Series(
            label,
            tuple(self.found[kept].tolist()),
            tuple(mean[kept].tolist()),
            tuple((mean - Z95 * error)[kept].tolist()),
            tuple((mean + Z95 * error)[kept].tolist()),
            tuple(self.n[kept].tolist()),
        )


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
    cells = _cells(catalog, feature, by, rows, start, end)
    mean = np.bincount(cells.at, cells.x, len(cells.n)) / cells.n
    cell, total = _by_artist(cells, cells.x - mean[cells.at])
    period = cell >> 32
    clusters = np.bincount(period, minlength=len(mean))
    variance = np.bincount(period, total**2, len(mean)) / cells.n**2
    return cells.series(label, mean, np.sqrt(variance * clusters / np.maximum(clusters - 1, 1)))


def reweighted(
    catalog: Catalog,
    feature: str,
    by: By,
    rows: NDArray[np.bool_],
    strata: NDArray[np.uint8],
    label: str,
    start: int = 0,
    end: int = 9999,
) -> Series:
    """The line of `series` with every period held at one mix of `strata` (families, say): that of all its tracks.

    Periods lack some families, so the means are adjusted by a model of period plus family (adjusted means, analysis
    of covariance): what a family adds is estimated within periods, and each period is moved by what its own mix differs
    from the common one. The band is the sandwich variance of that whole estimate, clustered by artist: the doubt about
    what a family adds is in it.
    """
    cells = _cells(catalog, feature, by, rows, start, end)
    if not len(cells.n):
        return cells.series(label, np.zeros(0), np.zeros(0))
    k, t = UNTAGGED + 1, len(cells.n)
    stratum = strata[cells.rows].astype(np.intp)
    counts = np.bincount(cells.at * k + stratum, minlength=t * k).reshape(t, k).astype(float)
    share = counts / cells.n[:, None]
    mean = np.bincount(cells.at, cells.x, t) / cells.n
    # Least squares of x - mean(period) on the strata, centred by period; the strata sum to one, hence pinv.
    inverse = np.linalg.pinv(np.diag(counts.sum(axis=0)) - share.T @ counts, hermitian=True)
    effect = inverse @ np.bincount(stratum, cells.x - mean[cells.at], k)
    toward = counts.sum(axis=0) / counts.sum() - share
    adjusted = mean + toward @ effect
    residual = cells.x - mean[cells.at] - effect[stratum] + (share @ effect)[cells.at]
    return cells.series(label, adjusted, _adjusted_error(cells, residual, stratum, share, toward @ inverse))


def _adjusted_error(cells: _Cells, residual: Array, stratum: NDArray[np.intp], share: Array, pull: Array) -> Array:
    """Standard errors of adjusted means: each artist's pull on a period's mean and, through the effects, on all."""
    t, k = share.shape
    cell, total = _by_artist(cells, residual)
    period, artist = cell >> 32, np.unique(cell & 0xFFFFFFFF, return_inverse=True)[1]
    who = np.unique(cells.artist, return_inverse=True)[1]
    score = np.bincount(who * k + stratum, residual, (who.max(initial=-1) + 1) * k).reshape(-1, k)
    np.subtract.at(score, artist, total[:, None] * share[period])
    through = np.einsum("ck,ck->c", score[artist], pull[period])
    own = total / cells.n[period]
    variance = np.bincount(period, own**2 + 2 * own * through, t)
    variance += np.einsum("tk,kl,tl->t", pull, score.T @ score, pull)
    clusters = np.bincount(period, minlength=t)
    return np.sqrt(np.maximum(variance, 0) * clusters / np.maximum(clusters - 1, 1))


@lru_cache(maxsize=2)
def families(catalog: Catalog) -> NDArray[np.uint8]:
    """(n,) the family of each track, an index into `FAMILIES`: by its own genres, else by its artist's other tracks.

    `UNTAGGED` where neither has any.
    """
    names = list(FAMILIES)
    family_of = np.array([names.index(FAMILY_OF[g]) for g in catalog.genres])[catalog.genre_codes]
    row = np.repeat(np.arange(len(catalog)), np.diff(catalog.genre_start))
    most = np.full(len(catalog), UNTAGGED, np.uint8)
    # the artist's family first, then the track's own over it
    for key in (catalog.artist, np.arange(len(catalog))):
        pair, n = np.unique(key[row].astype(np.int64) * UNTAGGED + family_of, return_counts=True)
        pair = pair[np.argsort(n, kind="stable")]
        best = np.full(int(key.max(initial=0)) + 1, UNTAGGED, np.uint8)
        best[pair // UNTAGGED] = pair % UNTAGGED  # the largest count is written last
        most = np.where(best[key] < UNTAGGED, best[key], most)
    return most


def _cells(catalog: Catalog, feature: str, by: By, rows: NDArray[np.bool_], start: int, end: int) -> _Cells:
    when = periods(catalog, by)
    x = catalog.features[:, COLUMN[feature]]
    known = rows & (when > 0) & ~np.isnan(x) & ((x > 0) | (feature != "tempo"))
    dated = catalog.year if by == "month" else when
    known &= (dated >= (start // 10 * 10 if by == "decade" else start)) & (dated <= end)
    at_row = np.flatnonzero(known)
    found, at, n = np.unique(when[at_row], return_inverse=True, return_counts=True)
    return _Cells(x[at_row].astype(np.float64), at, catalog.artist[at_row], at_row, found, n)


def _by_artist(cells: _Cells, residual: Array) -> tuple[NDArray[np.int64], Array]:
    """Sums of residuals within each period and artist; a cell is named period << 32 | artist."""
    cell, of = np.unique(cells.at.astype(np.int64) << 32 | cells.artist, return_inverse=True)
    total: Array = np.bincount(of, residual, len(cell))  # type: ignore[assignment]
    return cell, total


def of_genre(catalog: Catalog, genres: Sequence[str]) -> NDArray[np.bool_]:
    """Mark the tracks that carry any of `genres`, and those without genre by artists half of whose tracks do."""
    own = catalog.in_genre(genres)
    tagged = np.diff(catalog.genre_start) > 0
    n = len(catalog.artist_keys)
    theirs = np.bincount(catalog.artist[own], minlength=n)
    mostly = (theirs > 0) & (2 * theirs >= np.bincount(catalog.artist[tagged], minlength=n))
    return own | (~tagged & mostly[catalog.artist])
