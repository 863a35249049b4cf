"""/profile: a person's taste in words, everything kept about them as a file, and all of it deleted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from bot.commands import wording
from bot.core import Command, Field, File, Forget, Memory, Next, Option, Post, Rating, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml.catalog import Catalog, Track
from ml.families import FAMILY_OF
from ml.features import COLUMN
from ml.moods import MoodScorer

_LEANINGS = ("energy", "valence", "tempo", "acousticness", "danceability", "loudness", "instrumentalness")
_ENOUGH = 3  # likes before a leaning is more than chance
_CLEAR = 0.15  # how far the mean percentile must be from the middle to be worth a word
_LATEST = 10
_POSTS_STAY = " What you scheduled is still posted, without your name; moderators there stop it with /post list."


def run(request: Request, services: Services) -> Reply:
    """Show, export or forget."""
    memory, action = request.memory, request.options["action"]
    if action == "forget":
        return _forget(memory)
    if memory.problem:
        raise UserError(f"I can't look: {memory.problem}.", (line("profile", {"action": action}),))
    if action == "export":
        return _export(memory, services.models.catalog)
    return _show(memory, services)


def _show(memory: Memory, services: Services) -> Reply:
    catalog = services.models.catalog
    begin = (Next("A list to rate", "/recommend energetic"), Next("Rate a track", '/rate "Blinding Lights" verdict:up'))
    if not memory.ratings:
        seen = f" I only remember which tracks {_count(len(memory.shown), 'page')} showed you." if memory.shown else ""
        return Reply(
            f"You have rated nothing yet.{seen} Press a thumb on any list, and the next one follows.", next=begin
        )
    likes = [r.track_id for r in memory.ratings if r.verdict > 0]
    liked = [track for track_id in likes if (track := catalog.find_id(track_id))]
    text = f"You have {_count(len(likes), 'like')} and {_count(len(memory.ratings) - len(likes), 'dislike')}."
    taste = tuple(Field(name, value) for name, value in _taste(liked, services.models.moods) if value)
    latest = tuple(_rated(rating, catalog) for rating in memory.ratings[:_LATEST])
    steps = (
        Next("A fresh list", "/recommend"),
        Next("Export", line("profile", {"action": "export"})),
    )
    # In words, not as a button: one slip of a finger must not delete a year of thumbs.
    yours = Field("Your data", "/profile forget deletes all of it at once")
    return Reply(text, (*taste, *latest, yours), next=steps)


def _taste(liked: Sequence[Track], moods: MoodScorer) -> list[tuple[str, str]]:
    """What the liked tracks have in common, as titled lines; empty where nothing stands out."""
    families = Counter(family for t in liked for family in {FAMILY_OF[g] for g in t.genres})
    genres = Counter(genre for t in liked for genre in t.genres)
    decades = Counter(f"{decade}s" for t in liked if (decade := t.decade or (t.year or 0) // 10 * 10))
    return [
        ("Families", _top(families)),
        ("Genres", _top(genres)),
        ("Eras", _top(decades)),
        ("Sound", _sound(liked, moods)),
    ]


def _sound(liked: Sequence[Track], moods: MoodScorer) -> str:
    if len(liked) < _ENOUGH:
        return ""
    columns = np.array([t.features for t in liked])
    means = {name: float(moods.rank(name, columns[:, COLUMN[name]]).mean()) - 0.5 for name in _LEANINGS}
    clear = sorted((name for name in means if abs(means[name]) >= _CLEAR), key=lambda name: -abs(means[name]))[:3]
    if not clear:
        return "all over the catalogue"
    return f"{wording.listed([wording.compared(name, means[name] > 0) for name in clear])} than most tracks"


def _top(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({n})" for name, n in counts.most_common(3))


def _rated(rating: Rating, catalog: Catalog) -> Field:
    track = catalog.find_id(rating.track_id)
    name = track.name if track else "A track that has left my catalogue"
    undo = Next("Undo", line("rate", {"track": rating.track_id, "verdict": "clear"}))
    verdict = "liked" if rating.verdict > 0 else "disliked"
    return Field(name, f"{verdict} on {rating.at:%d %B %Y}".replace(" 0", " "), track.url if track else "", (undo,))


def _export(memory: Memory, catalog: Catalog) -> Reply:
    """Every row that is kept about the caller, with the titles of the tracks."""
    kept = {
        "ratings": [
            {**_named(r.track_id, catalog), "verdict": r.verdict, "room": r.room, "at": _stamp(r.at)}
            for r in memory.ratings
        ],
        "pages_shown": [
            {
                "list": s.list_key,
                "page": s.page,
                "tracks": [_named(track_id, catalog) for track_id in s.track_ids],
                "at": _stamp(s.at),
            }
            for s in memory.shown
        ],
        "lines_of_buttons": list(memory.lines),
        "scheduled_posts": [_scheduled(post) for post in memory.own_posts],
    }
    data = json.dumps(kept, ensure_ascii=False, indent=1).encode()
    return Reply(f"Everything I keep about you: {_rows(memory)}.", files=(File("timbre-profile.json", data),))


def _scheduled(post: Post) -> dict[str, str]:
    return {
        "id": post.id,
        "line": post.line,
        "room": post.room,
        "channel": post.channel,
        "rule": post.rule,
        "due": _stamp(post.due),
        "problem": post.problem,
    }


def _named(track_id: str, catalog: Catalog) -> dict[str, str | None]:
    track = catalog.find_id(track_id)
    return {"track_id": track_id, "title": track.title if track else None, "artist": track.artist if track else None}


def _forget(memory: Memory) -> Reply:
    begin = (Next("Begin anew", "/recommend energetic"),)
    if memory.problem:
        return Reply("Deleted: everything I kept about you.", next=begin, writes=(Forget(),))
    if not (memory.ratings or memory.shown or memory.lines or memory.own_posts):
        return Reply("I keep nothing about you.", next=begin, writes=(Forget(),))
    posts = _POSTS_STAY if memory.own_posts else ""
    return Reply(f"Deleted: {_rows(memory)}. I keep nothing about you now.{posts}", next=begin, writes=(Forget(),))


def _rows(memory: Memory) -> str:
    lines = f", {_count(len(memory.lines), 'line')} that your buttons stand for" if memory.lines else ""
    lines += f", your name on {_count(len(memory.own_posts), 'scheduled post')}" if memory.own_posts else ""
    return (
        f"{_count(len(memory.ratings), 'rating')} and {_count(len(memory.shown), 'page')} of lists shown to you{lines}"
    )


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _stamp(at: datetime) -> str:
    return at.isoformat()


COMMAND = Command(
    name="profile",
    help="your taste, your data, and a way to delete it",
    options=(
        Option(
            "action",
            "text",
            "show, export, or forget: deletes everything at once",
            default="show",
            choices=("show", "export", "forget"),
        ),
    ),
    run=run,
    example="/profile",
    private=True,
    personal=True,
)
