"""What is being scored: a catalogue track, a demo given by its features, or a file; read the same way everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.commands import wording
from bot.commands.lookup import find_track, suggest_tracks
from bot.core import Option, Request, UserError
from bot.lines import line
from bot.services import Services
from bot.values import shorten
from ml.explain import Contribution
from ml.features import BY_NAME, FEATURES, HIT_DECADES, NAMES, matrix
from ml.scoring import Subject

_FLATS = {"c#": "db", "d#": "eb", "f#": "gb", "g#": "ab", "a#": "bb"}
_SHARPS = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
_WORDS: Mapping[str, Mapping[str, float]] = {
    "key": {name: float(i) for i, sharp in enumerate(_SHARPS) for name in (sharp, _FLATS.get(sharp, sharp))},
    "mode": {"minor": 0.0, "major": 1.0},
    "time_signature": {"3/4": 3.0, "4/4": 4.0, "5/4": 5.0, "6/8": 6.0, "7/8": 7.0},
    "explicit": {"no": 0.0, "false": 0.0, "clean": 0.0, "yes": 1.0, "true": 1.0},
}

FEATURE_OPTIONS = tuple(
    Option(
        f.name,
        "whole" if f.whole else "number",
        f.meaning[:100],
        low=f.low,
        high=f.high,
        unit=f.unit,
        words=_WORDS.get(f.name, {}),
    )
    for f in FEATURES
)
SOUND_OPTIONS = (
    Option("track", "text", "a track of the catalogue: title, title and artist, or link", suggest=suggest_tracks),
    Option("title", "text", "a demo's title"),
    *FEATURE_OPTIONS,
)
FILE_OPTION = Option("file", "file", "a CSV of demos, up to 10,000 rows")


def read_subject(request: Request, services: Services, track_option: str = "track") -> Subject:
    """The track or demo a request is about; features not given are filled in from tracks like it.

    Raises
    ------
    UserError
        When the track is unknown, when neither a track nor features are given, or both are.
    """
    options, command = request.options, request.command
    given = {name: float(options[name]) for name in NAMES if name in options}
    if track_option in options and given:
        raise UserError(
            f"Give {track_option}: or features, not both.",
            (line(command, {track_option: options[track_option]}), line(command, given)),
        )
    if track_option in options:
        track = find_track(options[track_option], services, track_option)
        row = np.array(track.features, np.float64)
        return Subject(track.name, services.models.completer.complete(row), track.title, track)
    if not given:
        raise UserError(
            "Name a track, or give a demo's features.",
            (f'{track_option}:"Enter Sandman"', "danceability:0.7 energy:0.8 tempo:124 valence:0.6"),
        )
    row = matrix([given])[0]
    title = options.get("title")
    name = shorten(title) if title else "this demo"
    return Subject(
        name, services.models.completer.complete(row), title, None, tuple(n for n in NAMES if n not in given)
    )


def era(request: Request, subject: Subject) -> int:
    """The decade to score in: the year asked for, the track's own, or the latest with charts in the data."""
    year = request.options.get("year") or (subject.track and subject.track.decade) or HIT_DECADES[-1]
    return min(max(int(year) // 10 * 10, HIT_DECADES[0]), HIT_DECADES[-1])


def assumption(subject: Subject) -> str:
    """One sentence about features that were not given; empty when none is missing."""
    missing = [BY_NAME[name].label for name in subject.missing]
    if not missing:
        return ""
    listed = wording.listed(missing if len(missing) <= 4 else [*missing[:3], f"{len(missing) - 3} more"])
    return f"Not given: {listed}. I averaged over {len(subject.x)} real tracks that agree with the rest."


def why(contributions: Sequence[Contribution], count: int = 3) -> str:
    """The features that moved a score most, with their values: `acousticness 0.92 (+21)`."""
    strongest = sorted(contributions, key=lambda c: -abs(c.effect))[:count]
    return wording.listed([f"{wording.named(c.feature, c.value)} ({c.effect * 100:+.0f})" for c in strongest])
