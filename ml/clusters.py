"""Regions of sound beyond genres: KMeans on standardised features, each region named by what sets it apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.features import COLUMN

Sounds = NDArray[np.floating]
"""(n, 14) features, as the catalogue's float32 or a matrix of float64."""

SOUND = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)
REGIONS = 10
"""Many regions make the better map, and ten stay where they are when the tracks are drawn anew (`ml.evaluation`)."""
_REACH = 3.0  # standard deviations; further out counts no more, or a few spoken tracks make a region of their own
_STARTS = 30  # with fewer, some fits end in a worse optimum and the regions move
_TRIED_ON = 50_000  # rows the starts are fitted to; the finalists are then fitted to all
_FINALISTS = 4
_COLUMNS = [COLUMN[name] for name in SOUND]
_WORDS: Mapping[str, tuple[str, str]] = {
    "danceability": ("danceable", "undanceable"),
    "energy": ("intense", "calm"),
    "loudness": ("loud", "quiet"),
    "speechiness": ("wordy", "melodic"),
    "acousticness": ("acoustic", "electric"),
    "instrumentalness": ("instrumental", "sung"),
    "liveness": ("live", "studio"),
    "valence": ("bright", "dark"),
    "tempo": ("fast", "slow"),
}


@dataclass(frozen=True)
class Trait:
    """One feature that sets a region apart: its centroid's distance from the mean, in standard deviations."""

    feature: str
    deviation: float

    @property
    def word(self) -> str:
        """The trait as an adjective: `quiet`, `danceable`."""
        high, low = _WORDS[self.feature]
        return high if self.deviation > 0 else low


class ClusterModel:
    """Assigns tracks to regions of sound.

    Attributes
    ----------
    centroids_ : (k, 9) centroids in standardised `SOUND` space, bounded to 3, the largest region first.
    mean_, scale_ : (9,) standardisation of the training tracks.
    """

    def __init__(self, k: int = REGIONS, seed: int = 42) -> None:
        self.k = k
        self.seed = seed

    def fit(self, x: Sounds) -> ClusterModel:
        """Fit on (n, 14) features; rows without a value for some sound feature must not be given."""
        from sklearn.cluster import KMeans

        sound = x[:, _COLUMNS].astype(np.float64)
        self.mean_, self.scale_ = sound.mean(axis=0), sound.std(axis=0)
        z = self._bounded(x)
        rng = np.random.default_rng(self.seed)
        some = z[rng.choice(len(z), min(_TRIED_ON, len(z)), replace=False)]
        tried = [
            KMeans(self.k, n_init=1, random_state=int(start)).fit(some) for start in rng.integers(2**31, size=_STARTS)
        ]
        best = sorted(tried, key=lambda means: -means.score(z))[:_FINALISTS]
        finals = [KMeans(self.k, init=means.cluster_centers_, n_init=1, tol=1e-7).fit(z) for means in best]
        means = min(finals, key=lambda final: final.inertia_)
        sizes = np.bincount(means.labels_, minlength=self.k)
        self.centroids_: NDArray[np.float64] = means.cluster_centers_[np.argsort(-sizes, kind="stable")]
        return self

    def standardise(self, x: Sounds) -> NDArray[np.float64]:
        """(n, 9) `SOUND` of (n, 14) features in standard deviations: the space in which near means alike."""
        return (x[:, _COLUMNS] - self.mean_) / self.scale_

    def distances(self, x: Sounds) -> NDArray[np.float64]:
        """(n, k) distance of each row of (n, 14) features from every centroid, in standard deviations up to 3."""
        z = self._bounded(x)
        squared = np.square(z).sum(axis=1)[:, None] + np.square(self.centroids_).sum(axis=1) - 2 * z @ self.centroids_.T
        return np.sqrt(np.maximum(squared, 0))

    def _bounded(self, x: Sounds) -> NDArray[np.float64]:
        return np.clip(self.standardise(x), -_REACH, _REACH)

    def predict(self, x: Sounds) -> NDArray[np.intp]:
        """(n,) the nearest region of each row of (n, 14) features."""
        return self.distances(x).argmin(axis=1)

    def traits(self, region: int, count: int = 3) -> tuple[Trait, ...]:
        """The features whose centroid lies furthest from the mean of all tracks."""
        centroid = self.centroids_[region]
        return tuple(Trait(SOUND[i], float(centroid[i])) for i in np.argsort(-np.abs(centroid), kind="stable")[:count])

    @property
    def names(self) -> tuple[str, ...]:
        """Every region's name, its strongest traits in words, as many as tell it from larger ones: `quiet & sung`."""
        names: list[str] = []
        for region in range(len(self.centroids_)):
            words = [trait.word for trait in self.traits(region, len(SOUND))]
            tellings = [f"{', '.join(words[: n - 1])} & {words[n - 1]}" for n in range(2, len(words) + 1)]
            names.append(next((name for name in tellings if name not in names), f"{tellings[-1]} {region + 1}"))
        return tuple(names)

    def name(self, region: int) -> str:
        """A short name from the traits, such as "quiet & instrumental"."""
        return self.names[region]
