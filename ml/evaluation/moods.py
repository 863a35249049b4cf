"""The moods against words that people gave to artists and playlists.

No weight was fitted to these words, but the shape of the scores (the weight of genres, the least sizes) was chosen with
these figures in view: on words nobody has looked at, expect a little less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.moods import MOODS, MoodScorer
from ml.scores import Score, bootstrap_by_artist
from ml.sources import Sources

_TAGS: Mapping[str, str] = {
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
_PLAYLISTS: Mapping[str, str] = {
    "happy": r"\bhappy|good vibes|sunny|feel good",
    "sad": r"\bsad\b",
    "chill": r"chill|lo-?fi|coffee|cafe$",
    "party": r"party|fiesta",
    "dance": r"danc|baila|ballare",
    "workout": r"workout|cardio|gym|crossfit|\brun\b|jeff seid",
    "romantic": r"love song|ballads|sexy|midnight love",
}
_STEPS = 65535  # percentiles come in this many steps


@dataclass(frozen=True)
class _Labels:
    """Whose words they are, the catalogue rows that have any, and which of these each mood's words are said of."""

    source: str
    rows: NDArray[np.intp]
    said: Mapping[str, NDArray[np.bool_]]


def evaluate_moods(sources: Sources, data: Path, catalog: Catalog, draws: int = 100) -> list[Score]:
    """AUC of each mood: tracks whose artist or playlist bears the mood's words against all others of that source.

    "mood AUC, sound alone, mean" leaves the catalogue's genres out. Intervals come
    from drawing artists `draws` times: half a minute.
    """
    scorer, alone = MoodScorer(catalog.features, catalog), MoodScorer(catalog.features)
    found = []
    for labels in _labels(sources, data, catalog):
        split = f"against {labels.source}: no weight was fitted to them, variants were compared on them"
        each = [_measure(scorer, catalog, labels, mood, split, draws) for mood in labels.said]
        values = [score.value for score in each]
        sound = [_auc(*_scored(alone, labels, mood)) for mood in labels.said]
        summaries = {
            "mood AUC, mean": float(np.mean(values)),
            "mood AUC, lowest": min(values),
            "mood AUC, sound alone, mean": float(np.mean(sound)),
        }
        found += each
        found += [Score("moods", name, value, split, len(labels.rows)) for name, value in summaries.items()]
    return found


def _measure(scorer: MoodScorer, catalog: Catalog, labels: _Labels, mood: str, split: str, draws: int) -> Score:
    steps, said = _scored(scorer, labels, mood)
    artists = catalog.artist[labels.rows]
    low, high = bootstrap_by_artist(lambda at: _auc(steps[at], said[at]), artists, 42, draws)
    note = f"{int(said.sum())} tracks bear its words"
    return Score("moods", f"mood AUC {mood}", _auc(steps, said), split, len(said), low, high, note)


def _scored(scorer: MoodScorer, labels: _Labels, mood: str) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    percentile = scorer.percentile(mood)[labels.rows]
    return (percentile * _STEPS).round().astype(np.intp), labels.said[mood]


def _auc(steps: NDArray[np.intp], said: NDArray[np.bool_]) -> float:
    """The chance that a track the words are said of lies deeper in the mood than another one; ties count half."""
    yes = np.bincount(steps[said], minlength=_STEPS + 1)
    no = np.bincount(steps[~said], minlength=_STEPS + 1)
    below = np.cumsum(no) - no / 2
    return float((yes * below).sum() / (yes.sum() * no.sum()))


def _labels(sources: Sources, data: Path, catalog: Catalog) -> Iterator[_Labels]:
    ids = pd.Index([i.decode() for i in catalog.ids])
    row_of = ids.get_indexer(sources.tracks.track_id)
    tagged = sources.rows[(sources.rows.source == "collected-2024") & (sources.rows.tags.map(len) > 0)]
    words = tagged.tags.map("\n".join)
    yield _said("the artists' tags of 2024", words, row_of[tagged.recording], _TAGS)
    names = pd.read_csv(data / "spotify_songs.csv", usecols=["playlist_id", "playlist_name"], dtype=str)
    named = sources.rows[sources.rows.source == "tidytuesday"]
    words = named.playlist_id.map(names.drop_duplicates("playlist_id").set_index("playlist_id").playlist_name)
    yield _said("names of playlists", words.fillna(""), row_of[named.recording], _PLAYLISTS)


def _said(source: str, words: pd.Series, rows: NDArray[np.intp], patterns: Mapping[str, str]) -> _Labels:
    """A track bears a mood's words when any of its source rows does."""
    known, at = np.unique(rows, return_inverse=True)
    said = {}
    for mood in MOODS:
        if pattern := patterns.get(mood):
            matches = words.str.contains(pattern, flags=re.IGNORECASE | re.MULTILINE, regex=True).to_numpy(bool)
            said[mood] = np.bincount(at, matches) > 0
    kept = known >= 0
    return _Labels(source, known[kept], {mood: hit[kept] for mood, hit in said.items()})
