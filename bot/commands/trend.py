"""/trend: how a feature moved over the years, what changed, and what may come next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bot.commands import wording
from bot.commands.lookup import find_feature, find_genres, suggest_features, suggest_genres
from bot.core import Chart, Choice, Command, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.catalog import Catalog
from ml.features import FEATURES, Feature
from ml.trends import MAX_HORIZON, MIN_TRACKS, By, Series, Trend, change, forecast, series

_TRENDING = tuple(f for f in FEATURES if f.name not in {"key", "time_signature"})
_START = 1957  # the first year with enough tracks
_END = 2024  # the year the newest source was collected
_ENOUGH_YEARS = 10  # with fewer yearly points a line by decade says more
_NOUNS = {"year": "year", "decade": "decade", "month": "release month"}


def run(request: Request, services: Services) -> Reply:
    """Read the options, compute the lines, and lead with the finding."""
    options = request.options
    feature = find_feature(options["feature"], "trend", _TRENDING)
    trend = _trend(services.models.catalog, feature, options)
    finding = _finding(trend, feature)
    details = [_source(trend), *_forecast_words(trend, feature)]
    return Reply(
        "\n".join([finding, *details]), charts=(_chart(trend, feature, finding),), next=_next(options, trend, feature)
    )


def _trend(catalog: Catalog, feature: Feature, options: Mapping[str, Any]) -> Trend:
    start, end = options.get("from", _START), options.get("to", _END)
    if start > end:
        raise UserError(f"from:{start} is after to:{end}.", (line("trend", {**options, "from": end, "to": start}),))
    groups = _groups(catalog, options)

    def lines(by: By) -> list[Series]:
        return [series(catalog, feature.name, by, rows, label, start, end) for label, rows in groups.items()]

    by: By = options.get("by", "decade" if options.get("vs") == "hits" else "year")
    found = lines(by)
    if "by" not in options and by == "year" and min(len(s.periods) for s in found) < _ENOUGH_YEARS:
        by, found = "decade", lines("decade")
    for one in found:
        if len(one.periods) < 2:
            all_years = {k: v for k, v in options.items() if k in {"feature", "genre", "vs"}}
            wider = line("trend", all_years) if {"by", "from", "to"} & set(options) else f"/trend {feature.name}"
            raise UserError(
                f"Too few tracks for {one.label} from {start} to {end}: a point needs {MIN_TRACKS} by {_NOUNS[by]}, "
                f"and {len(one.periods)} {_NOUNS[by]}{'' if len(one.periods) == 1 else 's'} have them.",
                (wider,),
            )
    ahead = forecast(found[0], options["horizon"]) if by == "year" and options["horizon"] else None
    return Trend(feature.name, by, tuple(found), change(found[0]), ahead)


def _groups(catalog: Catalog, options: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Label -> rows of each line asked for."""
    genre, versus = options.get("genre"), options.get("vs")
    everything = np.ones(len(catalog), bool)
    first = catalog.in_genre(find_genres(genre, "trend")) if genre else everything
    groups = {genre or "all tracks": first}
    if versus == "hits":
        return {
            "Hot 100 hits": first & (catalog.hits > 0),
            "the rest": first & (catalog.flops > 0) & (catalog.hits == 0),
        }
    if versus:
        groups[versus] = catalog.in_genre(find_genres(versus, "trend"))
    return groups


def _when(by: str, period: int) -> str:
    if by == "month":
        return ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[period - 1]
    return f"{period}s" if by == "decade" else str(period)


def _span(by: str, first: int, last: int) -> str:
    return _when(by, first) if first == last else f"{_when(by, first)}–{_when(by, last)}"


def _finding(trend: Trend, feature: Feature) -> str:
    """One sentence: what changed, or that nothing did."""
    line_, moved = trend.series[0], trend.change
    if len(trend.series) == 2:
        return _gap(trend, feature)
    who = "" if line_.label == "all tracks" else f" of {line_.label}"
    what = {"explicit": "Explicit lyrics", "mode": "Major keys"}.get(feature.name, feature.label.capitalize())
    if trend.by == "month" or moved is None:
        low, high = int(np.argmin(line_.mean)), int(np.argmax(line_.mean))
        return (
            f"{what}{who} by release month: lowest in {_when('month', line_.periods[low])} "
            f"({wording.average(feature.name, line_.mean[low])}), highest in "
            f"{_when('month', line_.periods[high])} ({wording.average(feature.name, line_.mean[high])})."
        )
    before, after = (wording.average(feature.name, v) for v in (moved.before, moved.after))
    verb = ("rose" if moved.low > 0 else "fell") if moved.clear else "did not clearly move"
    then, now = _span(trend.by, *moved.then), _span(trend.by, *moved.now)
    return f"{what}{who} {verb}: {before} in {then}, {after} in {now}."


