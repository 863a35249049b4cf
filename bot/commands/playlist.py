"""/playlist: tracks for an activity or like a seed, ordered so that each leads smoothly to the next, with files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.commands import playlist_file, playlist_words, wording
from bot.commands.free_words import find_wished_moods, understood
from bot.commands.lookup import find_any_genre, find_seeds, genre_name, suggest_genres, suggest_likes
from bot.commands.person import about_person, listener
from bot.core import Chart, Choice, Command, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from bot.values import typed
from ml import charts, sequence
from ml.catalog import Track
from ml.features import COLUMN
from ml.filters import Wish
from ml.moods import MOODS
from ml.recommend import Recommendations
from ml.sequence import Sequence

_POOL = 250
_SHOWN = 20  # Discord shows at most 25 fields
_SHORT = 180.0  # seconds a playlist may miss before it is said that there is no more
_STEP = 15  # minutes by which the buttons lengthen and shorten; twice that past the hour
_SHORTEST, _LONGEST = 10, 240
_DEFAULTS = {"minutes": 45}
_EXAMPLES = {"activity": "focus", "like": "Blinding Lights", "genre": "techno"}
_PAGES = 5
_LENGTH = re.compile(
    r"\b\d+\s*(?:h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?)(?:\s*\d+\s*(?:m(?:in(?:ute)?s?)?)?)?\b", re.IGNORECASE
)
_ARCS = {
    "steady": "steady energy",
    "winding down": "winding down",
    "peak": "up to a peak, then cooling down",
    "wave": "energy in gentle waves",
}


@dataclass(frozen=True)
class _Asked:
    """What was asked: the wish, each part of it in words, a name for the files, and what free words were read as."""

    wish: Wish
    parts: Mapping[str, str]
    name: str
    read: str

    def words(self, relaxed: tuple[str, ...]) -> str:
        """The wish after "45 minutes", without what had to be left out."""
        return ", ".join(words for part, words in self.parts.items() if part not in relaxed or part == "mood")


def run(request: Request, services: Services) -> Reply:
    """Turn the options into a wish, order its best tracks, and describe each step."""
    options, read = understood(_timed(request.options), "activity", services)
    asked = _asked(options, read, services)
    found = services.models.recommender.recommend(asked.wish, listener(request, services))
    made, left = _made(asked, found, options, services)
    if not made.rows:
        raise _nothing(options)
    tracks = [services.models.catalog.track(row) for row in made.rows]
    short = made.seconds < options["minutes"] * 60 - _SHORT
    words = f"{playlist_words.count(max(round(made.seconds / 60), 1), 'minute')} {asked.words(found.relaxed)}"
    remarks = [
        asked.read,
        _left_out(found.relaxed),
        _limits(options, short, len(tracks)),
        about_person(request, services, plain=False),
    ]
    return Reply(
        "\n".join(filter(None, [f"{words}: {playlist_words.finding(made, tracks)}.", *remarks])),
        playlist_words.fields(tracks[:_SHOWN], made),
        (_chart(words, asked.wish.mood, made, tracks, short, services),),
        playlist_file.files(asked.name, tracks),
        _next(options, tracks, short, more=bool(left)),
    )


def _timed(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with a length that stands in the activity, `focus for 20 minutes`, in its own place."""
    text = options.get("activity", "")
    said = _LENGTH.search(text) if options["minutes"] == _DEFAULTS["minutes"] else None
    if said is None:
        return options
    minutes = next(option for option in COMMAND.options if option.name == "minutes")
    rest = " ".join(text.replace(said[0], " ").split())
    kept = {name: value for name, value in options.items() if name != "activity"}
    return {**kept, **({"activity": rest} if rest else {}), "minutes": typed(minutes, said[0])}


def _asked(options: Mapping[str, Any], read: str, services: Services) -> _Asked:
    seeds = find_seeds(options.get("like", ""), services)
    genre = options.get("genre")
    genres = find_any_genre(genre) if genre else ()
    genre = genre and (genre_name(genre) or wording.listed(genres))
    moods, felt = find_wished_moods(options, "activity", "playlist", services)
    if not (seeds.names or genres or moods):
        raise UserError(
            "What is the playlist for? Name an activity, something you like, or a genre.",
            tuple(_line(options, **{n: v}) for n, v in _EXAMPLES.items()),
        )
    parts = {
        "mood": f"for {' '.join(moods)}" if moods else "",
        "like": f"like {wording.listed(seeds.names[:3])}" if seeds.names else "",
        "genre": f"of {genre}" if genre else "",
        "year": wording.span(*options["year"]) if "year" in options else "",
    }
    name = " ".join([*moods, *([genre] if genre else [])]) or f"like {seeds.names[0]}"
    wish = Wish(
        mood=moods,
        likes=seeds.rows,
        artists=seeds.artists,
        genres=genres,
        years=options.get("year"),
        count=_POOL,
    )
    return _Asked(
        wish, {part: words for part, words in parts.items() if words}, name, " ".join(filter(None, [read, felt]))
    )


