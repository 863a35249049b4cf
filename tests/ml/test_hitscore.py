"""The hit model on made-up tracks: what an estimator promises, and a planted effect it must find."""

import pickle

import numpy as np
import pandas as pd
import pytest

from ml import boosters
from ml.features import BY_NAME, COLUMN, FEATURES, NAMES
from ml.hitscore import HitModel


def made_up(n: int = 1500, seed: int = 0) -> pd.DataFrame:
    """Tracks where danceable ones are hits in the 1960s and 2010s, and quiet 2010s ones are not."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({f.name: rng.uniform(f.low, f.high, n) for f in FEATURES})
    rows["explicit"] = np.nan
    rows["decade"] = rng.choice([1960, 2010], n)
    quiet = (rows.decade == 2010) & (rows.loudness < -30)
    chance = np.where(quiet, 0.05, np.where(rows.danceability > 0.5, 0.9, 0.2))
    rows["hit"] = (rng.random(n) < chance).astype(float)
    return rows.assign(year=0, artist_key=[f"artist {i}" for i in rng.integers(0, n // 4, n)])


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return made_up()


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame) -> HitModel:
    return HitModel(folds=3, rounds=40, leaves=8).fit(rows, 1)


def track(**features: float) -> np.ndarray:
    row = np.array([[(f.low + f.high) / 2 for f in FEATURES]])
    row[0, COLUMN["explicit"]] = np.nan
    for name, value in features.items():
        row[0, COLUMN[name]] = value
    return row


def test_scores_are_probabilities_one_a_row(model, rows):
    x = rows[list(NAMES)].to_numpy()
    score = model.score(x, rows.decade.to_numpy())
    assert score.shape == (len(x),)
    assert np.all((score > 0) & (score < 1))
    assert model.score(x[:0], np.empty(0, int)).shape == (0,)


def test_rows_do_not_depend_on_each_other(model, rows):
    x, decade = rows[list(NAMES)].to_numpy()[:600], rows.decade.to_numpy()[:600]
    alone = [model.score(x[i : i + 1], decade[i : i + 1])[0] for i in range(0, 600, 50)]
    np.testing.assert_allclose(model.score(x, decade)[::50], alone, rtol=1e-12)


def test_planted_effects_are_found_in_new_tracks(model):
    fresh = made_up(seed=5)
    score = model.score(fresh[list(NAMES)].to_numpy(), fresh.decade.to_numpy())
    lively, quiet = fresh.danceability > 0.55, (fresh.decade == 2010) & (fresh.loudness < -33)
    assert score[lively & ~quiet].mean() == pytest.approx(0.9, abs=0.07)
    assert score[quiet].mean() < 0.2
    assert score[(fresh.danceability < 0.45) & ~quiet].mean() == pytest.approx(0.2, abs=0.1)


def test_the_era_matters(model):
    quiet = track(danceability=0.9, loudness=-45)
    then, now = model.score(np.repeat(quiet, 2, axis=0), np.array([1960, 2010]))
    assert then > now + 0.4


def test_unknown_decades_are_those_nearest(model):
    x = np.repeat(track(loudness=-45), 4, axis=0)
    early, first, last, late = model.score(x, np.array([1920, 1960, 2010, 2040]))
    assert early == first
    assert late == last
    assert first != last


def test_explicit_is_not_read(model):
    x = np.vstack([track(), track(explicit=1), track(explicit=0)])
    assert len(set(model.score(x, np.full(3, 2010)))) == 1


def test_same_seed_same_scores_and_other_seed_others(model, rows):
    x, decade = rows[list(NAMES)].to_numpy(), rows.decade.to_numpy()
    again = HitModel(folds=3, rounds=40, leaves=8).fit(rows, 1)
    other = HitModel(folds=3, rounds=40, leaves=8).fit(rows, 2)
    np.testing.assert_array_equal(again.score(x, decade), model.score(x, decade))
    assert not np.array_equal(other.score(x, decade), model.score(x, decade))


def test_pickling_changes_no_score(model, rows):
    x, decade = rows[list(NAMES)].to_numpy(), rows.decade.to_numpy()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).score(x, decade), model.score(x, decade))


def test_contributions_add_up_and_name_the_cause(model):
    x = track(danceability=0.95, loudness=-5)
    explanation = model.explain(x, 2010)
    total = explanation.base + sum(c.effect for c in explanation.contributions)
    assert total == pytest.approx(explanation.score, abs=1e-9)
    assert explanation.score == pytest.approx(model.score(x, np.array([2010]))[0], abs=1e-9)
    assert explanation.contributions[0].feature == "danceability"
    assert explanation.contributions[0].effect > 0.1
    assert {c.feature for c in explanation.contributions} == {*NAMES, "decade"} - {"explicit"}


def test_sweep_moves_one_feature(model):
    x = track(danceability=0.1)
    before = x.copy()
    scores = model.sweep(x, 2010, "danceability", np.array([0.1, 0.9]))
    assert scores[0] == model.score(x, np.array([2010]))[0]
    assert scores[1] > scores[0] + 0.3
    np.testing.assert_array_equal(x, before)


def test_the_best_change_comes_first_and_keeps_its_promise(model):
    x = track(danceability=0.1, loudness=-50)
    changes = model.best_changes(x, 1960)
    assert changes[0].feature == "danceability"
    assert 0.45 < changes[0].to < 0.75, "the nearest good value, not the end of the range"
    assert list(changes) == sorted(changes, key=lambda c: -c.gain)
    for change in changes:
        promised = model.sweep(x, 1960, change.feature, np.array([change.to]))[0]
        assert promised - model.score(x, np.array([1960]))[0] == pytest.approx(change.gain)
        assert change.gain > 0
        assert BY_NAME[change.feature].low <= change.to <= BY_NAME[change.feature].high


def test_assess_ranks_the_track_within_its_decade(model):
    good, bad = (model.assess(track(danceability=d, loudness=-5), 2010) for d in (0.95, 0.05))
    assert 0 <= bad.percentile < 0.7 < good.percentile <= 1
    assert good.score == good.explanation.score
    assert len(bad.changes) <= 3


def test_the_forest_is_the_library_s_own_booster():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=(800, 3)), rng.integers(0, 3, 800)])
    trained = [boosters.train(x, x[:, 0] * x[:, 1] + x[:, 3], seed, 30, num_leaves=32) for seed in (0, 1)]
    forest = boosters.forest(trained)
    probe = np.vstack([x[:50], rng.normal(size=(50, 4)) * 5])
    np.testing.assert_allclose(forest.raw(probe), np.mean([b.predict(probe) for b in trained], axis=0), atol=1e-12)
    exact = np.mean([b.predict(probe, pred_contrib=True) for b in trained], axis=0)
    ours = np.array([[*forest.contributions(row), forest.base] for row in probe])
    np.testing.assert_allclose(ours, exact, atol=1e-12)


def test_trees_too_large_for_a_mask_are_refused():
    x = np.arange(4000.0)[:, None]
    with pytest.raises(ValueError, match="32 leaves"):
        boosters.forest([boosters.train(x, np.sin(x[:, 0] / 50), 0, 1, num_leaves=40)])
