"""Measures every model on held-out data and writes what it finds: a report, and the model card beside the artifacts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from ml import listening
from ml.errors import MlError
from ml.evaluation.artists import evaluate_artists
from ml.evaluation.clusters import evaluate_clusters
from ml.evaluation.genre import evaluate_genre
from ml.evaluation.hits import evaluate_hits
from ml.evaluation.moods import evaluate_moods
from ml.evaluation.playlists import evaluate_playlists
from ml.evaluation.popularity import evaluate_popularity
from ml.evaluation.sequences import evaluate_sequences
from ml.evaluation.trends import evaluate_trends
from ml.model_card import replace_scores
from ml.models import Models
from ml.scores import Score, task
from ml.sources import Sources, load

_HIT_SEEDS = 5
_HEADLINES = {
    ("network, audio", "genre row top-1"),
    ("network, audio", "genre row top-5"),
    ("network, audio and title", "genre row top-5"),
    ("network, audio", "genre family top-1"),
    ("LightGBM", "hit AUC"),
    ("LightGBM, audio and genre", "popularity R²"),
    ("LightGBM, audio and genre", "popularity 80 % interval covers"),
    ("artist vectors", "artist N@10"),
    ("artist vectors", "artist cold start 3 N@10"),
    ("hybrid", "playlist N@10"),
    ("moods", "mood AUC, mean"),
    ("t-SNE and neighbours", "clusters map trustworthiness"),
    ("served", "trend MASE h1-5"),
}
_HEADLINE_SPLITS = (
    "by artist, mean",
    "people unseen",
    "whole playlists held out in 10 folds, history: half",
    "against the artists' tags",
    "all tracks of the catalogue; 3 samples without duplicates, 10",
    "own yearly means 1960-2024, rolling",
)

Told = Callable[[str], None]


@dataclass(frozen=True)
class Test:
    """What is tested: the data, the artifacts and the seed."""

    data: Path
    sources: Sources
    models: Models
    seed: int


def evaluate(data: Path, report: Path, artifacts: Path, seed: int, only: Sequence[str] = ()) -> None:
    """Measure everything beside its baselines; about three quarters of an hour on two cores.

    Writes `report` (JSON) and puts the scores into the manifest and the model card of `artifacts`. With `only`, just
    those tasks: the scores of the others stay.

    Raises
    ------
    ml.sources.DataError
        When the data sets are missing or damaged.
    MlError
        When `only` names no task.
    """
    if unknown := sorted(set(only) - set(TASKS)):
        raise MlError(f"There is no task {unknown[0]!r}. There are: {', '.join(TASKS)}.")
    test = Test(data, load(data), Models(artifacts), seed)
    scores: list[Score] = []
    with tqdm(bar_format="{desc} {elapsed}") as bar:
        for name in only or TASKS:
            bar.set_description_str(f"measuring {name}")
            scores += _headlines(TASKS[name](test, bar.set_description_str))
    document = {"seed": seed, "cleaning": test.sources.report.rows, "scores": [asdict(score) for score in scores]}
    report.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    replace_scores(artifacts, scores, {task(score) for score in scores})


def quick_scores(rows: pd.DataFrame, seed: int) -> list[Score]:
    """The models of demos alone on one split by artist: what training can afford to say of itself."""
    scores = evaluate_genre(rows, [seed], ("artist",), baselines=False)
    scores += evaluate_hits(rows, [seed], ("artist",), baselines=False)
    scores += evaluate_popularity(rows, seed, ("artist",), baselines=False)
    return list(_headlines(scores))


def _genre(test: Test, told: Told) -> list[Score]:
    return evaluate_genre(test.sources.rows, [test.seed], progress=told)


def _hit(test: Test, told: Told) -> list[Score]:
    return evaluate_hits(test.sources.rows, [test.seed + i for i in range(_HIT_SEEDS)])


def _popularity(test: Test, told: Told) -> list[Score]:
    return evaluate_popularity(test.sources.rows, test.seed)


def _artist(test: Test, told: Told) -> list[Score]:
    return evaluate_artists(listening.load(test.data), test.models.catalog, test.sources.tracks, test.seed)


def _playlist(test: Test, told: Told) -> list[Score]:
    return evaluate_playlists(test.sources, test.models.catalog, test.models.artists, test.seed)


def _mood(test: Test, told: Told) -> list[Score]:
    return evaluate_moods(test.sources, test.data, test.models.catalog, test.models.moods.weights)


def _clusters(test: Test, told: Told) -> list[Score]:
    return evaluate_clusters(test.models.catalog, test.models.sound_map, test.seed)


def _sequence(test: Test, told: Told) -> list[Score]:
    return evaluate_sequences(test.models.recommender)


def _trend(test: Test, told: Told) -> list[Score]:
    return evaluate_trends(test.sources, test.data, test.models.catalog)


TASKS: Mapping[str, Callable[[Test, Told], list[Score]]] = {
    "genre": _genre,
    "hit": _hit,
    "popularity": _popularity,
    "artist": _artist,
    "playlist": _playlist,
    "mood": _mood,
    "clusters": _clusters,
    "sequence": _sequence,
    "trend": _trend,
}
"""What can be measured alone, in the order of the model card."""


def _headlines(scores: Iterable[Score]) -> Iterable[Score]:
    """Mark the few scores that stand for the models: theirs, on artists, people and playlists that are new."""
    for score in scores:
        honest = score.split == "by artist" or score.split.startswith(_HEADLINE_SPLITS)
        yield replace(score, headline=honest and (score.model, score.metric) in _HEADLINES)
