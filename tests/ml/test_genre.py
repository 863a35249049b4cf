"""Encoding, explanations, calibration, catalogue and drift against known answers; and one fit from end to end."""

import itertools
import math
import threading
from zlib import crc32

import joblib
import numpy as np
import pandas as pd
import pytest

from ml.calibration import Calibration
from ml.encoding import PiecewiseLinearEncoder, title_tokens
from ml.evaluation.genre import _metrics, _raw, _scores
from ml.families import FAMILY_OF
from ml.features import COLUMN, FEATURES, NAMES
from ml.genre import FAMILY_NAMES, GenreModel, Maps
from ml.labels import Examples, examples, hold_out
from ml.network import TitledNetwork
from ml.shapley import permutation_shapley

IDENTITY = Calibration(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
GENRES = ("ambient", "folk", "pop", "techno")


def tracks(n, seed=0):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.uniform(f.low, f.high, n) for f in FEATURES])
    whole = [f.whole for f in FEATURES]
    x[:, whole] = np.round(x[:, whole])
    return x


class Fixed:
    """Stands for a network: the shares of a track depend on its energy alone."""

    buckets = 16

    def __init__(self, quiet, loud):
        self.quiet, self.loud = np.array(quiet), np.array(loud)

    def predict_proba(self, codes, tokens=None):
        energy = codes[:, [0]]
        return energy * self.loud + (1 - energy) * self.quiet


class Energy:
    """Stands for an encoder: passes the energy on."""

    def transform(self, x):
        return x[:, [COLUMN["energy"]]]


def fixed_model(quiet, loud, shrinkage=0.5):
    model = GenreModel()
    model.genres_ = GENRES
    model.member_ = np.array([[FAMILY_OF[g] == f for f in FAMILY_NAMES] for g in GENRES], float)
    model.network_, model.encoder_ = Fixed(quiet, loud), Energy()
    model.audio_ = model.titled_ = model.catalogue_ = Maps(IDENTITY, IDENTITY)
    model.shrinkage_ = shrinkage
    model.background_ = tracks(8)
    return model


def with_features(**values):
    x = tracks(1)
    for name, value in values.items():
        x[0, COLUMN[name]] = value
    return x


class TestEncoding:
    def test_a_ramp_is_0_below_its_bin_1_above_and_linear_inside(self):
        x = tracks(5, seed=1)
        x[:, COLUMN["danceability"]] = [0, 0.1, 0.2, 0.6, 1.0]
        encoder = PiecewiseLinearEncoder(bins=2).fit(x)
        probe = with_features(danceability=0.6)
        assert encoder.transform(probe)[0, :2] == pytest.approx([1, 0.5])
        probe = with_features(danceability=0.05)
        assert encoder.transform(probe)[0, :2] == pytest.approx([0.25, 0])

    def test_codes_are_finite_at_every_corner_of_the_ranges(self):
        encoder = PiecewiseLinearEncoder().fit(tracks(200))
        corners = np.array([[f.low for f in FEATURES], [f.high for f in FEATURES]])
        codes = encoder.transform(corners)
        assert codes.dtype == np.float32
        assert np.isfinite(codes).all()
        assert np.abs(codes).max() <= 1

    def test_a_key_of_twelve_fifths_is_a_circle(self):
        encoder = PiecewiseLinearEncoder().fit(tracks(200))
        codes = encoder.transform(np.vstack([with_features(key=k, mode=1) for k in (0, 7, 6)]))
        assert np.linalg.norm(codes[0] - codes[1]) < np.linalg.norm(codes[0] - codes[2])

    @pytest.mark.parametrize(
        ("duration", "clue"),
        [(200_013, "disc"), (200_027, "disc"), (200_020, "file"), (200_007, "file"), (200_000, "none")],
    )
    def test_whole_disc_frames_are_told_from_files_and_from_rounded_lengths(self, duration, clue):
        encoder = PiecewiseLinearEncoder().fit(tracks(200))
        disc, file = encoder.transform(with_features(duration_ms=duration))[0, -3:-1]
        assert (disc, file) == {"disc": (1, 0), "file": (0, 1), "none": (0, 0)}[clue]

    def test_rounded_values_give_no_clue(self):
        encoder = PiecewiseLinearEncoder().fit(tracks(200))
        x = with_features(tempo=120.02, duration_ms=200_013)
        precise = encoder.transform(x)[0, encoder.clues_]
        x[0, [COLUMN["tempo"], COLUMN["duration_ms"]]] = 120, 200_000
        rounded = encoder.transform(x)[0]
        assert np.count_nonzero(precise) >= 3
        assert not rounded[encoder.clues_].any()
        assert rounded[~encoder.clues_].any()

    def test_titles_share_tokens_where_they_share_words_whatever_the_case(self):
        a, b, c, empty = title_tokens(["Ao Vivo", "ao vivo", "Nocturne", None], 2**15)
        assert np.array_equal(a, b)
        assert a.max() <= 2**15
        assert not set(a[a > 0]) & set(c[c > 0])
        assert not empty.any()

    def test_a_title_is_hashed_alike_in_every_process(self):
        grams = ("<a", "a>", "<a>", "<<a>>")
        expected = sorted({1 + crc32(gram.encode()) % 1000 for gram in grams})
        assert title_tokens(["A"], 1000)[0, :5].tolist() == [*expected, 0]

    def test_an_endless_title_is_cut(self):
        assert title_tokens(["la " * 10_000], 2**15, length=20).shape == (1, 20)


