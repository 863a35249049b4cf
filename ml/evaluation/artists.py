"""Artist recommendation on people the model never saw: held-out artists, cold starts, artists unheard, gems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ml.artist_training import SIGNALS, Signal, train
from ml.artists import CURVES, ArtistSpace
from ml.catalog import Catalog
from ml.listening import Listening
from ml.scores import Score

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Scorer = Callable[[Codes, Array], NDArray]
"""From a history (codes, listening counts) to a score for every artist."""

SHIPPED = "artist vectors"
COLD = (1, 3, 5)
GEMS = (0.0, 0.5, 1.0)
_GEMS_GIVEN = 3
POOL = 533
_HELD, _FOLDS = 0.2, 5
_K, _TOP = 50, 10
_GAIN = 1 / np.log2(np.arange(2, _TOP + 2))


@dataclass(frozen=True)
class Case:
    """One person: the history that is given, its counts, and the artists to be found."""

    artists: Codes
    counts: Array
    held: Codes


def evaluate_artists(
    listening: Listening, catalog: Catalog, tracks: pd.DataFrame, seed: int, ablations: bool = True
) -> list[Score]:
    """N@10 and R@50 of each model and ablation, each mean over people with its 95 % interval.

    Everyone is unseen once, a fifth of the people at a time; what is held out of their histories is drawn. Gains over
    the shipped model carry their paired standard error in `note`.
    """
    tally = _Tally()
    gems: dict[float, list[Codes]] = {}
    order = np.random.default_rng(seed).permutation(len(listening.users))
    for fold in range(_FOLDS):
        rng = np.random.default_rng((seed, fold))
        out = np.isin(np.arange(len(order)), order[fold::_FOLDS])
        taught, unseen = (listening.of(np.flatnonzero(people).tolist()) for people in (~out, out))
        space = ArtistSpace(ArtistSpace.pack(taught, catalog, tracks), catalog)
        code = np.array([space.find(name) for name in listening.names], np.intp)
        models = _models(space, taught.counts, code, ablations)
        split = "people unseen (five folds), 20 % of each one's artists held out"
        tally.both("artist", split, models, _cases(unseen, code, rng, _HELD))
        for given in COLD:
            split = f"people unseen (five folds), {given} of each one's artists given, drawn at random"
            cold = _cases(unseen, code, rng, given)
            tally.both(f"artist cold start {given}", split, models, cold)
            if given == _GEMS_GIVEN:
                for strength in GEMS:
                    lists = [space.recommend(c.artists, c.counts, _TOP, strength)[0] for c in cold]
                    gain = [_gain(np.isin(top, c.held), len(c.held)) for top, c in zip(lists, cold, strict=True)]
                    tally.add("artist gems N@10", split, f"{SHIPPED}, gems {strength:g}", np.array(gain))
                    gems.setdefault(strength, []).extend(top[space.heard[top]] for top in lists)
        hidden = f"people unseen (five folds), {POOL} catalogue artists taken out of training, ranked among themselves"
        for name, recall in _unheard(taught, unseen, catalog, tracks, code, rng, ablations and fold == 0).items():
            tally.add("artist unheard R@50", hidden, name, recall)
    _seen(tally, listening, catalog, tracks, code, seed)

    scores = tally.scores()
    heard = len(np.unique(listening.counts.indices))
    for strength, shown in gems.items():
        share = len(np.unique(np.concatenate(shown))) / heard
        split = f"share of the {heard:,} heard artists in the top 10 of {len(shown):,} unseen people, 3 artists given"
        scores.append(Score(f"{SHIPPED}, gems {strength:g}", "artist gems coverage", share, split, len(shown)))
    return scores


class _Tally:
    """What each model reached for each person, by metric and split; a metric's first model is the one to compare to."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, list[Array]]] = {}

    def add(self, metric: str, split: str, model: str, per_person: Array) -> None:
        """Add one draw of people."""
        self._found.setdefault((metric, split), {}).setdefault(model, []).append(per_person)

    def both(self, task: str, split: str, models: Mapping[str, Scorer], cases: Sequence[Case]) -> None:
        """Add N@10 and R@50 of every model."""
        for name, model in models.items():
            gain, recall = _measured(model, cases)
            self.add(f"{task} N@10", split, name, gain)
            self.add(f"{task} R@50", split, name, recall)

    def scores(self) -> list[Score]:
        """Means with their intervals, and paired differences to the first model over the draws that both have."""
        found = []
        for (metric, split), models in self._found.items():
            first = next(iter(models.values()))
            for name, parts in models.items():
                other = None if parts is first else np.concatenate(first[: len(parts)])
                found.append(_score(name, metric, split, np.concatenate(parts), other))
        return found


