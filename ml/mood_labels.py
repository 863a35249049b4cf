"""Which tracks people call by a mood's words: in the tags of their artists, in names of playlists and of albums."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.mood_table import MOODS
from ml.playlists import rows_of
from ml.sources import Sources

TAGS: Mapping[str, str] = {
    "energetic": r"hardstyle|drum and bass|eurodance|speed metal|skate punk|big room|power metal|trancecore|hardcore$|"
    r"jump up|hi-nrg|melbourne bounce|rave\b|brostep|\bedm|electro house|neurofunk|pop punk|hypertechno",
    "happy": r"bubblegum|sunshine pop|poptimism|happy|\bska|rocksteady|doo-wop|motown|merseybeat|europop|disco\b|soca|"
    r"boogaloo|zydeco|mambo|merengue",
    "sad": r"\bsad\b|melancholia|slowcore|torch song|lo-fi emo|depressive|singer-songwriter|dark folk|lilith|emo rap",
    "chill": r"chill|downtempo|\blounge|trip hop|lo-fi (?:beats|jazzhop|hip)|bedroom pop|bossa nova|nu jazz",
    "calm": r"ambient|new age|compositional|piano|healing|mantra|warm drone|impressionism|minimalism|harp|"
    r"classical guitar|gregorian|easy listening",
    "focus": r"study|lo-fi|background|minimalism|ambient|baroque|chillhop|instrumental hip hop|classical piano|"
    r"intelligent dance|neo-classical|berlin school|instrumental post-rock",
    "party": r"dance pop|pop dance|reggaeton|crunk|party|eurodance|soca|electro house|dancehall|moombahton|big room|"
    r"latin pop|pop rap|k-pop|funk carioca|slap house|disco",
    "dance": r"house|dance|disco|techno|freestyle|hi-nrg|electro swing|vogue|moombahton",
    "workout": r"gym|workout|phonk|hardstyle|big room|electro house|trap latino|hypertechno|drum and bass|nu metal|edm|"
    r"dubstep|rap metal",
    "romantic": r"quiet storm|lovers rock|torch song|ballad|\blove|bolero|smooth (?:soul|saxophone)|bachata|romantico|"
    r"vocal jazz|soft rock|r&b|sophisti|adult standards|filmi|ghazal",
    "sleep": r"sleep|color noise|white noise|lullaby|healing|drone\b|dronescape|ambient$|drift",
    "angry": r"death metal|thrash|hardcore punk|grindcore|deathcore|metalcore|screamo|aggrotech|black metal|rage rap|"
    r"groove metal|powerviolence|nu metal|industrial metal",
}
PLAYLISTS: Mapping[str, str] = {
    "happy": r"\bhappy|good vibes|sunny|feel good",
    "sad": r"\bsad\b",
    "chill": r"chill|lo-?fi|coffee|cafe$",
    "party": r"party|fiesta",
    "dance": r"danc|baila|ballare",
    "workout": r"workout|cardio|gym|crossfit|\brun\b|jeff seid",
    "romantic": r"love song|ballads|sexy|midnight love",
}
ALBUMS: Mapping[str, str] = {
    "energetic": r"energ|adrenaline|\bhype|pump|bangers|power hour",
    "happy": r"\bhappy|feel.?good|good (?:vibes|mood|times)|smile|\bjoy",
    "sad": r"\bsad\b|heartbreak|heartache|melanchol|crying|\btears|lonely|break.?up",
    "chill": r"chill|lounge|lo-?fi\b|laid.?back|mellow|coffee",
    "calm": r"calm|relax|peaceful|tranquil|seren|meditat|\bspa\b|yoga",
    "focus": r"focus|study|concentrat|\breading|homework|deep work",
    "party": r"\bparty|parties|fiesta|\bfesta\b|new year",
    "dance": r"\bdanc|\bclub\b|\bdisco|baila",
    "workout": r"work.?out|\bgym\b|fitness|\brunning\b|cardio|crossfit|motivation",
    "romantic": r"romanti|romance|love songs|valentine|ballads|wedding|date night|in love\b",
    "sleep": r"sleep|lullab|bedtime|good ?night|white noise|snooze",
    "angry": r"\bangry|\banger\b|\brage|\bhate|violen|brutal|\bfury|furious",
}
"""Written down before any score against albums was seen."""
_ALBUM_FILES = {"dataset.csv": "album_name", "tracks_2024.csv": "album_name", "spotify_songs.csv": "track_album_name"}


@dataclass(frozen=True)
class Labels:
    """The catalogue rows that have any words, and which of these each mood's words are said of."""

    rows: NDArray[np.intp]
    said: Mapping[str, NDArray[np.bool_]]


def by_tags(sources: Sources, catalog: Catalog) -> Labels:
    """The tags that the artists went by in 2024."""
    tagged = sources.rows[(sources.rows.source == "collected-2024") & (sources.rows.tags.map(len) > 0)]
    rows = rows_of(sources.tracks, catalog)[tagged.recording]
    return _said(tagged.tags.map("\n".join), rows, TAGS)


def by_playlists(sources: Sources, data: Path, catalog: Catalog) -> Labels:
    """The names of the playlists of 2020."""
    names = pd.read_csv(data / "spotify_songs.csv", usecols=["playlist_id", "playlist_name"], dtype=str)
    named = sources.rows[sources.rows.source == "tidytuesday"]
    words = named.playlist_id.map(names.drop_duplicates("playlist_id").set_index("playlist_id").playlist_name)
    return _said(words.fillna(""), rows_of(sources.tracks, catalog)[named.recording], PLAYLISTS)


def by_albums(sources: Sources, data: Path, catalog: Catalog) -> Labels:
    """The names of the albums, many of them compilations, that the tracks came from."""
    read = (
        pd.read_csv(data / file, usecols=["track_id", column], dtype=str).rename(columns={column: "album"})
        for file, column in _ALBUM_FILES.items()
    )
    albums = pd.concat(read).dropna().drop_duplicates()
    recording = sources.rows.drop_duplicates("track_id").set_index("track_id").recording
    albums = albums[albums.track_id.isin(recording.index)]
    return _said(albums.album, rows_of(sources.tracks, catalog)[recording[albums.track_id]], ALBUMS)


def _said(words: pd.Series, rows: NDArray[np.intp], patterns: Mapping[str, str]) -> Labels:
    """A track bears a mood's words when any of its source rows does."""
    known, at = np.unique(rows, return_inverse=True)
    matched = {
        mood: words.str.contains(patterns[mood], flags=re.IGNORECASE | re.MULTILINE, regex=True).to_numpy(bool)
        for mood in MOODS
        if mood in patterns
    }
    return Labels(known, {mood: np.bincount(at, hit) > 0 for mood, hit in matched.items()})
