"""Playlists: what is near in tempo and key, that the search finds what it should, and that the promises hold."""

import itertools

import numpy as np
import pytest

from ml import sequence_search, transitions
from ml.evaluation.sequences import evaluate_sequences
from ml.features import COLUMN, KEY_NAMES, NAMES
from ml.filters import Wish
from ml.models import Models
from ml.sequence import PER_ARTIST, arc_of, arrange, intensity, intensity_wanted
from ml.sequence_search import Order, Problem
from ml.text import title_key

STEADY = {"energy": 0.5, "loudness": -8.0, "tempo": 120.0, "key": 0.0, "mode": 1.0}


def tracks(*changed: dict[str, float]) -> np.ndarray:
    """(n, 14) features of tracks that differ from one another in what is given."""
    return np.array([[{**STEADY, **given}.get(name, 0.5) for name in NAMES] for given in changed])


def step(a: dict[str, float], b: dict[str, float]) -> transitions.Transition:
    return transitions.transitions(tracks(a, b))[0]


@pytest.mark.parametrize(
    ("a", "b", "octave", "near"),
    [
        (120, 120, 0, True),
        (100, 108, 0, True),
        (100, 109, 0, False),
        (108, 100, 0, True),
        (109, 100, 0, False),
        (70, 140, 1, True),
        (140, 70, -1, True),
        (70, 150, 1, True),
        (70, 152, 1, False),
        (90, 120, 0, False),
        (60, 240, 1, False),
        (0, 120, 0, False),
    ],
)
def test_half_and_double_time_are_near(a: float, b: float, octave: int, near: bool) -> None:
    found = step({"tempo": a}, {"tempo": b})
    assert (found.octave, found.near_tempo) == (octave, near)


def test_a_tempo_ratio_is_that_of_the_beat_one_feels() -> None:
    assert step({"tempo": 70}, {"tempo": 147}).tempo_ratio == pytest.approx(1.05)
    assert step({"tempo": 140}, {"tempo": 63}).tempo_ratio == pytest.approx(0.9)
    assert step({"tempo": 120}, {"tempo": 0}).tempo_ratio is None


MAJOR_FROM_C = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F♯": 6, "C♯": 5, "A♭": 4, "E♭": 3, "B♭": 2, "F": 1}
MINOR_FROM_C = {"A": 1, "E": 2, "B": 3, "F♯": 4, "C♯": 5, "A♭": 6, "E♭": 7, "B♭": 6, "F": 5, "C": 4, "G": 3, "D": 2}


@pytest.mark.parametrize(("mode", "table"), [(1, MAJOR_FROM_C), (0, MINOR_FROM_C)], ids=["major", "minor"])
def test_steps_from_c_major_follow_the_camelot_wheel(mode: int, table: dict[str, int]) -> None:
    for name, steps in table.items():
        found = step({}, {"key": KEY_NAMES.index(name), "mode": mode})
        assert found.key_steps == steps, name
        assert found.near_key == (steps <= 1)


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        (("C", 1), ("C", 1), "same"),
        (("C", 1), ("G", 1), "fifth up"),
        (("C", 1), ("F", 1), "fifth down"),
        (("C", 1), ("A", 0), "relative"),
        (("E♭", 0), ("F♯", 1), "relative"),
        (("A", 0), ("E", 0), "fifth up"),
        (("D", 0), ("G", 0), "fifth down"),
        (("C", 1), ("C", 0), "far"),
        (("C", 1), ("E", 0), "far"),
        (("C", 1), ("F♯", 1), "far"),
    ],
)
def test_key_relations(a: tuple[str, int], b: tuple[str, int], relation: str) -> None:
    one, other = ({"key": float(KEY_NAMES.index(key)), "mode": float(mode)} for key, mode in (a, b))
    assert step(one, other).key == relation


def test_costs_are_those_of_the_transitions_both_ways(models: Models) -> None:
    x = models.catalog.features[:40]
    costs = transitions.costs(x)
    assert (costs == costs.T).all()
    assert (costs.diagonal() == 0).all()
    assert np.diagonal(costs, 1) == pytest.approx([t.cost for t in transitions.transitions(x)])


def test_a_larger_change_of_any_kind_costs_more() -> None:
    for name, values in {
        "tempo": (121, 126, 140, 165),
        "energy": (0.55, 0.65, 0.95),
        "loudness": (-9, -12, -20),
        "valence": (0.6, 0.8, 1.0),
        "key": (7, 2, 9, 4),
    }.items():
        costs = [step({}, {name: value}).cost for value in values]
        assert costs == sorted(set(costs)), name
        assert costs[0] > 0


def problem(seed: int, count: int = 7, places: int = 4, artists: int = 5) -> Problem:
    rng = np.random.default_rng(seed)
    between = rng.random((count, count)) * 3
    artist = rng.integers(artists, size=count)
    return Problem(
        between=np.where(artist[:, None] == artist, np.inf, between + between.T),
        fit=rng.random((count, places)) * 2,
        seconds=rng.uniform(120, 300, count),
        artist=artist,
        wanted=places * 210.0,
        per_artist=2,
    )


