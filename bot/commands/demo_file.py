"""A CSV of demos sent along with a command: every row scored, the answer a CSV and a summary chart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from bot.commands import wording
from bot.commands.cells import cell
from bot.core import Chart, Field, File, Next, Reply, Request, UserError
from bot.services import Services
from bot.values import shorten
from ml import batch, charts, demo_csv
from ml.demo_csv import Demos
from ml.errors import MlError

_BY_FEATURES = "danceability:0.7 energy:0.8 tempo:124 acousticness:0.1 valence:0.6"


def score_file(request: Request, services: Services) -> Reply:
    """Score the CSV that came with the request."""
    file: File = request.options["file"]
    try:
        demos = demo_csv.read(file.data)
        scores = batch.score(services.models, demos)
    except MlError as error:
        raise UserError(f"{shorten(file.name)}: {error}", (f"/{request.command} {_BY_FEATURES}",)) from None
    table = demo_csv.write(_harmless(demos), batch.columns(demos, scores))
    families = Counter(scores.families).most_common()
    best = int(np.argmax(scores.hit))
    middle = f"{np.median(scores.hit) * 100:.0f} of 100"
    finding = (
        f"{len(scores.rows):,} demos scored: most sound like {families[0][0]}, the median hit score is {middle}"
        if len(scores.rows) > 1
        else f"1 demo scored: it sounds like {families[0][0]}, its hit score is {middle}"
    )
    fields = [
        Field("Families", " · ".join(f"{name} {n:,}" for name, n in families[:5])),
        Field("Highest hit score", f"{_name(demos, scores.rows[best])}: {scores.hit[best] * 100:.0f} of 100"),
        *(Field("Left out", remark) for remark in demo_csv.remarks(demos)),
        *(Field("Not used", f"{name}: a file says it in a column of its own") for name in _beside(request)),
    ]
    png = charts.demos(
        families,
        scores.hit,
        title=finding,
        footer=f"{len(scores.rows):,} of {len(demos.cells):,} rows of {shorten(file.name)}",
    )
    alt = f"{finding}. Families: {wording.listed([f'{name} {n:,}' for name, n in families[:5]])}."
    return Reply(
        finding + ".",
        tuple(fields),
        (Chart("demos.png", png, alt),),
        files=(File(f"scored-{_stem(file.name)}.csv", table.encode("utf-8-sig")),),
        next=(Next("What drives hits", "/explain hit"),),
    )


def _harmless(demos: Demos) -> Demos:
    """The same rows for a file that others open: on Discord everyone gets it."""
    return replace(
        demos, header=tuple(map(cell, demos.header)), cells=tuple(tuple(map(cell, row)) for row in demos.cells)
    )


def _beside(request: Request) -> list[str]:
    """Options that were given with the file, and say nothing about its rows."""
    return [name for name in request.options if name != "file"]


def _name(demos: Demos, row: int) -> str:
    return shorten(demos.titles[row]) if demos.titles[row] else f"row {row + 1}"


def _stem(name: str) -> str:
    """A file name of plain characters: what a person sent must not choose a path."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in name.rpartition(".")[0] or name)
    return kept[:60].strip("-") or "demos"
