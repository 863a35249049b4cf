"""Numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ml.features import BY_NAME, KEY_NAMES


def value(feature: str, x: float) -> str:
    """A feature's value with its unit: `128 BPM`, `-6.2 dB`, `3:45`, `E♭`, `0.81`."""
    f = BY_NAME[feature]
    if math.isnan(x):
        return "unknown"
    match feature:
        case "key":
            return KEY_NAMES[int(x) % 12]
        case "mode":
            return "major" if x >= 0.5 else "minor"
        case "explicit":
            return "yes" if x >= 0.5 else "no"
        case "duration_ms":
            return f"{int(x / 1000) // 60}:{int(x / 1000) % 60:02d}"
        case "time_signature":
            return f"{x:.0f} beats a bar"
    unit = f" {f.unit}" if f.unit in {"BPM", "dB"} else ""
    return f"{x:.{f.decimals}f}{unit}"


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


def average(feature: str, x: float) -> str:
    """A feature's mean with its unit; shares of yes-or-no features as percentages."""
    if feature in {"mode", "explicit"}:
        return f"{x:.0%}"
    return f"{x:.2f}" if feature in {"key", "time_signature"} else value(feature, x)


def percent(p: float) -> str:
    """A probability as people say it, never 0 % or 100 % by rounding."""
    if 0 < p < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < p < 1 else f"{p * 100:.0f} %"


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else ""
