"""Marks that several charts share: headings, flags on an axis, numbered discs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.charts.card import Card
from ml.charts.layout import place, spread
from ml.charts.text import fit, width
from ml.charts.theme import BODY, INK, MARGIN, QUIET, RIGHT, SMALL, written_on

Bounds = tuple[float, float, float, float]
HEADING = 66
DISC = 60


def heading(card: Card, top: float, words: str, unit: str = "") -> float:
    """Write a section's heading, its unit beside it, and return where the section begins."""
    words = fit(words, BODY, 680, bold=True)
    card.text(MARGIN, top + 36, words, bold=True)
    after = MARGIN + width(words, BODY, True) + 18
    if unit:
        card.text(after, top + 36, unit, SMALL, QUIET, room=RIGHT - after)
    return top + HEADING


def flags(card: Card, top: float, marked: Sequence[tuple[float, float, str, str]]) -> None:
    """Stand up to two labels, (x, foot, words, colour), over the points they name, on poles that may lean."""
    wide = [width(words, SMALL, True) + 28 for _, _, words, _ in marked]
    places = spread([x for x, *_ in marked], wide, MARGIN - 14, RIGHT + 14)
    for (x, foot, words, colour), middle in zip(marked, places, strict=True):
        reach = max(width(words, SMALL, True) / 2 - 10, 0)
        card.line([min(max(x, middle - reach), middle + reach), x], [top + 26, foot], colour, 3)
        card.text(middle, top, words, SMALL, colour, bold=True, align="center")


def discs(card: Card, at: NDArray[np.float64], numbers: Sequence[int], bounds: Bounds, colour: str) -> None:
    """Draw numbered discs near (n, 2) points, none on another; a short line leads from a moved disc to its point."""
    x0, y0, x1, y1 = bounds
    sizes = np.full(at.shape, DISC + 4.0)
    places = place(at, sizes, (x0, y0), (x1, y1))
    for (x, y), (px, py) in zip(at, places, strict=True):
        if np.hypot(x - px, y - py) > DISC / 2:
            card.line([x, px], [y, py], INK, 3)
            card.dots(x, y, INK, 14)
    card.dots(places[:, 0], places[:, 1], colour, DISC)
    for (x, y), number in zip(places, numbers, strict=True):
        card.text(x, y, str(number), SMALL, written_on(colour), bold=True, align="center")
