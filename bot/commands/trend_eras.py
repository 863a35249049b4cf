"""/trend genre: alone: how a genre's own sound moved by decade, and which era today's sound is like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bot.commands import wording
from bot.commands.lookup import find_genres
from bot.commands.trend_words import too_few, years
from bot.core import Chart, Next, Reply, UserError
from bot.lines import line
from ml import charts
from ml.catalog import Catalog
from ml.eras import SURE, Eras, eras
from ml.families import FAMILIES, FAMILY_OF
from ml.features import BY_NAME
from ml.trends import MIN_TRACKS, of_genre

_START = 1900  # every decade that has tracks enough
_ALIKE = 0.1  # standard deviations that nobody hears


def sound(catalog: Catalog, options: Mapping[str, Any]) -> Reply:
    """Answer with the heat map of a genre's decades; UserError where fewer than two have tracks enough."""
    start, end = years(options, _START)
    genres = find_genres(options["genre"])
    genre = genres[0] if len(genres) == 1 else next(name for name, its in FAMILIES.items() if its == genres)
    found = _eras(catalog, genres, start, end)
    if found is None:
        wider = genre if {"from", "to"} & set(options) else FAMILY_OF[genre]
        decades = catalog.decade[of_genre(catalog, genres)]
        _, n = np.unique(decades[(decades >= start // 10 * 10) & (decades <= end) & (decades > 0)], return_counts=True)
        raise UserError(
            too_few(genre, "decade", int((n >= MIN_TRACKS).any()), start, end, decades),
            (line("trend", {"genre": wider}),),
        )
    title = _resemblance(found, genre)
    footer = f"Four public data sets, {sum(found.tracks):,} tracks of {genre}"
    png = charts.eras(found, title=title.rstrip("."), footer=footer)
    return Reply(
        "\n".join([title, *_details(found, genre)]),
        charts=(Chart("eras.png", png, _alt(found, genre)),),
        next=_next(found, genre),
    )


@lru_cache(maxsize=256)
def _eras(catalog: Catalog, genres: tuple[str, ...], start: int, end: int) -> Eras | None:
    """What `eras` finds, kept for the next time the same is asked."""
    return eras(catalog, of_genre(catalog, genres), start, end)


def _next(found: Eras, genre: str) -> tuple[Next, ...]:
    moved = [
        Next(f"{_label(m.feature).capitalize()} of {genre}", line("trend", {"feature": m.feature, "genre": genre}))
        for m in found.moved[:2]
    ]
    other = FAMILY_OF.get(genre) or FAMILIES[genre][0]
    return (*moved, Next(f"The sound of {other}", line("trend", {"genre": other})))


def _label(feature: str) -> str:
    return BY_NAME[feature].label


def _resemblance(found: Eras, genre: str) -> str:
    """One sentence: the era that today's sound is like, or is back at."""
    who = f"{genre[0].upper()}{genre[1:]} of the {found.decades[-1]}s"
    if found.back is not None:
        passed = wording.listed([f"{d}s" for d in found.passed])
        return f"{who} is back near the {found.back}s: closer to them than to the {passed}."
    if len(found.decades) == 2:
        most = found.moved[0]
        now, then = (wording.average(most.feature, v) for v in (most.after, most.before))
        return f"{who} differs from the {found.nearest}s most in {_label(most.feature)}: {now} against {then}."
    if found.sure >= SURE:
        return f"{who} sounds most like the {found.nearest}s."
    today = found.distance[-1, :-1]
    near = [f"{d}s" for d, x in zip(found.decades, today.tolist(), strict=False) if x <= today.min() + _ALIKE]
    if len(near) > 1:
        return f"{who} sounds like no era alone: the {wording.listed(near)} are about as near."
    return f"{who} sounds most like the {found.nearest}s, though not surely."


def _details(found: Eras, genre: str) -> list[str]:
    """What moved, how sure the nearest era is, and what was counted."""
    moved = [
        f"{_label(m.feature)} {wording.average(m.feature, m.before)} → {wording.average(m.feature, m.after)}"
        for m in found.moved[:3]
    ]
    apart = ", ".join(
        f"{d}s {x:.2f}" for d, x in zip(found.decades[:-1], found.distance[-1, :-1].tolist(), strict=True)
    )
    return [
        f"What moved most from the {found.decades[0]}s to the {found.decades[-1]}s: {'; '.join(moved)}.",
        f"From the {found.decades[-1]}s' sound (0 = the same, in standard deviations): {apart}; "
        f"with artists resampled, the {found.nearest}s are nearest in {wording.percent(found.sure)}"
        f"{'' if found.back else ', and no older era has clearly come back'}.",
        f"Means of ten features over {sum(found.tracks):,} tracks by decade, "
        f"{genre} by its own label or by its artist's.",
    ]


def _alt(found: Eras, genre: str) -> str:
    """The heat map in words."""
    apart = ", ".join(f"{d}s {x:.2f}" for d, x in zip(found.decades, found.distance[-1].tolist(), strict=True))
    return f"Heat map of how far the decades of {genre} lie apart in sound. From the last: {apart}."