def _seen(tally: _Tally, listening: Listening, catalog: Catalog, tracks: pd.DataFrame, code: Codes, seed: int) -> None:
    """The easier protocol of most papers: everyone's other artists are trained on."""
    cases = _cases(listening, code, np.random.default_rng(seed), _HELD)
    column = np.empty(int(code.max()) + 1, np.intp)
    column[code] = np.arange(len(code))
    rows = np.repeat(np.arange(len(cases)), [len(c.artists) for c in cases])
    at = column[np.concatenate([c.artists for c in cases])]
    counts = csr_matrix((np.concatenate([c.counts for c in cases]), (rows, at)), (len(cases), len(code)))
    known = replace(listening, users=tuple(str(i) for i in range(len(cases))), counts=counts)
    space = ArtistSpace(ArtistSpace.pack(known, catalog, tracks), catalog)
    models = _models(space, counts, code, ablations=False)
    tally.both("artist", "20 % of everyone's artists held out, the others trained on", models, cases)


def _models(space: ArtistSpace, counts: csr_matrix, code: Codes, ablations: bool) -> dict[str, Scorer]:
    """The shipped model first, then the baselines, then the shipped one without each of its parts."""
    size = len(space)
    listeners = np.zeros(size)
    np.add.at(listeners, code[counts.indices], 1.0)
    coordinates = counts.tocoo()
    binary = csr_matrix((np.ones(counts.nnz), (coordinates.row, code[coordinates.col])), (counts.shape[0], size))
    weight = np.where(listeners > 0, listeners, 1.0) ** -0.5

    def cosine(artists: Codes, _: Array) -> Array:
        history = np.zeros(size)
        history[artists] = weight[artists]
        return np.asarray(binary.T @ (binary @ history)) * weight

    models: dict[str, Scorer] = {
        SHIPPED: space.scores,
        "popularity": lambda artists, _: listeners,
        "cosine item-item": cosine,
    }
    if not ablations:
        return models

    def changed(**curves: tuple[float, ...]) -> Scorer:
        other = copy(space)
        other.curves = replace(CURVES, **curves)
        return other.scores

    flat = len(CURVES.sizes)
    return models | {
        "without links": changed(links=(0.0,) * flat),
        "without cosines": changed(cosines=(0.0,) * flat),
        "without powers that follow the history": changed(power=CURVES.power[-1:] * flat),
        "without rarity": changed(rarity=(0.0,) * flat),
        "without fame": changed(fame=(0.0,) * flat),
        "without counts": lambda artists, _: space.scores(artists, np.ones(len(artists))),
        "without artists nobody heard": lambda a, w: np.where(space.heard, space.scores(a, w), -np.inf),
    }


def _cases(people: Listening, code: Codes, rng: np.random.Generator, given: float) -> list[Case]:
    """One case a person: `given` artists of the history, or below 1 the share that is held out, drawn at random."""
    counts, cases = people.counts, []
    for a, b in pairwise(counts.indptr):
        kept = given if given >= 1 else (b - a) - round(given * (b - a))
        order = a + rng.permutation(b - a)
        history, held = order[: int(kept)], order[int(kept) :]
        if len(history) and len(held):
            cases.append(Case(code[counts.indices[history]], counts.data[history], code[counts.indices[held]]))
    return cases


