"""Two groups of tracks along one axis: hits and others, or two genres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.charts.card import Align, Card, Drawing, Scale
from ml.charts.layout import density, spread
from ml.charts.marks import DISC, HEADING, discs, flags, heading
from ml.charts.theme import (
    ACCENT,
    BODY,
    INK,
    MARGIN,
    OTHER,
    QUIET,
    RIGHT,
    SMALL,
    group_colours,
    readable,
)
from ml.charts.waterfall import ROW, effects
from ml.charts.words import feature_label, feature_value, percent, points, signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.hitscore import HitResult

_NAMES, _FLAG, _CURVES, _AXIS = 52, 50, 170, 56
_BINS = 160
_LEFT: Align = "left"
_RIGHT: Align = "right"


@Drawing
def hit(result: HitResult, hits: ArrayLike, others: ArrayLike, title: str, footer: str) -> Figure:
    """Where a track's score lies between the scores of its era's hits and of the others, why, and what to change.

    `hits` and `others` are arrays of hit scores from 0 to 1.
    """
    causes = min(len(result.explanation.contributions), 5)
    top_change = result.changes[:1]
    body = _NAMES + _FLAG + _CURVES + _AXIS + HEADING * bool(causes) + causes * ROW + 62 * len(top_change)
    card = Card(title, "hit score from 0 to 100, and how many tracks have it", footer, body)
    scale = Scale(0, 1, MARGIN, RIGHT)
    base = card.top + _NAMES + _FLAG + _CURVES
    groups = ((f"hits of the {result.decade}s", hits, ACCENT), ("other tracks", others, OTHER))
    _curves(card, card.top, scale, groups)
    score = scale(result.score)
    flags(card, card.top + _NAMES + 22, [(score, base, f"this track {points(result.score)}", INK)])
    card.dots(score, base, INK, 26)
    for share, align in ((0, "left"), (0.5, "center"), (1, "right")):
        card.text(scale(share), base + 36, f"{share * 100:.0f}", SMALL, QUIET, align=align)  # type: ignore[arg-type]
    below = base + _AXIS
    if causes:
        below = heading(card, below, "Why", "points more or less than the average track")
        effects(card, result.explanation, below)
        below += causes * ROW
    for change in top_change:
        move = f"{feature_value(change.feature, change.value)} → {feature_value(change.feature, change.to)}"
        words = f"Change first: {feature_label(change.feature)} {move}, {signed(change.gain * 100)} points"
        card.text(MARGIN, below + 40, words, BODY, bold=True, room=RIGHT - MARGIN)
    return card.figure


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
    discs_room = DISC + 70 if border else 0
    card = Card(title, "how the tracks of each spread; the dark part is what they share", footer, 520 + discs_room)
    scale = Scale(float(low), float(high) if high > low else float(low) + 1, MARGIN, RIGHT)
    a_colour, b_colour = group_colours((a_name, b_name))
    curves = 520 - _NAMES - _FLAG - 20
    base = card.top + _NAMES + _FLAG + curves
    upper = _curves(card, card.top, scale, ((a_name, a, a_colour), (b_name, b, b_colour)), curves)
    shared = np.maximum(*upper)  # pixels grow downwards: the lower curve has the larger y
    xs = np.linspace(MARGIN, RIGHT, _BINS)
    card.area(xs, base, shared, INK, 0.1)
    peak = int(shared.argmin())
    flags(card, card.top + _NAMES + 22, [(xs[peak], shared[peak] + 14, f"{percent(overlap)} shared", INK)])
    if border:
        at = np.array([(min(max(scale(score), MARGIN), RIGHT), base) for _, score in border])
        row = base + 62 + DISC / 2
        places = spread(list(at[:, 0]), [DISC + 8.0] * len(border), MARGIN, RIGHT)
        for (x, y), place in zip(at, places, strict=True):
            card.line([x, place], [y, row], OTHER, 2)
        discs(card, np.column_stack([places, np.full(len(places), row)]), [n for n, _ in border], _row(row), INK)
    return card.figure


def _row(y: float) -> tuple[float, float, float, float]:
    return MARGIN, y - DISC, RIGHT, y + DISC


def _curves(
    card: Card, top: float, scale: Scale, groups: Sequence[tuple[str, ArrayLike, str]], height: float = _CURVES
) -> tuple[NDArray[np.float64], ...]:
    """Draw two densities with their names on the side where they lie; returns the curves in pixels."""
    base = top + _NAMES + _FLAG + height
    drawn = [density(values, scale.low, scale.high, _BINS) for _, values, _ in groups]
    tallest = max(curve.max() for curve in drawn) or 1
    xs = np.linspace(scale.start, scale.end, _BINS)
    centres = [float((curve * xs).sum() / (curve.sum() or 1)) for curve in drawn]
    pixels = tuple(base - curve / tallest * (height - 10) for curve in drawn)
    room = (RIGHT - MARGIN) / 2 - 20
    for i in (1, 0):
        name, _, colour = groups[i]
        card.area(xs, base, pixels[i], colour, 0.38)
        card.line(xs, pixels[i], colour, 4)
        on_left = centres[i] < centres[1 - i] or (centres[0] == centres[1] and i == 0)
        x, align = (MARGIN, _LEFT) if on_left else (RIGHT, _RIGHT)
        ink = QUIET if colour == OTHER else readable(colour)
        card.text(x, top + 16, name, BODY, ink, bold=True, align=align, room=room)
    card.line([scale.start, scale.end], [base, base], INK, 2)
    return pixels
