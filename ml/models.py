"""Everything the bot asks: each model is loaded on first use, once, from verified artifacts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from threadpoolctl import threadpool_limits

from ml.artifacts import CATALOG, Artifacts
from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.completion import Completer
from ml.crowd import Crowd
from ml.features import COLUMN
from ml.hybrid import Hybrid
from ml.importance import ImportanceTable
from ml.moods import MoodScorer, MoodWeights
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


T = TypeVar("T")


class _Once(Generic[T]):
    """A property that is computed once, under the one lock of its owner.

    `functools.cached_property` has a lock a property before Python 3.12, and none after: two threads that need each
    other's property would wait for ever, or both compute it.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, models: Models, owner: type[Models]) -> T:
        with models.lock:
            if self._name not in vars(models):  # where Python looks first from then on
                vars(models)[self._name] = self._compute(models)
        found: T = vars(models)[self._name]
        return found


class Models:
    """The pretrained models of one artifacts folder; safe to share between threads.

    Every property raises `ml.artifacts.ArtifactError` when its file is missing, damaged or of another version.
    """

    def __init__(self, folder: Path) -> None:
        # Small matrices: BLAS threads would wait for each other forty times longer than they compute.
        threadpool_limits(1, "blas")
        self.folder = folder
        self.lock = RLock()

    def warm(self) -> None:
        """Load everything, so that no request waits for it."""
        from ml import charts

        with self.lock:
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
        """Count in advance what the first name and the first map would wait for; the bot answers meanwhile."""
        self.catalog.search("a", 1)
        self.sound_map.warm()
        self.regions.gaps  # noqa: B018  a cached property

    @_Once
    def artifacts(self) -> Artifacts:
        """The folder and its manifest."""
        return Artifacts.open(self.folder)

    @_Once
    def catalog(self) -> Catalog:
        """Every known recording."""
        return Catalog(self.artifacts.arrays(CATALOG))

    @_Once
    def genre(self) -> GenreModel:
        """114 genres and 16 families from audio and title."""
        return self.artifacts.estimator("genre.joblib")

    @_Once
    def hitscore(self) -> HitModel:
        """How much a track sounds like the hits of an era."""
        return self.artifacts.estimator("hitscore.joblib")

    @_Once
    def popularity(self) -> PopularityModel:
        """Expected popularity as an interval."""
        return self.artifacts.estimator("popularity.joblib")

    @_Once
    def clusters(self) -> ClusterModel:
        """Regions of sound."""
        return self.artifacts.estimator("clusters.joblib")

    @_Once
    def importance(self) -> ImportanceTable:
        """What drives popularity, hits and each genre overall."""
        return ImportanceTable(self.artifacts.arrays("importance.npz"), self.catalog)

    @_Once
    def trend_reference(self) -> Reference:
        """What trends are held against: the family of every track, and means that others published."""
        return Reference.load(self.artifacts.arrays(FILE))

    @_Once
    def moods(self) -> MoodScorer:
        """Percentile ranks and moods over the catalogue."""
        return MoodScorer(self.catalog.features, MoodWeights(**self.artifacts.arrays("moods.npz")))

    @_Once
    def artists(self) -> ArtistSpace:
        """Artists by who listens to them."""
        return ArtistSpace(self.artifacts.arrays("artists.npz"), self.catalog)

    @_Once
    def hybrid(self) -> Hybrid:
        """How well every track suits a taste."""
        return Hybrid(self.catalog, self.artists, self.artifacts.arrays("hybrid.npz"))

    @_Once
    def sound_map(self) -> SoundMap:
        """Where every track lies on the map of sounds."""
        return SoundMap(self.artifacts.arrays("sound_map.npz"), self.catalog, self.clusters)

    @_Once
    def regions(self) -> Regions:
        """Portraits of the map's regions."""
        return Regions(self.sound_map)

    @_Once
    def recommender(self) -> Recommender:
        """Tracks for a wish."""
        return Recommender(self.catalog, self.moods, self.hybrid)

    @_Once
    def crowd(self) -> Crowd:
        """Every track from sad to happy and from calm to intense: what recommended ones are shown against."""
        return Crowd(self.catalog.features[:, [COLUMN["valence"], COLUMN["energy"]]])

    @_Once
    def scorer(self) -> Scorer:
        """Genre, hit score and popularity of one track or demo."""
        return Scorer(self)

    @_Once
    def completer(self) -> Completer:
        """Fills features a demo does not give."""
        return Completer.sample(self.catalog.features)
