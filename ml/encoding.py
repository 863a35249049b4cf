"""How a track enters the genre network: audio features as piecewise-linear codes, a title as hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ml.features import COLUMN, Matrix

Codes = NDArray[np.float32]
Tokens = NDArray[np.int32]

_CONTINUOUS = [
    COLUMN[name]
    for name in (
        "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness", "liveness", "valence",
        "tempo", "duration_ms",
    )
]  # fmt: skip
_CD_FRAMES_PER_MS = 0.075  # a compact disc plays 75 frames a second
_CLUES = 3
_OFF_BEAT = np.array([0, 0.003, 0.006, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])  # BPM


class PiecewiseLinearEncoder:
    """Turns the 14 features into codes a network can learn from.

    Each continuous feature becomes one code a quantile bin: 0 below the bin, 1 above it, linear inside (Gorishniy et
    al. 2022, "On embeddings for numerical features"). Key and mode, and the time signature, are one-hot; key (by
    fifths) and tempo (by octaves) also lie on circles. The decimals carry two clues of their own: a length of whole
    compact-disc frames tells a release of the disc era, a tempo within hundredths of a whole number tells a sequencer.
    A length of whole seconds or a whole tempo was rounded by somebody and gives no clue: those codes, marked in
    `clues_`, are then 0.
    """

    def __init__(self, bins: int = 40) -> None:
        self.bins = bins

    def fit(self, x: Matrix) -> PiecewiseLinearEncoder:
        """Learn the bins from (n, 14) features."""
        edges = [np.unique(np.quantile(x[:, j], np.linspace(0, 1, self.bins + 1))) for j in _CONTINUOUS]
        edges.append(_OFF_BEAT)
        self.column_ = np.concatenate([np.full(len(e) - 1, i) for i, e in enumerate(edges)])
        self.low_ = np.concatenate([e[:-1] for e in edges])
        self.width_ = np.concatenate([np.diff(e) for e in edges])
        self.clues_ = np.zeros(self.transform(x[:1]).shape[1], bool)
        self.clues_[: len(self.column_)] = self.column_ == len(_CONTINUOUS)
        self.clues_[-_CLUES:] = True
        return self

    def transform(self, x: Matrix) -> Codes:
        """Encode (n, 14) features, none missing, as (n, d) codes."""
        tempo, duration = x[:, COLUMN["tempo"]], x[:, COLUMN["duration_ms"]]
        off_beat = np.abs(tempo - np.round(tempo))
        ramps = np.column_stack([x[:, _CONTINUOUS], off_beat])[:, self.column_]
        ramps = np.clip((ramps - self.low_) / self.width_, 0, 1)
        ramps[np.ix_(off_beat == 0, self.column_ == len(_CONTINUOUS))] = 0

        frames = duration * _CD_FRAMES_PER_MS
        precise = duration % 1000 != 0
        disc = np.abs(frames - np.round(frames)) < _CD_FRAMES_PER_MS
        clues = np.column_stack([precise & disc, precise & ~disc, off_beat != 0])

        key, mode = x[:, COLUMN["key"]].astype(int), x[:, COLUMN["mode"]].astype(int)
        fifths = 2 * np.pi * 7 / 12 * key
        octave = 2 * np.pi * np.log2(np.maximum(tempo, 30))
        circles = [f(angle) for angle in (fifths, octave, 2 * octave) for f in (np.cos, np.sin)]
        one_hot = [np.eye(24)[2 * key + mode], np.eye(8)[x[:, COLUMN["time_signature"]].astype(int)]]
        rest = [x[:, COLUMN["explicit"]], *circles, clues]
        return np.column_stack([ramps, *one_hot, *rest]).astype(np.float32)


def title_tokens(titles: Sequence[str | None], buckets: int, length: int = 96) -> Tokens:
    """Hash each title's words, word pairs and character 2- to 4-grams to (n, length) buckets 1 … `buckets`; 0 pads.

    An empty or unknown title is all padding (hashing as in Joulin et al. 2016, "Bag of tricks", and crc32 for a hash
    that is the same in every process).
    """
    tokens = np.zeros((len(titles), length), np.int32)
    known: dict[str, list[int]] = {}  # an explanation asks for one title hundreds of times
    for row, title in zip(tokens, titles, strict=True):
        if title:
            if title not in known:
                known[title] = _hashes(title, buckets)[:length]
            row[: len(known[title])] = known[title]
    return tokens


def _hashes(title: str, buckets: int) -> list[int]:
    words = title[:200].lower().split()
    found = set().union(*map(_grams, words))
    found.update(crc32(f"{a} {b}".encode()) for a, b in pairwise(words))
    return sorted({1 + h % buckets for h in found})


@lru_cache(maxsize=20_000)
def _grams(word: str) -> frozenset[int]:
    """The hashes of a word and of its character n-grams; `<` and `>` mark its ends."""
    marked = f"<{word}>"
    grams = {marked[i : i + n] for n in (2, 3, 4) for i in range(len(marked) - n + 1)}
    return frozenset(crc32(gram.encode()) for gram in (*grams, f"<{marked}>"))
