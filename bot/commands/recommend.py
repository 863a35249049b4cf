"""/recommend: tracks for a mood, like others, or within ranges, each with a reason and a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bot.commands import wording
from bot.commands.lookup import find_genres, find_track, suggest_genres, suggest_likes
from bot.core import Chart, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.features import BY_NAME, COLUMN, FEATURES
from ml.moods import MOODS
from ml.recommend import Pick, Recommendations, Wish

_ARTIST_SEEDS = 3  # an artist as a seed stands for their best-known tracks
_RANGES = tuple(f for f in FEATURES if f.name not in {"key", "mode", "explicit", "time_signature"})


def run(request: Request, services: Services) -> Reply:
    """Turn the options into a wish, ask the recommender, and say why each track is there."""
    options = dict(request.options)
    if not set(options) - {"count", "page"}:
        raise UserError(
            "Tell me what you are after: a mood, something you like, a genre or a range.",
            ("/recommend mood:energetic", '/recommend like:"Blinding Lights"', "/recommend energy:>0.8 year:1990s"),
        )
    likes, liked = _seeds(options.get("like", ""), services)
    wish = _wish(options, likes)
    found = services.models.recommender.recommend(wish)
    if not found.picks:
        raise _nothing_left(options, wish, found)
    fields = tuple(
        Field(f"{n}. {pick.track.title} — {pick.track.artist}", _reason(pick, wish), pick.track.url)
        for n, pick in enumerate(found.picks, 1 + (wish.page - 1) * wish.count)
    )
    asked = _asked(wish, liked)
    page = f", page {wish.page}" if wish.page > 1 else ""
    text = f"{len(found.picks)} {asked if len(found.picks) > 1 else asked.replace('tracks', 'track', 1)}{page}."
    return Reply(text, fields, (_chart(found, asked, services),), next=_next(options, found))


def _wish(options: Mapping[str, Any], likes: tuple[int, ...]) -> Wish:
    genre = options.get("genre")
    return Wish(
        mood=options.get("mood"),
        likes=likes,
        genres=find_genres(genre, "recommend") if genre else (),
        years=options.get("year"),
        ranges={f.name: options[f.name] for f in _RANGES if f.name in options},
        gems=options.get("gems", False),
        count=options["count"],
        page=options["page"],
    )


def _seeds(text: str, services: Services) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Rows of the tracks and artists named, separated by semicolons, and their names as the catalogue has them."""
    catalog = services.models.catalog
    rows: list[int] = []
    names: list[str] = []
    for name in filter(None, (part.strip() for part in text.split(";"))):
        artist = catalog.find_artist(name)
        if artist is not None:
            found = catalog.by_artist(artist)[:_ARTIST_SEEDS].tolist()
            names.append(catalog.track(found[0]).artist.split(", ")[0])
        else:
            track = find_track(name, services, "recommend", "like")
            found = [track.row]
            names.append(track.name)
        rows += found
    return tuple(dict.fromkeys(rows)), tuple(names)


def _asked(wish: Wish, liked: tuple[str, ...]) -> str:
    """The wish in words, after "10 tracks"."""
    words = [wish.mood] if wish.mood else []
    words.append("hidden gems" if wish.gems else "tracks")
    if liked:
        words.append("like " + wording.listed(liked[:3]))
    if wish.genres:
        words.append("tagged " + wording.listed(wish.genres[:3], "or") + (" …" if len(wish.genres) > 3 else ""))
    if wish.years:
        words.append(_span(*wish.years))
    words += [f"with {BY_NAME[n].label} {_bounds(n, *r)}" for n, r in wish.ranges.items()]
    return " ".join(words)


def _span(low: float, high: float) -> str:
    if low == high:
        return f"from {low:.0f}"
    return f"from the {low:.0f}s" if low % 10 == 0 and high == low + 9 else f"from {low:.0f} to {min(high, 2024):.0f}"


def _bounds(feature: str, low: float, high: float) -> str:
    f = BY_NAME[feature]
    if high >= f.high:
        return f"from {wording.value(feature, low)}"
    return (
        f"up to {wording.value(feature, high)}"
        if low <= f.low
        else (f"{wording.value(feature, low)} to {wording.value(feature, high)}")
    )


