"""Free words in front of a wish: `happy 90s rock` is a mood, a time and a genre; `genre:hip hop` is one genre."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from bot.commands.artist_names import find_artist
from bot.commands.lookup import find_moods, genre_name, genre_names, known_artist, known_name
from bot.core import Option, UserError
from bot.lines import line, setting
from bot.services import Services
from bot.values import shorten, typed
from ml.mood_words import WORDS, nearest
from ml.text import fold

_YEARS = Option("year", "years", "", low=1900, high=2100)
_TIME = r"(?:(?:19|20)\d\d|['’]?(?:\d\d)?\d0['’]?s)"
_YEAR = re.compile(rf"{_TIME}(?:[-–]{_TIME})?|\w+ties", re.IGNORECASE)
_LIKE = re.compile(r"(.*)\b(like|by|similar to)\s+(.+)", re.IGNORECASE)
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
        "something",
        "song",
        "songs",
        "the",
        "to",
        "&",
    )
)
_LONGEST = 4  # words of a genre's name
_NAME, _TRIED = 6, 8  # words of a name behind its first, and words among which they are looked for


def understood(options: Mapping[str, Any], first: str, services: Services) -> tuple[dict[str, Any], str]:
    """The options with genres, years and what is liked among the words of `first` in their own places, and a remark.

    Words that leave nothing a mood could be read from stay as they are: `Daft Punk` is no punk.
    """
    read = rejoined(options, first, "like", partial(known_name, services=services))
    read = rejoined(read, first)  # after the names: `like:Daft Punk genre:rock` means no rock & punk
    text = read.get(first)
    if not text:
        return read, ""
    before, liked = (text, "") if "like" in read else _take_liked(text, services)
    words = before.replace(",", " ").split()
    found: dict[str, Any] = {"like": liked} if liked else {}
    if "year" not in read and (span := take_years(words)):
        found["year"] = span
    if "genre" not in read and (only := genre_names(before)) and _FEELINGS.isdisjoint(only):
        found["genre"], words = "; ".join(only), []
    elif "genre" not in read and (run := genre_among(words)):
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
    name = "" if liked or genre_name(text) else _or_name(text, services)
    return {**{n: v for n, v in read.items() if n != first}, **named}, f"I read {shorten(text)} as {told}.{name}"


def find_wished_moods(
    options: Mapping[str, Any], first: str, command: str, services: Services
) -> tuple[tuple[str, ...], str]:
    """What `find_moods` finds in the option `first`, if it is given; a name in its place gets its own line."""
    text = options.get(first)
    if text is None:
        return (), ""
    try:
        moods, felt = find_moods(text, first)
    except UserError as error:
        kept = {n: v for n, v in options.items() if n in ("genre", "year")}
        meant = _meant(text, options.get("like", ""), services)
        better = (line(command, {**meant, **kept}),) if meant else ()
        raise UserError(error.message, (*better, *error.hints)[:3]) from None
    return moods, f"{felt}{_or_name(text, services)}".strip() if _says_more(text) else felt


def rejoined(
    options: Mapping[str, Any], first: str, option: str = "genre", known: Callable[[str], str | None] = genre_name
) -> dict[str, Any]:
    """`genre:hip hop` as it was meant: without quotes, its second word went to the first option.

    `known` tells the name that a text is to the letter, if any.
    """
    read = dict(options)
    if option not in read or not isinstance(read.get(first), str):
        return read
    before, separator, last = read[option].rpartition(";")
    words = read[first].split()
    tried = min(len(words), _TRIED)
    runs = [slice(i, j) for i in range(tried) for j in range(i + 1, min(i + _NAME, tried) + 1)]
    for run in sorted(runs, key=lambda run: run.start - run.stop):
        if name := known(f"{last} {' '.join(words[run])}".strip()):
            del words[run]
            rest = {first: " ".join(words)} if words else {}
            value = f"{before}{separator} {name}".strip()
            return {**{n: v for n, v in read.items() if n != first}, **rest, option: value}
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


def _take_liked(text: str, services: Services) -> tuple[str, str]:
    """What stands before `like Daft Punk` or `by Queen and ABBA`, and these; all of the text where they are unknown."""
    said = _LIKE.fullmatch(text)
    if said is None:
        return text, ""
    before, word, after = said.groups()
    is_by = word.casefold() == "by"
    if is_by and before and known_name(text, services):  # a title by its artist
        return "", text

    def is_meant(name: str) -> bool:  # `by the pool` and `feel like crying` name no tracks
        known = known_artist if is_by else known_name
        return _says_more(name) and known(name, services) is not None

    names = [after] if is_meant(after) else _AND.split(after)
    return (before, "; ".join(names)) if all(map(is_meant, names)) else (text, "")


def _meant(text: str, liked: str, services: Services) -> dict[str, Any]:
    """The options that a text which is no mood belongs to: what is liked beside what is already, or genre and years."""
    said = _LIKE.fullmatch(text)
    text = said[3] if said else text
    artist = _artist(text, services)
    names = [artist] if artist else [_artist(part, services) for part in _AND.split(text)]
    if not all(names):
        words = text.split()
        span = take_years(words)
        years = {"year": span} if span else {}
        if run := genre_among(words):
            return {"genre": genre_name(" ".join(words[run])), **years}
        if years:
            return years
        track = services.models.catalog.resolve(text)
        names = [track.name] if track else []
    return {"like": "; ".join(filter(None, [liked.strip("; "), *names]))} if names else {}


def _says_more(text: str) -> bool:
    """Tell whether a word of the text is none of a mood's: it may be a name."""
    rest = f" {fold(text)} "
    for phrase in _phrases():
        rest = rest.replace(f" {phrase} ", "  ")
    return any(word not in _FILLERS and nearest(word) is None for word in rest.split())


def _or_name(text: str, services: Services) -> str:
    """A remark on a text of several words that is a name too: `Sleep Token` is more than sleep."""
    is_name = " " in text and known_name(text, services)
    return f" If you meant the name: {setting('like', text)}." if is_name else ""


def _artist(text: str, services: Services) -> str:
    """The name of an artist a slip away, or a title to the letter; "" for neither."""
    if known_name(text, services) and not known_artist(text, services):
        return text
    code = find_artist(text, services)
    return "" if code is None else services.models.artists.name(code)
