"""/recommend: tracks for a mood, like others, or within ranges, each with a reason, a link and thumbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bot.commands import wording
from bot.commands.free_words import find_wished_moods, understood
from bot.commands.lookup import Seeds, find_any_genre, find_seeds, suggest_genres, suggest_likes, suggest_moods
from bot.commands.person import about_person, listener, thumbs
from bot.commands.reasons import reason
from bot.core import Chart, Command, Field, Next, Option, Reply, Request, Show, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.features import BY_NAME, COLUMN, FEATURES
from ml.filters import Wish
from ml.recommend import Recommendations

_LAST_PAGE = 50
_RARE = 0.02  # a mood is a tenth of all tracks: filters that leave it less than this share pull the other way
_RANGES = tuple(f for f in FEATURES if f.name not in {"key", "mode", "explicit", "time_signature"})


def run(request: Request, services: Services) -> Reply:
    """Turn the options into a wish, ask the recommender for this person, and say why each track is there."""
    options, read_as = understood(request.options, "mood", services)
    moods, felt = find_wished_moods(options, "mood", "recommend", services)
    seeds = find_seeds(options.get("like", ""), services)
    wish = _wish(options, request.memory.pages, services, moods, seeds)
    person = listener(request, services)
    found = services.models.recommender.recommend(wish, person)
    if not found.picks:
        raise _nothing_left(request.options)
    first = 1 + (options["page"] - 1) * wish.count
    fields = tuple(
        Field(f"{n}. {p.track.title} — {p.track.artist}", reason(p, wish), p.track.url, thumbs(p.track))
        for n, p in enumerate(found.picks, first)
    )
    asked = _asked(_without(wish, found.relaxed), seeds.names, len(found.picks), mine=bool(request.memory.ratings))
    page = f", page {options['page']}" if options["page"] > 1 else ""
    notes = [
        read_as,
        felt,
        _relaxed(wish, found),
        about_person(request, services, plain=not set(options) - {"count", "page"}),
    ]
    text = "\n".join([f"{asked}{page}.", *filter(None, notes)])
    shown = Show(options["page"], tuple(pick.track.id for pick in found.picks))
    return Reply(
        text, fields, (_chart(found, asked, moods, services),), next=_next(request.options, found), writes=(shown,)
    )


def _wish(
    options: Mapping[str, Any],
    pages: Mapping[int, tuple[str, ...]],
    services: Services,
    moods: tuple[str, ...],
    seeds: Seeds,
) -> Wish:
    earlier = range(1, options["page"])
    ids = [track_id for page in earlier for track_id in pages.get(page, ())]
    rows = [row for track_id in ids if (row := services.models.catalog.row_of(track_id)) is not None]
    return Wish(
        mood=moods,
        likes=seeds.rows,
        artists=seeds.artists,
        genres=find_any_genre(options["genre"]) if "genre" in options else (),
        years=options.get("year"),
        ranges={f.name: options[f.name] for f in _RANGES if f.name in options},
        gems=options.get("gems", False),
        count=options["count"],
        shown=tuple(rows),
        skip=options["count"] * sum(page not in pages for page in earlier),
    )


def _asked(wish: Wish, liked: tuple[str, ...], count: int, mine: bool) -> str:
    """The list in words: `10 chill tracks like Daft Punk from the 1990s`."""
    words = [str(count), *([wording.listed(wish.mood)] if wish.mood else [])]
    words += ["hidden gem" if wish.gems else "track"]
    words[-1] += "s" * (count > 1)
    if liked:
        words.append("like " + wording.listed(liked[:3]))
    if wish.genres:
        words.append("tagged " + wording.listed(wish.genres[:3], "or") + (" …" if len(wish.genres) > 3 else ""))
    if wish.years:
        words.append(wording.span(*wish.years))
    if wish.ranges:
        words.append("with " + wording.listed([f"{BY_NAME[n].label} {_bounds(n, *r)}" for n, r in wish.ranges.items()]))
    if not (wish.mood or liked or wish.genres or wish.years or wish.ranges):
        words.append("for you" if mine else "to begin with")
    return " ".join(words)


def _bounds(feature: str, low: float, high: float) -> str:
    f = BY_NAME[feature]
    if high >= f.high:
        return f"from {wording.value(feature, low)}"
    if low <= f.low:
        return f"up to {wording.value(feature, high)}"
    return f"{wording.value(feature, low)} to {wording.value(feature, high)}"


def _without(wish: Wish, relaxed: tuple[str, ...]) -> Wish:
    """The wish that was met in the end; the mood still orders the list, however far from it."""
    ranges = {name: r for name, r in wish.ranges.items() if name not in relaxed}
    genres = () if "genre" in relaxed else wish.genres
    return replace(wish, ranges=ranges, genres=genres, years=None if "year" in relaxed else wish.years)


def _relaxed(wish: Wish, found: Recommendations) -> str:
    """Which filters had to give, and because of which others; or which hardly go together."""
    kept = wording.listed([f"{name}:" for name, _ in found.left if name not in {*found.relaxed, "mood"}])
    if not found.relaxed:
        counts = [count for _, count in found.left]
        if not wish.mood or len(counts) < 2 or counts[-1] >= _RARE * counts[-2]:
            return ""
        mood = wording.listed(wish.mood)
        few = f"{counts[-1]:,} {'is' if counts[-1] == 1 else 'are'}"
        return f"That hardly goes together: of {counts[-2]:,} tracks that pass {kept} only {few} {mood}."
    left_out = [f"{name}:" for name in found.relaxed if name != "mood"]
    alone = len(found.left) == 1
    none = f"No track passes {left_out[0]}" if left_out and alone else "No track passes all of that together"
    said = f"{none}, so I left {'it out' if alone else 'out ' + wording.listed(left_out)}." if left_out else ""
    if "mood" in found.relaxed:
        mood = wording.listed(wish.mood)
        said += f" Nothing that passes {kept} is deep in {mood}, so I relaxed mood: these come closest."
    return said.strip()


def _nothing_left(options: Mapping[str, Any]) -> UserError:
    """The list is over, or was empty from the start."""
    if options["page"] > 1:
        first = line("recommend", {**options, "page": None})
        return UserError(f"There is no page {options['page']}: the list ends before it.", (first,))
    return UserError(
        "Nothing in the catalogue passes that, or you have rated all of it.", ("/recommend mood:energetic",)
    )


def _next(options: Mapping[str, Any], found: Recommendations) -> tuple[Next, ...]:
    base = {name: v for name, v in options.items() if name not in {"page", "count"} or (name == "count" and v != 10)}
    first, page = found.picks[0].track, options["page"]
    steps = [Next("More", line("recommend", {**base, "page": page + 1}))] if found.more and page < _LAST_PAGE else []
    if page > 1:
        steps.append(Next("Back", line("recommend", {**base, "page": page - 1 if page > 2 else None})))
    if not options.get("gems"):
        steps.append(Next("Hidden gems", line("recommend", {**base, "gems": True})))
    steps.append(Next(f"More like {first.title}"[:60], line("recommend", {"like": first.name})))
    return tuple(steps)


def _chart(found: Recommendations, asked: str, moods: tuple[str, ...], services: Services) -> Chart:
    catalog = services.models.catalog
    columns = [COLUMN["valence"], COLUMN["energy"]]
    picked = np.array([[pick.track.features[c] for c in columns] for pick in found.picks])
    title = _place(f"These {asked}".replace("These 1 ", "This "), picked, services.models.crowd.points)
    png = charts.picks(
        picked,
        services.models.crowd,
        title=title,
        footer=f"Timbre catalogue, {len(catalog):,} tracks",
        x_label="valence: sad to happy",
        y_label="energy: calm to intense",
        mood=moods[0] if len(moods) == 1 else "",
    )
    spots = [
        f"{n} {p.track.title}: valence {x:.2f}, energy {y:.2f}"
        for n, (p, (x, y)) in enumerate(zip(found.picks, picked, strict=True), 1)
    ]
    return Chart("recommend.png", png, f"{title}. " + "; ".join(spots))


def _place(who: str, picked: np.ndarray, points: np.ndarray) -> str:
    """Where the middle pick lies among all tracks: more energetic and sadder than most."""
    told = []
    for i, feature in ((1, "energy"), (0, "valence")):
        rank = float((points[:, i] < np.median(picked[:, i])).mean())
        if abs(rank - 0.5) >= 0.1:
            told.append(
                f"{wording.compared(feature, rank > 0.5)} than {wording.percent(min(max(rank, 1 - rank), 0.999))}"
            )
    usually = "typically " if len(picked) > 1 else ""
    return f"{who}: {usually}{wording.listed(told)} of all" if told else f"{who}: in the middle of all tracks"


COMMAND = Command(
    name="recommend",
    help="songs for you: for a mood, like others, or within ranges",
    options=(
        Option("mood", "text", "how it should feel, in your words", suggest=suggest_moods),
        Option("like", "text", "tracks or artists you like, separated by semicolons", suggest=suggest_likes),
        Option("genre", "text", "a genre or family", suggest=suggest_genres),
        Option("year", "years", "when: 1994, 1990s, 1990-1999 or >2010", low=1900, high=2100),
        *(
            Option(f.name, "range", f"range of {f.label}: >, < or a-b", low=f.low, high=f.high, unit=f.unit)
            for f in _RANGES
        ),
        Option("gems", "flag", "hidden gems: tracks few people know"),
        Option("count", "whole", "how many", default=10, low=1, high=20),
        Option("page", "whole", "which page of the list", default=1, low=1, high=_LAST_PAGE),
    ),
    run=run,
    example="/recommend mood:energetic",
    personal=True,
)
