"""Each public data set, cleaned, and all of them merged into one table of recordings.

`load` returns three things: `rows` (every kept source row, for training under its own labels), `tracks` (each
recording once) and a `Report` of what was dropped and merged. A recording is a set of rows that share an id, or share
primary artist and title after normalisation.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ml.errors import MlError
from ml.features import HIT_DECADES, NAMES, out_of_range
from ml.text import artist_key, title_key

SOURCES: tuple[str, ...] = ("spotify-114", "collected-2024", "tidytuesday", "hit-predictor")
_MISSING_TEXT = {"", "NA", "NaN", "nan", "None"}


class DataError(MlError):
    """The data folder or one of its files cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Report:
    """What became of the source rows: `rows` counts source -> outcome -> rows, `merged` counts why rows met."""

    rows: dict[str, dict[str, int]]
    merged: dict[str, int]
    recordings: int

    def lines(self) -> list[str]:
        """The report as printable lines, one a source."""
        out = [f"{name}: " + ", ".join(f"{k} {v:,}" for k, v in counts.items()) for name, counts in self.rows.items()]
        out.append("merged: " + ", ".join(f"{k} {v:,}" for k, v in self.merged.items()))
        return [*out, f"recordings: {self.recordings:,}"]


@dataclass(frozen=True)
class Sources:
    """All data sets after cleaning: source `rows`, merged `tracks`, and the `report`.

    `rows` has source, track_id, title, artist, artist_key, title_key, the 14 features, genre, tags, year, month,
    popularity, decade, hit, playlist_id and recording (index into `tracks`).
    `tracks` has track_id, ids (tuple: every edition's, the one most sources know first), title, artist, artist_key,
    the 14 features, genres (tuple), tags (tuple), year, month, decade (0 where unknown), popularity (0-100 or NaN),
    hits (tuple of decades where it was a hit), flops, playlists (tuple) and sources (tuple).
    """

    rows: pd.DataFrame
    tracks: pd.DataFrame
    report: Report


def load(data: Path) -> Sources:
    """Read and merge every data set in the folder `data`.

    Raises
    ------
    DataError
        When the folder or a file is missing, or a file lacks a column.
    """
    if not data.is_dir():
        raise DataError(f"{data} is not a folder. Give the data sets' folder: --data DIR, or set TIMBRE_DATA.")
    parts, counts = [], {}
    for name, read in zip(SOURCES, (_spotify_114, _collected_2024, _tidytuesday, _hit_predictor), strict=True):
        frame, counts[name] = _clean(read(data))
        parts.append(frame.assign(source=name))
    rows = pd.concat(parts, ignore_index=True)
    rows["title_key"] = rows.title.map({t: title_key(t) for t in rows.title.unique()})
    rows["artist_key"] = rows.artist.map({a: artist_key(a) for a in rows.artist.unique()})
    rows["recording"], merged = _recordings(rows)
    tracks = merge(rows)
    return Sources(rows, tracks, Report(counts, merged, len(tracks)))