def _reason(pick: Pick, wish: Wish) -> str:
    """Why this track, from the terms that scored it."""
    track, parts = pick.track, []
    x = track.features
    if pick.mood_percentile is not None:
        top = max(1, round((1 - pick.mood_percentile) * 100))
        parts.append(f"top {top} % for {wish.mood}")
    if pick.alike:
        shared = f"also {wording.listed(pick.shared_genres[:2])}; " if pick.shared_genres else ""
        parts.append(f"{shared}same {wording.listed([BY_NAME[n].label for n in pick.alike])}")
    parts += [f"{BY_NAME[n].label} {wording.value(n, x[COLUMN[n]])}" for n in list(wish.ranges)[:2]]
    if not pick.alike:
        parts.append(f"energy {x[COLUMN['energy']]:.2f}, {wording.value('tempo', x[COLUMN['tempo']])}")
    if track.popularity is not None:
        parts.append(f"popularity {track.popularity}")
    if track.year or track.decade:
        parts.append(str(track.year or f"{track.decade}s"))
    return " · ".join(parts)


def _nothing_left(options: Mapping[str, Any], wish: Wish, found: Recommendations) -> UserError:
    """Say which filter emptied the set, and offer the line without it."""
    if wish.page > 1:
        first = {**options, "page": None}
        return UserError(f"There is no page {wish.page}: the list ends before it.", (line("recommend", first),))
    emptied = next((name for name, left in found.left if left == 0), "like")
    before = [name for name, left in found.left if left]
    besides = f" together with {wording.listed(before)}" if before else ""
    relaxed = {name: v for name, v in options.items() if name not in {emptied, "count", "page"}}
    hints = (line("recommend", relaxed),) if relaxed else ("/recommend mood:energetic",)
    return UserError(f"No track in the catalogue passes {emptied}:{besides}.", hints)


def _next(options: Mapping[str, Any], found: Recommendations) -> tuple[Next, ...]:
    base = {name: v for name, v in options.items() if name not in {"page", "count"} or (name == "count" and v != 10)}
    first = found.picks[0].track
    steps = [Next("More", line("recommend", {**base, "page": options["page"] + 1}))] if found.more else []
    if not options.get("gems"):
        steps.append(Next("Hidden gems", line("recommend", {**base, "gems": True})))
    steps.append(Next(f"More like {first.title}"[:60], line("recommend", {"like": first.name})))
    return tuple(steps)


def _chart(found: Recommendations, asked: str, services: Services) -> Chart:
    catalog = services.models.catalog
    columns = [COLUMN["valence"], COLUMN["energy"]]
    picked = np.array([[pick.track.features[c] for c in columns] for pick in found.picks])
    title = f"Where these {asked} lie"
    png = charts.picks(
        picked,
        catalog.features[:, columns],
        title=title,
        footer=f"Timbre catalogue, {len(catalog):,} tracks",
        x_label="valence: sad to happy",
        y_label="energy: calm to intense",
    )
    spots = [
        f"{n} {p.track.title}: valence {x:.2f}, energy {y:.2f}"
        for n, (p, (x, y)) in enumerate(zip(found.picks, picked, strict=True), 1)
    ]
    return Chart("recommend.png", png, f"{title}, over all tracks. " + "; ".join(spots))


COMMAND = Command(
    name="recommend",
    help="songs for a mood, like others, or within ranges",
    options=(
        Option("mood", "text", "how it should feel", choices=tuple(MOODS)),
        Option("like", "text", "tracks or artists you like, separated by semicolons", suggest=suggest_likes),
        Option("genre", "text", "a genre or family", suggest=suggest_genres),
        Option("year", "years", "when: 1994, 1990s, 1990-1999 or >2010", low=1900, high=2100),
        *(
            Option(f.name, "range", f"range of {f.label}: >, < or a-b", low=f.low, high=f.high, unit=f.unit)
            for f in _RANGES
        ),
        Option("gems", "flag", "hidden gems: tracks few people know"),
        Option("count", "whole", "how many", default=10, low=1, high=20),
        Option("page", "whole", "which page of the list", default=1, low=1, high=50),
    ),
    run=run,
    example="/recommend mood:energetic",
)
