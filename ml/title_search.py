"""Finding recordings by name: every word typed, in any order, the last one maybe unfinished; and near spellings."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.text import fold, title_key

if TYPE_CHECKING:
    from ml.catalog import Catalog

_APOSTROPHE = re.compile(rb"(?<=\w) (?=(?:d|ll|m|re|s|t|ve)\b)")  # folding made "don t" of "don't"
_MAX_SCANNED = 8_000  # matches of the longest word looked at before a search gives up on ranking more


class TitleSearch:
    """Searches the titles and artists of a catalogue; every answer is rows, best match first."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def search(self, text: str, limit: int) -> list[int]:
        """Rows whose title and artist hold every word of `text`; see `Catalog.search`."""
        if not fold(text):
            return list(range(min(limit, len(self.catalog))))
        title, by, artist = text.rpartition(" by ")
        readings = [text, title_key(text)] + ([f"{title_key(title)} {artist}"] if by else [])
        ranked: list[tuple[int, int]] = []
        for reading in dict.fromkeys(map(fold, readings)):
            if reading and not (ranked and ranked[0][0] == 0):
                ranked = sorted(ranked + self._ranked(reading, limit))
        return list(dict.fromkeys(row for _, row in ranked))[:limit]

    def similar(self, text: str, limit: int) -> list[int]:
        """Rows whose title is spelled most like `text`."""
        from rapidfuzz import fuzz, process

        wanted = fold(text.split(" by ")[0].split(" - ")[-1])[:100]
        titles = process.extract(wanted, self._titles, scorer=fuzz.ratio, score_cutoff=55, limit=limit)
        return [row for _, _, row in titles]

    def _ranked(self, folded: str, limit: int) -> list[tuple[int, int]]:
        """(rank, row) of the recordings that hold every word of `folded`, the most popular ones looked at first."""
        wanted = _APOSTROPHE.sub(b"", folded.encode())
        words = list(dict.fromkeys(wanted.split()))
        blob, starts = self._lines
        longest = max(words, key=len)
        ranked: list[tuple[int, int]] = []
        position = blob.find(longest)
        for _ in range(_MAX_SCANNED):
            if position < 0:
                break
            row = int(np.searchsorted(starts, position, side="right")) - 1
            line = blob[starts[row] : starts[row + 1] - 1]
            if all(w in line for w in words):
                ranked.append((_match_rank(line, wanted, words), row))
                if len(ranked) >= 20 * limit:
                    break
            position = blob.find(longest, int(starts[row + 1]))
        return sorted(ranked)[:limit]

    @cached_property
    def _lines(self) -> tuple[bytes, NDArray[np.int64]]:
        """Every recording as one line "title<tab>artist" of folded text without apostrophes, and their starts."""
        c = self.catalog
        artist_of_name = [_APOSTROPHE.sub(b"", fold(c.artists[i]).encode()) for i in range(len(c.artists))]
        titles = (_APOSTROPHE.sub(b"", c.title_keys.bytes_at(i)) for i in range(len(c)))
        lines = [title + b"\t" + artist_of_name[a] for title, a in zip(titles, c.artist_name.tolist(), strict=True)]
        starts = np.cumsum([0, *(len(line) + 1 for line in lines)], dtype=np.int64)
        return b"\n".join(lines) + b"\n", starts

    @cached_property
    def _titles(self) -> dict[int, str]:
        """Row -> folded title, the most popular recording of each title only, the best-known third of all."""
        first: dict[str, int] = {}
        for row in range(len(self.catalog) // 3):
            first.setdefault(self.catalog.title_keys[row], row)
        return {row: title for title, row in first.items()}


def _match_rank(line: bytes, wanted: bytes, words: list[bytes]) -> int:
    """0 exact title or title and artist, 1 starts with the text, 2 every word starts a word, 3 inside words."""
    title, _, artist = line.partition(b"\t")
    if wanted in (title, title + b" " + artist, artist + b" " + title):
        return 0
    if title.startswith(wanted) or artist.startswith(wanted) or line.replace(b"\t", b" ").startswith(wanted):
        return 1
    spaced = b" " + line.replace(b"\t", b" ")
    return 2 if all(b" " + w in spaced for w in words) else 3
