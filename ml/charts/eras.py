"""How far the decades of one sound lie apart: a heat map, one half of it, and what moved beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.charts.card import Card, Drawing
from ml.charts.text import wrap
from ml.charts.theme import ACCENT, DOWN, INK, MARGIN, PAPER, QUIET, RIGHT, SMALL, UP
from ml.charts.words import average, bare, feature_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.eras import Eras

_LABELS = 116  # room for "1980s" left of the rows
_WIDE, _HIGH = 132, 84
_GAP = 6
_SHOWN = 3
_PAIR = 98  # from one feature that moved to the next
_MOVED = 62 + _SHOWN * _PAIR  # the height of what stands in the free corner
_BESIDE = 320
_MOST = 8  # decades, the latest ones


@Drawing
def eras(found: Eras, title: str, footer: str) -> Figure:
    """One cell a pair of decades, darker the more alike; the last row is today's sound, its nearest era outlined."""
    decades, distance, tracks = found.decades[-_MOST:], found.distance[-_MOST:, -_MOST:], found.tracks[-_MOST:]
    n = len(decades)
    beside = min(n - 1, -(-_MOVED // _HIGH))  # columns that reach up to where the corner's text stands
    left = MARGIN + _LABELS
    cell = min(_WIDE, (RIGHT - left) / (n - 1), (RIGHT - left - _BESIDE) / beside)
    rows = (n - 1) * _HIGH
    card = Card(title, "difference in standard deviations: 0 = the same sound", footer, max(rows + 100, _MOVED))
    top = card.top
    for row in range(1, n):
        middle = top + (row - 0.5) * _HIGH
        today = row == n - 1
        card.text(left - 16, middle, f"{decades[row]}s", SMALL, INK if today else QUIET, bold=today, align="right")
        for column in range(row):
            _cell(card, left + column * cell, middle, cell, _HIGH, float(distance[row, column]), today)
    nearest = decades.index(found.nearest) if found.nearest in decades else n - 2
    _outline(card, left + nearest * cell, top + (n - 2) * _HIGH, cell, _HIGH)
    for column in range(n - 1):
        x = left + (column + 0.5) * cell - _GAP / 2
        card.text(x, top + rows + 34, f"{decades[column]}s", SMALL, QUIET, align="center")
        card.text(x, top + rows + 74, f"{tracks[column]:,}", SMALL, QUIET, align="center")
    card.text(left - 16, top + rows + 74, "tracks", SMALL, QUIET, align="right")
    _moved(card, found, left + beside * cell + 30, top)
    return card.figure


def _cell(card: Card, x: float, middle: float, cell: float, height: float, apart: float, today: bool) -> None:
    """A box between paper and blue with its distance; half a standard deviation and more is palest."""
    alike = 1 - min(apart / 0.6, 1)
    share = 0.08 + 0.92 * alike**1.5
    card.box(x, middle - height / 2, x + cell - _GAP, middle + height / 2 - _GAP, ACCENT, share)
    colour = PAPER if share > 0.7 else INK
    card.text(x + (cell - _GAP) / 2, middle - _GAP / 2, f"{apart:.2f}", SMALL, colour, bold=today, align="center")


def _outline(card: Card, x: float, y: float, cell: float, height: float) -> None:
    right, bottom = x + cell - _GAP, y + height - _GAP
    card.line(np.array([x, right, right, x, x, right]), np.array([y, y, bottom, bottom, y, y]), DOWN, 6)


def _moved(card: Card, found: Eras, x: float, top: float) -> None:
    """The features that changed most from the first decade to the last, in the corner the half map leaves free."""
    room = RIGHT - x
    card.text(x, top + 16, f"since the {found.decades[0]}s", SMALL, QUIET, room=room)
    for i, one in enumerate(found.moved[:_SHOWN]):
        y = top + 66 + i * _PAIR
        colour = UP if one.deviations > 0 else DOWN
        card.text(x, y, feature_label(one.feature), SMALL, colour, bold=True, room=room)
        before, after = average(one.feature, one.before), average(one.feature, one.after)
        for words in wrap(f"{bare(before)} → {after}", SMALL, room, 1):
            card.text(x, y + 38, words, SMALL, INK)
