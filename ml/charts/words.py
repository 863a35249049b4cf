"""Numbers and features as people read them: 0.92, -6.1 dB, 3:12, F♯, +21."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ml.features import BY_NAME, FEATURES, KEY_NAMES

MINUS = "−"
NAME_OF = {feature.label: feature.name for feature in FEATURES}


def feature_label(name: str) -> str:
    """The name of a feature as prose; names that are no audio feature only lose their underscores."""
    return BY_NAME[name].label if name in BY_NAME else name.replace("_", " ")


def feature_value(name: str, value: float) -> str:
    """A feature's value with its unit, empty when it is not known."""
    if math.isnan(value):
        return ""
    feature = BY_NAME.get(name)
    if name == "decade":
        return f"{value:.0f}s"
    if feature is None:
        return f"{value:g}".replace("-", MINUS)
    match name:
        case "key":
            return KEY_NAMES[round(value) % 12]
        case "mode":
            return "major" if value >= 0.5 else "minor"
        case "explicit":
            return "yes" if value >= 0.5 else "no"
        case "duration_ms":
            minutes, seconds = divmod(round(value / 1000), 60)
            return f"{minutes}:{seconds:02d}"
        case "time_signature":
            return f"{value:.0f} beats"
    unit = "" if feature.is_share else f" {feature.unit}"
    return f"{value:.{feature.decimals}f}{unit}".replace("-", MINUS)


def signed(value: float, decimals: int = 0) -> str:
    """A change with its sign: +21, −3, 0."""
    shown = f"{abs(value):.{decimals}f}"
    return shown if float(shown) == 0 else f"{'+' if value > 0 else MINUS}{shown}"


def percent(share: float) -> str:
    """A share as a percentage: 0.314 reads "31 %"; never 0 % or 100 % by rounding."""
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < share < 1 else f"{share * 100:.0f} %"


def points(share: float) -> str:
    """A score as points of 100: 0.314 reads "31"; never 0 or 100 by rounding."""
    return percent(share).removesuffix(" %")


def average(name: str, value: float) -> str:
    """A feature's mean with its unit; features that are yes or no as the share of yes."""
    if name in ("mode", "explicit"):
        return percent(value)
    return feature_value(name, value)


def averaged(name: str) -> str:
    """What a feature's averages are, with their unit: `average tempo in BPM`."""
    match name:
        case "mode":
            return "share of tracks in major"
        case "explicit":
            return "share of tracks with explicit lyrics"
    return f"average {feature_label(name)}{in_unit(name)}"


def in_unit(name: str) -> str:
    """The unit of a feature's numbers, for beside its name: ` in BPM`, `, 0 to 1`."""
    feature = BY_NAME[name]
    if name == "duration_ms":
        return " in minutes"
    return f", {feature.unit}" if feature.is_share else f" in {feature.unit}"


def axis(name: str, values: Sequence[float]) -> list[str]:
    """The marks of an axis: no unit but %, and no decimal that all of them can spare."""
    told = [average(name, value) for value in values]
    if told and told[0].endswith("%"):
        return told
    told = [bare(words) for words in told]
    while told and all("." in words and words[-1] == "0" for words in told):
        told = [words[:-1].removesuffix(".") for words in told]
    return told


def bare(words: str) -> str:
    """A value without its unit, for the first of two that share one."""
    return words.partition(" ")[0]
