"""A playlist as files to keep: CSV for a spreadsheet, M3U8 for a player."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from bot.commands.cells import cell
from bot.commands.playlist_words import key_name
from bot.core import File
from ml.catalog import Track
from ml.features import COLUMN
from ml.text import fold

COLUMNS = ("position", "title", "artist", "track_id", "url", "seconds", "bpm", "key", "energy")


def files(name: str, tracks: Sequence[Track]) -> tuple[File, File]:
    """The tracks in order as CSV and as M3U8, named after `name`."""
    stem = file_stem(name)
    # The byte order mark tells spreadsheets that the file is UTF-8.
    return (
        File(f"{stem}.csv", _csv(tracks).encode("utf-8-sig")),
        File(f"{stem}.m3u8", _m3u(name, tracks).encode()),
    )


def file_stem(name: str) -> str:
    """`timbre-chill-focus` for "chill focus": letters, digits and dashes of ASCII only, whatever was typed."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:50].strip("-")
    return f"timbre-{plain or 'playlist'}"


def _csv(tracks: Sequence[Track]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for position, track in enumerate(tracks, 1):
        x = track.features
        heard = (_seconds(track), f"{x[COLUMN['tempo']]:.0f}", key_name(track), f"{x[COLUMN['energy']]:.2f}")
        writer.writerow([position, cell(track.title), cell(track.artist), track.id, track.url, *heard])
    return out.getvalue()


def _m3u(name: str, tracks: Sequence[Track]) -> str:
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(name)}"]
    for track in tracks:
        lines += [f"#EXTINF:{_seconds(track)},{_line(track.artist)} - {_line(track.title)}", track.url]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    """One line: a line break in a title would be read as another entry."""
    return " ".join(text.split())


def _seconds(track: Track) -> int:
    return round(track.features[COLUMN["duration_ms"]] / 1000)
