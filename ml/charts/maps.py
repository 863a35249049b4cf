"""Maps of the catalogue: where recommended tracks lie, and the regions of sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.charts.card import Card, Drawing, Scale
from ml.charts.layout import hexagon, hexagons, place
from ml.charts.marks import DISC, discs
from ml.charts.text import label, width, wrap
from ml.charts.theme import ACCENT, INK, MARGIN, OTHER, PAPER, QUIET, REGIONS, RIGHT, SHADE, SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Points = NDArray[np.floating]
Pin = tuple[float, float, str]
_RADIUS = 15.0
_EDGE = DISC / 2  # discs may stand half outside the plot: many picks lie on its edge
_ROOM = 400  # the widest a region's name is set before it breaks


@Drawing
def picks(tracks_xy: Points, all_xy: Points, title: str, footer: str, x_label: str, y_label: str) -> Figure:
    """Numbered tracks, (n, 2), over the density of the whole catalogue, (m, 2); numbers follow the order given."""
    card = Card(title, "shade: where the catalogue’s tracks lie", footer, 700)
    top, bottom = card.top + 60, card.bottom - 62
    known = all_xy[~np.isnan(all_xy[:, 0] + all_xy[:, 1])]
    low, high = known.min(axis=0), known.max(axis=0)
    x = Scale(float(low[0]), float(high[0]), MARGIN, RIGHT)
    y = Scale(float(low[1]), float(high[1]), bottom, top)
    centres, owner = hexagons(np.column_stack([x.all(known[:, 0]), y.all(known[:, 1])]), _RADIUS)
    share = _shade(np.bincount(owner)) ** 1.5
    _hexes(card, centres, _mix(SHADE, "#B9AE9B", share), (MARGIN, top, RIGHT, bottom))
    card.line([MARGIN, MARGIN, RIGHT], [top, bottom, bottom], OTHER, 2)
    card.text(MARGIN, card.top + 14, f"↑ {y_label} ({_range(low[1], high[1])})", SMALL, QUIET, room=RIGHT - MARGIN)
    words = f"{x_label} ({_range(low[0], high[0])}) →"
    card.text(RIGHT, bottom + 48, words, SMALL, QUIET, align="right", room=RIGHT - MARGIN)
    at = np.column_stack([x.all(tracks_xy[:, 0]), y.all(tracks_xy[:, 1])])
    at = np.nan_to_num(at, nan=(top + bottom) / 2)
    discs(card, at, range(1, len(at) + 1), (MARGIN - _EDGE, top - _EDGE, RIGHT + _EDGE, bottom + _EDGE), ACCENT)
    return card.figure


@Drawing
def clusters(
    xy: Points,
    regions: NDArray[np.integer],
    names: Sequence[str],
    pins: Sequence[Pin],
    title: str,
    footer: str,
) -> Figure:
    """The map of sounds: (n, 2) places coloured by their (n,) region, region names, and (x, y, name) pins."""
    card = Card(title, "each hexagon is a place on the map of sounds; near means alike", footer, 720)
    low, high = np.percentile(xy, [0.2, 99.8], axis=0)
    inside = ((xy >= low) & (xy <= high)).all(axis=1)
    x = Scale(float(low[0]), float(high[0]), MARGIN + _RADIUS, RIGHT - _RADIUS)
    y = Scale(float(low[1]), float(high[1]), card.bottom - _RADIUS, card.top + _RADIUS)
    at = np.column_stack([x.all(xy[inside, 0]), y.all(xy[inside, 1])])
    centres, owner = hexagons(at, _RADIUS)
    votes = np.bincount(owner * len(names) + regions[inside], minlength=len(centres) * len(names))
    votes = votes.reshape(len(centres), len(names))
    region = votes.argmax(axis=1)
    colours = np.empty((len(centres), 3))
    share = 0.25 + 0.75 * _shade(votes.sum(axis=1))
    for k in range(len(names)):
        colours[region == k] = _mix(PAPER, REGIONS[k % len(REGIONS)], share[region == k])
    _hexes(card, centres, colours, (MARGIN - _RADIUS, card.top - _RADIUS, RIGHT + _RADIUS, card.bottom + _RADIUS))
    _labels(card, centres, region, names, [(x(px), y(py), name) for px, py, name in pins])
    return card.figure


def _labels(
    card: Card,
    centres: Points,
    region: NDArray[np.intp],
    names: Sequence[str],
    pins: Sequence[Pin],
) -> None:
    """Name every region at its middle and every pin beside its dot, none on another."""
    blocks = [wrap(name, SMALL, _ROOM, 2, bold=True) for name in names]
    middles = [np.median(centres[region == k], axis=0) if (region == k).any() else None for k in range(len(names))]
    shown = [k for k, middle in enumerate(middles) if middle is not None]
    pinned = [[label(name, i)] for i, (*_, name) in enumerate(pins, 1)]
    lines = [blocks[k] for k in shown] + pinned
    wanted = np.array([middles[k] for k in shown] + [(px, py - 44) for px, py, _ in pins])
    sizes = np.array([(max(width(w, SMALL, True) for w in block) + 24, 42 * len(block) + 6) for block in lines])
    dots = np.array([(px, py) for px, py, _ in pins]).reshape(-1, 2)
    boxes = place(wanted, sizes, (MARGIN, card.top), (RIGHT, card.bottom))
    for number, (block, (cx, cy), (wide, tall)) in enumerate(zip(lines, boxes, sizes, strict=True)):
        pin = number >= len(shown)
        if pin:
            card.box(cx - wide / 2, cy - tall / 2, cx + wide / 2, cy + tall / 2, INK)
        for i, words in enumerate(block):
            middle = cy + (i - (len(block) - 1) / 2) * 42
            card.text(cx, middle, words, SMALL, PAPER if pin else INK, bold=True, align="center", halo=not pin)
    card.dots(dots[:, 0], dots[:, 1], INK, 34)


def _hexes(card: Card, centres: Points, colours: Points, bounds: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = bounds
    corners = centres[:, None, :] + hexagon(_RADIUS - 0.7)[None]
    corners = np.stack([corners[..., 0].clip(x0, x1), corners[..., 1].clip(y0, y1)], axis=2)
    card.shapes(corners, colours)


def _shade(counts: NDArray[np.integer]) -> Points:
    """Counts on a square-root scale from 0 to 1, the densest hundredth all at 1."""
    return np.sqrt(np.minimum(counts / max(float(np.percentile(counts, 99)), 1.0), 1.0))


def _mix(low: str, high: str, share: Points) -> Points:
    """(n, 3) colours between two hex colours, 0 to 1."""
    a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) / 255 for c in (low, high))
    return a + (b - a) * share[:, None]


def _range(low: float, high: float) -> str:
    return f"{low:.2g} to {high:.2g}"
