"""python -m tests.benchmarks: start-up, memory and answer times of the real server over loopback, as a table."""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from tests import chart_benchmark, recommender_benchmark
from tests.timing import Row, timed

ROOT = Path(__file__).resolve().parent.parent
TEXT = ["/help", "/about", "/help recommend", "/trend tmpo", "/genre bohemain rapsody"]
CHARTS = [
    "/recommend mood:energetic page:{n}",
    "/recommend like:Metallica page:{n}",
    "/recommend energy:>0.8 year:1990s page:{n}",
    "/playlist focus page:{n}",
    '/cluster "Enter Sandman"',
    '/genre "Enter Sandman"',
    "/genre danceability:0.{n}7 energy:0.81 tempo:12{n} valence:0.6",
    '/hitscore "Blinding Lights" year:196{n}',
    "/trend energy from:195{n}",
    '/trend valence genre:"hip-hop & r&b" from:197{n}',
    '/track "Hey Jude"',
]
PREFIXES = ["e", "ent", "enter san", "love me do bea", "zzxqy", "テイ"]


def main() -> None:
    """Measure everything and print the table."""
    rows = [_import_time(), *recommender_benchmark.rows(), *chart_benchmark.rows()]
    with TemporaryDirectory() as data_dir, _server(data_dir) as (port, start, pid):
        rows.append(Row("start to /healthz 200", start, start, 3, "s"))
        rows += [_answers(port, line, 30) for line in TEXT]
        rows += [_answers(port, line, 250) for line in CHARTS]
        rows += [timed(f"suggest {p!r}", lambda p=p: _suggest(port, p), 50) for p in PREFIXES]
        memory = _resident(pid)
        rows.append(Row("resident memory", memory, memory, 400, "MB"))
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}}  {'median':>8}  {'worst':>8}  {'limit':>6}")
    for row in rows:
        missed = "" if row.reached else "  MISSED"
        print(f"{row.what:{width}}  {row.median:8.2f}  {row.worst:8.2f}  {row.limit:6g} {row.unit}{missed}")


def _import_time() -> Row:
    """Import of the bot without its models, in fresh interpreters, less the interpreter's own start."""

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        return time.perf_counter() - start

    run("import bot.__main__")  # writes bytecode
    took = [run("import bot.__main__") - run("pass") for _ in range(5)]
    return Row("import bot", statistics.median(took), max(took), 0.5, "s")


@contextmanager
def _server(data_dir: str) -> Iterator[tuple[int, float, int]]:
    """The web chat on a free port: (port, seconds until healthy, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    settings = {"WEB_PORT": str(port), "LOG_LEVEL": "WARNING", "DATA_DIR": data_dir, "DATABASE_URL": ""}
    process = subprocess.Popen([sys.executable, "-m", "bot"], cwd=ROOT, env=os.environ | settings)
    try:
        while time.perf_counter() - start < 60:
            try:
                if _get(port, "/healthz") == 200:
                    break
            except OSError:
                pass
            time.sleep(0.02)
        yield port, time.perf_counter() - start, process.pid
    finally:
        process.terminate()
        process.wait(10)


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def _answers(port: int, line: str, limit: float) -> Row:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    rounds = iter(range(10_000))

    def ask() -> None:
        body = json.dumps({"user": f"bench:{line}", "text": line.format(n=next(rounds) % 9 + 1)})
        connection.request("POST", "/api/messages", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200 or "Something broke" in answer["text"] or "a lot of commands" in answer["text"]:
            raise SystemExit(f"{line}: {answer}")

    return timed(line, ask, limit)


def _suggest(port: int, prefix: str) -> None:
    _get(port, f"/api/suggest?command=genre&option=track&prefix={quote(prefix)}")


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


if __name__ == "__main__":
    main()
