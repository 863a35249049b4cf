"""/hitscore: how much a track or demo sounds like the hits of an era, and the popularity to expect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands import wording
from bot.commands.demo_file import score_file
from bot.commands.free_words import rejoined
from bot.commands.lookup import find_genres, suggest_genres
from bot.commands.sound import FILE_OPTION, SOUND_OPTIONS, assumption, era, read_subject, why
from bot.core import Chart, Command, Field, Next, Option, Reply, Request
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.features import BY_NAME
from ml.scoring import Subject

if TYPE_CHECKING:
    from ml.hitscore import HitResult
    from ml.popularity import PopularityResult

_MEANING = (
    "The score compares sound alone: of tracks that score the same, that share were Hot 100 hits when hits and "
    "non-hits are equally many. It knows nothing of the artist, the promotion or luck."
)


def run(request: Request, services: Services) -> Reply:
    """Score the subject in its era and say what would raise it."""
    if "file" in request.options:
        return score_file(request, services)
    request = replace(request, options=rejoined(request.options, "track"))
    subject = read_subject(request, services)
    decade = era(request, subject)
    genre = request.options.get("genre")
    genres = find_genres(genre) if genre else ()
    result = services.models.scorer.hit(subject, decade)
    popularity = services.models.scorer.popularity(subject, genres)
    finding = wording.sentence(
        f"{subject.name} sounds {wording.points(result.score)} of 100 like the hits of the {decade}s"
    )
    fields = [
        Field(
            "Among its era", f"higher than {wording.percent(result.percentile)} of the {decade}s' tracks, hits and not"
        ),
        Field("Why", f"{why(result.explanation.contributions)} points"),
        Field("Popularity", _popularity(popularity, subject)),
    ]
    if result.changes:
        fields.append(Field("What to change first", _changes(result)))
    text = "\n".join(filter(None, [finding + ".", _MEANING, assumption(subject)]))
    return Reply(
        text, tuple(fields), (_chart(result, finding, services), _waterfall(result, subject)), next=_next(subject)
    )


def _popularity(band: PopularityResult, subject: Subject) -> str:
    """An interval beside the genre's usual range; never a bare number."""
    known = subject.track.popularity if subject.track else None
    parts = [f"it has {known} of 100 on Spotify"] if known is not None else []
    like = "the artist's tracks like it" if subject.track else "tracks like it"
    parts.append(f"{like} lie between {band.low:.0f} and {band.high:.0f} of 100 (80 % interval)")
    if band.genres:
        usual = f"between {band.usual_low:.0f} and {band.usual_high:.0f}"
        parts.append(f"{wording.listed(band.genres[:3])} usually {usual}")
    return "; ".join(parts)


def _changes(result: HitResult) -> str:
    steps = [
        f"{BY_NAME[c.feature].label} {wording.value(c.feature, c.value)} → {wording.value(c.feature, c.to)} "
        f"({c.gain * 100:+.0f})"
        for c in result.changes[:3]
    ]
    return "; ".join(steps)


def _chart(result: HitResult, finding: str, services: Services) -> Chart:
    hits, others = services.models.hitscore.era_scores(result.decade)
    png = charts.hit(
        result,
        hits=hits,
        others=others,
        title=finding,
        footer=f"Billboard Hot 100 of the {result.decade}s and others, scored held out",
    )
    below = [float((scores < result.score).mean()) for scores in (hits, others)]
    told = f"{wording.percent(below[0])} of those hits and {wording.percent(below[1])} of the others score lower"
    first = f" What to change first: {_changes(result)}." if result.changes else ""
    return Chart("hitscore.png", png, f"{finding}; {told}.{first}")


def _waterfall(result: HitResult, subject: Subject) -> Chart:
    """Every step from the average track's score to this one's."""
    told = result.explanation
    way = f"from the average track's {wording.points(told.base)} to {wording.points(told.score)}"
    lead = max(told.contributions, key=lambda c: c.effect if told.score >= told.base else -c.effect)
    cause = wording.named(lead.feature, lead.value)
    title = f"{cause[0].upper()}{cause[1:]} does most to take {subject.name} {way}"
    png = charts.explanation(
        told, title=title, footer=f"Hit model of the {result.decade}s; exact Shapley values as points"
    )
    return Chart("hitscore-why.png", png, f"Waterfall. {title}: {why(told.contributions, 10)}.")


def _next(subject: Subject) -> tuple[Next, ...]:
    if subject.track is None:
        return (Next("What hits have in common", "/trend energy vs:hits"),)
    name = subject.track.name
    return (
        Next("In the 1980s", line("hitscore", {"track": name, "year": 1985})),
        Next("Genre", line("genre", {"track": name})),
        Next("More like this", line("recommend", {"like": name})),
    )


COMMAND = Command(
    name="hitscore",
    help="how much it sounds like the hits of its era",
    options=(
        *SOUND_OPTIONS,
        FILE_OPTION,
        Option("year", "whole", "the year to compare with; its own, or the 2010s, if left out", low=1900, high=2100),
        Option("genre", "text", "the genre it is meant for", suggest=suggest_genres),
    ),
    run=run,
    example='/hitscore "Blinding Lights"',
)
