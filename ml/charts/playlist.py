"""A playlist over time: the energy of each track as a step, its tempo below, both labelled where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.charts.card import Card, Drawing, Scale
from ml.charts.text import width
from ml.charts.theme import ACCENT, DOWN, INK, MARGIN, OTHER, QUIET, RIGHT, RULE, SMALL, mood_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

_HEAD, _ENERGY, _GAP, _TEMPO, _TICKS = 106, 240, 138, 190, 66
_FLATTEST = 0.25, 24.0  # the least energy and BPM an axis spans: what hardly changes should look so
_CLOCK = (2, 5, 10, 15, 30, 60)  # minutes between the marks of the axis
_LIFT, _HIGHEST = 30, 48  # from a step to the label above it, and to one that has to clear a neighbour


@Drawing
def playlist(
    seconds: ArrayLike,
    energy: ArrayLike,
    tempo: ArrayLike,
    octaves: Sequence[int],
    title: str,
    footer: str,
    mood: str = "",
) -> Figure:
    """Steps as wide as each track is long: (n,) energy 0 to 1 and tempo in BPM, 0 where there is no beat.

    `octaves`, (n - 1,), are 1 and -1 where the next track beats at double or half time: those changes are dashed.
    A playlist for one mood takes its colour.
    """
    lengths, levels, beats = (np.asarray(a, dtype=np.float64) for a in (seconds, energy, tempo))
    card = Card(title, "each step is a track, as wide as it is long", footer, _HEAD + _ENERGY + _GAP + _TEMPO + _TICKS)
    ends = np.r_[0, np.cumsum(lengths)] / 60
    x = Scale(0, float(ends[-1]), MARGIN, RIGHT)
    edges = x.all(ends)
    foot = card.top + _HEAD + _ENERGY
    known = np.where(beats > 0, beats, np.nan)
    y = _scale(levels, _FLATTEST[0], foot, foot - _ENERGY)
    card.text(MARGIN, card.top + 10, f"Energy, {_span(levels, 2)}, with the tracks’ numbers", SMALL, QUIET)
    _steps(card, edges, y.all(levels), mood_colour(mood) if mood else ACCENT, [0] * len(octaves))
    _labels(card, edges, y.all(levels), [str(n) for n in range(1, len(levels) + 1)], levels, INK)
    foot += _GAP + _TEMPO
    y = _scale(known, _FLATTEST[1], foot, foot - _TEMPO)
    dashed = "; dashed: half or double time" if any(octaves) else ""
    heard = f"{_span(known, 0)} BPM{dashed}" if (beats > 0).any() else "no beat found"
    card.text(MARGIN, foot - _TEMPO - 88, f"Tempo, {heard}", SMALL, QUIET)
    _steps(card, edges, y.all(known), INK, octaves)
    _labels(card, edges, y.all(known), [f"{b:.0f}" if b > 0 else "" for b in beats], beats, INK)
    _minutes(card, x, foot + 18)
    return card.figure


def _scale(values: Array, flattest: float, low: float, high: float) -> Scale:
    """From the least to the most of the known values, spanning `flattest` at least."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Scale(0, 1, low, high)
    missing = max(flattest - float(np.ptp(known)), 0) / 2
    return Scale(float(known.min()) - missing, float(known.max()) + missing, low, high)


def _span(values: Array, decimals: int) -> str:
    ends = [f"{v:.{decimals}f}" for v in (np.nanmin(values), np.nanmax(values))]
    return " to ".join(dict.fromkeys(ends))


def _steps(card: Card, edges: Array, heights: Array, colour: str, octaves: Sequence[int]) -> None:
    """A level line for each track and a thin one between neighbours, dashed in another colour at a change of octave."""
    for i, octave in enumerate(octaves):
        if octave:
            card.line([edges[i + 1]] * 2, heights[i : i + 2], DOWN, 4, dash=(2, 1.2))
        else:
            card.line([edges[i + 1]] * 2, heights[i : i + 2], OTHER, 2)
    for i, height in enumerate(heights):
        card.line([edges[i] + 1, edges[i + 1] - 1], [height, height], colour, 9)


def _labels(card: Card, edges: Array, heights: Array, words: Sequence[str], values: Array, colour: str) -> None:
    """Write as many labels above their steps as stand clear: the ends and the extremes first, then from the left."""
    first = [0, len(words) - 1, int(values.argmax()), int(values.argmin())]
    taken: list[tuple[float, float]] = []
    for i in dict.fromkeys([*first, *range(len(words))]):
        half = width(words[i], SMALL, True) / 2 + 5
        middle = float(np.clip((edges[i] + edges[i + 1]) / 2, MARGIN + half - 5, RIGHT - half + 5))
        if not words[i] or any(middle - half < b and middle + half > a for a, b in taken):
            continue
        under = (edges[:-1] < middle + half) & (edges[1:] > middle - half)
        top = float(np.nanmin(heights[under]))
        if heights[i] - top > _HIGHEST - _LIFT:
            continue
        taken.append((middle - half, middle + half))
        card.text(middle, top - _LIFT, words[i], SMALL, colour, bold=True, align="center")


def _minutes(card: Card, x: Scale, at: float) -> None:
    """The axis of time, in minutes."""
    card.line([x.start, x.end], [at, at], RULE, 2)
    pitch = next((m for m in _CLOCK if 6 * m >= x.high), _CLOCK[-1])
    for step in range(0, int(x.high) + 1, pitch):
        words = f"{step} min" if step == 0 else f"{step}"
        half = width(words, SMALL) / 2
        middle = min(max(x(step), MARGIN + half), RIGHT - half)
        card.line([x(step)] * 2, [at, at + 10], OTHER, 2)
        card.text(middle, at + 36, words, SMALL, QUIET, align="center")
