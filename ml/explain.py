"""Why a model said so: contributions of features to one score."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Contribution:
    """How far one feature moved one score from its average, in the score's own unit (probability or points)."""

    feature: str
    value: float
    effect: float


@dataclass(frozen=True)
class Explanation:
    """A score split into a base and one contribution a feature; they add up to `score` within `error`."""

    base: float
    score: float
    contributions: tuple[Contribution, ...]
    error: float = 0.0