class TestShapley:
    def test_a_sum_is_explained_exactly(self):
        weights = np.arange(14.0)
        background, row = tracks(4), tracks(1, seed=9)[0]
        explained = permutation_shapley(lambda x: x @ weights, row, background)
        effects = [c.effect for c in explained.contributions]
        assert effects == pytest.approx((row - background.mean(axis=0)) * weights, abs=1e-6)
        assert [c.feature for c in explained.contributions] == list(NAMES)

    def test_interactions_come_within_the_stated_error_of_the_exact_values(self):
        def score(x):
            return x[:, 0] * x[:, 1] + np.sin(x[:, 0] * 3) * x[:, 9] * x[:, 5]

        background, row = tracks(256), tracks(1, seed=9)[0]
        explained = permutation_shapley(score, row, background)
        players = (0, 1, 5, 9)
        exact = dict.fromkeys(players, 0.0)
        for j in players:
            others = [k for k in players if k != j]
            for size in range(4):
                for group in itertools.combinations(others, size):
                    share = math.factorial(size) * math.factorial(3 - size) / math.factorial(4)
                    without = background.copy()
                    without[:, list(group)] = row[list(group)]
                    joined = without.copy()
                    joined[:, j] = row[j]
                    exact[j] += share * (score(joined) - score(without)).mean()
        effects = np.array([c.effect for c in explained.contributions])
        assert 0 < explained.error < 0.1
        assert effects[list(players)] == pytest.approx(list(exact.values()), abs=3 * explained.error)
        assert np.delete(effects, players) == pytest.approx(np.zeros(10), abs=1e-12)

    def test_an_order_and_its_reverse_share_what_two_features_do_together(self):
        background, row = tracks(1), tracks(1, seed=9)[0]
        effects = permutation_shapley(lambda x: x[:, 0] * x[:, 1], row, background).contributions
        (x0, x1), (b0, b1) = row[:2], background[0, :2]
        assert effects[0].effect == pytest.approx((x0 - b0) * (x1 + b1) / 2)
        assert effects[1].effect == pytest.approx((x1 - b1) * (x0 + b0) / 2)

    def test_base_and_contributions_add_up_to_the_score(self):
        def score(x):
            return np.tanh(x[:, 1] * x[:, 2] + x[:, 3])

        explained = permutation_shapley(score, tracks(1, seed=5)[0], tracks(8))
        total = explained.base + sum(c.effect for c in explained.contributions)
        assert total == pytest.approx(explained.score, abs=1e-12)
        assert explained.base == pytest.approx(score(tracks(8)).mean())

    def test_more_background_means_less_error(self):
        def score(x):
            return x[:, 0] * x[:, 1] * x[:, 9]

        row = tracks(1, seed=5)[0]
        few, many = (permutation_shapley(score, row, tracks(n)).error for n in (8, 512))
        assert many < few / 4


