"""Forecasts rehearsed at every past year against the usual ones, their intervals, and signs that all sources share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.changes import find_break
from ml.eras import SOUND
from ml.forecasts import MIN_HISTORY, OURS, forecast, paths
from ml.scores import Score
from ml.sources import Sources
from ml.trend_reference import PUBLISHED, Reference
from ml.trends import Series, reweighted, series

Array = NDArray[np.float64]

HORIZON = 5
SIGNS: Mapping[str, int] = {
    "danceability": 1, "energy": 1, "loudness": 1, "speechiness": 1, "acousticness": -1, "valence": -1,
}  # fmt: skip
"""The direction of the six features that move alike wherever one looks."""
_SINCE = 1960
_ENOUGH = 30  # rows behind a mean
_QUIET = 200  # simulated lines without a break


@dataclass(frozen=True)
class _Rehearsed:
    """Errors of each model, (origins, horizon, features) in units of the naive one-step error; and which were held."""

    scaled: Mapping[str, Array]
    held: Array


def evaluate_trends(sources: Sources, data: Path, catalog: Catalog) -> list[Score]:
    """MASE of each model, coverage of the served intervals, agreement of signs, and false alarms of the break test."""
    own = [_own(catalog, f) for f in SOUND]
    held = Reference.load(Reference.pack(catalog, sources.tracks, data))
    mixed = [_mixed(catalog, held, f) for f in SOUND]
    published = pd.read_csv(data / PUBLISHED)
    years = tuple(published.year.tolist())
    long = [_line(f, years, published[f].to_numpy(float)) for f in SOUND]
    late = [
        _line(f, years[years.index(_SINCE) :], published[f][published.year >= _SINCE].to_numpy(float)) for f in SOUND
    ]
    found = []
    for name, lines in (
        (f"own yearly means {_SINCE}-2024", own),
        (f"own yearly means {_SINCE}-2024 at one mix of genres", mixed),
        (f"yearly means of 170k tracks {years[0]}-{years[-1]}", long),
        (f"yearly means of 170k tracks {_SINCE}-{years[-1]}", late),
    ):
        found += _forecasts(name, lines)
    return [*found, *_signs(sources.rows, published), _false_alarms()]


def _own(catalog: Catalog, feature: str) -> Series:
    return series(catalog, feature, "year", np.ones(len(catalog), bool), feature, _SINCE)


def _mixed(catalog: Catalog, held: Reference, feature: str) -> Series:
    rows = np.ones(len(catalog), bool)
    return reweighted(catalog, feature, "year", rows, held.strata, feature, _SINCE)


def _line(label: str, years: tuple[int, ...], y: Array) -> Series:
    mean = tuple(y.tolist())
    return Series(label, years, mean, mean, mean, (0,) * len(years))


def _cut(line: Series, first: int, end: int) -> Series:
    at = slice(first, end)
    return Series(line.label, line.periods[at], line.mean[at], line.low[at], line.high[at], line.tracks[at])


def _forecasts(name: str, lines: Sequence[Series]) -> list[Score]:
    """Score every model on one set of lines: each feature counts alike, each origin within it too."""
    tried = _rehearse(lines)
    n = len(tried.held) * len(lines)
    split = f"{name}, rolling origin: every year once {MIN_HISTORY} are known, ten features, each from its past alone"
    by_feature = {model: np.nanmean(errors, axis=(0, 1)) for model, errors in tried.scaled.items()}
    found = []
    for model, errors in by_feature.items():
        apart = errors - by_feature["naive"]
        note = f"against naive {apart.mean():+.3f} ± {apart.std(ddof=1) / np.sqrt(len(apart)):.3f} over features"
        found.append(Score(model, "trend MASE h1-5", float(errors.mean()), split, n, note=note))
    for h in range(HORIZON):
        inside = tried.held[:, h]
        share = float(np.nanmean(inside))
        found.append(Score("served", f"trend interval covers, h={h + 1}", share, split, int((~np.isnan(inside)).sum())))
    return found


def _rehearse(lines: Sequence[Series]) -> _Rehearsed:
    """Forecast every line at every origin; what is served may switch to naive, its models never do."""
    n = len(lines[0].periods)
    origins = range(MIN_HISTORY, n)
    shape = (len(origins), HORIZON, len(lines))
    scaled = {name: np.full(shape, np.nan) for name in ("naive", "SES", "Theta", OURS, "served")}
    held = np.full(shape, np.nan)
    for k, line in enumerate(lines):
        y = np.array(line.mean)
        made = paths(y, HORIZON)
        for i, origin in enumerate(origins):
            coming = y[origin : origin + HORIZON]
            unit = np.abs(np.diff(y[:origin])).mean()
            served = forecast(_cut(line, 0, origin), HORIZON)
            assert served is not None  # noqa: S101 - there is history enough at every origin
            for name in scaled:
                said = np.array(served.mean) if name == "served" else made[name][origin]
                scaled[name][i, : len(coming), k] = np.abs(said[: len(coming)] - coming) / unit
            low, high = (np.array(edge)[: len(coming)] for edge in (served.low, served.high))
            held[i, : len(coming), k] = (low <= coming) & (coming <= high)
    return _Rehearsed(scaled, held)


def _signs(rows: pd.DataFrame, published: pd.DataFrame) -> list[Score]:
    """How many of the six features move as expected in every source that has dates."""
    dated = {
        "collected-2024": ("year", rows[(rows.source == "collected-2024") & (rows.year >= _SINCE)]),
        "tidytuesday": ("year", rows[(rows.source == "tidytuesday") & (rows.year >= _SINCE)]),
        "hit-predictor": ("decade", rows[rows.source == "hit-predictor"]),
    }
    means = {}
    for name, (when, part) in dated.items():
        groups = part.groupby(when)[list(SIGNS)]
        means[name] = groups.mean()[groups.size() >= _ENOUGH]
    means["170k yearly means"] = published[published.year >= _SINCE].set_index("year")[list(SIGNS)]
    agree = {}
    for feature, sign in SIGNS.items():
        slopes = {name: np.polyfit(table.index, table[feature], 1)[0] for name, table in means.items()}
        agree[feature] = [name for name, slope in slopes.items() if np.sign(slope) == sign]
    split = f"slopes of means by year (decade for the hit predictor) since {_SINCE}, {len(means)} sources with dates"
    against = {feature: sorted(set(means) - set(names)) for feature, names in agree.items()}
    missing = [f"{feature}: not {', '.join(names)}" for feature, names in against.items() if names]
    everywhere = len(SIGNS) - len(missing)
    note = "; ".join(missing) or "all six in every source"
    return [Score("sources", "trend signs agree", float(everywhere), split, len(SIGNS), note=note)]


def _false_alarms() -> Score:
    """How often the break test cries on lines that have none."""
    rng = np.random.default_rng(0)
    years = tuple(range(_SINCE, 2025))
    alarms = 0
    for _ in range(_QUIET):
        noise = rng.normal(size=len(years))
        for t in range(1, len(noise)):
            noise[t] += 0.5 * noise[t - 1]
        broken = find_break(_line("", years, noise + 0.05 * np.arange(len(years))))
        alarms += broken is not None and broken.clear
    split = f"{_QUIET} simulated lines of {len(years)} years, straight with AR(1) noise of .5, at the 5 % level"
    return Score("break test", "trend break false alarms", alarms / _QUIET, split, _QUIET)
