"""Measures every model on held-out data and writes what it finds: a report, and the model card beside the artifacts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from ml.evaluation.genre import evaluate_genre
from ml.evaluation.hits import evaluate_hits
from ml.evaluation.popularity import evaluate_popularity
from ml.model_card import replace_scores
from ml.scores import Score
from ml.sources import load
from ml.splits import PROTOCOLS, Protocol

_HIT_SEEDS, _GENRE_SEEDS = 5, 1
_HEADLINES = {
    ("network, audio", "genre row top-1"),
    ("network, audio", "genre row top-5"),
    ("network, audio and title", "genre row top-5"),
    ("network, audio", "genre family top-1"),
    ("LightGBM", "hit AUC"),
    ("LightGBM, audio and genre", "popularity R²"),
    ("LightGBM, audio and genre", "popularity 80 % interval covers"),
}


def evaluate(data: Path, report: Path, artifacts: Path, seed: int) -> None:
    """Measure everything under all three splits beside its baselines; about half an hour on two cores.

    Writes `report` (JSON) and puts the scores into the manifest and the model card of `artifacts`.

    Raises
    ------
    ml.sources.DataError
        When the data sets are missing or damaged.
    """
    sources = load(data)
    with tqdm(bar_format="{desc} {elapsed}") as bar:
        scores = _measure(sources.rows, seed, PROTOCOLS, _GENRE_SEEDS, _HIT_SEEDS, baselines=True, bar=bar)
    document = {"seed": seed, "cleaning": sources.report.rows, "scores": [asdict(score) for score in scores]}
    report.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    replace_scores(artifacts, scores)


def quick_scores(rows: pd.DataFrame, seed: int) -> list[Score]:
    """The models alone on one split by artist: what training can afford to say of itself."""
    with tqdm(bar_format="{desc} {elapsed}") as bar:
        return _measure(rows, seed, ("artist",), 1, 1, baselines=False, bar=bar)


def _measure(
    rows: pd.DataFrame,
    seed: int,
    protocols: Sequence[Protocol],
    genre_seeds: int,
    hit_seeds: int,
    baselines: bool,
    bar: tqdm,
) -> list[Score]:
    def seeds(count: int) -> list[int]:
        return [seed + i for i in range(count)]

    bar.set_description_str("measuring hit scores")
    scores = evaluate_hits(rows, seeds(hit_seeds), protocols, baselines)
    bar.set_description_str("measuring popularity")
    scores += evaluate_popularity(rows, seed, protocols, baselines)
    genre = evaluate_genre(rows, seeds(genre_seeds), protocols, baselines, bar.set_description_str)
    return list(_headlines(genre + scores))


def _headlines(scores: Iterable[Score]) -> Iterable[Score]:
    """Mark the few scores that stand for the models: theirs, on new artists."""
    for score in scores:
        split = score.split == "by artist" or score.split.startswith("by artist, mean")
        yield replace(score, headline=split and (score.model, score.metric) in _HEADLINES)
