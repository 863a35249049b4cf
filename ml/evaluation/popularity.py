"""The popularity band on held-out artists, and on held-out tracks of artists it knows, against the usual forests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import GroupShuffleSplit

from ml.features import NAMES
from ml.popularity import PopularityBand, PopularityModel, artist_means
from ml.scores import Score, bootstrap_by_artist
from ml.splits import PROTOCOLS, Protocol, Rows, split

Array = NDArray[np.float64]


def evaluate_popularity(
    rows: pd.DataFrame, seed: int, protocols: Sequence[Protocol] = PROTOCOLS, baselines: bool = True
) -> list[Score]:
    """R², mean absolute error, and the interval's coverage and width, for each state of knowledge.

    Measured under `protocols`, and by track: another edition of a test track may be in training.
    """
    rows = rows[(rows.genre != "") & rows.popularity.notna()].reset_index(drop=True)
    found = []
    for name, train, test in _splits(rows, seed, protocols):
        taught, held = rows.iloc[train], rows.iloc[test]
        for model, says in _says(taught, held, seed, baselines).items():
            found += _measure(model, says, held, name, seed)
    return found


def _splits(rows: pd.DataFrame, seed: int, protocols: Sequence[Protocol]) -> Iterator[tuple[str, Rows, Rows]]:
    for by in protocols:
        yield f"by {by}", *split(rows, by, seed)
    yield "by track", *next(GroupShuffleSplit(1, test_size=0.2, random_state=seed).split(rows, groups=rows.track_id))


def _says(taught: pd.DataFrame, held: pd.DataFrame, seed: int, baselines: bool) -> dict[str, PopularityBand]:
    """What every model expects of the held-out rows; only ours has an interval, the others give NaN."""
    model = PopularityModel().fit(taught, seed)
    x, genre = held[list(NAMES)].to_numpy(float), np.searchsorted(model.genres_, held.genre)
    one_hot = np.eye(len(model.genres_))[genre]
    says = {
        "LightGBM, audio": model.predict(x),
        "LightGBM, audio and genre": model.predict(x, one_hot),
    }
    artist = artist_means(taught, held)
    if artist[:, 1].any():
        says["LightGBM, audio, genre and artist"] = model.predict(x, one_hot, artist)
    if not baselines:
        return says
    says["genre mean"] = _point(model.genre_usual_[genre, 0])
    says["mean"] = _point(np.full(len(held), taught.popularity.mean()))
    for name, forest in (("RandomForest", RandomForestRegressor), ("ExtraTrees", ExtraTreesRegressor)):
        fitted = forest(100, n_jobs=2, max_features=1 / 3, random_state=seed)
        fitted.fit(_with_genre_mean(taught, model), taught.popularity)
        says[f"{name}, audio and genre"] = _point(fitted.predict(_with_genre_mean(held, model)))
    return says


def _with_genre_mean(rows: pd.DataFrame, model: PopularityModel) -> Array:
    genre = model.genre_usual_[np.searchsorted(model.genres_, rows.genre), 0]
    return np.column_stack([rows[list(NAMES)].to_numpy(float), genre])


def _point(expected: Array) -> PopularityBand:
    unknown = np.full(len(expected), np.nan)
    return PopularityBand(expected, unknown, unknown)


def _measure(model: str, says: PopularityBand, held: pd.DataFrame, split_name: str, seed: int) -> list[Score]:
    true, artists = held.popularity.to_numpy(float), held.artist_key.to_numpy()
    inside = (says.low <= true) & (true <= says.high)
    metrics: Mapping[str, Callable[[Rows], float]] = {
        "R²": lambda at: float(r2_score(true[at], says.expected[at])),
        "MAE": lambda at: float(mean_absolute_error(true[at], says.expected[at])),
        "80 % interval covers": lambda at: float(inside[at].mean()),
        "80 % interval width": lambda at: float((says.high - says.low)[at].mean()),
    }
    every = np.arange(len(held))
    return [
        Score(
            model,
            f"popularity {name}",
            metric(every),
            split_name,
            len(held),
            *bootstrap_by_artist(metric, artists, seed),
        )
        for name, metric in metrics.items()
        if "interval" not in name or np.isfinite(says.low).all()
    ]