def _read(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    """Read a CSV as text, keep and rename `columns`; names and titles stay text, even "NA"."""
    if not path.is_file():
        raise DataError(
            f"{path.name} is missing from {path.parent}. It needs the data sets under their published names."
        )
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [c for c in columns if c not in frame.columns]
    if absent:
        raise DataError(f"{path.name} lacks the column {absent[0]!r}. Download it again from where it is published.")
    return frame[list(columns)].rename(columns=columns)


def _audio(*absent: str) -> dict[str, str]:
    return {n: n for n in NAMES if n not in absent}


def _spotify_114(data: Path) -> pd.DataFrame:
    names = {"track_id": "track_id", "artists": "artist", "track_name": "title", "popularity": "popularity"}
    return _read(data / "dataset.csv", names | {"track_genre": "genre"} | _audio())


def _collected_2024(data: Path) -> pd.DataFrame:
    names = {"track_id": "track_id", "artist_name": "artist", "track_name": "title", "popularity": "popularity"}
    frame = _read(data / "tracks_2024.csv", names | {"release_date": "date", "artist_genres": "tags"} | _audio())
    frame["tags"] = [tuple(ast.literal_eval(t)) if t.startswith("[") else () for t in frame.tags]
    return _dated(frame)


def _tidytuesday(data: Path) -> pd.DataFrame:
    names = {"track_id": "track_id", "track_artist": "artist", "track_name": "title", "track_popularity": "popularity"}
    more = {"track_album_release_date": "date", "playlist_id": "playlist_id", "playlist_subgenre": "tags"}
    frame = _read(data / "spotify_songs.csv", names | more | _audio("explicit", "time_signature"))
    frame["tags"] = [(t,) for t in frame.tags]
    return _dated(frame)


def _hit_predictor(data: Path) -> pd.DataFrame:
    names = {"uri": "track_id", "artist": "artist", "track": "title", "target": "hit"} | _audio("explicit")
    parts = [_read(data / f"dataset-of-{d % 100:02d}s.csv", names).assign(decade=d) for d in HIT_DECADES]
    frame = pd.concat(parts, ignore_index=True)
    frame["track_id"] = frame.track_id.str.removeprefix("spotify:track:")
    frame["hit"] = pd.to_numeric(frame.hit)
    return frame


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """Split `date` (YYYY, YYYY-MM or YYYY-MM-DD) into year and month, 0 where unknown.

    1 January is what catalogues write when they know the year alone, so it gives no month.
    """
    known = frame.pop("date").str.replace(r"-01-01$", "", regex=True)
    date = known.str.extract(r"^(?P<year>\d{4})(?:-(?P<month>\d\d))?")
    return frame.assign(year=pd.to_numeric(date.year), month=pd.to_numeric(date.month))


def _clean(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Type the columns, drop what cannot be used, and count every reason."""
    counts = {"read": len(frame)}
    defaults: dict[str, Any] = {"genre": "", "playlist_id": "", "tags": [()] * len(frame), "hit": np.nan}
    defaults |= {"popularity": np.nan, "year": 0, "month": 0, "decade": 0}
    frame = frame.assign(**{k: v for k, v in defaults.items() if k not in frame})
    for name in NAMES:
        text = frame[name].replace({"True": "1", "False": "0"}) if name in frame else np.nan
        frame[name] = pd.to_numeric(text, errors="coerce") if name in frame else text
    frame["popularity"] = pd.to_numeric(frame.popularity, errors="coerce")
    frame[["year", "month", "decade"]] = frame[["year", "month", "decade"]].fillna(0).astype("int16")
    frame.loc[~frame.year.between(1900, 2026), ["year", "month"]] = 0

    def drop(reason: str, bad: pd.Series) -> None:
        nonlocal frame
        counts[reason] = int(bad.sum())
        frame = frame[~bad]

    drop("no title or artist", frame.title.isin(_MISSING_TEXT) | frame.artist.isin(_MISSING_TEXT))
    optional = ["explicit", "time_signature", "key", "mode"]
    drop("missing feature", frame[[n for n in NAMES if n not in optional]].isna().any(axis=1))
    drop("out of range", pd.Series(out_of_range(frame[list(NAMES)].to_numpy(float)).any(axis=1), frame.index))
    drop("duplicate row", frame.duplicated(["track_id", "genre", "playlist_id", "decade", "hit"]))
    counts["no beat found (kept)"] = int((frame.tempo == 0).sum())
    counts["kept"] = len(frame)
    return frame, counts


def _recordings(rows: pd.DataFrame) -> tuple[np.ndarray, dict[str, int]]:
    """Label rows by recording: the connected components of "same id" and "same artist and title"."""
    n = len(rows)
    by_id = rows.track_id.factorize()[0]
    by_name = (rows.artist_key + "\0" + rows.title_key).factorize()[0]
    edges = [(np.arange(n), n + by_id), (np.arange(n), n + by_id.max() + 1 + by_name)]
    a, b = (np.concatenate(side) for side in zip(*edges, strict=True))
    size = n + by_id.max() + by_name.max() + 2
    labels = connected_components(coo_matrix((np.ones(len(a), np.int8), (a, b)), (size, size)), directed=False)[1][:n]
    recording, _ = pd.factorize(labels)
    ids, recordings = int(by_id.max()) + 1, int(recording.max()) + 1
    return recording, {"rows": n, "same id": n - ids, "other id, same artist and title": ids - recordings}


def merge(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a recording: the most popular row of the first source speaks for it, labels are collected from all."""
    order = rows.source.map({s: i for i, s in enumerate(SOURCES)})
    ranked = rows.assign(order=order, unpopular=-rows.popularity.fillna(0)).sort_values(
        ["recording", "order", "unpopular", "track_id"], kind="stable"
    )
    groups = ranked.groupby("recording", sort=True)
    first = ["track_id", "title", "artist", "artist_key", "title_key"]
    tracks = pd.concat([groups[first].first(), groups[list(NAMES)].first()], axis=1)
    tracks["popularity"] = ranked[ranked.popularity.notna()].groupby("recording").popularity.max()
    dated = ranked[ranked.year > 0].sort_values(["recording", "year", "month"], kind="stable")
    tracks[["year", "month"]] = dated.groupby("recording")[["year", "month"]].first()
    tracks[["year", "month"]] = tracks[["year", "month"]].fillna(0).astype("int16")
    charted = ranked[ranked.decade > 0].groupby("recording").decade.min().reindex(tracks.index, fill_value=0)
    reissue = (charted > 0) & (tracks.year >= charted + 10)  # a 1965 hit "released" in 2011 is a reissue's date
    tracks.loc[reissue, ["year", "month"]] = 0
    tracks["decade"] = np.where(tracks.year > 0, tracks.year // 10 * 10, charted).astype("int16")

    def gather(column: pd.Series, keep: pd.Series) -> pd.Series:
        found = column[keep].groupby(ranked.recording[keep]).agg(_unique)
        return found.reindex(tracks.index).map(lambda v: v if isinstance(v, tuple) else ())

    tracks["ids"] = _editions(ranked)
    tracks["genres"] = gather(ranked.genre, ranked.genre != "")
    tracks["tags"] = gather(ranked.tags, ranked.tags.map(len) > 0).map(_flatten)
    tracks["hits"] = gather(ranked.decade, ranked.hit == 1)
    tracks["flops"] = gather(ranked.decade, ranked.hit == 0)
    tracks["playlists"] = gather(ranked.playlist_id, ranked.playlist_id != "")
    tracks["sources"] = gather(ranked.source, ranked.source != "")
    return tracks.reset_index(drop=True)


def _editions(rows: pd.DataFrame) -> pd.Series:
    """Recording -> its ids, those known to most sources first, then the most popular: the one people share."""
    known = rows.groupby(["recording", "track_id"]).agg(sources=("source", "nunique"), popularity=("popularity", "max"))
    ranked = known.fillna({"popularity": 0}).reset_index()
    ranked[["sources", "popularity"]] *= -1
    ranked = ranked.sort_values(["recording", "sources", "popularity", "track_id"])
    return ranked.groupby("recording").track_id.agg(tuple)


def _unique(values: Iterable) -> tuple:
    return tuple(sorted(set(values)))


def _flatten(values: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return _unique(tag for tags in values for tag in tags)
