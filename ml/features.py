"""The fourteen audio features: names, ranges, units, and the builder of the matrix that every model reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """One audio feature as Spotify defines it; `low` and `high` are inclusive and in `unit`."""

    name: str
    low: float
    high: float
    unit: str
    meaning: str
    whole: bool = False
    decimals: int = 2

    @property
    def is_share(self) -> bool:
        """True for features that live on 0 to 1, the ones people often give as percentages."""
        return self.high == 1 and not self.whole

    @property
    def label(self) -> str:
        """The name as prose: `duration_ms` reads "duration"."""
        return self.name.removesuffix("_ms").replace("_", " ")


FEATURES: tuple[Feature, ...] = (
    Feature("danceability", 0, 1, "0 to 1", "how well it suits dancing: tempo, rhythm, beat strength"),
    Feature("energy", 0, 1, "0 to 1", "intensity and activity: loud, fast and noisy is near 1"),
    Feature("key", 0, 11, "pitch class, 0 = C", "the key it is in: 0 = C, 1 = C sharp, … 11 = B", whole=True),
    Feature("loudness", -60, 6, "dB", "average loudness over the whole track", decimals=1),
    Feature("mode", 0, 1, "0 = minor, 1 = major", "minor or major", whole=True),
    Feature("speechiness", 0, 1, "0 to 1", "spoken words: rap near 0.3, talk above 0.66"),
    Feature("acousticness", 0, 1, "0 to 1", "confidence that it is acoustic"),
    Feature("instrumentalness", 0, 1, "0 to 1", "confidence that there are no vocals"),
    Feature("liveness", 0, 1, "0 to 1", "an audience in the recording: live above 0.8"),
    Feature("valence", 0, 1, "0 to 1", "musical positiveness: happy near 1, sad near 0"),
    Feature("tempo", 0, 250, "BPM", "beats a minute; 0 where no beat was found", decimals=0),
    Feature("duration_ms", 1_000, 6_000_000, "ms", "length in milliseconds", whole=True),
    Feature("explicit", 0, 1, "0 = no, 1 = yes", "explicit lyrics", whole=True),
    Feature("time_signature", 0, 7, "beats a bar", "beats in a bar; 0 where none was found", whole=True),
)
NAMES: tuple[str, ...] = tuple(f.name for f in FEATURES)
BY_NAME: Mapping[str, Feature] = {f.name: f for f in FEATURES}
COLUMN: Mapping[str, int] = {name: i for i, name in enumerate(NAMES)}
HIT_DECADES: tuple[int, ...] = (1960, 1970, 1980, 1990, 2000, 2010)
"""The decades whose hits are known, the only eras a hit score can be asked for."""
KEY_NAMES: tuple[str, ...] = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

_LOWS = np.array([f.low for f in FEATURES])
_HIGHS = np.array([f.high for f in FEATURES])


def matrix(rows: Iterable[Mapping[str, float | None]]) -> Matrix:
    """Build the (n, 14) float64 matrix every model reads, columns in the order of `NAMES`.

    Absent or None values become NaN; unknown names are ignored. Ranges are not checked here: see `out_of_range`.
    """
    listed = [[np.nan if (v := row.get(name)) is None else float(v) for name in NAMES] for row in rows]
    return np.array(listed, dtype=np.float64).reshape(-1, len(NAMES))


def out_of_range(x: Matrix) -> NDArray[np.bool_]:
    """Mark the cells of an (n, 14) matrix that are infinite or outside their feature's range; NaN is allowed."""
    return ~np.isnan(x) & ((x < _LOWS) | (x > _HIGHS))
