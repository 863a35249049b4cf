"""One track or demo through the genre, hit and popularity models; the mean over its completions is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Track
from ml.explain import averaged
from ml.features import Matrix

if TYPE_CHECKING:
    from ml.genre import GenreResult
    from ml.hitscore import HitResult
    from ml.models import Models
    from ml.popularity import PopularityResult


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

    def genre(self, subject: Subject) -> GenreResult:
        """Genres of a demo from audio and title; of a catalogue track also from its artist's other tracks."""
        track = subject.track
        counts = self._other_labels(track) if track else None
        return self.models.genre.assess(subject.x, subject.title, counts, track.genres if track else ())

    def _artist_popularity(self, track: Track) -> NDArray[np.float64]:
        """(1, 4) mean popularity and number of the artist's other tracks, then of those that share a genre."""
        catalog = self.models.catalog
        rows = [
            r for r in catalog.by_artist(catalog.artist[track.row]) if r != track.row and catalog.popularity[r] >= 0
        ]
        own = set(catalog.genres_of(track.row).tolist())
        told: list[float] = []
        for some in (rows, [r for r in rows if own & set(catalog.genres_of(r).tolist())]):
            told += [float(catalog.popularity[some].mean()) if some else 0.0, float(len(some))]
        return np.array([told])

    def _other_labels(self, track: Track) -> NDArray[np.intp]:
        """(genres,) how often the other tracks of a track's artist carry each genre."""
        catalog = self.models.catalog
        others = [catalog.genres_of(row) for row in catalog.by_artist(catalog.artist[track.row]) if row != track.row]
        return np.bincount(
            np.concatenate(others or [np.empty(0, np.intp)]).astype(np.intp), minlength=len(catalog.genres)
        )

    def hit(self, subject: Subject, decade: int) -> HitResult:
        """How much the subject sounds like the hits of `decade`; score and reasons are means over its completions.

        What to change is that of its typical completion.
        """
        model = self.models.hitscore
        typical = self.models.completer.typical(subject.x)[None, :]
        found = model.assess(typical, decade)
        if len(subject.x) == 1:
            return found
        values = {c.feature: c.value for c in found.explanation.contributions}
        why = averaged([model.explain(row[None, :], decade) for row in subject.x], values)
        return replace(found, score=why.score, percentile=model.percentile(why.score, decade), explanation=why)

    def popularity(self, subject: Subject, genres: Sequence[str]) -> PopularityResult:
        """The popularity to expect of the sound within `genres`, or whatever its genre.

        For a catalogue track its own genres, and what its artist's other tracks reached, count too.
        """
        typical = self.models.completer.typical(subject.x)[None, :]
        if subject.track:
            genres = genres or subject.track.genres
            return self.models.popularity.assess(typical, tuple(genres), self._artist_popularity(subject.track))
        return self.models.popularity.assess(typical, genres)
