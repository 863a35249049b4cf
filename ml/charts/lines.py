"""Lines with bands: a feature over time with its forecast, a score over the range of one feature."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ml.charts.card import Card, Drawing, Scale
from ml.charts.layout import round_steps, spread
from ml.charts.marks import flags
from ml.charts.text import legible, width, wrap
from ml.charts.theme import (
    ACCENT,
    INK,
    MARGIN,
    OTHER,
    PAPER,
    QUIET,
    RIGHT,
    RULE,
    SHADE,
    SMALL,
    UP,
    WIDTH,
    group_colours,
    mix,
    readable,
)
from ml.charts.words import NAME_OF, average, averaged, axis, bare, feature_value, in_unit, points
from ml.features import BY_NAME

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.trends import Series, Trend

_PLOT, _TICKS, _STRIP = 420, 62, 64
_THIN = 50  # tracks behind a point below which its line is drawn lighter
_GAP = 5  # periods without a point, in usual steps, from which a line is only dashed on
_NAME = 300, 460  # where the name of a line breaks, and the most that what cannot be broken may take
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINE = 40
Line = tuple[str, str, bool]  # words, colour, bold


@Drawing
def trend(trend: Trend, title: str, footer: str, raw: Series | None = None, turn: int | None = None) -> Figure:
    """One to four lines over time with bands, a forecast of the first, and how many tracks stand behind each period.

    `raw`, the first line before it was re-weighted, runs behind it, thin and grey; `turn` is when it changed course.
    """
    few = any(n < _THIN for series in trend.series for n in series.tracks)
    subtitle = f"{averaged(trend.feature)}, by {trend.by}, with 95 % bands" + f"; pale: under {_THIN} tracks" * few
    card = Card(title, subtitle, footer, _PLOT + _TICKS + _STRIP)
    ahead = trend.forecast
    colours = group_colours([series.label for series in trend.series])
    blocks = [_ends(trend, i, readable(colour)) for i, colour in enumerate(colours)]
    if raw:
        blocks.append([(raw.label, QUIET, True), (_first_last(trend, raw), QUIET, False)])
    counts = _counts(trend)
    most = f"≤ {max(counts.values()):,} tracks"
    column = max(*(width(words, SMALL, bold) for block in blocks for words, _, bold in block), width(most, SMALL))
    y, steps = _vertical(card, trend, raw)
    ticks = axis(trend.feature, steps)
    left = MARGIN + max(width(words, SMALL) for words in ticks) + 18
    spans = [*(s.periods for s in trend.series), *([ahead.periods] if ahead else [])]
    first, last = min(min(p) for p in spans), max(max(p) for p in spans)
    x = Scale(first, last if last > first else first + 1, left + 14, RIGHT - column - 34)
    _grid(card, y, steps, ticks, left, x.end)
    if ahead:
        card.box(x(trend.series[0].periods[-1]), card.top, x.end, card.top + _PLOT, SHADE, 0.7)
    if turn is not None:
        card.line([x(turn)] * 2, [card.top + 42, y.start], QUIET, 2, dash=(4, 4))
    if raw:
        card.line(x.all(raw.periods), y.all(raw.mean).clip(y.end, y.start), OTHER, 4)
    bounds = _bounds(trend.feature, y)
    for colour, series in list(zip(colours, trend.series, strict=True))[::-1]:
        _series(card, series, x, y, bounds, colour)
    if ahead:
        _fan(card, trend, x, y, bounds, colours[0])
    if turn is not None:
        words = f"turns {_when(trend.by, turn)}"
        half = width(words, SMALL) / 2
        card.text(
            min(max(x(turn), left + half), x.end - half), card.top + 18, words, SMALL, QUIET, align="center", halo=True
        )
    _end_labels(card, trend, raw, blocks, y, column)
    _periods(card, trend, x, card.top + _PLOT + 34)
    _strip(card, counts, x, card.top + _PLOT + _TICKS)
    card.text(RIGHT - column, card.bottom - 24, most, SMALL, QUIET)
    return card.figure


def _vertical(card: Card, trend: Trend, raw: Series | None) -> tuple[Scale, list[float]]:
    """The scale of values, with room for every band that is not a wild outlier, and its round steps."""
    parts = [s for s in (*trend.series, trend.forecast) if s]
    means = np.concatenate([s.mean for s in (*parts, *([raw] if raw else []))])
    lows, highs = np.concatenate([s.low for s in parts]), np.concatenate([s.high for s in parts])
    usual = float(np.nanmedian(highs - lows)) / 2
    reach = max(means.max() - means.min(), usual) or abs(means.max()) * 0.1 or 1.0
    low = max(np.nanmin(lows), means.min() - reach)
    high = min(np.nanmax(highs), means.max() + reach)
    pad = (high - low) * 0.1 or 0.5
    kind = BY_NAME[trend.feature]
    low, high = float(max(low - pad, kind.low - pad / 2)), float(high + pad)
    y = Scale(low, high, card.top + _PLOT, card.top)
    steps = _steps(trend.feature, max(low, kind.low), min(high, kind.high))
    return y, [step for step in steps if y(step) < y.start - 16]


def _grid(card: Card, y: Scale, steps: Sequence[float], ticks: Sequence[str], left: float, right: float) -> None:
    for step, words in zip(steps, ticks, strict=True):
        card.line([left, right], [y(step)] * 2, RULE, 2)
        card.text(left - 14, y(step), words, SMALL, QUIET, align="right")


def _bounds(feature: str, y: Scale) -> tuple[float, float]:
    """The pixels that a band may reach: no further than the plot, nor than the feature can go."""
    kind = BY_NAME[feature]
    return max(y.end, y(kind.high)), min(y.start, y(kind.low))


def _series(card: Card, series: Series, x: Scale, y: Scale, bounds: tuple[float, float], colour: str) -> None:
    xs, ys = x.all(series.periods), y.all(series.mean)
    lows, highs = (y.all(edge).clip(*bounds) for edge in (series.low, series.high))
    pale = mix(colour, PAPER, 0.5)  # what rests on few tracks
    pauses = np.diff(series.periods)
    parts = np.split(np.arange(len(xs)), np.flatnonzero(pauses > _GAP * np.median(pauses)) + 1)
    for before, after in pairwise(parts):
        card.line(xs[[before[-1], after[0]]], ys[[before[-1], after[0]]], pale, 3, dash=(2, 2))
    for part in parts:
        card.area(xs[part], lows[part], highs[part], colour, 0.17)
        card.line(xs[part], ys[part], pale, 5)
    enough = np.asarray(series.tracks) >= _THIN
    breaks = (np.diff(enough) | np.isin(np.arange(1, len(xs)), [part[0] for part in parts])).nonzero()[0] + 1
    for run in np.split(np.arange(len(xs)), breaks):
        if enough[run[0]]:
            card.line(xs[run], ys[run], colour, 6)
    dotted = [0, len(xs) - 1, *(part[0] for part in parts if len(part) == 1)] if len(xs) > 15 else range(len(xs))
    card.dots(xs[[*dotted]], ys[[*dotted]], colour, 20)


def _fan(card: Card, trend: Trend, x: Scale, y: Scale, bounds: tuple[float, float], colour: str) -> None:
    """The forecast as a dashed line out of the last observed point, in a widening band."""
    ahead, seen = trend.forecast, trend.series[0]
    assert ahead is not None  # noqa: S101 - the caller asked
    start = (seen.periods[-1], seen.mean[-1])
    xs = x.all([start[0], *ahead.periods])
    low, high = (y.all([start[1], *edge]).clip(*bounds) for edge in (ahead.low, ahead.high))
    card.area(xs, low, high, colour, 0.15)
    card.line(xs, y.all([start[1], *ahead.mean]), colour, 5, dash=(2, 1.2))


def _ends(trend: Trend, i: int, colour: str) -> list[Line]:
    """What stands at the end of a line: its name, its first and last values, and its forecast."""
    series = trend.series[i]
    broken = len(trend.series) <= 3  # four lines leave no room below each other
    parts = legible(series.label).split() if broken else [legible(series.label)]
    low, high = _NAME
    room = min(max([low, *(width(part, SMALL, True) for part in parts)]), high)
    block: list[Line] = [(name, colour, True) for name in wrap(series.label, SMALL, room, 1 + broken, bold=True)]
    block.append((_first_last(trend, series), INK, False))
    if i == 0 and trend.forecast and broken:
        ahead = trend.forecast
        least, most = (average(trend.feature, edge[-1]) for edge in (ahead.low, ahead.high))
        block.append((f"forecast {_when(trend.by, ahead.periods[-1])}:", QUIET, False))
        block.append((f"{bare(least)} to {most}", QUIET, False))
    return block


def _first_last(trend: Trend, series: Series) -> str:
    first, last = (average(trend.feature, series.mean[at]) for at in (0, -1))
    return f"{bare(first)} → {last}"


def _end_labels(
    card: Card, trend: Trend, raw: Series | None, blocks: Sequence[list[Line]], y: Scale, column: float
) -> None:
    """Set each block beside the end of its line; blocks that would touch are moved apart."""
    ends = [y(s.mean[-1]) for s in trend.series]
    if trend.forecast:
        ends[0] = y(trend.forecast.mean[-1])
    if raw:
        ends.append(y(raw.mean[-1]))
    places = spread(ends, [len(b) * _LINE + 18 for b in blocks], card.top - 9, card.top + _PLOT + 9)
    for block, place in zip(blocks, places, strict=True):
        for row, (words, colour, bold) in enumerate(block):
            at = place + (row - (len(block) - 1) / 2) * _LINE
            card.text(RIGHT - column, at, words, SMALL, colour, bold=bold)


def _periods(card: Card, trend: Trend, x: Scale, at: float) -> None:
    """Name as many periods as stand clear of each other."""
    ahead = trend.forecast.periods if trend.forecast else ()
    periods = sorted({p for s in trend.series for p in s.periods} | set(ahead))
    first, last = periods[0], periods[-1]
    pitch = abs(x(first + 1) - x(first))
    room = max(width(_when(trend.by, p), SMALL) for p in periods) + 26
    steps = {"decade": (10, 20, 30, 50), "month": (1, 2, 3, 4, 6)}.get(trend.by, (1, 2, 5, 10, 20, 50))
    step = next((s for s in steps if s * pitch >= room), steps[-1])
    start = -(-first // step) * step if trend.by == "year" else first
    between = (p for p in range(int(start), int(last), step) if min(p - first, last - p) * pitch >= room)
    for period in dict.fromkeys((first, *between, last)):
        card.text(x(period), at, _when(trend.by, period), SMALL, QUIET, align="center")
        card.line([x(period)] * 2, [at - 34, at - 24], OTHER, 2)


def _counts(trend: Trend) -> dict[float, int]:
    """The tracks behind each period, all lines together."""
    counts: dict[float, int] = {}
    for series in trend.series:
        for period, n in zip(series.periods, series.tracks, strict=True):
            counts[period] = counts.get(period, 0) + n
    return counts


def _strip(card: Card, counts: dict[float, int], x: Scale, top: float) -> None:
    """A small bar a period for the tracks behind it."""
    most = max(counts.values()) or 1
    gap = min(np.diff(sorted(counts)), default=1)
    half = min(max((x.end - x.start) / max(x.high - x.low, 1) * gap * 0.36, 1.5), 18)
    base = top + _STRIP - 6
    outlines = np.array(
        [
            [(x(p) - half, base), (x(p) + half, base), (x(p) + half, h), (x(p) - half, h)]
            for p, n in counts.items()
            for h in [base - max(n / most * (_STRIP - 14), 1.5)]
        ]
    )
    card.shapes(outlines, [OTHER])


def _when(by: str, period: float) -> str:
    if by == "decade":
        return f"{period:.0f}s"
    return _MONTHS[round(period) - 1] if by == "month" and 1 <= period <= 12 else f"{period:.0f}"


@Drawing
def whatif(
    feature_label: str,
    values: ArrayLike,
    mean: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    here_value: float,
    here_score: float,
    best_value: float,
    title: str,
    footer: str,
) -> Figure:
    """The score, 0 to 1, over the range of one feature with its band; where the track is, and where it does best."""
    name = NAME_OF[feature_label]
    xs, means, lows, highs = (np.asarray(a, dtype=np.float64) for a in (values, mean, low, high))
    card = Card(title, f"hit score, 0 to 100, over {feature_label}{in_unit(name)}", footer, 540)
    top, bottom = card.top + 70, card.bottom - 62
    bottom_score, top_score = max(0.0, float(lows.min()) - 0.02), min(1.0, float(highs.max()) + 0.02)
    y = Scale(bottom_score, max(top_score, bottom_score + 0.02), bottom, top)
    steps = round_steps(y.low, y.high)
    left = MARGIN + max(width(points(s), SMALL) for s in steps) + 18
    x = Scale(float(xs.min()), float(xs.max()), left, RIGHT - 40)
    for step in steps:
        card.line([left, x.end], [y(step)] * 2, RULE, 2)
        card.text(left - 14, y(step), points(step), SMALL, QUIET, align="right")
    px = x.all(xs)
    card.area(px, y.all(lows), y.all(highs), ACCENT, 0.18)
    card.line(px, y.all(means), ACCENT, 6)
    best_score = float(np.interp(best_value, xs, means))
    marked: list[tuple[float, float, str, str]] = [
        (x(here_value), y(here_score), f"now {feature_value(name, here_value)}: {points(here_score)}", INK)
    ]
    if abs(x(best_value) - x(here_value)) > 12:
        marked.append(
            (x(best_value), y(best_score), f"best {feature_value(name, best_value)}: {points(best_score)}", UP)
        )
    flags(card, card.top + 18, marked)
    for at, height, _, colour in marked:
        card.dots(at, height, colour, 32)
    card.line([left, x.end], [bottom, bottom], INK, 2)
    marks = _steps(name, x.low, x.high)
    for value, words in zip(marks, axis(name, marks), strict=True):
        if x(value) + width(words, SMALL) / 2 <= WIDTH - 16:
            card.text(x(value), bottom + 36, words, SMALL, QUIET, align="center")
    return card.figure


def _steps(feature: str, low: float, high: float) -> list[float]:
    """Round values of a feature, a duration's in whole parts of a minute."""
    unit = 60_000.0 if feature == "duration_ms" else 1.0
    return [step * unit for step in round_steps(low / unit, high / unit)]