def _made(
    asked: _Asked, found: Recommendations, options: Mapping[str, Any], services: Services
) -> tuple[Sequence, list[int]]:
    """The playlist of the page asked for, and what is left: each page takes from what the ones before it left."""
    left = [pick.track.row for pick in found.picks]
    arc = sequence.arc_of(asked.wish.mood)
    for _ in range(options["page"]):
        made = sequence.arrange(services.models.catalog, left, options["minutes"] * 60.0, arc)
        left = [row for row in left if row not in made.rows]
    return made, left


def _left_out(relaxed: tuple[str, ...]) -> str:
    """What had to give way for any track to be left."""
    names = wording.listed([f"{'activity' if name == 'mood' else name}:" for name in relaxed if name != "mood"])
    parts = [f"Nothing passes everything asked, so I left out {names}."] if names else []
    if "mood" in relaxed:
        parts.append("Nothing there is far into the activity: these come nearest.")
    return " ".join(parts)


def _limits(options: Mapping[str, Any], short: bool, count: int) -> str:
    """What is not there, or not shown."""
    parts = []
    if short:
        before = "left of that" if options["page"] > 1 else "of that"
        parts.append(f"There is no more {before} at two tracks an artist, so not the {options['minutes']} minutes.")
    if count > _SHOWN:
        parts.append(f"The first {_SHOWN} are below, all {count} in the files.")
    return " ".join(parts)


def _chart(
    words: str, moods: tuple[str, ...], made: Sequence, tracks: list[Track], short: bool, services: Services
) -> Chart:
    seconds, energy, tempo = (
        np.array([t.features[COLUMN[name]] for t in tracks]) for name in ("duration_ms", "energy", "tempo")
    )
    title = words if short or len(tracks) < 4 else f"{words}: {_ARCS[made.arc]}"
    footer = f"Timbre catalogue, {len(services.models.catalog):,} tracks"
    mood = moods[0] if len(moods) == 1 else ""
    octaves = [t.octave for t in made.transitions]
    png = charts.playlist(seconds / 1000, energy, tempo, octaves, title=title, footer=footer, mood=mood)
    spots = "; ".join(
        f"{n} {track.title}: energy {track.features[COLUMN['energy']]:.2f}, {playlist_words.heard(track)[1]}"
        for n, track in enumerate(tracks, 1)
    )
    return Chart("playlist.png", png, f"{title}. {spots}")


def _nothing(options: Mapping[str, Any]) -> UserError:
    """Offer the line without its narrowest part."""
    if options["page"] > 1:
        return UserError(f"There is no page {options['page']}: all of it is in the pages before.", (_line(options),))
    given = wording.listed([f"{name}:" for name in options if name not in ("minutes", "page")])
    wider = tuple(_line(options, **{name: None}) for name in _dispensable(options))
    return UserError(f"No track in the catalogue passes {given}.", wider or ("/playlist focus",))


def _line(options: Mapping[str, Any], **changed: Any) -> str:
    """The line that asks for this playlist again, from its first page, with some options changed."""
    given = {**options, "page": None, **changed}
    ordered = {option.name: given.get(option.name) for option in COMMAND.options}
    return line("playlist", {name: None if value == _DEFAULTS.get(name) else value for name, value in ordered.items()})


def _next(options: Mapping[str, Any], tracks: list[Track], short: bool, more: bool) -> tuple[Next, ...]:
    minutes, page = options["minutes"], options["page"]
    step = _STEP if minutes <= 60 else 2 * _STEP
    steps = []
    if not short and minutes + step <= _LONGEST:
        steps.append(Next("Longer", _line(options, minutes=minutes + step)))
    if not short and minutes - step >= _SHORTEST:
        steps.append(Next("Shorter", _line(options, minutes=minutes - step)))
    if more and not short and page < _PAGES:
        steps.append(Next("Another", _line(options, page=page + 1)))
    if short:
        steps += [Next(f"Any {name}", _line(options, **{name: None})) for name in _dispensable(options)]
    like = line("playlist", {"like": tracks[0].name, "minutes": minutes})
    return (*steps, Next(f"More like {tracks[0].title}"[:60], like))


def _dispensable(options: Mapping[str, Any]) -> list[str]:
    """The filters without which something is still asked for."""
    filters = [name for name in ("year", "genre") if name in options]
    return filters if {"activity", "like"} & set(options) else filters[: len(filters) - ("genre" in options)]


def _suggest_activities(services: Services, prefix: str) -> list[Choice]:
    wanted = prefix.casefold()
    return [Choice(mood, mood) for mood in sorted(MOODS) if wanted in mood]


COMMAND = Command(
    name="playlist",
    help="an ordered playlist with smooth transitions, as CSV and M3U too",
    options=(
        Option(
            "activity", "text", "what it is for: focus, party, sleep, or your own words", suggest=_suggest_activities
        ),
        Option(
            "minutes", "whole", "how long", default=_DEFAULTS["minutes"], low=_SHORTEST, high=_LONGEST, unit="minutes"
        ),
        Option("like", "text", "tracks or artists you like, separated by semicolons", suggest=suggest_likes),
        Option("genre", "text", "a genre or family", suggest=suggest_genres),
        Option("year", "years", "when: 1994, 1990s, 1990-1999 or >2010", low=1900, high=2100),
        Option("page", "whole", "another list for the same wish, without repeats", default=1, low=1, high=_PAGES),
    ),
    run=run,
    example="/playlist focus minutes:60",
    personal=True,
)
