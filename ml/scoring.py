"""One track or demo through the genre, hit and popularity models; the mean over its completions is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Track
from ml.features import HIT_DECADES, Matrix

if TYPE_CHECKING:
    from ml.genre import GenreResult
    from ml.hitscore import HitResult
    from ml.models import Models
    from ml.popularity import PopularityResult

_ERA_SAMPLE = 1000  # tracks a side that are scored to show where a demo stands in its era


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
        track = subject.track
        counts = self._other_labels(track) if track else None
        return self.models.genre.assess(subject.x, subject.title, counts, track.genres if track else ())

    def _other_labels(self, track: Track) -> NDArray[np.intp]:
        """(genres,) how often the other tracks of a track's artist carry each genre."""
        catalog = self.models.catalog
        others = [catalog.genres_of(row) for row in catalog.by_artist(catalog.artist[track.row]) if row != track.row]
        return np.bincount(
            np.concatenate(others or [np.empty(0, np.intp)]).astype(np.intp), minlength=len(catalog.genres)
        )

    def hit(self, subject: Subject, decade: int) -> HitResult:
        """How much the subject sounds like the hits of `decade`; the reasons are those of its typical completion."""
        model = self.models.hitscore
        typical = self.models.completer.typical(subject.x)[None, :]
        found = model.assess(typical, decade)
        if len(subject.x) == 1:
            return found
        score = float(model.score(subject.x, np.full(len(subject.x), decade)).mean())
        return replace(found, score=score, percentile=model.percentile(score, decade))

    def popularity(self, subject: Subject, genres: Sequence[str]) -> PopularityResult:
        """The popularity to expect of the sound within `genres`, or whatever its genre."""
        typical = self.models.completer.typical(subject.x)[None, :]
        return self.models.popularity.assess(typical, genres)

    def era_scores(self, decade: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Hit scores of (hits, other tracks) of a decade, from a sample of the catalogue; computed once."""
        if decade not in self._era_scores:
            catalog, bit = self.models.catalog, np.uint8(1 << HIT_DECADES.index(decade))
            sides = []
            for flags in (catalog.hits, catalog.flops & ~catalog.hits):
                rows = np.flatnonzero(flags & bit)
                rows = rows[:: max(1, len(rows) // _ERA_SAMPLE)]
                x = catalog.features[rows].astype(np.float64)
                sides.append(self.models.hitscore.score(x, np.full(len(rows), decade)))
            self._era_scores[decade] = (sides[0], sides[1])
        return self._era_scores[decade]
