"""/track: one track's features as percentiles of the catalogue."""

from __future__ import annotations

import numpy as np

from bot.commands import wording
from bot.commands.lookup import find_track, suggest_tracks
from bot.core import Chart, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.catalog import Track
from ml.features import COLUMN, FEATURES

_RANKED = tuple(f for f in FEATURES if f.name not in {"key", "mode", "explicit", "time_signature"})


def run(request: Request, services: Services) -> Reply:
    """Look the track up and rank its features."""
    if "name" not in request.options:
        raise UserError("Which track?", ('/track "Enter Sandman"',))
    track = find_track(request.options["name"], services, "name")
    moods = services.models.moods
    ranks = {f.name: float(moods.rank(f.name, np.array([track.features[COLUMN[f.name]]]))[0]) * 100 for f in _RANKED}
    extreme = sorted(_RANKED, key=lambda f: -abs(ranks[f.name] - 50))[:2]
    finding = f"{track.name} is {wording.listed([_place(f.name, ranks[f.name]) for f in extreme])}"
    rows = [(f.label, wording.value(f.name, track.features[COLUMN[f.name]]), ranks[f.name]) for f in _RANKED]
    png = charts.track(rows, title=finding, footer=f"Percentiles over {len(services.models.catalog):,} tracks")
    alt = f"Percentiles of {track.name}: " + ", ".join(f"{label} {rank:.0f}" for label, _, rank in rows)
    next_ = (
        Next("Genre", line("genre", {"track": track.name})),
        Next("Hit score", line("hitscore", {"track": track.name})),
        Next("More like this", line("recommend", {"like": track.name})),
    )
    return Reply(finding + ".", _facts(track), (Chart("track.png", png, alt),), next=next_)


def _place(feature: str, rank: float) -> str:
    return f"{wording.compared(feature, rank >= 50)} than {wording.percent(max(rank, 100 - rank) / 100)} of tracks"


def _facts(track: Track) -> tuple[Field, ...]:
    x = {f.name: track.features[COLUMN[f.name]] for f in FEATURES}
    key = wording.value("key", x["key"])
    facts = [("Key", key if key == "unknown" else f"{key} {wording.value('mode', x['mode'])}")]
    if track.genres:
        facts.append(("Genres", ", ".join(track.genres)))
    if track.year or track.decade:
        facts.append(("Released", str(track.year or f"{track.decade}s")))
    if track.popularity is not None:
        facts.append(("Popularity", f"{track.popularity} of 100"))
    if track.hit_decades:
        facts.append(("Billboard Hot 100", ", ".join(f"{d}s" for d in track.hit_decades)))
    return (Field("Listen", track.name, track.url), *(Field(name, text) for name, text in facts))


COMMAND = Command(
    name="track",
    help="one track's features as percentiles",
    options=(Option("name", "text", "title, title and artist, or link", suggest=suggest_tracks),),
    run=run,
    example='/track "Enter Sandman"',
)
