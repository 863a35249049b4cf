"""Features as percentiles of the catalogue: those of one track, or of two sides and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ml.charts.card import Align, Card, Drawing, Scale
from ml.charts.marks import flags
from ml.charts.text import fit, label, width
from ml.charts.theme import (
    BODY,
    DOWN,
    INK,
    MARGIN,
    OTHER,
    QUIET,
    RIGHT,
    RULE,
    SHADE,
    SMALL,
    UP,
    family_colour,
    readable,
    unlike,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 56
_HEAD, _PAIR = 68, 62
_MATTER = 3  # differences, the widest, that are told
_NAMES = 1040  # pixels for the names of both sides


@Drawing
def track(percentiles: Sequence[tuple[str, str, float]], title: str, footer: str) -> Figure:
    """One row a feature, (label, value, percentile 0 to 100): how far from the middle track, and to which side."""
    card = Card(title, "share of tracks with a lower value, in percent", footer, 50 + len(percentiles) * _ROW)
    scale = Scale(0, 100, 640, RIGHT - 76)
    top = card.top + 50
    for value, words in ((0, "0"), (50, "middle track"), (100, "100")):
        card.text(scale(value), card.top + 14, words, SMALL, QUIET, align="center")
        card.line([scale(value)] * 2, [top, card.bottom], INK if value == 50 else RULE, 2)
    for i, (name, value_text, rank) in enumerate(percentiles):
        y = top + (i + 0.5) * _ROW
        card.text(MARGIN, y, name, BODY, room=320)
        card.text(560, y, value_text, SMALL, QUIET, align="right", room=170)
        above = rank >= 50
        colour = UP if above else DOWN
        card.line([scale(0), scale(100)], [y, y], SHADE, 3)
        card.line([scale(50), scale(rank)], [y, y], colour, 12)
        card.dots(scale(rank), y, colour, 34)
        side: Align = "left" if above else "right"
        beside = scale(rank) + (26 if above else -26)
        card.text(beside, y, f"{rank:.0f}", SMALL, colour, bold=True, align=side, halo=True)
    return card.figure


@Drawing
def compare(
    axes: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], title: str, footer: str, genre: str = ""
) -> Figure:
    """Two sides' (name, percentiles) as a pair of dots a feature, those that lie furthest apart first and bold.

    The second side takes the colour of its `genre`, if it has one.
    """
    card = Card(title, "share of tracks with a lower value, in percent", footer, _HEAD + len(axes) * _PAIR + 50)
    scale = Scale(0, 100, 470, RIGHT - 60)
    top, bottom = card.top + _HEAD, card.top + _HEAD + len(axes) * _PAIR
    for value, words in ((0, "0"), (50, "middle track"), (100, "100")):
        card.line([scale(value)] * 2, [top, bottom], OTHER if value == 50 else RULE, 2)
        card.text(scale(value), bottom + 34, words, SMALL, QUIET, align="center")
    theirs = family_colour(genre) if genre else DOWN
    colours = unlike(theirs), theirs
    (_, a), (_, b) = series
    order = sorted(range(len(axes)), key=lambda i: -abs(a[i] - b[i]))
    rows = [top + (row + 0.5) * _PAIR for row in range(len(axes))]
    names = [label(name, i, 60) for i, (name, _) in enumerate(series, 1)]
    spare = [max(_NAMES / 2, _NAMES - width(name, SMALL, True)) for name in names[::-1]]
    names = [fit(name, SMALL, room, bold=True) for name, room in zip(names, spare, strict=True)]
    first = [scale(ranks[order[0]]) for _, ranks in series]
    marked = zip(first, names, map(readable, colours), strict=True)
    flags(card, card.top + 18, [(x, rows[0], name, colour) for x, name, colour in marked])
    for row, (i, y) in enumerate(zip(order, rows, strict=True)):
        matters = row < _MATTER
        card.text(MARGIN, y, axes[i], BODY, bold=matters, room=470 - MARGIN - 80)
        card.line([scale(0), scale(100)], [y, y], SHADE, 3)
        card.line([scale(a[i]), scale(b[i])], [y, y], INK if matters else OTHER, 8)
        left = a[i] <= b[i]
        for rank, colour, before in ((a[i], colours[0], left), (b[i], colours[1], not left)):
            card.dots(scale(rank), y, colour, 34)
            side: Align = "right" if before else "left"
            beside = scale(rank) + (-26 if before else 26)
            card.text(beside, y, f"{rank:.0f}", SMALL, readable(colour), bold=True, align=side, halo=True)
    return card.figure
