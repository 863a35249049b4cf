"""A playlist and its steps as people say them: `+4 BPM, a fifth up`, `no jumps larger than 9 %`."""

from __future__ import annotations

from bot.commands import wording
from bot.commands.person import thumbs
from bot.core import Field
from ml.catalog import Track
from ml.charts.words import signed
from ml.features import COLUMN
from ml.sequence import Sequence
from ml.transitions import Transition, jumps

_SMOOTH = 0.12  # no larger jump in tempo is worth a warning
_KEYS = {"same": "same key", "fifth up": "a fifth up", "fifth down": "a fifth down", "far": "new key"}


def finding(made: Sequence, tracks: list[Track]) -> str:
    """`14 tracks, from 92 to 118 BPM, no jumps larger than 9 %`."""
    parts = [count(len(tracks), "track")]
    beats = [t.features[COLUMN["tempo"]] for t in tracks if t.features[COLUMN["tempo"]] > 0]
    if beats:
        low, high = f"{min(beats):.0f}", f"{max(beats):.0f}"
        parts.append(f"at {low} BPM" if low == high else f"from {low} to {high} BPM")
    changes = jumps(made.transitions)
    if changes:
        smooth = sum(t.near_tempo for t in made.transitions)
        largest = max(changes)
        parts.append(
            f"no jumps larger than {max(largest, 0.01) * 100:.0f} %"
            if largest <= _SMOOTH
            else f"{smooth} of {len(made.transitions)} steps within 8 % in tempo"
        )
        if any(t.octave for t in made.transitions):
            parts[-1] += " (half and double time count as the same)"
    return ", ".join(parts)


def fields(tracks: list[Track], made: Sequence) -> tuple[Field, ...]:
    """A field for each of the first tracks: its length, tempo and key, and how it follows the one before."""
    steps = ["", *map(step, tracks, tracks[1:], made.transitions)]
    return tuple(
        Field(
            f"{n}. {track.title} — {track.artist}",
            " · ".join(filter(None, [*heard(track), how])),
            track.url,
            thumbs(track),
        )
        for n, (track, how) in enumerate(zip(tracks, steps, strict=True), 1)
    )


def count(n: int, noun: str) -> str:
    """`1 track`, `14 tracks`."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def heard(track: Track) -> list[str]:
    """`3:45`, `104 BPM`, `A minor`."""
    tempo = track.features[COLUMN["tempo"]]
    beat = wording.value("tempo", tempo) if tempo > 0 else "no beat"
    return [wording.value("duration_ms", track.features[COLUMN["duration_ms"]]), beat, key_name(track)]


def key_name(track: Track) -> str:
    """`A minor`."""
    return " ".join(wording.value(name, track.features[COLUMN[name]]) for name in ("key", "mode"))


def step(before: Track, after: Track, change: Transition) -> str:
    """How a track follows the one before: `+4 BPM, same key`."""
    a, b = (t.features[COLUMN["tempo"]] for t in (before, after))
    mode = wording.value("mode", after.features[COLUMN["mode"]])
    key = f"relative {mode}" if change.key == "relative" else _KEYS[change.key]
    if change.tempo_ratio is None:
        return key
    if change.octave:
        return f"{'double' if change.octave > 0 else 'half'} time, {key}"
    moved = round(b) - round(a)
    return f"{signed(moved)} BPM, {key}" if moved else f"same tempo, {key}"
