"""The network keeps an estimator's contract, learns from sound and title, and survives storage unchanged."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from ml.encoding import title_tokens
from ml.network import Task, TitledNetwork

BUCKETS = 256
WORDS = ("polka", "doom", "bossa")


def small(seed=0):
    return TitledNetwork(hidden=(16, 16), buckets=BUCKETS, title_size=8, dropout=0.1, epochs=30, batch=64, seed=seed)


@pytest.fixture(scope="module")
def data():
    """Class 0 against the rest is in the sound; 1 against 2 is in the title alone."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=600)
    x = rng.normal(size=(600, 5)).astype(np.float32)
    x[:, 0] += 4 * (y == 0)
    tokens = title_tokens([f"a {WORDS[label]} song" for label in y], BUCKETS)
    return x, tokens, y, [Task(np.eye(3, dtype=np.float32)[y], np.ones(600, np.float32))]


@pytest.fixture(scope="module")
def fitted(data):
    pytest.importorskip("jax")
    pytest.importorskip("optax")
    x, tokens, _, tasks = data
    return small().fit(x, tokens, tasks)


def test_probabilities_have_one_row_a_track_and_sum_to_one(fitted, data):
    x, tokens, _, _ = data
    for p in (fitted.predict_proba(x), fitted.predict_proba(x, tokens)):
        assert p.shape == (600, 3)
        assert p.min() >= 0
        assert p.sum(axis=1) == pytest.approx(np.ones(600), abs=1e-5)


def test_sound_tells_what_it_can_and_the_title_the_rest(fitted, data):
    x, tokens, y, _ = data
    sound = fitted.predict_proba(x).argmax(axis=1)
    both = fitted.predict_proba(x, tokens).argmax(axis=1)
    assert np.mean((sound == 0) == (y == 0)) > 0.93
    assert np.mean(sound[y > 0] == y[y > 0]) < 0.7
    assert np.mean(both == y) > 0.95


def test_an_empty_title_changes_nothing_for_its_row_alone(fitted, data):
    x, tokens, _, _ = data
    some = tokens[:4].copy()
    some[1] = 0
    p = fitted.predict_proba(x[:4], some)
    assert p[1] == pytest.approx(fitted.predict_proba(x[:4])[1], abs=1e-6)
    assert p[0] == pytest.approx(fitted.predict_proba(x[:1], tokens[:1])[0], abs=1e-6)
    assert np.abs(p[0] - fitted.predict_proba(x[:4])[0]).max() > 0.01


def test_title_evidence_is_its_tokens_sum_over_the_root_of_their_count():
    model = TitledNetwork(sharpness=(1.0, 0.5))
    shapes = {"w0": (3, 4), "b0": 4, "w1": (4, 4), "b1": 4, "w2": (4, 2), "b2": 2, "titled": 2}
    model.weights_ = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    model.weights_["embedding"] = np.array([[0], [1], [1], [1], [5]], np.float32)
    model.weights_["title"] = np.array([[1, 0]], np.float32)
    p = model.predict_proba(np.zeros((2, 3), np.float32), np.array([[1, 2, 3, 4, 0, 0], [0, 0, 0, 0, 0, 0]]))
    assert np.log(p[:, 0] / p[:, 1]) == pytest.approx([0.5 * 8 / 2, 0], abs=1e-5)


def test_the_seed_decides_every_probability(fitted, data):
    x, tokens, _, tasks = data
    again = small().fit(x, tokens, tasks)
    other = small(seed=1).fit(x, tokens, tasks)
    assert np.array_equal(again.predict_proba(x, tokens), fitted.predict_proba(x, tokens))
    assert not np.array_equal(other.predict_proba(x, tokens), fitted.predict_proba(x, tokens))


def test_storing_in_half_floats_loses_nothing(fitted, data):
    x, tokens, _, _ = data
    stored = pickle.dumps(fitted)
    assert len(stored) < 2.5 * sum(w.size for w in fitted.weights_.values())
    assert np.array_equal(pickle.loads(stored).predict_proba(x, tokens), fitted.predict_proba(x, tokens))


def test_rows_are_independent_of_the_batch_they_come_in(fitted, data):
    x, tokens, _, _ = data
    many = np.tile(x, (4, 1))
    p = fitted.predict_proba(many, np.tile(tokens, (4, 1)))
    assert p[2000] == pytest.approx(fitted.predict_proba(many[2000:2001], tokens[200:201])[0], abs=1e-5)


def test_rows_without_weight_teach_nothing(data):
    pytest.importorskip("optax")
    x, tokens, y, _ = data
    wrong = np.eye(3, dtype=np.float32)[(y + 1) % 3]
    keep = np.arange(600) % 2 == 0
    targets = np.where(keep[:, None], np.eye(3, dtype=np.float32)[y], wrong)
    model = small().fit(x, tokens, [Task(targets, keep.astype(np.float32))])
    assert np.mean(model.predict_proba(x, tokens).argmax(axis=1) == y) > 0.95


def test_a_withheld_clue_leaves_an_answer_from_the_rest(data):
    pytest.importorskip("optax")
    x, tokens, y, tasks = data
    clue = np.where(y == 0, 2, 1).astype(np.float32)[:, None]
    model = small().set_params(clue_dropout=0.5).fit(np.hstack([x, clue]), tokens, tasks, np.arange(6) == 5)
    known, withheld = (model.predict_proba(np.hstack([x, c * clue]))[:, 0] > 0.5 for c in (1, 0))
    assert np.mean(known == (y == 0)) > 0.97
    assert np.mean(withheld == (y == 0)) > 0.93


def test_clone_copies_the_hyperparameters_and_forgets_the_fit(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "weights_")
    assert copy.set_params(epochs=3).epochs == 3
    assert fitted.epochs == 30
