"""What every estimator promises: the constructor only stores, `fit` returns it, fitted names end in `_`."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.clusters import ClusterModel
from ml.features import NAMES
from ml.genre import GenreModel
from ml.hitscore import HitModel
from ml.network import TitledNetwork
from ml.popularity import PopularityModel
from tests.ml import test_genre, test_hitscore, test_popularity

pytest.importorskip("jax")

SMALL = TitledNetwork(hidden=(16, 16), buckets=64, title_size=4, epochs=2, batch=64)


def sound(rows: pd.DataFrame) -> np.ndarray:
    return rows[list(NAMES)].fillna(0).to_numpy()


CASES: dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, pd.DataFrame], Any]]] = {
    "genre": (
        lambda: GenreModel(SMALL, bins=8),
        test_genre.source_rows,
        lambda model, rows: model.probabilities(sound(rows)),
    ),
    "hitscore": (
        lambda: HitModel(folds=2, rounds=5, leaves=4),
        test_hitscore.made_up,
        lambda model, rows: model.score(sound(rows), rows.decade.to_numpy()),
    ),
    "popularity": (
        lambda: PopularityModel(rounds=5, leaves=4),
        lambda: test_popularity.made_up(600),
        lambda model, rows: model.predict(sound(rows)).low,
    ),
    "clusters": (
        lambda: ClusterModel(k=3),
        lambda: test_hitscore.made_up(300),
        lambda model, rows: model.predict(sound(rows)),
    ),
}


@dataclass
class Case:
    """One estimator, its parameters before the fit, and how to fit and ask it."""

    make: Callable[[], Any]
    rows: pd.DataFrame
    predict: Callable[[Any, pd.DataFrame], Any]

    def __post_init__(self) -> None:
        self.model = self.make()
        self.parameters = dict(vars(self.model))
        self.returned = self.fit(self.model)

    def fit(self, model: Any) -> Any:
        return model.fit(sound(self.rows) if isinstance(model, ClusterModel) else self.rows)

    def answers(self, model: Any) -> np.ndarray:
        return np.asarray(self.predict(model, self.rows))


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    make, rows, predict = CASES[request.param]
    return Case(make, rows(), predict)


def test_the_constructor_only_stores_what_it_is_given(case: Case) -> None:
    assert set(case.parameters) == set(inspect.signature(type(case.model).__init__).parameters) - {"self"}


def test_what_fit_learns_ends_in_an_underscore_and_leaves_the_parameters(case: Case) -> None:
    assert case.returned is case.model
    learned = set(vars(case.model)) - set(case.parameters)
    assert learned
    assert all(name.endswith("_") for name in learned)
    assert all(vars(case.model)[name] is value for name, value in case.parameters.items())


def test_one_answer_a_row_the_same_after_pickling(case: Case) -> None:
    answers = case.answers(case.model)
    assert len(answers) == len(case.rows)
    assert np.isfinite(answers).all()
    np.testing.assert_array_equal(case.answers(pickle.loads(pickle.dumps(case.model))), answers)


def test_the_same_data_and_seed_give_the_same_answers(case: Case) -> None:
    again = case.fit(case.make())
    np.testing.assert_array_equal(case.answers(again), case.answers(case.model))
