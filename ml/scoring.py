"""One track or demo through the genre, hit and popularity models; the mean over its completions is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Track
from ml.features import Matrix

if TYPE_CHECKING:
    from ml.genre import GenreResult
    from ml.hitscore import HitResult
    from ml.models import Models
    from ml.popularity import PopularityResult

_ERA_SAMPLE = 4000  # tracks of an era that are scored to show where a demo stands among them


@dataclass(frozen=True)
class Subject:
    """What is scored: (k, 14) completions of its features, a title if it has one, its catalogue track if it is one."""

    name: str
    x: Matrix
    title: str | None = None
    track: Track | None = None
    missing: tuple[str, ...] = ()


class Scorer:
    """The models, asked about one subject at a time."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self._era_scores: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}

    def genre(self, subject: Subject) -> GenreResult:
        """Genres of a demo from audio and title; of a catalogue track also from its artist's other tracks."""
        raise NotImplementedError

    def hit(self, subject: Subject, decade: int) -> HitResult:
        """How much the subject sounds like the hits of `decade`."""
        raise NotImplementedError

    def popularity(self, subject: Subject, genres: Sequence[str]) -> PopularityResult:
        """The popularity to expect of the sound within `genres`, or within the genres it sounds like."""
        raise NotImplementedError

    def era_scores(self, decade: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Hit scores of (hits, other tracks) of a decade, from a sample of the catalogue; computed once."""
        raise NotImplementedError
