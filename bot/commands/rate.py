"""/rate: a thumb up or down for a track, remembered before the reply; what the buttons of a list call."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.commands.lookup import suggest_tracks
from bot.core import Choice, Command, Memory, Next, Option, Rate, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from bot.values import shorten
from ml.catalog import Track
from ml.text import fold

_WORDS: Mapping[str, int] = {
    **dict.fromkeys(("up", "like", "liked", "love", "yes", "+1", "👍"), 1),
    **dict.fromkeys(("down", "dislike", "disliked", "hate", "no", "-1", "👎"), -1),
    **dict.fromkeys(("clear", "undo", "none", "0"), 0),
}
_VERDICTS = {1: "up", -1: "down", 0: "clear"}
_SAID = {1: "Liked", -1: "Disliked"}
_ID = re.compile(r"(?:.*[:/])?([0-9A-Za-z]{22})(?:\?.*)?")


def run(request: Request, services: Services) -> Reply:
    """Find the track and say what the verdict changes; nothing is kept twice."""
    if "track" not in request.options:
        raise UserError("Which track?", ('/rate "Blinding Lights" verdict:up',))
    text, word = _split(request.options["track"], request.options.get("verdict"), services)
    verdict = None if word is None else _verdict(word, text)
    track = services.models.catalog.resolve(text)
    if track is None:
        return _gone(text, verdict, request.memory, services)
    if verdict is None:
        steps = tuple(Next(label, _line(track.id, v)) for label, v in (("Like", 1), ("Dislike", -1)))
        return Reply(f"Do you like {track.name}?", next=steps)
    before = {r.track_id: r.verdict for r in request.memory.ratings}.get(track.id, 0)
    if verdict == before and not request.memory.problem:
        said = f"You have already {_SAID[verdict].lower()}" if verdict else "You have not rated"
        return Reply(f"{said} {track.name}.", next=_next(track, verdict))
    return Reply(_changed(track, verdict, before), next=_next(track, verdict), writes=(Rate(track.id, verdict),))


def _split(text: str, word: str | None, services: Services) -> tuple[str, str | None]:
    """The track's name and the verdict, which may be the last bare word: `/rate blinding lights up`."""
    name, _, last = text.rpartition(" ")
    if word or not name or last.casefold() not in _WORDS:
        return text, word
    whole = services.models.catalog.resolve(text)
    in_title = last.isascii() and whole is not None and last.casefold() in fold(whole.title).split()  # "Shut Up"
    return (text, None) if in_title else (name, last)


def _verdict(word: str, text: str) -> int:
    if word.casefold() not in _WORDS:
        raise UserError(
            f"verdict is up, down or clear, not {shorten(word)}.",
            tuple(line("rate", {"track": text, "verdict": v}) for v in _VERDICTS.values()),
        )
    return _WORDS[word.casefold()]


def _gone(text: str, verdict: int | None, memory: Memory, services: Services) -> Reply:
    """Take back the rating of a track that has left the catalogue, or say what was meant perhaps."""
    known = _ID.fullmatch(text.strip())
    if known and verdict == 0 and known[1] in {r.track_id for r in memory.ratings}:
        return Reply("Taken back. That track has left my catalogue.", writes=(Rate(known[1], 0),))
    if known:
        raise UserError("That track is not in my catalogue, so there is nothing to rate.", ("/recommend energetic",))
    word = None if verdict is None else _VERDICTS[verdict]
    near = services.models.catalog.similar_names(text)
    hints = tuple(line("rate", {"track": t.name, "verdict": word}) for t in near) or ("/recommend energetic",)
    raise UserError(f"I don't know a track {shorten(text)}.", hints)


def _changed(track: Track, verdict: int, before: int) -> str:
    if verdict == 0:
        return f"Taken back: {track.name} counts neither way."
    instead = f", no longer {_SAID[before].lower()}" if before else ""
    effect = "Your next list will lean that way." if verdict > 0 else "It will not be in your lists again."
    return f"{_SAID[verdict]} {track.name}{instead}. {effect}"


def _next(track: Track, verdict: int) -> tuple[Next, ...]:
    steps = [Next("A fresh list", "/recommend")]
    if verdict:
        steps.append(Next("Undo", _line(track.id, 0)))
    if verdict > 0:
        steps.append(Next("More like it", line("recommend", {"like": track.name})))
    return tuple(steps)


def _line(track_id: str, verdict: int) -> str:
    return line("rate", {"track": track_id, "verdict": _VERDICTS[verdict]})


def _suggest_verdicts(services: Services, prefix: str) -> list[Choice]:
    return [Choice(v, v) for v in _VERDICTS.values() if v.startswith(prefix.casefold())]


COMMAND = Command(
    name="rate",
    help="like or dislike a track; the next list follows",
    options=(
        Option("track", "text", "title, title and artist, link or id", suggest=suggest_tracks),
        Option("verdict", "text", "up, down, or clear to take it back", suggest=_suggest_verdicts),
    ),
    run=run,
    example='/rate "Blinding Lights" verdict:up',
    private=True,
    personal=True,
)
