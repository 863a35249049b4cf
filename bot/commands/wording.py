"""Findings as people say them; numbers and features read as in the charts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ml.charts.words import average, feature_value, percent, points
from ml.features import BY_NAME

__all__ = ["average", "compared", "listed", "named", "percent", "points", "sentence", "span", "value"]


def value(feature: str, x: float) -> str:
    """A feature's value with its unit: `128 BPM`, `3:45`, `E♭`, `0.81`; "unknown" for NaN."""
    return feature_value(feature, x) or "unknown"


def named(feature: str, x: float) -> str:
    """A feature with its value: `acousticness 0.92`; the era a track is scored in counts as one."""
    return f"the {x:.0f}s" if feature == "decade" else f"{BY_NAME[feature].label} {value(feature, x)}"


_COMPARED = {
    "tempo": ("faster", "slower"),
    "loudness": ("louder", "quieter"),
    "duration_ms": ("longer", "shorter"),
    "danceability": ("more danceable", "less danceable"),
    "acousticness": ("more acoustic", "less acoustic"),
    "instrumentalness": ("more instrumental", "less instrumental"),
    "energy": ("more energetic", "less energetic"),
    "valence": ("happier", "sadder"),
    "speechiness": ("wordier", "less wordy"),
    "liveness": ("more live", "less live"),
}


def compared(feature: str, higher: bool) -> str:
    """A comparison as people say it: `faster`, `less acoustic`."""
    return _COMPARED[feature][0 if higher else 1]


def sentence(text: str) -> str:
    """`text` as a sentence's start: "this demo" is capitalised, a title stays as its artist wrote it."""
    return text[0].upper() + text[1:] if text.startswith("this demo") else text


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else ""


def span(low: float, high: float) -> str:
    """Years in words: `from the 1990s`, `from 2010 on`."""
    if low == high:
        return f"from {low:.0f}"
    if math.isinf(high) or high >= 2100:
        return f"from {low:.0f} on"
    return f"from the {low:.0f}s" if low % 10 == 0 and high == low + 9 else f"from {low:.0f} to {high:.0f}"
