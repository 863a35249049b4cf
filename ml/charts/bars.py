"""Charts made of bars: the genres of a track, what matters to a model, a batch of demos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ml.charts.card import Card, Drawing, Scale
from ml.charts.marks import HEADING, heading
from ml.charts.text import clean, width
from ml.charts.theme import (
    ACCENT,
    BODY,
    DOWN,
    INK,
    MARGIN,
    OTHER,
    QUIET,
    RIGHT,
    RULE,
    SMALL,
    UP,
    family_colour,
)
from ml.charts.waterfall import BARS, ROW, effects, named
from ml.charts.words import NAME_OF, bare, feature_value, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.genre import GenreResult

_PITCH, _GAP = 52, 20
_LEFT = 610  # where bars begin beside the longest family
_MIXED = 0.2  # a feature of a smaller direction raises the score here and lowers it there
_EFFECTS, _RANGES, _RAIL = 384, 752, 106  # where the columns of the importance chart begin


@Drawing
def genre(result: GenreResult, subject: str, title: str, footer: str) -> Figure:
    """The likeliest families and genres as bars in the family's colour on one scale, and why."""
    families = [f for i, f in enumerate(sorted(result.families, key=lambda f: -f[1])[:3]) if i == 0 or f[1] >= 0.02]
    genres = [g for i, g in enumerate(result.genres[:5]) if i == 0 or g[1] >= 0.01]
    causes = min(len(result.explanation.contributions), 5)
    told = clean(subject).casefold() in clean(title).casefold()
    subtitle = f"{'' if told else subject + ': '}how likely each family and each genre is"
    subtitle += "; it can be several" * (sum(p for _, p in families) > 1)
    rows = (len(families) + len(genres)) * _PITCH + _GAP
    card = Card(title, subtitle, footer, rows + (_GAP + HEADING + causes * ROW if causes else 0))
    widest = max(*(width(name, BODY, True) for name, _ in [*families, *genres]), named(result.explanation, causes))
    left = min(MARGIN + widest + 28, _LEFT)
    scale = Scale(0, max(p for _, p in [*families, *genres]) or 1, left, RIGHT - 116)
    for bold, group, top in ((True, families, card.top), (False, genres, card.top + len(families) * _PITCH + _GAP)):
        for i, (name, p) in enumerate(group):
            y = top + (i + 0.5) * _PITCH
            size = BODY if width(name, BODY, bold) <= left - MARGIN - 12 else SMALL
            card.text(MARGIN, y, name, size, bold=bold, room=left - MARGIN - 10)
            card.box(left, y - 17, max(scale(p), left + 3), y + 17, family_colour(name))
            card.text(scale(p) + 14, y, percent(p), BODY, bold=bold)
    if causes:
        below = heading(card, card.top + rows + _GAP, f"Why {result.family}", "points more or less likely")
        effects(card, result.explanation, below, causes, left)
    return card.figure


@Drawing
def importance(
    rows: Sequence[tuple[str, float, float]],
    blueprint: Sequence[tuple[str, float, float, float, float]],
    title: str,
    footer: str,
) -> Figure:
    """What drives a score overall, and the range of each feature that works.

    `rows` are (feature label, mean absolute effect, direction from -1 lowers to 1 raises); `blueprint` rows are
    (feature label, low, high, lowest, highest), in the feature's own unit.
    """
    ranges = {label: edges for label, *edges in blueprint}
    shown = list(rows[:9])
    subtitle = "what more of each feature does to the score, in mean points"
    card = Card(title, subtitle, footer, 56 + len(shown) * _PITCH)
    mixed = any(abs(direction) < _MIXED for *_, direction in shown)
    pen = float(_EFFECTS)
    for words, colour in (("raises", UP), ("lowers", DOWN), ("either", QUIET))[: 2 + mixed]:
        card.text(pen, card.top + 14, words, SMALL, colour, bold=True)
        pen += width(words, SMALL, True) + 18
    if ranges:
        card.text(RIGHT, card.top + 14, "range that works", SMALL, INK, bold=True, align="right")
    scale = Scale(0, max(effect for _, effect, _ in shown) or 1, _EFFECTS, _RANGES - 134)
    for i, (label, effect, direction) in enumerate(shown):
        y = card.top + 56 + (i + 0.5) * _PITCH
        card.text(MARGIN, y, label, BODY, room=_EFFECTS - MARGIN - 12)
        colour = OTHER if abs(direction) < _MIXED else UP if direction > 0 else DOWN
        card.box(_EFFECTS, y - 16, max(scale(effect), _EFFECTS + 3), y + 16, colour)
        card.text(scale(effect) + 12, y, f"{effect * 100:.1f}", SMALL, QUIET)
        if label in ranges:
            _range(card, y, label, *ranges[label])
    return card.figure


def _range(card: Card, y: float, label: str, low: float, high: float, lowest: float, highest: float) -> None:
    """A rail for all values with the part that works thick on it, and its ends in numbers."""
    rail = Scale(lowest, highest if highest > lowest else lowest + 1, _RANGES, _RANGES + _RAIL)
    card.line([rail.start, rail.end], [y, y], RULE, 8)
    card.line([rail(low), max(rail(high), rail(low) + 6)], [y, y], INK, 16)
    name = NAME_OF.get(label, label)
    ends = " to ".join(bare(feature_value(name, value)) for value in (low, high))
    card.text(rail.end + 18, y, ends, SMALL, room=RIGHT - rail.end - 18)


@Drawing
def demos(counts: Sequence[tuple[str, int]], scores: ArrayLike, title: str, footer: str) -> Figure:
    """A batch of demos: how their hit scores spread, and which families or genres they sound like."""
    values = np.asarray(scores, dtype=np.float64)
    bins = np.histogram(values[~np.isnan(values)], 10, (0, 1))[0]
    shown = sorted(counts, key=lambda c: -c[1])[:5]
    total = sum(n for _, n in counts) or 1
    card = Card(
        title,
        "hit score, and the family or genre each demo sounds most like",
        footer,
        2 * HEADING + 260 + len(shown) * _PITCH,
    )
    top = heading(card, card.top - 20, "Hit score", "demos in each tenth")
    x = Scale(0, 1, MARGIN, RIGHT)
    base = top + 200
    for i, n in enumerate(bins):
        height = n / (bins.max() or 1) * 150
        card.box(x(i / 10) + 4, base - max(height, 2), x((i + 1) / 10) - 4, base, ACCENT if n else RULE)
        if n:
            card.text(x(i / 10 + 0.05), base - height - 24, f"{n:,}", SMALL, INK, align="center")
    card.line([MARGIN, RIGHT], [base, base], INK, 2)
    card.text(MARGIN, base + 36, "0", SMALL, QUIET)
    card.text(x(0.5), base + 36, "50", SMALL, QUIET, align="center")
    card.text(RIGHT, base + 36, "100", SMALL, QUIET, align="right")
    top = heading(card, base + 60, "Sounds like", "demos")
    left = min(MARGIN + max((width(name, BODY) for name, _ in shown), default=0) + 28, BARS)
    scale = Scale(0, max((n for _, n in shown), default=1), left, RIGHT - 190)
    for i, (name, n) in enumerate(shown):
        y = top + (i + 0.5) * _PITCH
        card.text(MARGIN, y, name, BODY, room=left - MARGIN - 10)
        card.box(left, y - 17, scale(n), y + 17, family_colour(name))
        card.text(scale(n) + 14, y, f"{n:,} ({percent(n / total)})", SMALL, bold=True)
    return card.figure