class TestCalibration:
    def test_it_finds_the_share_that_comes_true(self):
        rng = np.random.default_rng(0)
        p = rng.uniform(size=50_000)
        fitted = Calibration.fit(p, rng.random(50_000) < p**2)
        assert fitted(np.array([0.2, 0.5, 0.8])) == pytest.approx([0.04, 0.25, 0.64], abs=0.02)

    def test_it_never_changes_a_ranking(self):
        rng = np.random.default_rng(0)
        p = rng.uniform(size=3_000)
        fitted = Calibration.fit(p, rng.random(3_000) < 0.3)
        ordered = fitted(np.linspace(0, 1, 999))
        assert (np.diff(ordered) > 0).all()
        assert ordered[0] >= 0
        assert ordered[-1] <= 1

    def test_each_row_is_calibrated_by_what_is_known_of_it(self):
        model = fixed_model([0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7])
        halved, quartered = (Calibration(np.array([0.0, 1.0]), np.array([0.0, top])) for top in (0.5, 0.25))
        model.titled_, model.catalogue_ = Maps(halved, halved), Maps(quartered, quartered)
        p = np.full((3, 4), 0.4)
        assert model.confidence(p, [False, True, False])[:, 0] == pytest.approx([0.4, 0.2, 0.4])
        assert model.family_confidence(p, [False, True, False])[:, 0] == pytest.approx([0.4, 0.2, 0.4])
        assert model.confidence(p, True, catalogue=True) == pytest.approx(p / 4)
        quiet = with_features(energy=0)
        assert model.assess(quiet).genres[0][1] == pytest.approx(0.7)
        assert model.assess(quiet, " ").genres[0][1] == pytest.approx(0.7)
        assert model.assess(quiet, "Waves").genres[0][1] == pytest.approx(0.35)
        assert model.assess(quiet, counts=np.array([9, 0, 0, 0])).genres[0][1] == pytest.approx(9.35 / 9.5 / 4)


class TestCatalogue:
    def test_counts_and_sound_blend_as_a_dirichlet_posterior(self):
        model = fixed_model([0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7])
        p = model.probabilities(with_features(energy=1))
        blended = model.catalogue(p, np.array([[0, 3, 1, 0]]))
        assert blended == pytest.approx(np.array([[0.05, 3.05, 1.05, 0.35]]) / 4.5)

    def test_without_other_tracks_the_sound_decides(self):
        model = fixed_model([0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7])
        p = model.probabilities(with_features(energy=0.3))
        assert model.catalogue(p, np.zeros((1, 4))) == pytest.approx(p)

    def test_assess_believes_the_artist_and_explains_the_sound(self):
        model = fixed_model([0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7])
        alone = model.assess(with_features(energy=1))
        known = model.assess(with_features(energy=1), counts=np.array([0, 9, 0, 0]))
        assert (alone.family, alone.genres[0]) == ("house, techno & trance", ("techno", pytest.approx(0.7)))
        assert known.family == "folk & singer-songwriter"
        assert known.family_p == pytest.approx(9.05 / 9.5)
        assert sum(p for _, p in known.families) == pytest.approx(1)
        effects = {c.feature: c.effect for c in alone.explanation.contributions}
        assert max(effects, key=effects.get) == "energy"
        assert alone.explanation.score == pytest.approx(alone.family_p)

    def test_completions_are_averaged(self):
        model = fixed_model([1, 0, 0, 0], [0, 0, 0, 1])
        x = np.vstack([with_features(energy=e) for e in (0.0, 0.2, 1.0)])
        assert dict(model.assess(x).genres)["techno"] == pytest.approx(0.4)

    def test_an_unknown_target_has_no_explanation(self):
        with pytest.raises(KeyError):
            fixed_model([1, 0, 0, 0], [0, 0, 0, 1]).explain(tracks(1)[0], "jazz")


