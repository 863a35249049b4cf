"""The card every chart is drawn on, in its own pixels: the only code that touches matplotlib's artists.

Axes, ticks and layout engines cost more than everything drawn here together, and they place text by their own rules.
So a chart says where each mark goes, in pixels from the top left, and matplotlib does what it is best at: shaping
text, smooth edges, and the PNG. One thread draws everything: matplotlib is not thread-safe, and its fonts are kept
for each thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.charts import text as lettering
from ml.charts.cache import Cache, key_of
from ml.charts.png import encode
from ml.charts.theme import BODY, INK, MARGIN, PAPER, QUIET, RIGHT, RULE, SMALL, WIDTH

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.text import Text

P = ParamSpec("P")
Align = Literal["left", "center", "right"]
_CAP = 0.364  # half the height of a capital, in type sizes
_LEADING = SMALL * 1.2
_PEN = ThreadPoolExecutor(1, "charts")
_CACHE = Cache(12_000_000)  # some 70 charts


@dataclass(frozen=True)
class Scale:
    """A straight line from data (`low` to `high`) to pixels (`start` to `end`)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of one value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def all(self, values: ArrayLike) -> NDArray[np.float64]:
        """The pixels of many values."""
        share = (np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


class Card:
    """A sheet with its title, subtitle and footer set; the chart goes between `top` and `bottom`."""

    def __init__(self, title: str, subtitle: str, footer: str, body: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        lines, size = lettering.headline(title, RIGHT - MARGIN)
        step = size * 1.15
        first = 44 + size * 0.8
        under = first + step * (len(lines) - 1)
        below = lettering.wrap(subtitle, SMALL, RIGHT - MARGIN, 2) if subtitle else []
        self.top = under + (SMALL + 30 if below else 0) + _LEADING * max(len(below) - 1, 0) + 40
        self.bottom = self.top + body
        notes = lettering.wrap(footer, SMALL, RIGHT - MARGIN, 3)
        self.height = round(self.bottom + SMALL + 62 + _LEADING * (len(notes) - 1))
        # 72 dots an inch make a point a pixel, in type and in line widths alike.
        self.figure = Figure(figsize=(WIDTH / 72, self.height / 72), dpi=72, facecolor=PAPER, edgecolor="none")
        FigureCanvasAgg(self.figure)
        self._page = Affine2D().scale(1, -1).translate(0, self.height)
        for i, line in enumerate(lines):
            self.text(MARGIN, first + i * step, line, size=size, bold=True, middle=False)
        for i, line in enumerate(below):
            self.text(MARGIN, under + SMALL + 22 + i * _LEADING, line, SMALL, QUIET, middle=False)
        for i, line in enumerate(notes, 1 - len(notes)):
            self.text(MARGIN, self.height - 34 + i * _LEADING, line, SMALL, QUIET, middle=False)

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._page)
        artist.set_zorder(1)  # the painter's order: what is drawn later lies on top
        self.figure.add_artist(artist)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = BODY,
        colour: str = INK,
        *,
        bold: bool = False,
        align: Align = "left",
        room: float | None = None,
        middle: bool = True,
        halo: bool = False,
    ) -> None:
        """Write one line: `y` is the middle of its capitals, or its baseline; `room` cuts it to a width."""
        from matplotlib.patheffects import withStroke

        words = lettering.legible(words) if room is None else lettering.fit(words, size, room, bold)
        self._add(
            _word()(
                x,
                y + size * _CAP if middle else y,
                words,
                color=colour,
                fontproperties=lettering.font(size, bold),
                horizontalalignment=align,
                verticalalignment="baseline",
                parse_math=False,
                usetex=False,
                antialiased=True,
                path_effects=[withStroke(linewidth=7, foreground=PAPER)] if halo else None,
            )
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: str, opacity: float = 1) -> None:
        """Fill a rectangle between two corners."""
        from matplotlib.patches import Rectangle

        self._add(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=colour, alpha=opacity, edgecolor="none", linewidth=0))

    def picture(self, pixels: NDArray[np.uint8], x: float, bottom: float) -> None:
        """Lay (height, width, 4) opaque pixels as they are, with their lower left corner at `x`, `bottom`."""
        from matplotlib.artist import Artist

        upwards = np.ascontiguousarray(pixels[::-1])
        at = round(x), round(self.height - bottom)

        class Picture(Artist):
            """matplotlib's own images are resampled on their way, which takes ten times as long."""

            def draw(self, renderer: Any) -> None:
                renderer.draw_image(renderer.new_gc(), *at, upwards)

        self._add(Picture())

    def line(
        self, xs: ArrayLike, ys: ArrayLike, colour: str = RULE, width: float = 2, dash: tuple[float, ...] = ()
    ) -> None:
        """Draw a line through points; `dash` gives strokes and gaps in line widths."""
        from matplotlib.lines import Line2D

        style: Any = (0, dash) if dash else "-"
        self._add(
            Line2D(
                np.asarray(xs),
                np.asarray(ys),
                color=colour,
                linewidth=width,
                linestyle=style,
                marker="",
                antialiased=True,
                solid_capstyle="butt",
                solid_joinstyle="round",
                dash_capstyle="butt",
                dash_joinstyle="round",
            )
        )

    def area(self, xs: ArrayLike, lower: ArrayLike, upper: ArrayLike, colour: str, opacity: float = 1) -> None:
        """Fill between two curves over the same xs."""
        xs = np.asarray(xs, dtype=np.float64)
        outline = np.column_stack([np.r_[xs, xs[::-1]], np.r_[np.broadcast_to(upper, xs.shape), _backwards(lower, xs)]])
        self.shape(outline, colour, opacity)

    def shape(self, outline: ArrayLike, colour: str, opacity: float = 1) -> None:
        """Fill a closed outline of (x, y) points."""
        from matplotlib.patches import Polygon

        outline = np.asarray(outline, dtype=np.float64)
        self._add(Polygon(outline, closed=True, facecolor=colour, alpha=opacity, edgecolor="none", linewidth=0))

    def shapes(self, outlines: NDArray[np.floating], colours: Sequence[str] | NDArray[np.floating]) -> None:
        """Fill many outlines, an (n, points, 2) array, in one go."""
        from matplotlib.collections import PolyCollection

        self._add(
            PolyCollection(list(outlines), facecolors=colours, edgecolors="none", linewidths=0, antialiaseds=True)
        )

    def dots(self, xs: ArrayLike, ys: ArrayLike, colour: str, size: float = 22, edge: str = PAPER) -> None:
        """Draw round dots of one diameter with a thin edge that keeps neighbours apart."""
        from matplotlib.lines import Line2D

        self._add(
            Line2D(
                np.atleast_1d(xs),
                np.atleast_1d(ys),
                linestyle="none",
                marker="o",
                markersize=size,
                markerfacecolor=colour,
                markeredgecolor=edge,
                markeredgewidth=3,
                antialiased=True,
            )
        )


