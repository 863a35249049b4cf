"""Names people type -> tracks, artists, genres and features; and the suggestions offered while typing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from bot.commands.artist_names import find_artist, is_only_heard, near_artists
from bot.core import Choice, UserError
from bot.lines import setting
from bot.services import Services
from bot.values import shorten
from ml.catalog import Track
from ml.families import FAMILIES, FAMILY_OF
from ml.features import FEATURES, Feature
from ml.mood_words import nearest
from ml.moods import MOODS
from ml.text import artist_key, fold, title_key

_LONGEST_VALUE = 100  # Discord's limit for a choice
_SPELT = {"dnb": "drum-and-bass", "electronica": "electronic", "hip-hop/rap": "hip-hop", "rap": "hip-hop"}
_SEVERAL = re.compile(r"\s*(?:[;,/]|\bor\b)\s*")
_FELT = {  # what people call a feature
    "bpm": "tempo",
    "happiness": "valence",
    "length": "duration",
    "mood": "valence",
    "positivity": "valence",
    "sadness": "valence",
    "speed": "tempo",
    "volume": "loudness",
}


@dataclass(frozen=True)
class Seeds:
    """What someone likes: catalogue rows, codes of `ml.artists`, and the names as they are known there."""

    rows: tuple[int, ...]
    artists: tuple[int, ...]
    names: tuple[str, ...]


def find_seeds(text: str, services: Services) -> Seeds:
    """The tracks and artists named, separated by semicolons; a name that is both means the artist."""
    rows, artists, names = [], [], []
    wanted = [name for part in text.split(";") if (name := part.strip())]
    for name in wanted:
        track = services.models.catalog.resolve(name)
        titled = track is not None and _letters(name) == _letters(track.title)
        artist = services.models.artists.find(name) if titled else find_artist(name, services)
        if titled and artist is not None and is_only_heard(artist, services):
            artist = None
        if artist is not None:
            artists.append(artist)
            names.append(services.models.artists.name(artist))
        elif track is not None:
            rows.append(track.row)
            names.append(track.name)
        else:
            raise _unknown_seed(name, wanted, services)
    return Seeds(tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(artists)), tuple(dict.fromkeys(names)))


def known_artist(text: str, services: Services) -> str | None:
    """The text where it is the name of an artist with tracks to the letter; None otherwise."""
    artist = services.models.artists.find(text)
    return None if artist is None or is_only_heard(artist, services) else text


def known_name(text: str, services: Services) -> str | None:
    """The text where it is the name of an artist, a title, or a title by its artist, to the letter; None otherwise."""
    if known_artist(text, services):
        return text
    track = services.models.catalog.resolve(text)
    if track is None:
        return None
    title, by, whose = text.rpartition(" by ")
    theirs = artist_key(whose) in map(artist_key, track.artist.split(", "))
    told = by and theirs and _letters(track.title).startswith(_letters(title))
    return text if told or _letters(text) == _letters(track.title) else None


def _letters(title: str) -> str:
    """A title without spaces: folding makes two words of "I'm" where people type one."""
    return title_key(title).replace(" ", "")


def _unknown_seed(name: str, wanted: list[str], services: Services) -> UserError:
    """Artists and tracks that are spelt like it; in the hints the other seeds stay."""
    near = [services.models.artists.name(code) for code in near_artists(name, services, more=1)[:2]]
    near += [track.name for track in services.models.catalog.similar_names(name)]
    lists = ("; ".join(meant if n == name else n for n in wanted) for meant in near)
    hints = tuple(setting("like", names) for names in lists) or ("/recommend mood:energetic",)
    return UserError(f"I don't know a track or artist {shorten(name)}.", hints[:5])


def find_moods(text: str, option: str) -> tuple[tuple[str, ...], str]:
    """The moods that words mean, and a sentence that says so unless they were moods themselves."""
    meaning = nearest(text)
    if meaning is None:
        hints = tuple(setting(option, mood) for mood in ("energetic", "chill", "focus"))
        raise UserError(f"I don't know a mood {shorten(text)}. There are: {', '.join(MOODS)}.", hints)
    moods = meaning.moods
    return moods, "" if meaning.exact else f"I read {shorten(text)} as {' and '.join(moods)}."


def find_track(text: str, services: Services, option: str = "track") -> Track:
    """The track `text` names, or a UserError with up to five that are spelled like it."""
    track = services.models.catalog.resolve(text)
    if track is None:
        near = services.models.catalog.similar_names(text)
        hints = tuple(setting(option, t.name) for t in near) or ("/recommend mood:energetic",)
        raise UserError(f"I don't know a track {shorten(text)}.", hints)
    return track


def find_genres(text: str, option: str = "genre") -> tuple[str, ...]:
    """The genres a name means: one of the 114, or all of a family's; `synth pop` and `SynthPop` are `synth-pop`."""
    name = genre_name(text)
    if name is not None:
        return (name,) if name in FAMILY_OF else FAMILIES[name]
    wanted = fold(text)
    names = {fold(n): n for n in (*FAMILIES, *FAMILY_OF)}
    close = get_close_matches(wanted, names, n=5, cutoff=0.5) or [n for n in names if wanted and wanted in n][:5]
    hints = tuple(setting(option, names[n]) for n in close[:3]) or (setting(option, "rock"), setting(option, "jazz"))
    raise UserError(f"I don't know a genre {shorten(text)}.", hints)


def find_any_genre(text: str) -> tuple[str, ...]:
    """The genres that one name means, or each of several."""
    names = genre_names(text)
    if names is None:
        return find_genres(text)
    return tuple(dict.fromkeys(genre for name in names for genre in find_genres(name)))


def genre_names(text: str) -> list[str] | None:
    """The name of a genre, or of each of several: `rock; jazz`, `rock or jazz`; None where one is no genre."""
    if one := genre_name(text):
        return [one]
    names = [genre_name(part) for part in _SEVERAL.split(text) if part]
    return [name for name in names if name] if all(names) else None


def genre_name(text: str) -> str | None:
    """The genre or family that a text names however it is spelt: `hiphop`, `R&B`, `drum n bass`; None for no genre."""
    wanted = _SPELT.get(text.strip().casefold(), text)
    return next((found for key in _spellings(wanted) if (found := _genre_names().get(key))), None)


@cache
def _genre_names() -> dict[str, str]:
    """Every spelling of each genre and family; a genre's own name comes before a family's."""
    names: dict[str, str] = {}
    for name in (*FAMILY_OF, *FAMILIES):
        for key in _spellings(name):
            names.setdefault(key, name)
    return names


def _spellings(name: str) -> tuple[str, ...]:
    """The name without spaces and signs, with and without its "and"."""
    words = fold(name.replace("&", " n ")).split()
    short = ["n" if word == "and" else word for word in words]
    return "".join(words), "".join(short), "".join(word for word in short if word != "n")


def find_feature(text: str, option: str, allowed: Iterable[Feature] = FEATURES) -> Feature:
    """The feature a name means; `duration` reads as `duration_ms`, `bpm` as `tempo`."""
    by_name = {fold(name): f for f in allowed for name in (f.name, f.label)}
    if (found := by_name.get(_FELT.get(fold(text), fold(text)))) is not None:
        return found
    begun = [name for name in by_name if fold(text) and name.startswith(fold(text))]
    close = begun or get_close_matches(fold(text), by_name, n=3, cutoff=0.6)
    known = ", ".join(dict.fromkeys(f.label for f in by_name.values()))
    meant = dict.fromkeys(by_name[c].name for c in close) or ("energy", "tempo")
    hints = tuple(setting(option, name) for name in meant)
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