def _top(model: Scorer, case: Case, count: int) -> Codes:
    """The best `count` artists outside the history, best first."""
    found = np.array(model(case.artists, case.counts), np.float64)
    found[case.artists] = -np.inf
    best = np.argpartition(-found, count)[:count]
    return best[np.argsort(-found[best], kind="stable")]


def _gain(hit: NDArray[np.bool_], held: int) -> float:
    """N@10 of a list of ten: the discounted gain over the best one possible."""
    return float((hit * _GAIN).sum() / _GAIN[: min(held, _TOP)].sum())


def _measured(model: Scorer, cases: Sequence[Case]) -> tuple[Array, Array]:
    """N@10 and R@50 of each case."""
    hits = [(np.isin(_top(model, case, _K), case.held), len(case.held)) for case in cases]
    recall = [hit.sum() / min(held, _K) for hit, held in hits]
    return np.array([_gain(hit[:_TOP], held) for hit, held in hits]), np.array(recall)


def _unheard(
    taught: Listening,
    unseen: Listening,
    catalog: Catalog,
    tracks: pd.DataFrame,
    code: Codes,
    rng: np.random.Generator,
    ablations: bool,
) -> dict[str, Array]:
    """R@50 within a pool of artists whose listeners the model was not told of; all of them in the catalogue."""
    listeners = np.bincount(taught.counts.indices, minlength=len(code))
    candidates = np.flatnonzero((listeners > 0) & (code < len(catalog.artist_keys)))
    pool = rng.choice(candidates, min(POOL, len(candidates)), replace=False)
    hidden = np.zeros(len(code), bool)
    hidden[pool] = True
    known = taught.counts.copy()
    known.data[hidden[known.indices]] = 0.0
    known.eliminate_zeros()
    without = replace(taught, counts=known)
    cases = []
    for a, b in pairwise(unseen.counts.indptr):
        at, weights = unseen.counts.indices[a:b], unseen.counts.data[a:b]
        if hidden[at].any() and not hidden[at].all():
            cases.append(Case(code[at[~hidden[at]]], weights[~hidden[at]], code[at[hidden[at]]]))
    outside = np.ones(int(code.max()) + 1, bool)
    outside[code[pool]] = False

    def within(model: Scorer) -> Array:
        def ranked(artists: Codes, weights: Array) -> Array:
            found = np.full(len(outside), -np.inf)
            found[code[pool]] = model(artists, weights)[code[pool]]
            return found

        return _measured(ranked, cases)[1]

    def predicted(*signals: Signal) -> Scorer:
        return ArtistSpace(train(without, catalog, tracks, signals, linked=False), catalog).scores

    fame = np.zeros(len(outside))
    fame[code] = listeners
    found = {SHIPPED: within(predicted(*SIGNALS)), "popularity (true number of listeners)": within(lambda *_: fame)}
    if ablations:
        told = ArtistSpace(train(taught, catalog, tracks, linked=False), catalog)
        found["vectors from real listeners"] = within(told.scores)
        found["sound only"] = within(predicted("sound"))
        for signal in SIGNALS:
            found[f"without {signal}"] = within(predicted(*(s for s in SIGNALS if s != signal)))
    return found


def _score(name: str, metric: str, split: str, values: Array, first: Array | None) -> Score:
    """The mean over people, its 95 % interval, and the paired difference to the metric's first model."""
    mean, error = float(values.mean()), float(1.96 * values.std() / np.sqrt(len(values)))
    note = ""
    if first is not None:
        gap = values - first
        spread = gap.std() / np.sqrt(len(gap))
        note = f"paired difference {gap.mean():+.4f} ± {spread:.4f} (standard error)"
        note += "" if abs(gap.mean()) > 2 * spread else ", not established"
    return Score(name, metric, mean, split, len(values), mean - error, mean + error, note, headline=first is None)
