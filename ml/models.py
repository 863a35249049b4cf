"""Everything the bot asks: each model is loaded on first use, once, from verified artifacts."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from ml.artifacts import Artifacts
from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.completion import Completer
from ml.crowd import Crowd
from ml.features import COLUMN
from ml.hybrid import Hybrid
from ml.importance import ImportanceTable
from ml.moods import MoodScorer
from ml.recommend import Recommender
from ml.regions import Regions
from ml.scoring import Scorer
from ml.sound_map import SoundMap
from ml.trend_reference import FILE, Reference

if TYPE_CHECKING:
    from ml.clusters import ClusterModel
    from ml.genre import GenreModel
    from ml.hitscore import HitModel
    from ml.popularity import PopularityModel


class Models:
    """The pretrained models of one artifacts folder; safe to share between threads.

    Every property raises `ml.artifacts.ArtifactError` when its file is missing, damaged or of another version.
    """

    def __init__(self, folder: Path) -> None:
        # Small matrices: BLAS threads would wait for each other forty times longer than they compute.
        threadpool_limits(1, "blas")
        self.folder = folder
        self._lock = RLock()

    def warm(self) -> None:
        """Load everything, so that no request waits for it."""
        from ml import charts

        with self._lock:
            for name in (
                "catalog",
                "genre",
                "hitscore",
                "popularity",
                "clusters",
                "importance",
                "trend_reference",
                "sound_map",
                "recommender",
                "completer",
            ):
                getattr(self, name)
        self.recommender.warm()
        charts.warm()

    def prepare(self) -> None:
        """Count in advance what the first map would wait for; the bot answers meanwhile."""
        self.sound_map.warm()
        self.regions.gaps  # noqa: B018  a cached property

    @cached_property
    def artifacts(self) -> Artifacts:
        """The folder and its manifest."""
        return Artifacts.open(self.folder)

    @cached_property
    def catalog(self) -> Catalog:
        """Every known recording."""
        with self._lock:
            return Catalog(self.artifacts.arrays("catalog.npz"))

    @cached_property
    def genre(self) -> GenreModel:
        """114 genres and 16 families from audio and title."""
        with self._lock:
            return self.artifacts.estimator("genre.joblib")

    @cached_property
    def hitscore(self) -> HitModel:
        """How much a track sounds like the hits of an era."""
        with self._lock:
            return self.artifacts.estimator("hitscore.joblib")

    @cached_property
    def popularity(self) -> PopularityModel:
        """Expected popularity as an interval."""
        with self._lock:
            return self.artifacts.estimator("popularity.joblib")

    @cached_property
    def clusters(self) -> ClusterModel:
        """Regions of sound."""
        with self._lock:
            return self.artifacts.estimator("clusters.joblib")

    @cached_property
    def importance(self) -> ImportanceTable:
        """What drives popularity, hits and each genre overall."""
        with self._lock:
            return ImportanceTable(self.artifacts.arrays("importance.npz"), self.catalog)

    @cached_property
    def trend_reference(self) -> Reference:
        """What trends are held against: the family of every track, and means that others published."""
        with self._lock:
            return Reference.load(self.artifacts.arrays(FILE))

    @cached_property
    def moods(self) -> MoodScorer:
        """Percentile ranks and moods over the catalogue."""
        return MoodScorer(self.catalog.features, self.catalog)

    @cached_property
    def artists(self) -> ArtistSpace:
        """Artists by who listens to them."""
        with self._lock:
            return ArtistSpace(self.artifacts.arrays("artists.npz"), self.catalog)

    @cached_property
    def hybrid(self) -> Hybrid:
        """How well every track suits a taste."""
        with self._lock:
            return Hybrid(self.catalog, self.artists, self.artifacts.arrays("hybrid.npz"))

    @cached_property
    def sound_map(self) -> SoundMap:
        """Where every track lies on the map of sounds."""
        with self._lock:
            return SoundMap(self.artifacts.arrays("sound_map.npz"), self.catalog, self.clusters)

    @cached_property
    def regions(self) -> Regions:
        """Portraits of the map's regions."""
        return Regions(self.sound_map)

    @cached_property
    def recommender(self) -> Recommender:
        """Tracks for a wish."""
        return Recommender(self.catalog, self.moods, self.hybrid)

    @cached_property
    def crowd(self) -> Crowd:
        """Every track from sad to happy and from calm to intense: what recommended ones are shown against."""
        return Crowd(self.catalog.features[:, [COLUMN["valence"], COLUMN["energy"]]])

    @cached_property
    def scorer(self) -> Scorer:
        """Genre, hit score and popularity of one track or demo."""
        return Scorer(self)

    @cached_property
    def completer(self) -> Completer:
        """Fills features a demo does not give."""
        return Completer.sample(self.catalog.features)