@lru_cache(maxsize=1)
def _word() -> type[Text]:
    """matplotlib's text, made here so that matplotlib is not imported before the first chart."""
    from matplotlib.patheffects import PathEffectRenderer
    from matplotlib.text import Text

    class Word(Text):
        """One line whose width is known; matplotlib's own is laid out once to be measured and again to be drawn."""

        def draw(self, renderer: Any) -> None:
            words, font = self.get_text(), self.get_fontproperties()
            if not words or not self.get_visible():
                return
            x, y = self.get_transform().transform(self.get_position())
            share = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
            if share:
                x -= share * lettering.width(words, font.get_size_in_points(), font.get_weight() == "bold")
            gc = renderer.new_gc()
            gc.set_foreground(self.get_color())
            pen = PathEffectRenderer(effects, renderer) if (effects := self.get_path_effects()) else renderer
            pen.draw_text(gc, x, renderer.height - y, words, font, 0, mtext=self)
            gc.restore()

    return Word


def _backwards(values: ArrayLike, like: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), like.shape)[::-1]


class Drawing(Generic[P]):
    """A chart as a function of results: calling it gives the PNG, `build` the figure before it is rendered.

    The same results give the same bytes, drawn once while they are remembered; `draw` draws them whatever is.
    """

    def __init__(self, build: Callable[P, Figure]) -> None:
        self.build = build
        self.__doc__ = build.__doc__
        self.__name__ = build.__name__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> bytes:
        """The PNG, from any thread: a remembered one, or drawn on the one drawing thread."""
        key = key_of(self, args, kwargs)
        if key is None:
            return self.draw(*args, **kwargs)
        return _CACHE.get(key, lambda: _png(self.build(*args, **kwargs)), _PEN)

    def draw(self, *args: P.args, **kwargs: P.kwargs) -> bytes:
        """Draw on the one drawing thread, and neither look for the PNG nor remember it."""
        return _PEN.submit(lambda: _png(self.build(*args, **kwargs))).result()


def rendered(figure: Figure) -> NDArray[np.uint8]:
    """The figure's (height, width, 4) pixels; only for the drawing thread."""
    canvas: Any = figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def _png(figure: Figure) -> bytes:
    return encode(rendered(figure))


def warm() -> None:
    """Load matplotlib and the fonts on the drawing thread, so that the first chart is as fast as the next."""
    _PEN.submit(lambda: _png(Card("Warm", "up", "", 10).figure)).result()
