"""Co-occurrence in lists is the cosine it claims to be."""

import numpy as np
import pytest

from ml.playlists import CoOccurrence


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    pairs = np.unique(rng.integers(0, (60, 12), (300, 2)), axis=0)
    return 3 * pairs[:, 0], pairs[:, 1]  # gaps between codes, as tracks in no playlist leave


def test_scores_are_the_weighted_sum_of_cosines(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    things, lists = drawn
    told = CoOccurrence(things, lists)
    held = np.zeros((200, 12))
    held[things, lists] = 1
    unit = held / np.maximum(np.linalg.norm(held, axis=1, keepdims=True), 1e-9)
    history, weights = np.array([3, 30, 33, 1]), np.array([1.0, 2.0, -0.5, 7.0])
    expected = (unit @ (weights @ unit[history]))[told.members]
    np.testing.assert_allclose(told.scores(history, weights), expected, rtol=1e-5, atol=1e-6)


def test_members_and_counts_are_those_of_the_lists(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    things, lists = drawn
    told = CoOccurrence(things, lists)
    members, counts = np.unique(things, return_counts=True)
    np.testing.assert_array_equal(told.members, members)
    np.testing.assert_array_equal(told.counts, counts)


def test_the_order_of_entries_does_not_matter(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    things, lists = drawn
    mixed = np.random.default_rng(2).permutation(len(things))
    history, weights = np.array([6, 9]), np.ones(2)
    straight = CoOccurrence(things, lists).scores(history, weights)
    assert CoOccurrence(things[mixed], lists[mixed]).scores(history, weights).tobytes() == straight.tobytes()


@pytest.mark.parametrize("history", [[], [1], [10**6]])
def test_what_is_in_no_list_adds_nothing(drawn: tuple[np.ndarray, np.ndarray], history: list[int]) -> None:
    told = CoOccurrence(*drawn)
    assert not told.scores(np.array(history, np.intp), np.ones(len(history))).any()


def test_no_lists_at_all_score_nothing() -> None:
    nothing = np.empty(0, np.intp)
    assert len(CoOccurrence(nothing, nothing).scores(np.array([1]), np.ones(1))) == 0
