"""/compare: two tracks, or a demo and a genre's hits, as percentiles side by side and the differences that matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot.commands import wording
from bot.commands.free_words import rejoined
from bot.commands.lookup import find_genres, find_track, genre_name, suggest_genres, suggest_tracks
from bot.commands.sound import FEATURE_OPTIONS, assumption, read_subject
from bot.core import Chart, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line, setting
from bot.services import Services
from ml import charts
from ml.clusters import SOUND
from ml.features import BY_NAME, COLUMN

MIN_HITS = 10
_MATTER = 3  # differences, the widest, that are told in full
_EXAMPLES = ('/compare "Blinding Lights" b:"Take On Me"', '/compare "Blinding Lights" genre:synth-pop')


def run(request: Request, services: Services) -> Reply:
    """Rank both sides' features and name the three that differ most."""
    request = replace(request, options=rejoined(request.options, "a"))
    options = request.options
    if "b" not in options and "genre" not in options:
        raise UserError("Compare with what? Give b: a track, or genre: to compare with its hits.", _EXAMPLES)
    if "b" in options and "genre" in options:
        raise UserError("Give b: or genre:, not both.", _EXAMPLES)
    subject = read_subject(request, services, track_option="a")
    mine = services.models.completer.typical(subject.x)
    other, theirs, footer = _other(request, services)
    if subject.name == other:
        raise UserError(f"Both sides are {other}.", (line("compare", {"a": other, "genre": "pop"}),))
    moods = services.models.moods
    ranks = {
        name: tuple(float(moods.rank(name, np.array([x[COLUMN[name]]]))[0]) * 100 for x in (mine, theirs))
        for name in SOUND
    }
    apart = sorted(SOUND, key=lambda name: -abs(ranks[name][0] - ranks[name][1]))
    differences = wording.listed([_difference(n, *ranks[n]) for n in apart[:2]])
    finding = wording.sentence(f"{subject.name} is {differences} than {other}")
    fields = tuple(
        Field(
            BY_NAME[n].label,
            f"{wording.value(n, mine[COLUMN[n]])} against {wording.value(n, theirs[COLUMN[n]])} "
            f"(percentile {ranks[n][0]:.0f} against {ranks[n][1]:.0f})",
        )
        for n in apart[:_MATTER]
    )
    png = charts.compare(
        [BY_NAME[n].label for n in SOUND],
        [(subject.name, [ranks[n][0] for n in SOUND]), (other, [ranks[n][1] for n in SOUND])],
        title=finding,
        footer=footer,
        genre=genre_name(options.get("genre", "")) or "",
    )
    each = ", ".join(f"{BY_NAME[n].label} {ranks[n][0]:.0f} against {ranks[n][1]:.0f}" for n in apart)
    alt = f"Percentiles side by side, the widest difference first. {finding}. {each}."
    text = "\n".join(filter(None, [finding + ".", assumption(subject)]))
    return Reply(
        text, fields, (Chart("compare.png", png, alt),), next=_next(subject.track.name if subject.track else None)
    )


def _other(request: Request, services: Services) -> tuple[str, np.ndarray, str]:
    """Name, features and source of what to compare with: a track, or the median of a genre's hits."""
    options, catalog = request.options, services.models.catalog
    source = f"Timbre catalogue, {len(catalog):,} tracks"
    if "b" in options:
        track = find_track(options["b"], services, "b")
        return track.name, np.array(track.features), source
    rows = np.flatnonzero(catalog.in_genre(find_genres(options["genre"])) & (catalog.hits > 0))
    genre = genre_name(options["genre"])
    if len(rows) < MIN_HITS:
        many = f"{len(rows) or 'No'} Hot 100 {'hit is' if len(rows) == 1 else 'hits are'} tagged {genre}"
        raise UserError(f"{many}; a comparison needs {MIN_HITS}.", (setting("genre", "pop"), setting("genre", "rock")))
    return f"{genre} hits", np.nanmedian(catalog.features[rows], axis=0), f"{source}; median of {len(rows):,} hits"


def _difference(feature: str, a: float, b: float) -> str:
    return wording.compared(feature, a > b)


def _next(track: str | None) -> tuple[Next, ...]:
    if track is None:
        return (Next("What hits have in common", "/explain hit"),)
    return (Next("Hit score", line("hitscore", {"track": track})), Next("Genre", line("genre", {"track": track})))


COMMAND = Command(
    name="compare",
    help="two tracks, or a demo against a genre's hits",
    options=(
        Option("a", "text", "a track of the catalogue; or give features", suggest=suggest_tracks),
        Option("b", "text", "the track to compare with", suggest=suggest_tracks),
        Option("genre", "text", "compare with this genre's hits", suggest=suggest_genres),
        Option("title", "text", "a demo's title"),
        *FEATURE_OPTIONS,
    ),
    run=run,
    example=_EXAMPLES[0],
)
