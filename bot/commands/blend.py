"""/blend: how much two genres overlap, the tracks on their border, and the recipe between them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.commands import wording
from bot.commands.lookup import find_genres, genre_name, suggest_genres
from bot.core import Chart, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.blend import MIN_TRACKS, Blend, blend
from ml.features import BY_NAME

_EXAMPLE = "/blend a:pop b:edm"


def run(request: Request, services: Services) -> Reply:
    """Compare two genres on the axis that tells them apart best."""
    a, b = _named(request.options)
    groups = [(name, find_genres(name, option)) for name, option in ((a, "a"), (b, "b"))]
    if set(groups[0][1]) == set(groups[1][1]):
        raise UserError(f"{a} and {b} are the same genre.", (_EXAMPLE,))
    found = blend(services.models.catalog, services.models.moods, *groups)
    if found is None:
        raise UserError(
            f"{a} and {b} hold nearly the same tracks: fewer than {MIN_TRACKS} belong to one alone.", (_EXAMPLE,)
        )
    finding = f"{a} and {b} share {wording.percent(found.overlap)} of their sound"
    fields = [Field("Recipe", _recipe(found))]
    if found.both:
        fields.append(Field("Tagged as both", f"{found.both:,} tracks"))
    fields += [
        Field(f"{n}. {track.title} — {track.artist}", f"on the border · {', '.join(track.genres)}", track.url)
        for n, (track, _) in enumerate(found.border, 1)
    ]
    next_ = (
        Next(f"Songs tagged {a}", line("recommend", {"genre": a})),
        Next(f"Songs tagged {b}", line("recommend", {"genre": b})),
        Next(
            f"{a} over time", line("trend", {"feature": found.recipe[0].feature, "genre": a, "vs": b, "by": "decade"})
        ),
    )
    return Reply(finding + ".", tuple(fields), (_chart(found, finding),), next=next_)


def _named(options: Mapping[str, str]) -> tuple[str, str]:
    """The two genres, also where both stand in one place: `pop edm`, `hip hop vs r&b`."""
    a, b = options.get("a", ""), options.get("b", "")
    if a and not b and genre_name(a) is None:
        words = re.sub(r"\s+(?:vs\.?|and|with|x|\+|&)\s+|\s*[,/]\s*", " ", a).split()
        halves = ((" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words)))
        a, b = next((half for half in halves if all(map(genre_name, half))), (a, b))
    if not a or not b:
        one = genre_name(a or b)
        works = line("blend", {"a": one, "b": "pop" if one == "edm" else "edm"}) if one else _EXAMPLE
        raise UserError("Name two genres.", (works,))
    return genre_name(a) or a, genre_name(b) or b


def _recipe(found: Blend) -> str:
    """What to change in a track of `a` to reach `b`, the features that matter first."""
    steps = [
        f"{BY_NAME[i.feature].label} {wording.value(i.feature, i.a)} → {wording.value(i.feature, i.b)} "
        f"({wording.percent(i.share)} of the way)"
        for i in found.recipe[:3]
        if i.share > 0
    ]
    return f"from {found.a} to {found.b}: {'; '.join(steps)}"


def _chart(found: Blend, finding: str) -> Chart:
    png = charts.blend(
        found.a,
        found.b,
        found.overlap,
        found.a_scores,
        found.b_scores,
        [(n, score) for n, (_, score) in enumerate(found.border, 1)],
        title=finding,
        footer=f"Timbre catalogue, {len(found.a_scores):,} and {len(found.b_scores):,} tracks",
    )
    return Chart("blend.png", png, f"{finding}. {_recipe(found)}.")


COMMAND = Command(
    name="blend",
    help="how much two genres overlap, and the recipe between",
    options=(
        Option("a", "text", "one genre or family", suggest=suggest_genres),
        Option("b", "text", "the other", suggest=suggest_genres),
    ),
    run=run,
    example=_EXAMPLE,
)
