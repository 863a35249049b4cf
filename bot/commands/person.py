"""Who asks, as the models take it: ratings from memory, and thumbs to give more."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.commands import wording
from bot.core import Next, Request
from bot.lines import line
from bot.services import Services
from ml.catalog import Track
from ml.listener import Listener

_DAY = 86_400.0
_NAMED = 2


def listener(request: Request, services: Services) -> Listener:
    """The caller's ratings and their room's likes, for the recommender."""
    now = datetime.now(UTC)
    ratings = [(r.track_id, r.verdict, (now - r.at).total_seconds() / _DAY) for r in request.memory.ratings]
    return Listener.of(services.models.catalog, ratings, request.memory.room, request.user)


def about_person(request: Request, services: Services, plain: bool) -> str:
    """What the caller's own ratings did to a list; `plain` lists were asked for without any wish."""
    memory = request.memory
    if memory.problem:
        return f"I could not read your ratings ({memory.problem}), so this list does not know you."
    if not memory.ratings:
        return "I don't know your taste yet: rate a few of these, and the next list will be yours." if plain else ""
    catalog = services.models.catalog
    said = {1: "you liked", -1: "you turned down"}
    parts = []
    for verdict in (1, -1):
        rated = [catalog.row_of(r.track_id) for r in memory.ratings if r.verdict == verdict]
        rows = [row for row in rated if row is not None]
        if rows:
            names = [catalog.titles[row] for row in rows[:_NAMED]]
            more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
            parts.append(f"{said[verdict]} {wording.listed(names) if not more else ', '.join(names)}{more}")
    return f"Moved by your ratings: {'; '.join(parts)}." if parts else ""


def thumbs(track: Track) -> tuple[Next, ...]:
    """The two buttons beside a track."""
    verdicts = (("👍", "up"), ("👎", "down"))
    return tuple(Next(sign, line("rate", {"track": track.id, "verdict": verdict})) for sign, verdict in verdicts)
