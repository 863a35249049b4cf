"""Two genres along the axis that tells them apart, as densities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.charts.card import Align, Card, Drawing, Scale
from ml.charts.layout import density, spread
from ml.charts.marks import DISC, discs, flags
from ml.charts.text import width
from ml.charts.theme import BODY, INK, MARGIN, OTHER, QUIET, RIGHT, SMALL, group_colours, readable
from ml.charts.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMES, _FLAG, _CURVES = 52, 50, 398
_BINS = 160
_LEFT: Align = "left"
_RIGHT: Align = "right"


@Drawing
def blend(
    a_name: str,
    b_name: str,
    overlap: float,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    border: Sequence[tuple[int, float]],
    title: str,
    footer: str,
) -> Figure:
    """Two genres on the axis that tells them apart, what they share, and the (number, score) tracks on the border."""
    both = np.concatenate([a, b, [score for _, score in border]])
    low, high = np.percentile(both, [0.5, 99.5])
    body = _NAMES + _FLAG + _CURVES
    subtitle = "how the tracks of each spread; the dark part is what they share"
    card = Card(title[:1].upper() + title[1:], subtitle, footer, body + 20 + (DISC + 70 if border else 0))
    base = card.top + body
    scale = Scale(float(low), float(high) if high > low else float(low) + 1, MARGIN, RIGHT)
    colours = group_colours((a_name, b_name))
    upper = _curves(card, base, scale, list(zip((a_name, b_name), (a, b), colours, strict=True)))
    shared = np.maximum(*upper)  # pixels grow downwards: the lower curve has the larger y
    xs = np.linspace(MARGIN, RIGHT, _BINS)
    card.area(xs, base, shared, INK, 0.1)
    peak = int(shared.argmin())
    flags(card, card.top + _NAMES + 22, [(xs[peak], shared[peak] + 14, f"{percent(overlap)} shared", INK)])
    if border:
        at = np.array([(min(max(scale(score), MARGIN), RIGHT), base) for _, score in border])
        row = base + 62 + DISC / 2
        words = "on the border"
        room = MARGIN + width(words, SMALL) + 20
        places = spread(list(at[:, 0]), [DISC + 8.0] * len(border), room, RIGHT)
        card.text(MARGIN, row, words, SMALL, QUIET)
        for (x, y), place in zip(at, places, strict=True):
            card.line([x, place], [y, row], OTHER, 2)
        discs(card, np.column_stack([places, np.full(len(places), row)]), [n for n, _ in border], _row(row), INK)
    return card.figure


def _row(y: float) -> tuple[float, float, float, float]:
    return MARGIN, y - DISC, RIGHT, y + DISC


def _curves(
    card: Card, base: float, scale: Scale, groups: Sequence[tuple[str, NDArray[np.float64], str]]
) -> tuple[NDArray[np.float64], ...]:
    """Draw two densities with their names on the side where they lie; returns the curves in pixels."""
    drawn = [density(values, scale.low, scale.high, _BINS) for _, values, _ in groups]
    tallest = max(curve.max() for curve in drawn) or 1
    xs = np.linspace(scale.start, scale.end, _BINS)
    centres = [float((curve * xs).sum() / (curve.sum() or 1)) for curve in drawn]
    pixels = tuple(base - curve / tallest * (_CURVES - 10) for curve in drawn)
    for i in (1, 0):
        name, _, colour = groups[i]
        card.area(xs, base, pixels[i], colour, 0.38)
        card.line(xs, pixels[i], colour, 4)
        on_left = centres[i] < centres[1 - i] or (centres[0] == centres[1] and i == 0)
        x, align = (MARGIN, _LEFT) if on_left else (RIGHT, _RIGHT)
        room = (RIGHT - MARGIN) / 2 - 20
        card.text(x, card.top + 16, name, BODY, readable(colour), bold=True, align=align, room=room)
    card.line([scale.start, scale.end], [base, base], INK, 2)
    return pixels
