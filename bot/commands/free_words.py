"""Free words in front of a wish: `happy 90s rock` is a mood, a time and a genre; `genre:hip hop` is one genre."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.commands.artist_names import find_artist
from bot.commands.lookup import find_moods, genre_name
from bot.core import Option, UserError
from bot.lines import line, setting
from bot.services import Services
from bot.values import shorten, typed
from ml.mood_words import WORDS, nearest
from ml.text import fold

_YEARS = Option("year", "years", "", low=1900, high=2100)
_TIME = r"(?:(?:19|20)\d\d|['’]?(?:\d\d)?\d0['’]?s)"
_YEAR = re.compile(rf"{_TIME}(?:[-–]{_TIME})?|\w+ties", re.IGNORECASE)
_LIKE = re.compile(r"^.*\b(?:like|by|similar to)\s+", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|&|\band\b)\s*")
_FEELINGS = frozenset(
    ("sad", "chill", "romance", "club", "dance", "happy", "groove", "sleep", "study", "children", "kids", "party")
)  # genres that a word alone does not mean
_FILLERS = frozenset(
    (
        "a",
        "and",
        "for",
        "from",
        "in",
        "me",
        "music",
        "of",
        "play",
        "playlist",
        "some",
        "song",
        "songs",
        "the",
        "to",
        "&",
    )
)
_LONGEST = 4  # words of a genre's name


def understood(options: Mapping[str, Any], first: str) -> tuple[dict[str, Any], str]:
    """The options with a genre and years that stand among the words of `first` in their own places, and a remark.

    Words that leave nothing a mood could be read from stay as they are: `Daft Punk` is no punk.
    """
    read = rejoined(options, first)
    text = read.get(first)
    if not text:
        return read, ""
    words = text.replace(",", " ").split()
    found: dict[str, Any] = {}
    if "year" not in read and (span := take_years(words)):
        found["year"] = span
    if "genre" not in read and (run := genre_among(words)):
        found["genre"] = genre_name(" ".join(words[run]))
        del words[run]
    rest = "" if _FILLERS.issuperset(word.casefold() for word in words) else " ".join(words)
    if not rest and not found:  # "some music"
        return {n: v for n, v in read.items() if n != first}, ""
    if not found or (rest and nearest(rest) is None):
        return read, ""
    plain = " ".join(word for word in words if word.casefold() not in _FILLERS)
    if nearest(plain) == nearest(rest):
        rest = plain
    named = {**({first: rest} if rest else {}), **found}
    told = " ".join(setting(name, value) for name, value in named.items())
    return {**{n: v for n, v in read.items() if n != first}, **named}, f"I read {shorten(text)} as {told}."


def find_wished_moods(
    options: Mapping[str, Any], first: str, command: str, services: Services
) -> tuple[tuple[str, ...], str]:
    """What `find_moods` finds in the option `first`, if it is given; a name in its place gets its own line."""
    text = options.get(first)
    if text is None:
        return (), ""
    try:
        return find_moods(text, command, first)
    except UserError as error:
        kept = {n: v for n, v in options.items() if n in ("genre", "year")}
        meant = _meant(text, options.get("like", ""), services)
        better = (line(command, {**meant, **kept}),) if meant else ()
        raise UserError(error.message, (*better, *error.hints)[:3]) from None


def rejoined(options: Mapping[str, Any], first: str) -> dict[str, Any]:
    """`genre:hip hop` as it was meant: without quotes, its second word went to the first option."""
    read = dict(options)
    if "genre" not in read or not isinstance(read.get(first), str):
        return read
    words = read[first].split()
    runs = [slice(i, j) for i in range(len(words)) for j in range(len(words), i, -1)]
    for run in sorted(runs, key=lambda run: run.start - run.stop):
        if name := genre_name(f"{read['genre']} {' '.join(words[run])}"):
            del words[run]
            rest = {first: " ".join(words)} if words else {}
            return {**{n: v for n, v in read.items() if n != first}, **rest, "genre": name}
    return read


def genre_among(words: list[str]) -> slice | None:
    """Where the longest name of a genre stands that is not part of a mood's phrase, such as a house party."""
    folded = f" {fold(' '.join(words))} "
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            run = slice(start, start + length)
            said = fold(" ".join(words[run]))
            if genre_name(said) is None or said in _FEELINGS:
                continue
            if not any(f" {said} " in f" {phrase} " and f" {phrase} " in folded for phrase in _phrases()):
                return run
    return None


@cache
def _phrases() -> frozenset[str]:
    """The phrases of several words that mean moods."""
    entries = (fold(entry) for words in WORDS.values() for entry in words.split(","))
    return frozenset(entry for entry in entries if " " in entry)


def take_years(words: list[str]) -> tuple[float, float] | None:
    """The first years or decade among the words, which are rid of it."""
    for word in filter(_YEAR.fullmatch, words):
        try:
            span: tuple[float, float] = typed(_YEARS, word)
        except UserError:  # parties
            continue
        words.remove(word)
        return span
    return None


def _meant(text: str, liked: str, services: Services) -> dict[str, str]:
    """The option that a text which is no mood belongs to: artists or a track beside those liked already, or a genre."""
    text = _LIKE.sub("", text)
    names = [_artist(text, services)] if _artist(text, services) else [_artist(t, services) for t in _AND.split(text)]
    if not all(names):
        words = text.split()
        if run := genre_among(words):
            return {"genre": genre_name(" ".join(words[run])) or ""}
        track = services.models.catalog.resolve(text)
        names = [track.name] if track else []
    return {"like": "; ".join(filter(None, [liked.strip("; "), *names]))} if names else {}


def _artist(text: str, services: Services) -> str:
    code = find_artist(text, services)
    return "" if code is None else services.models.artists.name(code)
