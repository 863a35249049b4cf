"""Why a model said so: contributions of features to one score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def averaged(explanations: Sequence[Explanation], values: Mapping[str, float]) -> Explanation:
    """The mean of several explanations of one model: Shapley values are linear, so the parts still add up.

    `values` are the features' values to show; those not named keep the first explanation's.
    """
    first, n = explanations[0], len(explanations)
    effects = dict.fromkeys((c.feature for c in first.contributions), 0.0)
    for explanation in explanations:
        for part in explanation.contributions:
            effects[part.feature] += part.effect / n
    shown = {c.feature: c.value for c in first.contributions} | dict(values)
    parts = sorted((Contribution(f, shown[f], e) for f, e in effects.items()), key=lambda c: -abs(c.effect))
    score = sum(e.score for e in explanations) / n
    return Explanation(first.base, score, tuple(parts), sum(e.error for e in explanations) / n)
