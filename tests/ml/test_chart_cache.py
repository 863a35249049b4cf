"""Remembered charts: the same bytes for the same results, other bytes for any other, drawn once, in bounded room."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ml import charts
from ml.charts.cache import Cache, key_of
from ml.charts.card import Card
from ml.crowd import Crowd
from tests.ml.test_charts import CASES, FOOTER, PLAIN


@dataclass(frozen=True)
class Result:
    score: float
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ground:
    level: Any


ARRAY = np.arange(6.0)
DIFFERENT = [
    None,
    0,
    0.0,
    -0.0,
    False,
    "",
    "0",
    b"0",
    (),
    [],
    {},
    (1, 23),
    (12, 3),
    ("a", "bc"),
    ("ab", "c"),
    ("ab", ("c",)),
    {"a": 1},
    {"b": 1},
    range(3),
    range(0, 3, 2),
    float("nan"),
    np.nextafter(1, 2),
    1.0,
    np.float32(1),
    ARRAY,
    ARRAY[::-1],
    ARRAY.reshape(2, 3),
    ARRAY.astype(np.float32),
    np.nextafter(ARRAY, 9),
    Result(0.5, ("a",)),
    Result(0.5, ("b",)),
]


def test_different_values_have_different_keys() -> None:
    keys = [key_of(value) for value in DIFFERENT]
    assert None not in keys
    assert len(set(keys)) == len(DIFFERENT)


def test_equal_values_have_equal_keys_however_they_lie_in_memory() -> None:
    assert key_of(ARRAY) == key_of(np.repeat(ARRAY, 2)[::2]) == key_of(ARRAY.copy())
    assert key_of(float("nan")) == key_of(np.nan)
    assert key_of(Result(0.5, ("a",))) == key_of(Result(0.5, ("a",)))
    assert key_of({"a": [1, (2.5, "ü")]}) == key_of({"a": [1, (2.5, "ü")]})


def test_what_compares_by_identity_counts_by_identity_and_is_let_go() -> None:
    first, second = Ground(1), Ground(1)
    assert key_of(first) == key_of(first) != key_of(second)
    kept = key_of(first)
    del first
    gc.collect()
    assert all(key_of(Ground(1)) != kept for _ in range(100))  # also one at the same address


def test_what_can_change_unseen_has_no_key_and_is_drawn_every_time() -> None:
    assert key_of(SimpleNamespace(a=1)) is None
    assert key_of((1, {"a": {1, 2}})) is None
    drawn: list[str] = []

    @charts.Drawing
    def counted(thing: Any, title: str) -> Any:
        drawn.append(title)
        return Card(title, "", "", 10).figure

    for _ in range(2):
        counted(SimpleNamespace(a=1), title="seen")
    assert len(drawn) == 2


def test_a_chart_is_drawn_once_for_any_number_of_people_at_once() -> None:
    drawn: list[str] = []

    @charts.Drawing
    def counted(values: Any, title: str) -> Any:
        drawn.append(title)
        return Card(title, "", "", 10).figure

    values = np.random.default_rng(0).random(50_000)
    with ThreadPoolExecutor(8) as people:
        pngs = set(people.map(lambda i: counted(values.copy(), title=f"chart {i % 2}"), range(40)))
    assert sorted(drawn) == ["chart 0", "chart 1"]
    assert len(pngs) == 2


@pytest.mark.parametrize("name", ["picks", "clusters", "playlist", "importance"])
def test_a_remembered_chart_is_the_one_that_would_be_drawn(name: str) -> None:
    case, drawing = CASES[name], getattr(charts, CASES[name].name)
    first, again = (drawing(*case.args, title=PLAIN, footer=FOOTER, **case.extra) for _ in range(2))
    assert first is again
    assert first == case.render()
    assert drawing(*case.args, title=f"{PLAIN}!", footer=FOOTER, **case.extra) != first


def test_a_chart_of_another_crowd_is_another_chart() -> None:
    case = CASES["picks"]
    other = Crowd(np.random.default_rng(1).beta(5, 1, (5_000, 2)))
    told = {**case.extra, "title": PLAIN, "footer": FOOTER}
    assert charts.picks(case.args[0], other, **told) != charts.picks(*case.args, **told)


def test_the_cache_keeps_to_its_room_and_lets_the_oldest_go() -> None:
    cache, made = Cache(100), []
    with ThreadPoolExecutor(1) as pen:

        def get(name: str, size: int = 40) -> bytes:
            return cache.get((name,), lambda: made.append(name) or b"x" * size, pen)  # type: ignore[func-returns-value]

        for name in "abacab":
            get(name)
            assert cache.used <= 100
        assert made == ["a", "b", "c", "b"]
        get("huge", 101)
        assert cache.used <= 100
        assert len(get("huge", 101)) == 101
        assert made[-2:] == ["huge", "huge"]


def test_an_error_reaches_all_who_wait_and_is_not_remembered() -> None:
    cache, gate, tries = Cache(100), threading.Event(), []

    def fail() -> bytes:
        tries.append(1)
        gate.wait(5)
        raise ValueError("ink")

    with ThreadPoolExecutor(1) as pen, ThreadPoolExecutor(4) as people:
        waiting = [people.submit(cache.get, ("a",), fail, pen) for _ in range(4)]
        while not tries:
            pass
        gate.set()
        for one in waiting:
            with pytest.raises(ValueError, match="ink"):
                one.result(5)
        assert cache.get(("a",), lambda: b"ok", pen) == b"ok"
