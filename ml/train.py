"""Everything from the data sets to `artifacts/`: load, fit each model on all rows, measure on held-out artists."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tqdm import tqdm

from ml import importance
from ml.artifacts import ArtifactWriter
from ml.catalog import Catalog
from ml.clusters import ClusterModel
from ml.evaluate import quick_scores
from ml.features import NAMES
from ml.genre import GenreModel
from ml.hitscore import HitModel
from ml.model_card import write_card
from ml.popularity import PopularityModel
from ml.sources import Sources, load


def train(data: Path, out: Path, seed: int) -> None:
    """Rebuild every artifact in the folder `out` from the data sets in `data`; minutes on two cores.

    Raises
    ------
    ml.sources.DataError
        When the data sets are missing or damaged.
    """
    sources = load(data)
    with tqdm(total=7, bar_format="{desc:<55} {bar} {n_fmt}/{total_fmt} {elapsed}") as bar:

        def begin(step: str) -> None:
            bar.set_description_str(step)

        for line in sources.report.lines():
            bar.write(line)

        writer = ArtifactWriter(out)
        begin("packing the catalogue")
        columns = Catalog.pack(sources.tracks)
        catalog = Catalog(columns)
        writer.arrays("catalog.npz", columns)
        bar.update()

        begin("regions of sound")
        writer.estimator("clusters.joblib", ClusterModel(seed=seed).fit(sources.tracks[list(NAMES)].to_numpy(float)))
        bar.update()

        begin("hit score")
        hit = HitModel().fit(sources.rows, seed)
        writer.estimator("hitscore.joblib", hit)
        bar.update()

        begin("popularity")
        popularity = PopularityModel().fit(sources.rows, seed)
        writer.estimator("popularity.joblib", popularity)
        bar.update()

        begin("genre")
        genre = GenreModel().fit(sources.rows, seed, progress=lambda told: begin(f"genre: {told}"))
        writer.estimator("genre.joblib", genre)
        bar.update()

        begin("importance")
        told = importance.measure(catalog, genre, hit, popularity, seed, lambda name: begin(f"importance: {name}"))
        writer.arrays("importance.npz", told)
        bar.update()

        begin("measuring on held-out artists")
        scores = quick_scores(sources.rows, seed)
        writer.manifest(seed, _described(data, sources), scores)
        write_card(out)
        bar.update()


def _described(data: Path, sources: Sources) -> dict[str, object]:
    """What the artifacts were made from: files by SHA-256, and what became of their rows."""
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(data.glob("*.csv"))}
    report = sources.report
    return {
        "files": files,
        "rows": len(sources.rows),
        "recordings": report.recordings,
        "cleaning": report.rows,
        "merged": report.merged,
    }