class TestDrift:
    model = fixed_model([0.85, 0.05, 0.05, 0.05], [0.02, 0.02, 0.02, 0.94])

    def test_a_tag_the_sound_speaks_against_is_named(self):
        drift = self.model.drift(with_features(energy=1), ("pop",))
        assert (drift.tags, drift.tagged_family) == (("pop",), "pop (western)")
        assert (drift.sound_family, drift.sound_p) == ("house, techno & trance", pytest.approx(0.94))

    @pytest.mark.parametrize(
        ("energy", "tags", "why"),
        [
            (1, ("techno",), "agrees"),
            (1, ("pop", "techno"), "agrees with one of the tags"),
            (0.5, ("pop",), "the sound has no clear family"),
            (0.2, ("techno",), "the tagged family keeps a real chance"),
            (1, (), "no tags"),
            (1, ("unheard-of",), "no known tag"),
        ],
    )
    def test_without_a_clear_contradiction_there_is_none(self, energy, tags, why):
        assert self.model.drift(with_features(energy=energy), tags) is None, why


def source_rows(artists=60, each=6):
    """Energy makes techno, acousticness folk; ambient is in the titles; artists of the second source have tags only."""
    rng = np.random.default_rng(0)
    n = artists * each
    rows = pd.DataFrame(tracks(n), columns=list(NAMES))
    artist = np.repeat(np.arange(artists), each)
    genre = artist % 4
    rows["energy"] = np.where(genre == 3, rng.uniform(0.8, 1, n), rng.uniform(0, 0.5, n))
    rows["acousticness"] = np.where(genre == 1, rng.uniform(0.8, 1, n), rng.uniform(0, 0.5, n))
    rows["genre"] = np.array(GENRES)[genre]
    rows["title"] = np.where(genre == 0, "Deep Waves", "Song of Love")
    rows["artist_key"] = [f"artist {a}" for a in artist]
    rows["track_id"] = [f"t{i}" for i in range(n)]
    rows["recording"] = np.arange(n)
    rows["source"] = "spotify-114"
    rows["tags"] = [()] * n
    rows = rows.assign(hit=np.nan, decade=0, year=0)
    tagged = rows.iloc[::3].assign(source="collected-2024", genre="", tags=[("tag",)] * 120, year=1994)
    tagged.loc[tagged.index[::2], "recording"] += n  # the same artist, another recording
    tagged.loc[tagged.index[:60], ["hit", "decade"]] = [1, 1980]
    twice = rows.iloc[:6].assign(genre="pop")
    return pd.concat([rows, tagged, twice], ignore_index=True)


class TestLabels:
    def test_a_track_under_two_genres_is_one_example_with_both(self):
        built = examples(source_rows(), GENRES)
        assert len(built.x) == 360 + 120
        assert built.genres[0].tolist() == [1, 0, 1, 0]
        assert built.eras[360].tolist() == [0, 1]
        assert built.eras[-1].tolist() == [1, 0]
        task = built.tasks()[0]
        assert task.targets[0].tolist() == [0.5, 0, 0.5, 0]
        assert task.weights[0] == pytest.approx(2 * task.weights[6])
        assert task.weights[360:].max() == 0

    def test_a_prolific_artist_weighs_by_the_root_of_its_tracks(self):
        rows = source_rows()
        rows = rows[(rows.artist_key != "artist 1") | (rows.track_id == "t6")]
        task = examples(rows, GENRES).tasks()[0]
        assert task.weights[6] / task.weights[12] == pytest.approx(np.sqrt(6))

    def test_other_sources_do_not_give_a_held_out_artist_away(self):
        train, held = hold_out(source_rows(), "artist", 0)
        assert (held.genre != "").all()
        assert not set(train.artist_key) & set(held.artist_key)
        assert (train.genre == "").any()

    def test_the_counts_of_an_artist_leave_the_track_out(self):
        built = examples(source_rows(), GENRES)
        assert built.counts_of_artist()[0].tolist() == [5, 0, 5, 0]


