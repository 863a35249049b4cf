"""Counts of what was asked and how long it took, as Prometheus text."""

from __future__ import annotations

import platform
import time
import tomllib
from bisect import bisect_left
from collections import Counter, defaultdict
from pathlib import Path

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the latency histogram in seconds."""
PROJECT = Path(__file__).parents[1] / "pyproject.toml"


class Metrics:
    """Requests of every transport by command and outcome, their latency, uptime and build."""

    def __init__(self) -> None:
        self._version = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"]
        self._started = time.time()
        self._requests: Counter[tuple[str, str]] = Counter()
        # One slot a bucket and a last one for what is slower than every bound.
        self._latency: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def observe(self, command: str, outcome: str, seconds: float) -> None:
        """Count one answered request."""
        self._requests[command, outcome] += 1
        self._latency[command][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[command] += seconds

    def render(self) -> str:
        """Return the Prometheus text exposition, format version 0.0.4."""
        lines = [
            "# HELP timbre_build_info The running version.",
            "# TYPE timbre_build_info gauge",
            f'timbre_build_info{{version="{self._version}",python="{platform.python_version()}"}} 1',
            "# HELP timbre_uptime_seconds Seconds since the start.",
            "# TYPE timbre_uptime_seconds gauge",
            f"timbre_uptime_seconds {time.time() - self._started:.3f}",
            "# HELP timbre_requests_total Requests by command and outcome.",
            "# TYPE timbre_requests_total counter",
        ]
        for (command, outcome), count in sorted(self._requests.items()):
            lines.append(f'timbre_requests_total{{command="{command}",outcome="{outcome}"}} {count}')
        lines += [
            "# HELP timbre_request_seconds Time from a line to its reply.",
            "# TYPE timbre_request_seconds histogram",
        ]
        for command, slots in sorted(self._latency.items()):
            total = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), slots, strict=True):
                total += count
                lines.append(f'timbre_request_seconds_bucket{{command="{command}",le="{bound}"}} {total}')
            lines.append(f'timbre_request_seconds_sum{{command="{command}"}} {self._seconds[command]:.6f}')
            lines.append(f'timbre_request_seconds_count{{command="{command}"}} {total}')
        return "\n".join(lines) + "\n"
