"""Everything from the data sets to `artifacts/`: load, fit each model on all rows, measure on held-out artists."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from tqdm import tqdm

from ml import importance, listening, mood_training
from ml.artifacts import CATALOG, ArtifactWriter
from ml.artists import ArtistSpace
from ml.catalog import Catalog
from ml.clusters import ClusterModel
from ml.errors import MlError
from ml.evaluate import quick_scores
from ml.features import NAMES
from ml.genre import GenreModel
from ml.hitscore import HitModel
from ml.hybrid import Hybrid
from ml.model_card import write_card
from ml.models import Models
from ml.popularity import PopularityModel
from ml.sound_map import SoundMap
from ml.sources import Sources, load
from ml.trend_reference import FILE, Reference

Told = Callable[[str], None]


def train(data: Path, out: Path, seed: int, only: Sequence[str] = ()) -> None:
    """Rebuild every artifact in the folder `out` from the data sets in `data`; minutes on two cores.

    With `only`, just those steps: everything else in `out` stays, the scores too, until `python -m ml evaluate`.

    Raises
    ------
    ml.sources.DataError
        When the data sets are missing or damaged.
    MlError
        When `only` names no step, or the rest of `out` was made from other data or with another seed.
    """
    if unknown := sorted(set(only) - set(STEPS)):
        raise MlError(f"There is no step {unknown[0]!r}. There are: {', '.join(STEPS)}.")
    build = Build(data, out, seed, fresh=not only)
    steps = [step for step in STEPS if not only or step in only]
    with tqdm(total=len(steps) + (not only), bar_format="{desc:<55} {bar} {n_fmt}/{total_fmt} {elapsed}") as bar:
        for line in build.sources.report.lines():
            bar.write(line)
        for name in steps:
            bar.set_description_str(name)
            STEPS[name](build, partial(_tell, bar, name))
            bar.update()
        if not only:
            bar.set_description_str("measuring on held-out artists")
            build.writer.scores(quick_scores(build.sources.rows, seed))
            bar.update()
    write_card(out)


def _tell(bar: tqdm, step: str, told: str) -> None:
    bar.set_description_str(f"{step}: {told}")


class Build:
    """What the steps share: the data, read once, and the artifacts written so far."""

    def __init__(self, data: Path, out: Path, seed: int, fresh: bool) -> None:
        self.data = data
        self.seed = seed
        self.sources: Sources = load(data)
        self.writer = ArtifactWriter(out, seed, _described(data, self.sources), fresh)

    @property
    def models(self) -> Models:
        """The models that earlier steps made."""
        return Models(self.writer.folder)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue of an earlier step."""
        return self.models.catalog


def _catalog(build: Build, told: Told) -> None:
    build.writer.arrays(CATALOG, Catalog.pack(build.sources.tracks))


def _trends(build: Build, told: Told) -> None:
    build.writer.arrays(FILE, Reference.pack(build.catalog, build.sources.tracks, build.data))


def _regions(build: Build, told: Told) -> None:
    x = build.sources.tracks[list(NAMES)].to_numpy(float)
    build.writer.estimator("clusters.joblib", ClusterModel(seed=build.seed).fit(x))


def _sound_map(build: Build, told: Told) -> None:
    build.writer.arrays("sound_map.npz", SoundMap.pack(build.catalog, build.models.clusters, build.seed))


def _moods(build: Build, told: Told) -> None:
    build.writer.arrays("moods.npz", mood_training.pack(build.sources, build.catalog))


def _artists(build: Build, told: Told) -> None:
    heard = listening.load(build.data)
    build.writer.arrays("artists.npz", ArtistSpace.pack(heard, build.catalog, build.sources.tracks))


def _hybrid(build: Build, told: Told) -> None:
    space = build.models.artists
    build.writer.arrays("hybrid.npz", Hybrid.pack(build.sources, build.catalog, space, build.seed))


def _hitscore(build: Build, told: Told) -> None:
    build.writer.estimator("hitscore.joblib", HitModel().fit(build.sources.rows, build.seed))


def _popularity(build: Build, told: Told) -> None:
    build.writer.estimator("popularity.joblib", PopularityModel().fit(build.sources.rows, build.seed))


def _genre(build: Build, told: Told) -> None:
    build.writer.estimator("genre.joblib", GenreModel().fit(build.sources.rows, build.seed, progress=told))


def _importance(build: Build, told: Told) -> None:
    made = build.models
    found = importance.measure(build.catalog, made.genre, made.hitscore, made.popularity, build.seed, told)
    build.writer.arrays("importance.npz", found)


STEPS: Mapping[str, Callable[[Build, Told], None]] = {
    "catalog": _catalog,
    "trends": _trends,
    "regions": _regions,
    "sound_map": _sound_map,
    "moods": _moods,
    "artists": _artists,
    "hybrid": _hybrid,
    "hitscore": _hitscore,
    "popularity": _popularity,
    "genre": _genre,
    "importance": _importance,
}
"""What can be rebuilt alone, in the order of what needs what."""


def _described(data: Path, sources: Sources) -> dict[str, object]:
    """What the artifacts were made from: files by SHA-256, and what became of their rows."""
    paths = sorted([*data.glob("*.csv"), *data.glob("lastfm/*.dat")])
    report = sources.report
    return {
        "files": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths},
        "rows": len(sources.rows),
        "recordings": report.recordings,
        "cleaning": report.rows,
        "merged": report.merged,
    }
