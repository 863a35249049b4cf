"""How fast the recommender is: one query over the whole catalogue, beside what public code usually does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import StandardScaler

from bot.commands import COMMANDS
from bot.config import Settings
from bot.core import Reply
from bot.router import Router
from bot.store import Store
from ml.features import NAMES
from ml.filters import Wish
from ml.models import Models
from tests.timing import Row, timed

_QUERIES = 60


def rows() -> list[Row]:
    """One query of several kinds, the usual public recommender in the same run, and a thumb with the list after it."""
    models = Models(Settings().artifacts_dir)
    recommender = models.recommender
    recommender.warm()
    for mood in ("chill", "party"):
        models.moods.percentile(mood)
    seeds = _seeds(len(models.catalog))
    found = [
        timed(f"query: {what}", lambda wish=wish: recommender.recommend(wish(next(seeds))), 4, _QUERIES)
        for what, wish in _WISHES.items()
    ]
    usual = timed("the usual public recommender, 1 seed", _usual(models, seeds), float("inf"), 10)
    ratio = usual.median / found[0].median
    found += [usual, Row("times faster than that", ratio, ratio, 18, "x", at_least=True)]
    return [*found, asyncio.run(_thumb(models))]


_WISHES: dict[str, Callable[[int], Wish]] = {
    "1 seed": lambda row: Wish(likes=(row,)),
    "5 seeds": lambda row: Wish(likes=tuple(range(row, row + 5))),
    "mood": lambda row: Wish(mood=("chill",), skip=row % 50),
    "mood and seed": lambda row: Wish(mood=("party",), likes=(row,)),
    "seed, years and range": lambda row: Wish(likes=(row,), years=(1990, 1999), ranges={"energy": (0.6, 1.0)}),
}


def _seeds(size: int) -> Iterator[int]:
    """Rows of the better-known half, always other ones."""
    return itertools.cycle(np.random.default_rng(0).integers(0, size // 2, 1000).tolist())


def _usual(models: Models, seeds: Iterator[int]) -> Callable[[], object]:
    """Scale the features, take cosine similarities to the seed, sort the frame: what public notebooks do a call."""
    c = models.catalog
    frame = pd.DataFrame(c.features.astype(float), columns=list(NAMES)).fillna(0)
    frame["track_id"] = c.ids.astype(str)
    frame["title"] = [c.titles[i] for i in range(len(c))]
    frame["artist"] = [c.artists[i] for i in c.artist_name]

    def recommend() -> pd.DataFrame:
        scaled = StandardScaler().fit_transform(frame[list(NAMES)])
        alike = cosine_similarity(scaled[[next(seeds)]], scaled)[0]
        return frame.assign(similarity=alike).sort_values("similarity", ascending=False).head(11)

    return recommend


async def _thumb(models: Models) -> Row:
    """A thumb and the list after it, through the router and SQLite, from the press to the changed list."""
    with TemporaryDirectory() as folder:
        router = Router(COMMANDS, models, Store(f"sqlite:///{folder}/timbre.sqlite3"))
        loop = asyncio.get_running_loop()
        reply = await router.answer("/recommend chill", "bench:thumb", "bench")
        took = []
        for _ in range(20):
            start = loop.time()
            await _good(router, reply.fields[0].next[0].line)
            changed = await _good(router, "/recommend chill")
            took.append((loop.time() - start) * 1000)
            assert changed.fields[0].url != reply.fields[0].url
            reply = changed
        await router.close()
    return Row("a thumb to a changed list", float(np.median(took)), max(took), 50, "ms")


async def _good(router: Router, line: str) -> Reply:
    reply = await router.answer(line, "bench:thumb", "bench")
    if reply.error:
        raise SystemExit(f"{line}: {reply.text}")
    return reply
