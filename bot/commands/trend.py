"""/trend: how a feature moved over the years, what changed, what may come next; and which era a genre sounds like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bot.commands import trend_words as words
from bot.commands.lookup import find_feature, find_genres, genre_name, suggest_features, suggest_genres
from bot.commands.trend_eras import sound
from bot.commands.trend_free import understood
from bot.core import Chart, Choice, Command, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.catalog import Catalog
from ml.changes import break_at, change, find_break, season, slope
from ml.families import FAMILY_OF
from ml.features import FEATURES, Feature
from ml.forecasts import MAX_HORIZON, forecast
from ml.trend_reference import Reference
from ml.trends import By, Series, Trend, of_genre, reweighted, series

_TRENDING = tuple(f for f in FEATURES if f.name not in {"key", "time_signature"})
_START = 1957  # the first year with enough tracks
_ENOUGH_YEARS = 10  # with fewer yearly points a line by decade says more
_ASKED = 2020  # the break that everybody asks about
_HISTORY = 1990  # what starts later is too short a history
_SOUND_ONLY = {"genre", "from", "to"}  # options that ask for a genre's sound as a whole
_LARGE = "rock & punk"  # the family with tracks in every year

Rows = np.ndarray
Lines = Callable[[By], list[Series]]


def run(request: Request, services: Services) -> Reply:
    """Read the options, compute the lines, and lead with the finding."""
    given = understood(request.options)
    catalog, held = services.models.catalog, services.models.trend_reference
    if "genre" in given and set(given) <= _SOUND_ONLY:
        return sound(catalog, given)
    options = {"feature": "tempo", "horizon": 5, **given}
    feature = find_feature(options["feature"], "feature", _TRENDING)
    options["feature"] = feature.name
    trend = _trend(catalog, held, feature, tuple(sorted(options.items())))
    finding = words.finding(trend, feature)
    unforeseen = [words.no_forecast(given.get("by"))] if given.get("horizon") and trend.forecast is None else []
    return Reply(
        "\n".join([finding, *words.details(trend, feature), *unforeseen]),
        charts=(_chart(trend, feature, finding),),
        next=_next(options, trend, feature),
    )


@lru_cache(maxsize=256)
def _trend(catalog: Catalog, held: Reference, feature: Feature, asked: tuple[tuple[str, Any], ...]) -> Trend:
    """The lines and all that is known of them: a few kilobytes, kept for the next time the same is asked."""
    options = dict(asked)
    asked_for = {k: v for k, v in options.items() if (k, v) != ("horizon", 5)}
    start, end = words.years(asked_for, _START)
    groups = _groups(catalog, options)
    everything = len(groups) == 1 and "genre" not in options
    first = next(iter(groups.values()))

    def lines(by: By, start: int = start) -> list[Series]:
        if everything and by != "month":
            return [reweighted(catalog, feature.name, by, first, held.strata, words.MIXED, start, end)]
        return [series(catalog, feature.name, by, rows, label, start, end) for label, rows in groups.items()]

    by: By = options.get("by", "decade" if options.get("vs") == "hits" else "year")
    found = lines(by)
    if "by" not in options and by == "year" and min(len(s.periods) for s in found) < _ENOUGH_YEARS and start < end - 9:
        by, found = "decade", lines("decade")
    _enough(catalog, feature, by, found, groups, asked_for)
    if by == "month":
        share = season(catalog, feature.name, first, start, end)
        return Trend(feature.name, by, tuple(found), None, None, season=share)
    raw = series(catalog, feature.name, by, first, words.RAW, start, end) if everything else None
    if by == "decade":
        return Trend(feature.name, by, tuple(found), change(found[0]), None, raw)
    # a forecast needs the whole history, and so does a question, whichever part of it is shown
    whole = lines("year", _START)[0] if start > _HISTORY else found[0]
    ahead = forecast(whole, options["horizon"]) if options["horizon"] else None
    return Trend(
        feature.name,
        by,
        tuple(found),
        change(found[0]),
        ahead,
        raw,
        slope(found[0]),
        slope(raw) if raw else None,
        find_break(found[0]),
        break_at(whole, _ASKED),
        published=slope(_within(held.published[feature.name], start, end))
        if everything and feature.name in held.published
        else None,
    )


def _within(line_: Series, start: int, end: int) -> Series:
    """The years of a series from `start` to `end`."""
    at = [i for i, year in enumerate(line_.periods) if start <= year <= end]
    cut = slice(at[0], at[-1] + 1) if at else slice(0)
    return Series(line_.label, line_.periods[cut], line_.mean[cut], line_.low[cut], line_.high[cut], line_.tracks[cut])


def _groups(catalog: Catalog, options: Mapping[str, Any]) -> dict[str, Rows]:
    """Label -> rows of each line asked for."""
    genre, versus = (genre_name(options.get(k, "")) or options.get(k) for k in ("genre", "vs"))
    everything = np.ones(len(catalog), bool)
    first = of_genre(catalog, find_genres(genre)) if genre else everything
    if versus == "hits":
        return {
            "Hot 100 hits": first & (catalog.hits > 0),
            "the rest": first & (catalog.flops > 0) & (catalog.hits == 0),
        }
    groups = {genre or words.ALL: first}
    if versus in groups:
        alone = line("trend", {"feature": options["feature"], "genre": genre})
        raise UserError(f"vs: names {versus} again; give another genre, or hits.", (alone,))
    if versus:
        try:
            groups[versus] = of_genre(catalog, find_genres(versus, "vs"))
        except UserError as error:
            raise UserError(error.message, (*error.hints[:-1], "vs:hits")) from None
    return groups


def _enough(
    catalog: Catalog,
    feature: Feature,
    by: By,
    found: list[Series],
    groups: Mapping[str, Rows],
    options: Mapping[str, Any],
) -> None:
    """Refuse lines of fewer than two points: say what there is, and offer what works."""
    for one, rows in zip(found, groups.values(), strict=True):
        if len(one.periods) < 2:
            start, end = words.years(options, _START)
            wider = FAMILY_OF.get(genre_name(options.get("genre", "")) or "")
            kept = {"feature": feature.name, **{k: v for k, v in options.items() if k in {"genre", "vs"}}}
            nearest = ({**kept, "genre": wider}, {**kept, "genre": wider, "vs": None}) if wider else ()
            said = {k: v for k, v in options.items() if v is not None}
            tries = [t for t in (*nearest, kept, {"feature": feature.name}) if t != {"feature": feature.name, **said}]
            works = [line("trend", t) for t in tries if _works(catalog, feature, t)]
            raise UserError(
                words.too_few(one.label, by, len(one.periods), start, end, catalog.decade[rows]),
                tuple(dict.fromkeys(works))[:2],
            )


def _works(catalog: Catalog, feature: Feature, options: Mapping[str, Any]) -> bool:
    """Tell whether a line that asks for less can be drawn."""
    given = {"horizon": 0, **{k: v for k, v in options.items() if v is not None}}
    groups = _groups(catalog, given)
    return all(len(series(catalog, feature.name, "decade", rows, "").periods) > 1 for rows in groups.values())


def _next(options: Mapping[str, Any], trend: Trend, feature: Feature) -> tuple[Next, ...]:
    names = [f.name for f in _TRENDING]
    other = names[(names.index(feature.name) + 1) % len(names)]
    kept = {k: v for k, v in options.items() if k in {"genre", "by"}}
    steps = [Next(f"Trend of {other.removesuffix('_ms')}", line("trend", {"feature": other, **kept}))]
    if genre := options.get("genre"):
        steps.append(Next(f"Which era {genre} sounds like", line("trend", {"genre": genre})))
    else:
        steps.append(Next(f"By genre: {_LARGE}", line("trend", {"feature": feature.name, "genre": _LARGE})))
    if trend.forecast and options["horizon"] < MAX_HORIZON:
        longer = {"feature": feature.name, **kept, "horizon": MAX_HORIZON}
        steps.append(Next(f"Forecast {MAX_HORIZON} years", line("trend", longer)))
    elif trend.forecast is None and "genre" not in options:
        steps.append(Next("By year, with a forecast", line("trend", {"feature": feature.name, "by": "year"})))
    if options.get("vs") != "hits" and "genre" not in options:
        steps.append(Next("Hits against the rest", line("trend", {"feature": feature.name, "vs": "hits"})))
    if trend.by != "decade":
        steps.append(Next("By decade", line("trend", {"feature": feature.name, **kept, "by": "decade"})))
    return tuple(steps)


def _chart(trend: Trend, feature: Feature, finding: str) -> Chart:
    footer = f"Four public data sets, {sum(sum(s.tracks) for s in trend.series):,} tracks"
    turn = trend.break_.period if trend.break_ and trend.break_.clear and len(trend.series) == 1 else None
    png = charts.trend(trend, title=finding.rstrip("."), footer=footer, raw=trend.raw, turn=turn)
    return Chart("trend.png", png, words.alt(trend, feature))


def _suggest_trending(services: Services, prefix: str) -> list[Choice]:
    return [c for c in suggest_features(services, prefix) if c.value in {f.name for f in _TRENDING}]


def _suggest_versus(services: Services, prefix: str) -> list[Choice]:
    hits = [Choice("hits against the rest", "hits")] if "hits".startswith(prefix.casefold()) else []
    return hits + suggest_genres(services, prefix)


COMMAND = Command(
    name="trend",
    help="how a feature moved over time, with a forecast; or which era a genre sounds like",
    options=(
        Option("feature", "text", "which feature; tempo unless told", suggest=_suggest_trending),
        Option("genre", "text", "only this genre or family; alone: its sound by era", suggest=suggest_genres),
        Option("by", "text", "one point a year, month or decade", choices=("year", "month", "decade")),
        Option("from", "whole", "first year", low=1900, high=2100),
        Option("to", "whole", "last year", low=1900, high=2100),
        Option("horizon", "whole", "years to forecast: 5 unless told", low=0, high=MAX_HORIZON),
        Option("vs", "text", "compare with hits, or with a genre", suggest=_suggest_versus),
    ),
    run=run,
    example="/trend tempo",
)