def allowed(p: Problem, order: Order) -> bool:
    artists = p.artist[list(order)]
    return bool((artists[1:] != artists[:-1]).all() and np.bincount(artists).max() <= p.per_artist)


@pytest.mark.parametrize("seed", range(20))
def test_the_search_finds_the_best_of_all_orders(seed: int) -> None:
    p = problem(seed)
    every = [np.array(o) for o in itertools.permutations(range(7), 4) if allowed(p, np.array(o))]
    assert p.cost(sequence_search.solve(p)) == pytest.approx(min(map(p.cost, every)))


@pytest.mark.parametrize("seed", range(5))
def test_each_move_is_the_best_of_its_kind(seed: int) -> None:
    p = problem(seed, count=14, places=9, artists=14)
    order = next(o for o in (np.random.default_rng(i).permutation(14)[:9] for i in itertools.count()) if allowed(p, o))
    pairs = list(itertools.combinations(range(9), 2))
    turned = [np.r_[order[:i], order[i : j + 1][::-1], order[j + 1 :]] for i, j in pairs]
    moved = [np.insert(np.delete(order, i), j, order[i]) for i in range(9) for j in range(9) if i != j]
    replaced = [np.r_[order[:i], t, order[i + 1 :]] for i in range(9) for t in range(14) if t not in order]
    for move, tried in (
        (sequence_search._reverse, turned),
        (sequence_search._relocate, moved),
        (sequence_search._replace, replaced),
    ):
        best = min(p.cost(o) for o in tried if allowed(p, o))
        found = move(p, order)
        assert found is not None
        assert p.cost(found) == pytest.approx(best)


def candidates(models: Models, **wish: object) -> list[int]:
    return [pick.track.row for pick in models.recommender.recommend(Wish(count=250, **wish)).picks]  # type: ignore[arg-type]


@pytest.mark.parametrize("minutes", [10, 60, 180])
@pytest.mark.parametrize("mood", ["focus", "party", "sleep", "happy"])
def test_the_promises_of_a_playlist(models: Models, mood: str, minutes: int) -> None:
    rows = candidates(models, mood=(mood,))
    made = arrange(models.catalog, rows, minutes * 60, arc_of((mood,)))
    artists = models.catalog.artist[list(made.rows)]
    assert len(set(made.rows)) == len(made.rows)
    assert set(made.rows) <= set(rows)
    assert (artists[1:] != artists[:-1]).all()
    assert np.bincount(artists).max() <= max(PER_ARTIST, len(artists) // 15)
    tracks = [models.catalog.track(row) for row in made.rows]
    assert len({title_key(t.title) for t in tracks}) == len(tracks)
    for a, b in itertools.pairwise(tracks):
        assert not set(a.artist.split(", ")) & set(b.artist.split(", "))
    assert made.seconds == pytest.approx(models.catalog.features[list(made.rows), COLUMN["duration_ms"]].sum() / 1000)
    assert abs(made.seconds - minutes * 60) <= 120
    assert len(made.transitions) == len(made.rows) - 1
    assert made == arrange(models.catalog, rows, minutes * 60, arc_of((mood,)))


def test_few_candidates_are_used_up_and_one_artist_gives_one_track(models: Models) -> None:
    rows = candidates(models, mood=("chill",))[:5]
    assert sorted(arrange(models.catalog, rows, 3600).rows) == sorted(rows)
    artist = int(models.catalog.artist[0])
    assert len(arrange(models.catalog, models.catalog.by_artist(artist)[:9].tolist(), 3600).rows) == 1
    assert arrange(models.catalog, [], 3600).rows == ()


def test_energy_follows_its_arc(models: Models) -> None:
    for mood in ("sleep", "party", "focus"):
        rows = candidates(models, mood=(mood,))
        made = arrange(models.catalog, rows, 3600, arc_of((mood,)))
        reached = intensity(models.catalog, np.array(rows))[[rows.index(row) for row in made.rows]]
        assert np.abs(reached - intensity_wanted(made.arc, len(reached))).mean() < 0.15
        first, *_, last = np.array_split(reached, 3)
        if mood == "sleep":
            assert first.mean() > last.mean() + 0.3
    assert arc_of(("happy",)) == arc_of(()) == "wave"
    assert arc_of(("chill", "focus")) == "steady"


def test_the_evaluation_measures_what_a_playlist_gains(models: Models) -> None:
    scores = {(s.model, s.metric): s for s in evaluate_sequences(models.recommender, minutes=20)}
    assert all(metric.startswith("sequence ") for _, metric in scores)
    cost = scores["playlist", "sequence mean transition cost, minus random"]
    assert cost.high is not None
    assert cost.high < 0
    assert scores["playlist", "sequence share within 8 % tempo"].value > 0.9
    assert scores["playlist", "sequence share of keys compatible"].value > 0.75
    assert {s.n for s in scores.values()} == {30}
