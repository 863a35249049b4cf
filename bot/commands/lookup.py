"""Names people type -> tracks, artists, genres and features; and the suggestions offered while typing."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from bot.core import Choice, UserError
from bot.lines import line
from bot.services import Services
from bot.values import shorten
from ml.catalog import Track
from ml.families import FAMILIES, FAMILY_OF
from ml.features import FEATURES, Feature
from ml.text import fold

_LONGEST_VALUE = 100  # Discord's limit for a choice


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
