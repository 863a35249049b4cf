"""The catalogue: every known recording, read-only and in memory; lookup by id, by artist, by genre and by name.

Rows are sorted by popularity, so the first match of a scan is the one people most likely mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.families import FAMILY_OF
from ml.features import HIT_DECADES, NAMES
from ml.strings import Strings
from ml.text import artist_key, fold, title_key
from ml.title_search import TitleSearch

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]
_SPOTIFY_ID = re.compile(
    r"(?:spotify:track:|https?://open\.spotify\.com/(?:intl-\w+/)?track/)?([0-9A-Za-z]{22})(?:\?.*)?"
)
_A_FEW = 20  # recordings of somebody who is known by surname


@dataclass(frozen=True)
class Track:
    """One recording; `features` in the order of `ml.features.NAMES`, unknown years and popularity are None."""

    row: int
    id: str
    title: str
    artist: str
    features: tuple[float, ...]
    genres: tuple[str, ...]
    year: int | None
    decade: int | None
    popularity: int | None
    hit_decades: tuple[int, ...]

    @property
    def name(self) -> str:
        """Title and artist as people say them."""
        return f"{self.title} by {self.artist}"

    @property
    def url(self) -> str:
        """Where to listen."""
        return f"https://open.spotify.com/track/{self.id}"


class Catalog:
    """Columns over `n` recordings, most popular first.

    Attributes
    ----------
    ids, other_ids : the Spotify id most people share, and those of other editions with the row of each.
    features : (n, 14) float32, columns in the order of `ml.features.NAMES`, NaN where a source did not know.
    artist : (n,) int32, code of the primary artist (same code = same artist), an index into `artist_keys`.
    year, month, decade : (n,) int, 0 where unknown.
    popularity : (n,) int8, 0 to 100, -1 where unknown.
    hits, flops : (n,) uint8, bit i set when it was (was not) a hit of `HIT_DECADES[i]`.
    genre_start, genre_codes : the genres of row i are `genre_codes[genre_start[i]:genre_start[i + 1]]`.
    """

    def __init__(self, columns: dict[str, Any]) -> None:
        self.ids: NDArray[np.bytes_] = columns["ids"]
        self.other_ids: NDArray[np.bytes_] = columns["other_ids"]
        self.other_ids_row: NDArray[np.int32] = columns["other_ids_row"]
        self.titles = Strings(columns["titles"].tobytes(), columns["titles_at"])
        self.title_keys = Strings(columns["title_keys"].tobytes(), columns["title_keys_at"])
        self.artists = Strings(columns["artists"].tobytes(), columns["artists_at"])
        self.artist_keys = Strings(columns["artist_keys"].tobytes(), columns["artist_keys_at"])
        self.artist_name: NDArray[np.int32] = columns["artist_name"]
        self.artist: NDArray[np.int32] = columns["artist"]
        self.features: NDArray[np.float32] = columns["features"].T  # each feature in one piece: filters read them whole
        for name in ("year", "month", "decade", "popularity", "hits", "flops", "genre_start", "genre_codes"):
            setattr(self, name, columns[name])
        self.genres: tuple[str, ...] = tuple(sorted(FAMILY_OF))

    year: NDArray[np.int16]
    month: NDArray[np.int8]
    decade: NDArray[np.int16]
    popularity: NDArray[np.int8]
    hits: NDArray[np.uint8]
    flops: NDArray[np.uint8]
    genre_start: NDArray[np.uint32]
    genre_codes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def pack(tracks: pd.DataFrame) -> dict[str, NDArray]:
        """The catalogue's columns, compact, from `Sources.tracks`; what `artifacts` stores and `__init__` takes."""
        order = np.lexsort((tracks.track_id, -tracks.popularity.fillna(-1)))
        t = tracks.iloc[order]
        genre_code = {g: i for i, g in enumerate(sorted(FAMILY_OF))}
        names, name_code = np.unique([a.replace(";", ", ") for a in t.artist], return_inverse=True)
        keys, key_code = np.unique(t.artist_key.to_numpy(str), return_inverse=True)

        def bits(decades: pd.Series) -> NDArray[np.uint8]:
            return np.array([sum(1 << HIT_DECADES.index(d) for d in ds) for ds in decades], np.uint8)

        columns: dict[str, NDArray] = {
            "ids": t.ids.str[0].to_numpy("S22"),
            "other_ids": np.array([i for ids in t.ids for i in ids[1:]], "S22"),
            "other_ids_row": np.repeat(np.arange(len(t), dtype=np.int32), t.ids.str.len() - 1),
            "artist_name": name_code.astype(np.int32),
            "artist": key_code.astype(np.int32),
            "features": np.ascontiguousarray(
                t[list(NAMES)].to_numpy(np.float32).T
            ),  # by column packs a quarter smaller
            "year": t.year.to_numpy(np.int16),
            "month": t.month.to_numpy(np.int8),
            "decade": t.decade.to_numpy(np.int16),
            "popularity": t.popularity.fillna(-1).to_numpy(np.int8),
            "hits": bits(t.hits),
            "flops": bits(t.flops),
            "genre_start": np.cumsum([0, *t.genres.map(len)], dtype=np.uint32),
            "genre_codes": np.array([genre_code[g] for gs in t.genres for g in gs], np.uint8),
        }
        texts: dict[str, Sequence[str]] = {
            "titles": t.title.tolist(),
            "title_keys": [title_key(s) for s in t.title],
            "artists": names.tolist(),
            "artist_keys": keys.tolist(),
        }
        for name, strings in texts.items():
            packed = Strings.pack(strings)
            columns[name] = np.frombuffer(packed.data, np.uint8)
            columns[f"{name}_at"] = packed.offsets
        return columns

    def track(self, row: int) -> Track:
        """The recording at `row`."""
        hits = int(self.hits[row])
        return Track(
            row=int(row),
            id=self.ids[row].decode(),
            title=self.titles[row],
            artist=self.artists[self.artist_name[row]],
            features=tuple(self.features[row].tolist()),
            genres=tuple(self.genres[g] for g in self.genres_of(row)),
            year=int(self.year[row]) or None,
            decade=int(self.decade[row]) or None,
            popularity=int(self.popularity[row]) if self.popularity[row] >= 0 else None,
            hit_decades=tuple(d for i, d in enumerate(HIT_DECADES) if hits >> i & 1),
        )

    def genres_of(self, row: int) -> NDArray[np.uint8]:
        """Codes of the genres `row` stands under, indices into `genres`."""
        return self.genre_codes[self.genre_start[row] : self.genre_start[row + 1]]

    def find_artist(self, text: str) -> int | None:
        """The code of the artist with this name, if known; spelling must match up to case, accents and "the"."""
        wanted = artist_key(text).encode()
        low, high = 0, len(self.artist_keys)
        while low < high:  # the keys are sorted
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.artist_keys.bytes_at(middle) < wanted else (low, middle)
        return low if low < len(self.artist_keys) and self.artist_keys.bytes_at(low) == wanted else None

    def find_surname(self, text: str) -> int | None:
        """The code of the artist whose name ends with this word and who has most recordings, a few at least: "Bach"."""
        return self._surnames.get(artist_key(text))

    @cached_property
    def _surnames(self) -> dict[str, int]:
        """The last word of the names of artists with many recordings, and whose it is: who has most."""
        sizes = np.diff(self._artist_start)
        many = np.flatnonzero(sizes >= _A_FEW)
        return {
            self.artist_keys[i].rpartition(" ")[2]: i for i in many[np.argsort(sizes[many], kind="stable")].tolist()
        }

    def in_genre(self, genres: Sequence[str]) -> NDArray[np.bool_]:
        """Mark the rows that carry any of `genres`."""
        wanted = np.isin(self.genre_codes, [self.genres.index(g) for g in genres])
        mask = np.zeros(len(self), bool)
        mask[self._genre_row[wanted]] = True
        return mask

    def by_artist(self, artist: int) -> Rows:
        """Rows of one artist code, most popular first."""
        return self._artist_order[self._artist_start[artist] : self._artist_start[artist + 1]]

    @cached_property
    def _genre_row(self) -> Rows:
        return np.repeat(np.arange(len(self)), np.diff(self.genre_start))

    @cached_property
    def _artist_order(self) -> Rows:
        return np.argsort(self.artist, kind="stable")

    @cached_property
    def _artist_start(self) -> Rows:
        return np.searchsorted(self.artist[self._artist_order], np.arange(len(self.artist_keys) + 1))

    @cached_property
    def _sorted_ids(self) -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
        """Every id in order, and its row."""
        ids = np.concatenate([self.ids, self.other_ids])
        rows = np.concatenate([np.arange(len(self), dtype=np.int32), self.other_ids_row])
        order = np.argsort(ids)
        return ids[order], rows[order]

    def find_id(self, text: str) -> Track | None:
        """The recording with this Spotify id, URI or link, if any."""
        match = _SPOTIFY_ID.fullmatch(text.strip())
        row = self.row_of(match[1]) if match else None
        return None if row is None else self.track(row)

    def row_of(self, track_id: str) -> int | None:
        """The row of the recording with this Spotify id, whichever edition's, if any."""
        wanted = np.bytes_(track_id.encode())
        ids, rows = self._sorted_ids
        at = int(np.searchsorted(ids, wanted))
        return int(rows[at]) if at < len(ids) and ids[at] == wanted else None

    def search(self, text: str, limit: int = 25) -> list[Track]:
        """Recordings whose title and artist hold every word of `text`, best match first.

        The last word may be unfinished. An exact title comes first, then titles that start with the text, then words
        that start like it; equals are ordered by popularity.
        """
        return [self.track(row) for row in self._by_title.search(text, limit)]

    def resolve(self, text: str) -> Track | None:
        """The recording `text` means: an id or link, "title", "title artist", "artist - title" or "title by artist"."""
        if track := self.find_id(text):
            return track
        found = self.search(text, limit=1) if fold(text) else []
        return found[0] if found else None

    def similar_names(self, text: str, limit: int = 5) -> list[Track]:
        """Recordings whose title is spelled most like `text`, for "did you mean"."""
        return [self.track(row) for row in self._by_title.similar(text, limit)]

    @cached_property
    def _by_title(self) -> TitleSearch:
        return TitleSearch(self)
