"""Why a score is what it is: contributions as diverging bars, or as steps from the base to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ml.charts.card import Card, Drawing, Scale
from ml.charts.text import width
from ml.charts.theme import BODY, DOWN, INK, MARGIN, QUIET, RIGHT, SHADE, SMALL, UP
from ml.charts.words import feature_label, feature_value, points, signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.explain import Contribution, Explanation

ROW = 50
BARS = 530  # where the names end and the bars begin
_NUMBER = 92  # room for "+21" beside a bar


def named(explanation: Explanation, count: int) -> float:
    """The pixels that the `count` largest contributions' names and values take."""
    values = (
        (feature_label(row.feature), feature_value(row.feature, row.value)) for row in _largest(explanation)[:count]
    )
    return max((width(label, BODY) + 16 + width(value, SMALL) for label, value in values), default=0)


def effects(card: Card, explanation: Explanation, top: float, count: int, left: float) -> None:
    """Draw the `count` largest contributions as bars about a zero line, in percentage points, from `left` on."""
    rows = _largest(explanation)[:count]
    reach = max((abs(row.effect) for row in rows), default=0) or 1
    least = min((row.effect for row in rows), default=0)
    most = max((row.effect for row in rows), default=0)
    scale = Scale(min(least, 0), max(most, 0) or reach * 1e-9, left + (_NUMBER if least < 0 else 0), RIGHT - _NUMBER)
    for i, row in enumerate(rows):
        y = top + (i + 0.5) * ROW
        _name(card, row, y, left)
        up = row.effect >= 0
        end = scale(row.effect)
        card.box(scale(0), y - 16, end, y + 16, UP if up else DOWN)
        card.text(
            end + (12 if up else -12),
            y,
            _moved(row.effect),
            SMALL,
            UP if up else DOWN,
            bold=True,
            align="left" if up else "right",
        )
    card.line([scale(0)] * 2, [top, top + len(rows) * ROW], INK, 2)


def steps(card: Card, explanation: Explanation, top: float, count: int) -> int:
    """Draw the way from the base to the score in at most `count` steps; returns the number of rows drawn."""
    rows = _largest(explanation)
    shown, rest = (rows, ()) if len(rows) <= count else (rows[: count - 1], rows[count - 1 :])
    path = [explanation.base]
    for row in shown:
        path.append(path[-1] + row.effect)
    path += [explanation.score]
    low, high = min(path), max(path)
    scale = Scale(low, high if high > low else low + 1e-9, BARS + _NUMBER, RIGHT - _NUMBER - 20)

    def step(i: int, start: float, end: float) -> None:
        y = top + (i + 0.5) * ROW
        colour = UP if end >= start else DOWN
        left, right = sorted((scale(start), scale(end)))
        card.box(left, y - 17, max(right, left + 3), y + 17, colour)
        side = 12 if end >= start else -12
        card.text(
            scale(end) + side, y, _moved(end - start), SMALL, colour, bold=True, align="left" if side > 0 else "right"
        )
        card.line([scale(end)] * 2, [y + 17, y + ROW - 17], QUIET, 2)

    total = 2 + len(shown) + bool(rest)
    card.box(MARGIN - 16, top, RIGHT + 16, top + ROW, SHADE)
    card.text(MARGIN, top + ROW / 2, "average track", SMALL, QUIET)
    card.text(scale(explanation.base) + 12, top + ROW / 2, points(explanation.base), SMALL, INK, bold=True)
    card.line([scale(explanation.base)] * 2, [top + 8, top + ROW + 17], QUIET, 2)
    for i, row in enumerate(shown, start=1):
        _name(card, row, top + (i + 0.5) * ROW, BARS)
        step(i, path[i - 1], path[i])
    if rest:
        i = len(shown) + 1
        card.text(MARGIN, top + (i + 0.5) * ROW, f"{len(rest)} others together", SMALL, QUIET)
        step(i, path[i - 1], explanation.score)
    y = top + (total - 0.5) * ROW
    card.box(MARGIN - 16, y - ROW / 2, RIGHT + 16, y + ROW / 2, SHADE)
    card.text(MARGIN, y, "its score", SMALL, INK, bold=True)
    card.dots(scale(explanation.score), y, INK, 24, SHADE)
    card.text(scale(explanation.score) + 22, y, points(explanation.score), SMALL, INK, bold=True)
    return total


@Drawing
def explanation(explanation: Explanation, title: str, footer: str) -> Figure:
    """The full waterfall: from the average track's score, feature by feature, to this track's."""
    count = 10
    rows = min(len(explanation.contributions), count) + 2
    card = Card(title, "how many of 100 points each feature adds or takes", footer, rows * ROW)
    steps(card, explanation, card.top, count)
    return card.figure


def _largest(explanation: Explanation) -> tuple[Contribution, ...]:
    return tuple(sorted(explanation.contributions, key=lambda c: -abs(c.effect)))


def _name(card: Card, row: Contribution, y: float, left: float) -> None:
    label = feature_label(row.feature)
    card.text(MARGIN, y, label, BODY, room=left - MARGIN - 20)
    after = MARGIN + width(label, BODY) + 16
    if (room := left - 12 - after) > 60 and (value := feature_value(row.feature, row.value)):
        card.text(after, y, value, SMALL, QUIET, room=room)


def _moved(effect: float) -> str:
    """A change of a score in points of 100."""
    return signed(effect * 100, 0 if abs(effect) >= 0.0095 else 1)