def _gap(trend: Trend, feature: Feature) -> str:
    """Two lines compared at their last common period."""
    a, b = trend.series
    common = sorted(set(a.periods) & set(b.periods))
    if not common:
        return f"{feature.label.capitalize()}: {a.label} and {b.label} share no {_NOUNS[trend.by]}"
    at, of = a.periods.index(common[-1]), b.periods.index(common[-1])
    apart = a.low[at] > b.high[of] or b.low[of] > a.high[at]
    verb = f"{'higher' if a.mean[at] > b.mean[of] else 'lower'} for" if apart else "much the same for"
    values = [wording.average(feature.name, v) for v in (a.mean[at], b.mean[of])]
    when = f"{'the ' if trend.by == 'decade' else ''}{_when(trend.by, common[-1])}"
    return (
        f"{feature.label.capitalize()} in {when} is {verb} "
        f"{a.label} {'than' if apart else 'and'} {b.label}: {values[0]} against {values[1]}."
    )


def _source(trend: Trend) -> str:
    total = sum(trend.series[0].tracks)
    return f"Means of {total:,} tracks in the catalogue; the band is the 95 % interval, clustered by artist."


def _forecast_words(trend: Trend, feature: Feature) -> list[str]:
    ahead = trend.forecast
    if ahead is None:
        return []
    mean, low, high = (wording.average(feature.name, v[-1]) for v in (ahead.mean, ahead.low, ahead.high))
    better = "no better" if ahead.error_ratio >= 0.995 else f"{wording.percent(1 - ahead.error_ratio)} better"
    return [
        f"By {ahead.periods[-1]}: {mean}, with 80 % interval {low} to {high}; "
        f"over past years this forecast was {better} than repeating the last value."
    ]


def _next(options: Mapping[str, Any], trend: Trend, feature: Feature) -> tuple[Next, ...]:
    names = [f.name for f in _TRENDING]
    other = names[(names.index(feature.name) + 1) % len(names)]
    kept = {k: v for k, v in options.items() if k in {"genre", "by"}}
    steps = [Next(f"Trend of {other.removesuffix('_ms')}", line("trend", {"feature": other, **kept}))]
    if options.get("vs") != "hits":
        steps.append(Next("Hits against the rest", line("trend", {"feature": feature.name, "vs": "hits"})))
    if trend.by != "decade":
        steps.append(Next("By decade", line("trend", {"feature": feature.name, **kept, "by": "decade"})))
    return tuple(steps)


def _chart(trend: Trend, feature: Feature, finding: str) -> Chart:
    tracks = sum(sum(s.tracks) for s in trend.series)
    png = charts.trend(trend, title=finding.rstrip("."), footer=f"Timbre catalogue, {tracks:,} tracks")
    ends = "; ".join(_ends(s, trend.by, feature) for s in trend.series)
    return Chart("trend.png", png, f"Line chart of {feature.label} by {_NOUNS[trend.by]}. {ends}.")


def _ends(found: Series, by: str, feature: Feature) -> str:
    first, last = (f"{_when(by, found.periods[i])} {wording.average(feature.name, found.mean[i])}" for i in (0, -1))
    return f"{found.label}: {first} to {last}"


def _suggest_trending(services: Services, prefix: str) -> list[Choice]:
    return [c for c in suggest_features(services, prefix) if c.value in {f.name for f in _TRENDING}]


def _suggest_versus(services: Services, prefix: str) -> list[Choice]:
    hits = [Choice("hits against the rest", "hits")] if "hits".startswith(prefix.casefold()) else []
    return hits + suggest_genres(services, prefix)


COMMAND = Command(
    name="trend",
    help="how a feature moved over time, with a forecast",
    options=(
        Option("feature", "text", "which feature", default="tempo", suggest=_suggest_trending),
        Option("genre", "text", "only this genre or family", suggest=suggest_genres),
        Option("by", "text", "one point a year, month or decade", choices=("year", "month", "decade")),
        Option("from", "whole", "first year", low=1900, high=2100),
        Option("to", "whole", "last year", low=1900, high=2100),
        Option("horizon", "whole", "years to forecast", default=5, low=0, high=MAX_HORIZON),
        Option("vs", "text", "compare with hits, or with a genre", suggest=_suggest_versus),
    ),
    run=run,
    example="/trend tempo",
)
