"""Names people type -> tracks, artists, genres and features; and the suggestions offered while typing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core import Choice, UserError
from bot.lines import line
from bot.services import Services
from bot.values import shorten
from ml.catalog import Track
from ml.families import FAMILIES, FAMILY_OF
from ml.features import FEATURES, Feature
from ml.mood_words import nearest
from ml.moods import MOODS
from ml.text import fold

_LONGEST_VALUE = 100  # Discord's limit for a choice


@dataclass(frozen=True)
class Seeds:
    """What someone likes: catalogue rows, codes of `ml.artists`, and the names as they are known there."""

    rows: tuple[int, ...]
    artists: tuple[int, ...]
    names: tuple[str, ...]


def find_seeds(text: str, services: Services, command: str) -> Seeds:
    """The tracks and artists named, separated by semicolons; a name that is both means the artist."""
    rows, artists, names = [], [], []
    for name in filter(None, (part.strip() for part in text.split(";"))):
        artist = services.models.artists.find(name)
        if artist is None:
            artist = services.models.catalog.find_surname(name)
        if artist is None:
            track = find_track(name, services, command, "like")
            rows.append(track.row)
            names.append(track.name)
        else:
            artists.append(artist)
            names.append(services.models.artists.name(artist))
    return Seeds(tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(artists)), tuple(dict.fromkeys(names)))


def find_moods(text: str, command: str, option: str = "mood") -> tuple[tuple[str, ...], str]:
    """The moods that words mean, and a sentence that says so unless they were moods themselves."""
    meaning = nearest(text)
    if meaning is None:
        hints = tuple(line(command, {option: mood}) for mood in ("energetic", "chill", "focus"))
        raise UserError(f"I don't know a mood {shorten(text)}. There are: {', '.join(MOODS)}.", hints)
    moods = meaning.moods
    return moods, "" if meaning.exact else f"I read {shorten(text)} as {' and '.join(moods)}."


def find_track(text: str, services: Services, command: str, option: str = "track") -> Track:
    """The track `text` names, or a UserError with up to five that are spelled like it."""
    track = services.models.catalog.resolve(text)
    if track is None:
        near = services.models.catalog.similar_names(text)
        hints = tuple(line(command, {option: t.name}) for t in near) or ("/recommend mood:energetic",)
        raise UserError(f"I don't know a track {shorten(text)}.", hints)
    return track


def find_genres(text: str, command: str, option: str = "genre") -> tuple[str, ...]:
    """The genres a name means: one of the 114, or all of a family's; `synth pop` reads as `synth-pop`."""
    names = {fold(g): (g,) for g in FAMILY_OF} | {fold(f): gs for f, gs in FAMILIES.items() if fold(f) not in FAMILY_OF}
    wanted = fold(text)
    if wanted in names:
        return names[wanted]
    close = get_close_matches(wanted, names, n=5, cutoff=0.5) or [n for n in names if wanted and wanted in n][:5]
    hints = tuple(line(command, {option: n}) for n in close) or (f"/help {command}",)
    raise UserError(f"I don't know a genre {shorten(text)}.", hints)


def find_feature(text: str, command: str, allowed: Iterable[Feature] = FEATURES) -> Feature:
    """The feature a name means; `duration` reads as `duration_ms`."""
    by_name = {fold(name): f for f in allowed for name in (f.name, f.label)}
    if (found := by_name.get(fold(text))) is not None:
        return found
    close = get_close_matches(fold(text), by_name, n=3, cutoff=0.5)
    known = ", ".join(dict.fromkeys(f.label for f in by_name.values()))
    hints = tuple(dict.fromkeys(f"/{command} {by_name[c].name}" for c in close))
    raise UserError(f"There is no feature {shorten(text)}. There are: {known}.", hints)


def suggest_tracks(services: Services, prefix: str) -> list[Choice]:
    """Tracks by what has been typed of title and artist; well-known ones while nothing is typed."""
    found = services.models.catalog.search(prefix)
    return [Choice(t.name, t.name if len(t.name) <= _LONGEST_VALUE else t.id) for t in found]


def suggest_likes(services: Services, prefix: str) -> list[Choice]:
    """Like `suggest_tracks`, for the last of several names; the ones before it are kept."""
    before, separator, last = prefix.rpartition(";")
    kept = f"{before}{separator} " if separator else ""
    return [Choice(c.label, kept + c.value) for c in suggest_tracks(services, last.strip())]


def suggest_moods(services: Services, prefix: str) -> list[Choice]:
    """Moods that start with what has been typed, or else those its words mean."""
    found = [mood for mood in MOODS if mood.startswith(fold(prefix))]
    meaning = None if found else nearest(prefix)
    return [Choice(mood, mood) for mood in found or (meaning.moods if meaning else ())]


def suggest_genres(services: Services, prefix: str) -> list[Choice]:
    """Genres and families that hold what has been typed, those that start with it first."""
    wanted = fold(prefix)
    names = [n for n in (*sorted(FAMILY_OF), *FAMILIES) if wanted in fold(n)]
    return [Choice(n, n) for n in sorted(dict.fromkeys(names), key=lambda n: not fold(n).startswith(wanted))]


def suggest_features(services: Services, prefix: str) -> list[Choice]:
    """Features that hold what has been typed, with what they mean."""
    return [
        Choice(f"{f.label}: {f.meaning}"[:_LONGEST_VALUE], f.name) for f in FEATURES if fold(prefix) in fold(f.name)
    ]
