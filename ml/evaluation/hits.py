"""The hit score on held-out rows, recordings, artists and on a decade it never saw, against the usual forests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.metrics import roc_auc_score

from ml.features import NAMES
from ml.hitscore import LATEST_DECADE, HitModel
from ml.scores import Score, bootstrap_by_artist, expected_calibration_error
from ml.splits import PROTOCOLS, Protocol, Rows, split

Array = NDArray[np.float64]

_INPUTS = [*(n for n in NAMES if n != "explicit"), "decade"]


@dataclass(frozen=True)
class _Tested:
    """One split: its test rows and what each model said of them."""

    rows: pd.DataFrame
    scores: Mapping[str, Array]


def evaluate_hits(
    rows: pd.DataFrame, seeds: Sequence[int], protocols: Sequence[Protocol] = PROTOCOLS, baselines: bool = True
) -> list[Score]:
    """AUC, Brier score, calibration error and accuracy of each model under `protocols`, and on a decade unseen.

    The split by artist is the mean over all `seeds`, the others use the first. Intervals come from drawing artists.
    """
    labelled = rows[rows.hit.notna()].reset_index(drop=True)
    unlabelled = rows[rows.hit.isna()]
    found = []
    for name, splits in _splits(labelled, seeds, protocols):
        tested = [_test(labelled, unlabelled, train, test, seed, baselines) for seed, train, test in splits]
        found += _measure(tested, name, seeds[0])
    return found


def _splits(
    labelled: pd.DataFrame, seeds: Sequence[int], protocols: Sequence[Protocol]
) -> Iterator[tuple[str, list[tuple[int, Rows, Rows]]]]:
    for by in protocols:
        used = seeds if by == "artist" else seeds[:1]
        name = f"by {by}, mean of {len(used)} splits" if len(used) > 1 else f"by {by}"
        yield name, [(seed, *split(labelled, by, seed)) for seed in used]
    late = (labelled.decade == LATEST_DECADE).to_numpy()
    known = ~late & ~labelled.recording.isin(labelled.recording[late]).to_numpy()
    yield (
        "trained on the 1960s to 2000s, tested on the 2010s",
        [(seeds[0], np.flatnonzero(known), np.flatnonzero(late))],
    )


def _test(
    labelled: pd.DataFrame, unlabelled: pd.DataFrame, train: Rows, test: Rows, seed: int, baselines: bool
) -> _Tested:
    taught, held = labelled.iloc[train], labelled.iloc[test]
    era_only = unlabelled[~unlabelled.recording.isin(held.recording)]
    model = HitModel().fit(pd.concat([taught, era_only]), seed)
    scores = {"LightGBM": model.score(held[list(NAMES)].to_numpy(float), held.decade.to_numpy())}
    if not baselines:
        return _Tested(held, scores)
    for name, forest in (("RandomForest", RandomForestClassifier), ("ExtraTrees", ExtraTreesClassifier)):
        fitted = forest(100, n_jobs=2, random_state=seed).fit(taught[_INPUTS], taught.hit)
        scores[name] = fitted.predict_proba(held[_INPUTS])[:, 1]
    return _Tested(held, scores | {"prior": np.full(len(held), taught.hit.mean())})


def _measure(tested: Sequence[_Tested], split_name: str, seed: int) -> list[Score]:
    """The mean over splits of each metric; a drawn artist brings its rows of every split."""
    metrics: Mapping[str, Callable[[Array, Array], float]] = {
        "AUC": lambda hit, p: float(roc_auc_score(hit, p)),
        "Brier": lambda hit, p: float(np.mean((p - hit) ** 2)),
        "ECE": lambda hit, p: expected_calibration_error(p, hit),
        "accuracy": lambda hit, p: float(np.mean((p >= 0.5) == hit)),
    }
    part = np.repeat(np.arange(len(tested)), [len(t.rows) for t in tested])
    hit = np.concatenate([t.rows.hit.to_numpy(float) for t in tested])
    artists = np.concatenate([t.rows.artist_key.to_numpy() for t in tested])
    found = []
    for model in tested[0].scores:
        p = np.concatenate([t.scores[model] for t in tested])
        for name, metric in metrics.items():

            def mean(at: Rows, p: Array = p, metric: Callable[[Array, Array], float] = metric) -> float:
                drawn = (at[part[at] == k] for k in range(len(tested)))
                return float(np.mean([metric(hit[rows], p[rows]) for rows in drawn]))

            # drawing artists twice adds miscalibration of its own: a bootstrap of the ECE lies above the ECE
            low, high = (None, None) if name == "ECE" else bootstrap_by_artist(mean, artists, seed)
            found.append(Score(model, f"hit {name}", mean(np.arange(len(hit))), split_name, len(hit), low, high))
    return found
