"""What a trend says in words: the finding, its slope, its breaks and its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.commands import wording
from bot.core import UserError
from bot.lines import line
from ml.changes import Break, Slope
from ml.charts.words import MINUS
from ml.features import Feature
from ml.forecasts import OURS
from ml.trends import MIN_TRACKS, By, Series, Trend

ALL = "all tracks"
MIXED = "one mix of genres"
RAW = "as collected"
_NOUNS = {"year": "year", "decade": "decade", "month": "release month"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ONE_OF_TWELVE = 0.05 / 12  # of the features one could ask about, none breaks by chance alone
_TINY = 0.01
_END = 2024  # the year the newest source was collected


def finding(trend: Trend, feature: Feature) -> str:
    """One sentence: what changed, or that nothing did."""
    first, moved = trend.series[0], trend.change
    if len(trend.series) == 2:
        return _gap(trend, feature)
    who = "" if first.label in (ALL, MIXED) else f" of {first.label}"
    what = f"{_called(feature)}{who}"
    if trend.by == "month" or moved is None:
        low, high = int(np.argmin(first.mean)), int(np.argmax(first.mean))
        return (
            f"{what} by release month: lowest in {_when('month', first.periods[low])} "
            f"({wording.average(feature.name, first.mean[low])}), highest in "
            f"{_when('month', first.periods[high])} ({wording.average(feature.name, first.mean[high])})."
        )
    before, after = (wording.average(feature.name, v) for v in (moved.before, moved.after))
    verb = ("rose" if moved.low > 0 else "fell") if moved.clear else "did not clearly move"
    then, now = _period_span(trend.by, *moved.then), _period_span(trend.by, *moved.now)
    return f"{what} {verb}: {before} in {then}, {after} in {now}."


def details(trend: Trend, feature: Feature) -> list[str]:
    """What stands behind the finding, a sentence or two each."""
    return [
        words
        for words in (
            *_slope(trend, feature),
            *_breaks(trend, feature),
            *_forecast(trend, feature),
            *_season(trend),
            _source(trend),
        )
        if words
    ]


def alt(trend: Trend, feature: Feature) -> str:
    """The chart in words."""
    ends = "; ".join(_ends(s, trend.by, feature) for s in (*trend.series, *([trend.raw] if trend.raw else [])))
    return f"Line chart of {feature.label} by {_NOUNS[trend.by]}. {ends}."


def years(options: Mapping[str, Any], start: int) -> tuple[int, int]:
    """The first and the last year asked for, or those that there are."""
    first, last = options.get("from", start), options.get("to", _END)
    if "to" not in options and first > last:
        raise UserError(f"My tracks end in {_END}, before from:{first}.", (line("trend", {**options, "from": None}),))
    if "from" not in options and first > last:
        raise UserError(f"My tracks begin in {start}, after to:{last}.", (line("trend", {**options, "to": None}),))
    if first > last:
        raise UserError(f"from:{first} is after to:{last}.", (line("trend", {**options, "from": last, "to": first}),))
    return first, last


def too_few(label: str, by: By, points: int, start: int, end: int, decades: NDArray[np.int16]) -> str:
    """Why there is no line, and what there is instead."""
    found, n = np.unique(decades[decades > 0], return_counts=True)
    there = wording.listed([f"{k:,} in the {d}s" for d, k in zip(found.tolist(), n.tolist(), strict=True)])
    who = ALL if label == MIXED else label
    have = {0: f"no {_NOUNS[by]} has", 1: f"one {_NOUNS[by]} alone has"}[points]
    return (
        f"Too few tracks for {who} from {start} to {end}: a point needs {MIN_TRACKS}, and {have} as many. "
        f"{f'With a date there are {there}.' if there else 'None has a date.'}"
    )


def _called(feature: Feature) -> str:
    return {"explicit": "Explicit lyrics", "mode": "Major keys"}.get(feature.name, feature.label.capitalize())


def _when(by: str, period: int) -> str:
    if by == "month":
        return _MONTHS[period - 1]
    return f"{period}s" if by == "decade" else str(period)


def _period_span(by: str, first: int, last: int) -> str:
    the = "the " if by == "decade" else ""
    return the + (_when(by, first) if first == last else f"{_when(by, first)}–{_when(by, last)}")


def _amount(feature: Feature, size: float) -> str:
    """A difference with its unit: `0.9 dB`, `12 s`, `0.04`, `3 points`."""
    match feature.name:
        case "duration_ms":
            return f"{size / 1000:.0f} s"
        case "mode" | "explicit":
            return f"{size * 100:.1f} points"
        case "tempo" | "loudness":
            return f"{size:.1f} {feature.unit}"
    return f"{size:.2f}" if size >= 0.015 else f"{size:.3f}"


def _signed(feature: Feature, size: float) -> str:
    return f"{'+' if size >= 0 else MINUS}{_amount(feature, abs(size))}"


def _gap(trend: Trend, feature: Feature) -> str:
    """Two lines compared at their last common period."""
    a, b = trend.series
    common = sorted(set(a.periods) & set(b.periods))
    if not common:
        return f"{feature.label.capitalize()}: {a.label} and {b.label} share no {_NOUNS[trend.by]}."
    at, of = a.periods.index(common[-1]), b.periods.index(common[-1])
    apart = abs(a.mean[at] - b.mean[of]) > np.hypot(a.high[at] - a.mean[at], b.high[of] - b.mean[of])
    verb = f"{'higher' if a.mean[at] > b.mean[of] else 'lower'} for" if apart else "much the same for"
    values = [wording.average(feature.name, v) for v in (a.mean[at], b.mean[of])]
    when = f"{'the ' if trend.by == 'decade' else ''}{_when(trend.by, common[-1])}"
    be = "are" if feature.name in ("mode", "explicit") else "is"
    return (
        f"{_called(feature)} in {when} {be} {verb} "
        f"{a.label} {'than' if apart else 'and'} {b.label}: {values[0]} against {values[1]}."
    )


def _slope(trend: Trend, feature: Feature) -> list[str]:
    if (rise := trend.slope) is None:
        return []
    who = f"{trend.series[0].label}: " if len(trend.series) > 1 else ""
    words = (
        f"{who}{'' if rise.clear else 'No steady slope: '}{_signed(feature, rise.decade)} a decade "
        f"(95 % interval {_signed(feature, rise.low)} to {_signed(feature, rise.high)})"
    )
    if (raw := trend.raw_slope) is None:
        return [f"{words}."]
    others = [_others(rise, trend.published, feature)] if trend.published else []
    return [
        f"{words} with every year held at one mix of genres, "
        f"{_signed(feature, raw.decade)} as collected{_mix(rise, raw)}.",
        *others,
    ]


def _others(rise: Slope, theirs: Slope, feature: Feature) -> str:
    """Whether the fifth source says the same."""
    same = rise.decade * theirs.decade > 0
    told = f"{_signed(feature, theirs.decade)} a decade in the yearly means of some 170,000 other tracks (to 2020)"
    if not (rise.clear and theirs.clear):
        return f"For comparison, {told}: the {'same' if same else 'other'} direction, though not clear in both."
    return f"Another source {'agrees' if same else 'disagrees'}: {told}."


def _mix(rise: Slope, raw: Slope) -> str:
    """How much of the slope is a shift in which genres the data holds."""
    if not raw.clear or raw.decade == 0:
        return ""
    share = 1 - rise.decade / raw.decade
    return f": {wording.percent(share)} of that was the mix" if 0.1 <= share <= 1 else ""


def _breaks(trend: Trend, feature: Feature) -> list[str]:
    words = []
    if (found := trend.break_) is not None:
        tried = f"with all {found.tried} years tried"
        words.append(
            f"It changed course in {found.period} (p = {_p(found.p)} {tried}): {_courses(found, feature)}."
            if found.clear
            else f"No year stands out as a break (the likeliest, {found.period}, has p = {_p(found.p)} {tried})."
        )
    if (asked := trend.at_2020) is not None:
        words.append(_asked(asked, feature))
    return [" ".join(words)] if words else []


def _asked(asked: Break, feature: Feature) -> str:
    if not asked.clear:
        return f"No break at {asked.period} (p = {_p(asked.p)})."
    if asked.p > _ONE_OF_TWELVE:
        return (
            f"No break at {asked.period} to rely on: p = {_p(asked.p)}, and of the twelve features "
            "one could ask about, some show as much by chance."
        )
    return f"A break at {asked.period} (p = {_p(asked.p)}): {_courses(asked, feature)}."


def _courses(found: Break, feature: Feature) -> str:
    before, jump, after = (_signed(feature, v) for v in (found.before, found.jump, found.after))
    return f"{before} a decade before, a step of {jump}, {after} a decade after"


def _p(p: float) -> str:
    return f"{p:.3f}" if p < 0.01 else f"{p:.2f}"


def _forecast(trend: Trend, feature: Feature) -> list[str]:
    if (ahead := trend.forecast) is None:
        return []
    mean, low, high = (wording.average(feature.name, v[-1]) for v in (ahead.mean, ahead.low, ahead.high))
    held = f"drawn at every past year, such intervals held {wording.percent(ahead.held)} of what came"
    if ahead.method == OURS:
        why = f"it was {wording.percent(1 - ahead.error_ratio)} nearer than repeating the last value"
    else:
        why = "nothing beats repeating the last value here, so that is the forecast"
    return [f"By {ahead.periods[-1]}: {mean}, with 80 % interval {low} to {high}; {why}; {held}."]


def no_forecast(by: str | None) -> str:
    """Why a forecast that was asked for is not there; `by` is what was asked for with it."""
    if by in ("month", "decade"):
        return "A forecast is by year: leave by: out."
    return "No forecast: it needs tracks enough in each of the latest years."


def _season(trend: Trend) -> list[str]:
    if trend.season is None:
        return []
    share = f"{trend.season * 100:.1f} %" if trend.season >= 0.0005 else "less than 0.1 %"
    verdict = "that is tiny: the month says next to nothing" if trend.season < _TINY else "that is small, but there"
    return [f"Release months explain {share} of the differences between tracks (eta²): {verdict}."]


def _source(trend: Trend) -> str:
    total = sum(trend.series[0].tracks)
    least = min(trend.series[0].tracks)
    return (
        f"Means of {total:,} tracks, {least:,} or more a {_NOUNS[trend.by]}; "
        "the band is the 95 % interval, clustered by artist."
    )


def _ends(found: Series, by: str, feature: Feature) -> str:
    first, last = (f"{_when(by, found.periods[i])} {wording.average(feature.name, found.mean[i])}" for i in (0, -1))
    return f"{found.label}: {first} to {last}"
