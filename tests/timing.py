"""Timing a call many times, and one line of the table it makes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 15


@dataclass(frozen=True)
class Row:
    """One line of the table: `limit` is the most allowed, or with `at_least` the least."""

    what: str
    median: float
    worst: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def reached(self) -> bool:
        """Whether the median keeps to the limit."""
        return self.median >= self.limit if self.at_least else self.median <= self.limit


def timed(what: str, call: Callable[[], object], limit: float, rounds: int = ROUNDS) -> Row:
    """Median and worst of `rounds` calls, in milliseconds."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        took.append((time.perf_counter() - start) * 1000)
    return Row(what, statistics.median(took), max(took), limit, "ms")
