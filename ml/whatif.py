"""One feature of a demo varied over its range: the hit score along it, and the best value that keeps the genre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ml.families import FAMILIES
from ml.features import BY_NAME, COLUMN

if TYPE_CHECKING:
    from ml.models import Models
    from ml.scoring import Subject

_STEPS = 41
_PLAUSIBLE = (0.005, 0.995)  # the share of the catalogue between which a feature is varied
_KEEPS = 0.7  # a change keeps the genre while its family stays at least this likely, relative to now


@dataclass(frozen=True)
class WhatIf:
    """The hit score at each of `values` of `feature`, its band, where the demo stands, and the best reachable value."""

    feature: str
    values: tuple[float, ...]
    scores: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    here: float
    here_score: float
    best: float
    best_score: float
    family: str


def sweep(models: Models, subject: Subject, feature: str, decade: int) -> WhatIf:
    """Vary one feature of a subject, everything else as it is, and score it as of `decade`.

    The band holds 80 % of what the hit model's members and the subject's completions say.
    """
    column, model = COLUMN[feature], models.hitscore
    here = float(np.median(subject.x[:, column]))
    low, high = np.nanquantile(models.catalog.features[:, column], _PLAUSIBLE)
    values = np.union1d(np.linspace(min(low, here), max(high, here), _STEPS), [here])
    if BY_NAME[feature].whole:
        values = np.unique(np.round(values))
    varied = np.repeat(subject.x, len(values), axis=0)
    varied[:, column] = np.tile(values, len(subject.x))
    members = model.members(varied, np.full(len(varied), decade))
    members = members.reshape(len(members) * len(subject.x), len(values))
    scores = model.score(varied, np.full(len(varied), decade)).reshape(len(subject.x), len(values)).mean(axis=0)
    family = (
        models.genre.families(models.genre.probabilities(varied)).reshape(len(subject.x), len(values), -1).mean(axis=0)
    )
    at = int(np.abs(values - here).argmin())
    mine = int(family[at].argmax())
    reachable = np.where(family[:, mine] >= _KEEPS * family[at, mine], scores, -1)
    best = int(reachable.argmax())
    return WhatIf(
        feature,
        tuple(values.tolist()),
        tuple(scores.tolist()),
        tuple(np.minimum(np.quantile(members, 0.1, axis=0), scores).tolist()),
        tuple(np.maximum(np.quantile(members, 0.9, axis=0), scores).tolist()),
        float(values[at]),
        float(scores[at]),
        float(values[best]),
        float(scores[best]),
        tuple(FAMILIES)[mine],
    )
