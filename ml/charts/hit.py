"""Where a hit score lies among those of its era, and what a change of one feature would add, on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ml.charts.card import Card, Drawing, Scale
from ml.charts.marks import HEADING, heading
from ml.charts.text import width
from ml.charts.theme import ACCENT, BODY, INK, MARGIN, OTHER, PAPER, QUIET, RIGHT, RULE, SMALL, UP, readable
from ml.charts.words import bare, feature_label, feature_value, percent, points, signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.hitscore import Change, HitResult

_FLAG, _GROUP, _AXIS, _ROW = 56, 104, 70, 94
_LEFT = 500  # where the names end and the scale begins
_WITHIN = (10, 25, 50, 75, 90)  # percent of a group below the ends and the middle of its bars


@Drawing
def hit(result: HitResult, hits: ArrayLike, others: ArrayLike, title: str, footer: str) -> Figure:
    """A track's score across the range of scores of its era's hits and of the others, and the best changes.

    `hits` and `others` are arrays of hit scores from 0 to 1.
    """
    changes = result.changes
    body = _FLAG + 2 * _GROUP + _AXIS + (HEADING + len(changes) * _ROW + 10 if changes else 0)
    card = Card(title, "hit score, 0 to 100; the bars hold 50 % and 80 % of the tracks", footer, body)
    x = Scale(0, 1, _LEFT, RIGHT - 76)
    top = card.top + _FLAG
    _group(card, top, x, f"hits of the {result.decade}s", hits, result.score, ACCENT)
    _group(card, top + _GROUP, x, "other tracks", others, result.score, OTHER)
    base = top + 2 * _GROUP
    now = x(result.score)
    card.line([now, now], [top - 22, base], INK, 4)
    words = f"now {points(result.score)}"
    half = width(words, SMALL, True) / 2
    card.text(min(max(now, _LEFT + half), RIGHT - half), card.top + 8, words, SMALL, bold=True, align="center")
    card.line([x.start, x.end], [base, base], INK, 2)
    for mark in (0, 0.5, 1):
        card.text(x(mark), base + 36, f"{mark * 100:.0f}", SMALL, QUIET, align="center")
    if changes:
        below = heading(card, base + _AXIS, "What to change first", "and the points it would add")
        card.line([now, now], [below, below + len(changes) * _ROW], INK, 4)
        for i, change in enumerate(changes):
            _change(card, below + (i + 0.5) * _ROW, x, result.score, change)
    return card.figure


def _group(card: Card, top: float, x: Scale, name: str, scores: ArrayLike, score: float, colour: str) -> None:
    """One group's name, how many of it score lower, and its range: thin for 80 %, thick for 50 %, cut at the median."""
    values = np.asarray(scores, dtype=np.float64)
    low, lower, middle, upper, high = x.all(np.percentile(values, _WITHIN))
    y = top + _GROUP / 2 - 8
    card.text(MARGIN, y - 22, name, BODY, readable(colour), bold=True)
    card.text(MARGIN, y + 22, f"{percent(float((values < score).mean()))} score lower", SMALL, QUIET)
    card.line([x.start, x.end], [y, y], RULE, 3)
    card.box(low, y - 10, max(high, low + 4), y + 10, colour, 0.45)
    card.box(lower, y - 26, max(upper, lower + 4), y + 26, colour)
    card.line([middle, middle], [y - 26, y + 26], PAPER, 5)


def _change(card: Card, y: float, x: Scale, score: float, change: Change) -> None:
    """A feature with its move at the left, and the way from the score to where the move takes it."""
    before, after = (feature_value(change.feature, value) for value in (change.value, change.to))
    card.text(MARGIN, y - 18, feature_label(change.feature), BODY)
    card.text(MARGIN, y + 20, f"{bare(before)} → {after}", SMALL, QUIET)
    start, end = x(score), x(min(score + change.gain, 1))
    card.line([start, end], [y, y], UP, 12)
    card.dots(end, y, UP, 34)
    card.text(end + 26, y, signed(change.gain * 100), SMALL, UP, bold=True, halo=True)