NETWORK = TitledNetwork(hidden=(24, 24), buckets=128, title_size=8, dropout=0.1, epochs=40, batch=64)


@pytest.fixture(scope="module")
def fitted():
    pytest.importorskip("jax")
    pytest.importorskip("optax")
    told = []
    model = GenreModel(NETWORK, bins=8).fit(source_rows(), seed=1, progress=told.append)
    assert len(told) == 80
    return model


class TestFit:
    def test_it_learns_sound_and_title(self, fitted):
        loud = with_features(energy=0.9, acousticness=0.1)
        soft = with_features(energy=0.2, acousticness=0.9)
        x = np.vstack([loud, soft])
        p = fitted.probabilities(x)
        assert p.shape == (2, 4)
        assert p.sum(axis=1) == pytest.approx([1, 1])
        assert [fitted.genres_[i] for i in p.argmax(axis=1)] == ["techno", "folk"]
        neither = with_features(energy=0.2, acousticness=0.1)
        titled = fitted.probabilities(neither, ["Deep Waves"])[0, 0]
        assert titled > fitted.probabilities(neither, ["Song of Love"])[0, 0] + 0.2
        assert titled > fitted.probabilities(neither)[0, 0]

    def test_confidence_keeps_the_order_and_stays_a_probability(self, fitted):
        p = fitted.probabilities(tracks(50))
        confidence = fitted.confidence(p)
        assert np.array_equal(np.argsort(p, axis=1), np.argsort(confidence, axis=1))
        assert 0 <= confidence.min() <= confidence.max() <= 1
        assert fitted.families(p).shape == (50, 16)
        assert fitted.families(p).sum(axis=1) == pytest.approx(np.ones(50))

    def test_it_survives_storage_and_threads(self, fitted, tmp_path):
        joblib.dump(fitted, tmp_path / "genre.joblib", compress=3)
        stored = joblib.load(tmp_path / "genre.joblib")
        x = tracks(40)
        expected = [fitted.assess(row[None, :], "Deep Waves") for row in x]
        found = [None] * len(x)

        def work(rows):
            for i in rows:
                found[i] = stored.assess(x[i : i + 1], "Deep Waves")

        threads = [threading.Thread(target=work, args=(range(start, 40, 4),)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == expected


class TestScores:
    """Two tracks: ambient and folk, guessed ambient; techno, guessed pop. The forest gets both wrong."""

    model = fixed_model([1, 0, 0, 0], [0, 0, 0, 1])
    built = Examples(
        x=tracks(2),
        titles=["a", "b"],
        recordings=np.arange(2),
        artists=np.array(["x", "y"]),
        genres=np.array([[1, 1, 0, 0], [0, 0, 0, 1]], np.float32),
        tags=np.zeros((2, 0), np.float32),
        eras=np.zeros((2, 0), np.float32),
    )
    p = np.array([[0.6, 0.1, 0.2, 0.1], [0.1, 0.1, 0.7, 0.1]])

    def scores(self):
        wrong = np.tile([0, 0, 1.0, 0], (2, 1))
        said = {"network, audio": _raw(self.model, self.p), "RandomForest": _raw(self.model, wrong)}
        metrics = {name: _metrics(self.model, self.built, one) for name, one in said.items()}
        return {(s.model, s.metric): s for s in _scores(metrics, self.built, "by artist", 0)}

    @pytest.mark.parametrize(
        ("metric", "value"),
        [
            ("row top-1", 1 / 3),
            ("row top-5", 1),
            ("row log-loss", -(np.log(0.6) + 2 * np.log(0.1)) / 3),
            ("any top-1", 1 / 2),
            ("family top-1", 1 / 2),
            ("any ECE", (0.4 + 0.7) / 2),
            ("row top-1 over RandomForest", 1 / 3),
        ],
    )
    def test_each_counts_what_it_says(self, metric, value):
        score = self.scores()["network, audio", f"genre {metric}"]
        assert score.value == pytest.approx(value)
        assert score.n == 2
