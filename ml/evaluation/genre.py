"""Genres and families on held-out rows, recordings and artists, against the usual forests on the same tracks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from ml.features import NAMES
from ml.genre import GenreModel
from ml.labels import Examples, examples, hold_out
from ml.scores import Score, bootstrap_by_artist, expected_calibration_error
from ml.splits import PROTOCOLS, Protocol, Rows

Array = NDArray[np.float64]
Metric = Callable[[Rows], float]

_FORESTS: Mapping[str, Callable[[int], Any]] = {
    "RandomForest": lambda seed: RandomForestClassifier(100, n_jobs=2, random_state=seed),
    "ExtraTrees": lambda seed: ExtraTreesClassifier(150, min_samples_leaf=5, n_jobs=2, random_state=seed),
}
_PAIRED = ("row top-1", "row top-5")
_CHUNK = 2000  # rows a forest answers at once: a hundred trees times 114 genres fill the memory otherwise


class _Said(NamedTuple):
    """A model's genre shares (n, genres), and how sure it is of its first genre and first family."""

    p: Array
    sure: Array
    sure_of_family: Array


def evaluate_genre(
    rows: pd.DataFrame,
    seeds: Sequence[int],
    protocols: Sequence[Protocol] = PROTOCOLS,
    baselines: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Score]:
    """Every genre score under each split; by artist once a seed, the baselines and other splits with the first only.

    A "row" score counts a (track, genre) pair; "any" and family scores count a track once, right when any of its
    labels is met. Intervals come from drawing artists; the differences to RandomForest are paired.
    """
    found = []
    for by in protocols:
        for seed in seeds if by == "artist" else seeds[:1]:
            name = f"by {by}" if seed == seeds[0] else f"by {by}, seed {seed}"
            train, held = hold_out(rows, by, seed)
            model = GenreModel().fit(train, seed, _named(progress, name))
            tracks = examples(held, model.genres_)
            metrics = {said_by: _metrics(model, tracks, said) for said_by, said in _ours(model, train, tracks, by)}
            if baselines and seed == seeds[0]:
                for said_by, said in _theirs(model, train, tracks, seed):
                    metrics[said_by] = _metrics(model, tracks, said)
            found += _scores(metrics, tracks, name, seed)
    return found


def _named(progress: Callable[[str], None], name: str) -> Callable[[str], None]:
    return lambda told: progress(f"{name}: {told}")


def _ours(model: GenreModel, train: pd.DataFrame, tracks: Examples, by: str) -> Iterator[tuple[str, _Said]]:
    titled = model.probabilities(tracks.x, tracks.titles)
    told = {"network, audio": model.probabilities(tracks.x), "network, audio and title": titled}
    if by == "recording":
        known = examples(train, model.genres_)
        counts = pd.DataFrame(known.genres).groupby(known.artists).sum().reindex(tracks.artists).fillna(0)
        told["network, catalogue"] = model.catalogue(titled, counts.to_numpy())
    for name, p in told.items():
        maps = {"catalogue": model.catalogue_, "title": model.titled_}.get(name.split()[-1], model.audio_)
        yield name, _Said(p, maps.genre(p.max(axis=1)), maps.family(model.families(p).max(axis=1)))


def _theirs(model: GenreModel, train: pd.DataFrame, tracks: Examples, seed: int) -> Iterator[tuple[str, _Said]]:
    taught = train[train.genre != ""]
    share = taught.genre.value_counts(normalize=True).reindex(model.genres_).to_numpy()
    yield "majority", _raw(model, np.tile(share, (len(tracks.x), 1)))
    for name, forest in _FORESTS.items():
        fitted = forest(seed).fit(taught[list(NAMES)].to_numpy(), taught.genre)
        parts = np.array_split(tracks.x, len(tracks.x) // _CHUNK + 1)
        yield name, _raw(model, np.concatenate([fitted.predict_proba(part) for part in parts]))


def _raw(model: GenreModel, p: Array) -> _Said:
    return _Said(p, p.max(axis=1), model.families(p).max(axis=1))


def _metrics(model: GenreModel, tracks: Examples, said: _Said) -> dict[str, Metric]:
    true: NDArray[np.bool_] = tracks.genres > 0
    labels = np.count_nonzero(true, axis=1)
    hits = np.take_along_axis(true, np.argsort(-said.p, axis=1, kind="stable"), axis=1)
    shares = model.families(said.p)
    of_family = np.take_along_axis(
        model.families(tracks.genres) > 0, np.argsort(-shares, axis=1, kind="stable"), axis=1
    )
    loss = -np.where(true, np.log(np.maximum(said.p, 1e-15)), 0).sum(axis=1)

    def mean(values: NDArray, over: NDArray) -> Metric:
        return lambda at: float(values[at].sum() / over[at].sum())

    def calibration(sure: Array, right: NDArray[np.bool_]) -> Metric:
        return lambda at: expected_calibration_error(sure[at], right[at].astype(float))

    tracks_once = np.ones(len(labels))
    return {
        "row top-1": mean(hits[:, 0], labels),
        "row top-5": mean(hits[:, :5].sum(axis=1), labels),
        "row log-loss": mean(loss, labels),
        "any top-1": mean(hits[:, 0], tracks_once),
        "any top-5": mean(hits[:, :5].max(axis=1), tracks_once),
        "any ECE": calibration(said.sure, hits[:, 0]),
        "family top-1": mean(of_family[:, 0], tracks_once),
        "family top-3": mean(of_family[:, :3].max(axis=1), tracks_once),
        "family ECE": calibration(said.sure_of_family, of_family[:, 0]),
    }


def _scores(metrics: Mapping[str, dict[str, Metric]], tracks: Examples, split_name: str, seed: int) -> list[Score]:
    measured = [(model, name, metric) for model, named in metrics.items() for name, metric in named.items()]
    if "RandomForest" in metrics:
        for name in _PAIRED:
            ours, theirs = metrics["network, audio"][name], metrics["RandomForest"][name]
            measured.append(("network, audio", f"{name} over RandomForest", _difference(ours, theirs)))
    every = np.arange(len(tracks.x))
    return [
        Score(
            model, f"genre {name}", metric(every), split_name, len(every),
            *bootstrap_by_artist(metric, tracks.artists, seed),
        )
        for model, name, metric in measured
    ]  # fmt: skip


def _difference(a: Metric, b: Metric) -> Metric:
    return lambda at: a(at) - b(at)
