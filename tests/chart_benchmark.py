"""How fast charts are drawn: each kind with the results of a real line, and a chart that was drawn before."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable

from ml.charts import Drawing
from tests.gallery import LINES, Call, answers, recorded
from tests.timing import Row, timed

_ROUNDS = 20


def rows() -> list[Row]:
    """Each kind of chart drawn anew, all of them together, and the slowest of the repeated ones."""
    with recorded() as calls:
        asyncio.run(answers(LINES))
    kinds: dict[str, list[Call]] = {}
    for call in calls:
        kinds.setdefault(call[0].__name__, []).append(call)
    found = [timed(f"chart: {name}", _each(some, Drawing.draw), 100, _ROUNDS) for name, some in kinds.items()]
    medians = [row.median for row in found]
    every = Row("chart: the median kind", statistics.median(medians), max(medians), 60, "ms")
    again = [timed(name, _each(some, Drawing.__call__), 5, _ROUNDS) for name, some in kinds.items()]
    slowest = max(again, key=lambda row: row.median)
    return [*found, every, Row(f"chart again: {slowest.what}, the slowest", slowest.median, slowest.worst, 5, "ms")]


def _each(calls: list[Call], how: Callable[..., bytes]) -> Callable[[], object]:
    """A call that takes the next of `calls` every time."""
    turn = iter(range(10**9))

    def one() -> bytes:
        drawing, args, kwargs = calls[next(turn) % len(calls)]
        return how(drawing, *args, **kwargs)

    return one
