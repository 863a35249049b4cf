"""Features as percentiles of the catalogue: one track's rows, or two tracks' radar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ml.charts.card import Align, Card, Drawing, Scale
from ml.charts.marks import keys
from ml.charts.text import label, width
from ml.charts.theme import BODY, DOWN, INK, MARGIN, OTHER, QUIET, RIGHT, RULE, SERIES, SHADE, SMALL, UP

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 56
_RADIUS = 215


@Drawing
def track(percentiles: Sequence[tuple[str, str, float]], title: str, footer: str) -> Figure:
    """One row a feature, (label, value, percentile 0 to 100): how far from the middle track, and to which side."""
    card = Card(title, "share of tracks with a lower value, in percent", footer, 50 + len(percentiles) * _ROW)
    scale = Scale(0, 100, 640, RIGHT - 76)
    top = card.top + 50
    for value, words in ((0, "0"), (50, "middle"), (100, "100")):
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
def compare(axes: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], title: str, footer: str) -> Figure:
    """Two (name, percentiles) polygons on the given axes, and the three axes on which they differ most."""
    names = 46 * len(series) + 24
    card = Card(title, "percentile within the catalogue: centre 0, rim 100", footer, names + 2 * _RADIUS + 130)
    keys(card, card.top, [(label(name, i + 1, 60), SERIES[i]) for i, (name, _) in enumerate(series)])
    turn = np.pi / 2 - np.arange(len(axes)) * 2 * np.pi / len(axes)
    spoke = np.column_stack([np.cos(turn), -np.sin(turn)])
    aligns: list[Align] = ["center" if abs(c) < 0.2 else "left" if c > 0 else "right" for c in spoke[:, 0]]
    wide = [width(axis, SMALL) for axis in axes]
    tips = spoke * (_RADIUS + 22)
    left = max(w - tip if a == "right" else w / 2 - tip for w, a, tip in zip(wide, aligns, tips[:, 0], strict=True))
    right = max(w + tip if a == "left" else w / 2 + tip for w, a, tip in zip(wide, aligns, tips[:, 0], strict=True))
    centre = np.array([MARGIN + left, card.top + names + 60 + _RADIUS])
    for share in (0.25, 0.5, 0.75, 1):
        rim = centre + np.vstack([spoke, spoke[:1]]) * _RADIUS * share
        card.line(rim[:, 0], rim[:, 1], OTHER if share == 0.5 else RULE, 2)
    for direction in spoke:
        end = centre + direction * _RADIUS
        card.line([centre[0], end[0]], [centre[1], end[1]], RULE, 2)
    for i, (_, ranks) in enumerate(series):
        corners = centre + spoke * _RADIUS * np.asarray(ranks)[:, None] / 100
        card.shape(corners, SERIES[i], 0.18)
        closed = np.vstack([corners, corners[:1]])
        card.line(closed[:, 0], closed[:, 1], SERIES[i], 5)
        card.dots(corners[:, 0], corners[:, 1], SERIES[i], 18)
    for axis, tip, align in zip(axes, tips, aligns, strict=True):
        drop = 12 * (tip[1] / _RADIUS)
        card.text(centre[0] + tip[0], centre[1] + tip[1] + drop, axis, SMALL, INK, align=align)
    _differences(card, axes, series, centre[0] + right + 46, centre[1])
    return card.figure


def _differences(
    card: Card, axes: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], x: float, middle: float
) -> None:
    """List the three axes with the largest gaps, with both percentiles in their series' colours."""
    (_, a), (_, b) = series[:2]
    widest = sorted(range(len(axes)), key=lambda i: -abs(a[i] - b[i]))[:3]
    top = middle - 60 * len(widest) - 20
    card.text(x, top, "most different", SMALL, QUIET, room=RIGHT - x)
    for row, i in enumerate(widest):
        y = top + 62 + row * 122
        card.text(x, y, axes[i], SMALL, INK, bold=True, room=RIGHT - x)
        first = f"{a[i]:.0f}"
        card.text(x, y + 48, first, BODY, SERIES[0], bold=True)
        pen = x + width(first, BODY, True) + 14
        card.text(pen, y + 48, "against", SMALL, QUIET)
        card.text(pen + width("against", SMALL) + 14, y + 48, f"{b[i]:.0f}", BODY, SERIES[1], bold=True)
