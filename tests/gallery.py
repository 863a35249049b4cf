"""python -m tests.gallery: every chart the bot can make, from real lines, on one page as phones and desktops show it.

Each line goes through the router to the real models. Under it stand its alt text and each of its charts at a phone's
width, 390 points with 16 to either side, on a dark and on a white background; a switch adds them at full width, another
takes their colours away.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

from bot.commands import COMMANDS
from bot.config import Settings
from bot.core import File, Reply
from bot.router import Router
from bot.store import Store
from ml import charts
from ml.charts import Drawing
from ml.models import Models

OUT = Path(__file__).resolve().parent.parent / "out" / "gallery"
Call = tuple[Drawing[...], tuple[Any, ...], dict[str, Any]]

LINES = (
    "/recommend energetic",
    "/recommend mood:sad count:20",
    '/recommend like:"Metallica"',
    '/recommend genre:"singer-songwriter" year:1970s count:3',
    "/recommend energy:>0.9 acousticness:>0.7",
    "/recommend sleep count:1",
    "/playlist focus minutes:45",
    "/playlist workout minutes:180",
    '/playlist like:"Daft Punk" minutes:30',
    "/playlist sleep minutes:10",
    '/genre "Enter Sandman"',
    '/genre "Bohemian Rhapsody"',
    '/genre "Clair de lune"',
    "/genre danceability:0.78 energy:0.81 tempo:124 acousticness:0.02 valence:0.6",
    '/genre title:"Midnight in a very long Title (Remastered 2011 Version) [feat. Somebody Else]" energy:0.2',
    "/genre file:demos.csv",
    "/genre file:one.csv",
    '/hitscore "Blinding Lights"',
    '/hitscore "Skinny Love"',
    "/hitscore energy:0.9 tempo:170 loudness:-4 year:1985",
    '/hitscore "Clair de lune" year:1962',
    "/hitscore file:demos.csv",
    '/whatif "Blinding Lights" vary:danceability',
    '/whatif "Skinny Love" vary:loudness',
    "/whatif danceability:0.7 energy:0.8 tempo:124 vary:duration_ms",
    '/compare "Blinding Lights" b:"Take On Me"',
    '/compare "Blinding Lights" genre:synth-pop',
    '/compare danceability:0.7 energy:0.8 tempo:124 genre:"hip-hop & r&b"',
    "/explain hit",
    "/explain popularity",
    "/explain techno",
    "/explain country",
    "/blend a:pop b:edm",
    "/blend a:metal b:classical",
    '/blend a:"singer-songwriter" b:"house, techno & trance"',
    "/trend tempo",
    "/trend energy from:1990",
    "/trend explicit",
    "/trend loudness vs:hits",
    "/trend valence by:month",
    "/trend duration_ms by:decade",
    "/trend danceability genre:synth-pop",
    "/trend genre:synth-pop",
    '/trend genre:"rock & punk"',
    '/trend acousticness genre:metal vs:"folk & singer-songwriter"',
    "/cluster",
    '/cluster "Enter Sandman"',
    '/cluster "Clair de lune"',
    "/cluster name:0",
    "/cluster name:3",
    "/cluster energy:0.8 tempo:124 danceability:0.7",
    "/cluster file:demos.csv",
    '/track "Enter Sandman"',
    '/track "Clair de lune"',
    '/track "Hey Jude"',
)
"""Every command that draws, with long names, families, demos, single tracks and the edges of its ranges."""

STYLE = """
:root { color-scheme: light; } * { box-sizing: border-box; }
body { margin: 0; background: #e9e9ec; color: #1e1c19; font: 15px/1.4 Inter, 'Noto Sans', sans-serif; }
nav { position: sticky; top: 0; z-index: 1; background: #1e1c19; color: #fff; padding: 10px 20px; display: flex;
  gap: 6px 18px; flex-wrap: wrap; } nav a { color: #fff; } nav span { color: #b5b0a6; margin-left: auto; }
section { display: flex; flex-wrap: wrap; gap: 24px; padding: 0 20px; align-items: start; }
h2 { margin: 28px 20px 8px; scroll-margin-top: 60px; } article { width: 780px; }
h3 { font: 600 15px/1.4 'JetBrains Mono', monospace; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 0 0 8px; color: #57534b; font-size: 13px; max-height: 3.9em; overflow: auto; }
.row { display: grid; grid-template-columns: 390px 390px; align-items: stretch; margin-bottom: 10px; }
.row > * { padding: 16px; } .dark { background: #313338; } .white { background: #fff; }
img { width: 100%; display: block; } .row > .full { display: none; grid-column: 1 / 3; }
.full article { width: 1232px; }
.full .row { grid-template-columns: 390px 390px 1fr; } .full .row > .full { display: block; grid-column: 1 / 4; }
.grey img { filter: grayscale(1); }
"""
SWITCH = """<a href="#" onclick="document.body.classList.toggle('{0}'); return false">{0}</a>"""


@dataclass(frozen=True)
class Shown:
    """One line and its answer."""

    line: str
    reply: Reply

    @property
    def command(self) -> str:
        """The command's name."""
        return self.line.split()[0].removeprefix("/")


def demos(rows: int) -> bytes:
    """A CSV of demos that nobody wrote."""
    rng = np.random.default_rng(7)
    table = rng.beta(3, 2, (rows, 3))
    tempo = rng.normal(120, 22, rows).clip(60, 200)
    lines = [
        f"Demo {n},{a:.2f},{b:.2f},{c:.2f},{t:.0f}"
        for n, ((a, b, c), t) in enumerate(zip(table, tempo, strict=True), 1)
    ]
    return "\n".join(["title,danceability,energy,valence,tempo", *lines]).encode()


FILES = {"demos.csv": demos(120), "one.csv": demos(1)}


async def answers(lines: tuple[str, ...] = LINES) -> list[Shown]:
    """Every line's answer, in order; a line that fails or draws nothing is an error of the gallery."""
    found = []
    with TemporaryDirectory() as folder:
        router = Router(COMMANDS, Models(Settings().artifacts_dir), Store(f"sqlite:///{folder}/timbre.sqlite3"))
        await router.warm()
        for number, line in enumerate(lines):
            typed, _, name = line.partition(" file:")
            files = (File(name, FILES[name]),) if name else ()
            reply = await router.answer(typed, f"gallery:{number}", "gallery", files)
            if reply.error or not reply.charts:
                raise SystemExit(f"{line}: {reply.text}")
            found.append(Shown(line, reply))
        await router.close()
    return found


def page(found: list[Shown], names: list[list[str]]) -> str:
    """The page, with the file name of each line's charts."""
    told = list(zip(found, names, strict=True))
    groups = [(key, list(rows)) for key, rows in groupby(told, key=lambda pair: pair[0].command)]
    links = " ".join(f'<a href="#{name}">/{name} {len(rows)}</a>' for name, rows in groups)
    switches = " ".join(SWITCH.format(name) for name in ("full", "grey"))
    count = sum(len(one) for one in names)
    body = "".join(
        f'<h2 id="{name}">/{name}</h2><section>{"".join(_article(*pair) for pair in rows)}</section>'
        for name, rows in groups
    )
    nav = f"<nav>{links} {switches}<span>{count} charts</span></nav>"
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>Timbre charts</title>"
    return f"<!doctype html>{head}<style>{STYLE}</style>{nav}{body}"


def _article(shown: Shown, files: list[str]) -> str:
    rows = []
    for chart, name in zip(shown.reply.charts, files, strict=True):
        picture = f'<img src="{name}" alt="{html.escape(chart.alt)}" loading="lazy">'
        panes = "".join(f'<div class="{ground}">{picture}</div>' for ground in ("dark", "white"))
        full = f'<a class="white full" href="{name}">{picture}</a>'
        rows.append(f'<p>{html.escape(chart.alt)}</p><div class="row">{panes}{full}</div>')
    return f"<article><h3>{html.escape(shown.line)}</h3>{''.join(rows)}</article>"


@contextmanager
def recorded() -> Iterator[list[Call]]:
    """Every chart asked for, as the drawing and its arguments."""
    calls: list[Call] = []
    drawn = Drawing.__call__

    def note(self: Drawing[...], *args: Any, **kwargs: Any) -> bytes:
        calls.append((self, args, kwargs))
        return drawn(self, *args, **kwargs)

    with patch.object(Drawing, "__call__", note):
        yield calls


def undrawn(calls: list[Call]) -> list[str]:
    """Kinds of chart that none of the calls drew."""
    kinds = {chart.__name__ for name in charts.__all__ if isinstance(chart := getattr(charts, name), Drawing)}
    return sorted(kinds - {drawing.__name__ for drawing, *_ in calls})


def _named(found: list[Shown]) -> Iterator[list[str]]:
    """A file name for each chart of each line."""
    for number, shown in enumerate(found):
        yield [f"{number:02d}-{i}-{chart.filename}" for i, chart in enumerate(shown.reply.charts)]


def main() -> int:
    """Write the page and its pictures, or the reference pictures the tests compare with."""
    parser = argparse.ArgumentParser("tests.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder to write to")
    parser.add_argument("--update-references", action="store_true", help="accept the charts of the tests as they are")
    given = parser.parse_args()
    if given.update_references:
        from tests.ml import test_chart_looks as looks

        print(looks.update())
        return 0
    given.out.mkdir(parents=True, exist_ok=True)
    for old in given.out.glob("*.png"):
        old.unlink()
    with recorded() as calls:
        found = asyncio.run(answers())
    if missing := undrawn(calls):
        raise SystemExit(f"No line of the gallery draws {', '.join(missing)}.")
    names = list(_named(found))
    for shown, files in zip(found, names, strict=True):
        for chart, name in zip(shown.reply.charts, files, strict=True):
            (given.out / name).write_bytes(chart.png)
    index = given.out / "index.html"
    index.write_text(page(found, names), encoding="utf-8")
    print(index)
    return 0


if __name__ == "__main__":
    sys.exit(main())
