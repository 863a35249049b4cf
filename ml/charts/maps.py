"""Maps of the catalogue: where recommended tracks lie, and the regions of sound."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.charts.card import Card, Drawing, Scale, rendered
from ml.charts.layout import hexagon, hexagons, place
from ml.charts.marks import DISC, discs
from ml.charts.text import fit, label, width, wrap
from ml.charts.theme import ACCENT, INK, MARGIN, OTHER, PAPER, QUIET, REGIONS, RIGHT, SHADE, SMALL
from ml.crowd import Crowd
from ml.terrain import TALL, Terrain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Points = NDArray[np.floating]
Pin = tuple[float, float, str]
_PLANE, _ABOVE, _BELOW = 700, 60, 62  # pixels of a plane of tracks, and above and below what is drawn of it
_RADIUS = 15.0
_EDGE = DISC / 2  # discs may stand half outside the plot: many picks lie on its edge
_ROOM = 420  # the widest a region's label is set before it breaks
_DEPTHS = (0.16, 0.3, 0.46, 0.62, 0.8)  # of a region's own colour, from the shore to the peaks


@Drawing
def picks(tracks_xy: Points, crowd: Crowd, title: str, footer: str, x_label: str, y_label: str) -> Figure:
    """Numbered tracks, (n, 2), over the density of the whole catalogue; numbers follow the order given."""
    card = Card(title, "shade: where the catalogue’s tracks lie", footer, _PLANE)
    top, bottom = round(card.top + _ABOVE), round(card.bottom - _BELOW)
    (x_low, y_low), (x_high, y_high) = crowd.low, crowd.high
    x, y = Scale(x_low, x_high, MARGIN, RIGHT), Scale(y_low, y_high, bottom, top)
    card.picture(_density(crowd), MARGIN, bottom)
    card.line([MARGIN, MARGIN, RIGHT], [top, bottom, bottom], OTHER, 2)
    card.text(MARGIN, card.top + 14, f"↑ {y_label} ({_range(y_low, y_high)})", SMALL, QUIET, room=RIGHT - MARGIN)
    words = f"{x_label} ({_range(x_low, x_high)}) →"
    card.text(RIGHT, bottom + 48, words, SMALL, QUIET, align="right", room=RIGHT - MARGIN)
    at = np.column_stack([x.all(tracks_xy[:, 0]), y.all(tracks_xy[:, 1])])
    at = np.nan_to_num(at, nan=(top + bottom) / 2)
    discs(card, at, range(1, len(at) + 1), (MARGIN - _EDGE, top - _EDGE, RIGHT + _EDGE, bottom + _EDGE), ACCENT)
    return card.figure


@lru_cache(maxsize=2)
def _density(crowd: Crowd) -> NDArray[np.uint8]:
    """The crowd as shaded hexagons, (height, width, 3) pixels: drawn once, it takes longer than all else together."""
    card = Card("", "", "", _PLANE)
    top, bottom = round(card.top), round(card.top) + _PLANE - _ABOVE - _BELOW
    x = Scale(crowd.low[0], crowd.high[0], MARGIN, RIGHT)
    y = Scale(crowd.low[1], crowd.high[1], bottom, top)
    centres, owner = hexagons(np.column_stack([x.all(crowd.points[:, 0]), y.all(crowd.points[:, 1])]), _RADIUS)
    share = _shade(np.bincount(owner)) ** 1.5
    _hexes(card, centres, _mix(SHADE, "#B9AE9B", share), (MARGIN, top, RIGHT, bottom))
    return rendered(card.figure)[top:bottom, MARGIN:RIGHT, :3]


@Drawing
def clusters(
    terrain: Terrain,
    names: Sequence[tuple[str, str]],
    pins: Sequence[Pin],
    title: str,
    footer: str,
    focus: int | None = None,
    dots: Points | None = None,
) -> Figure:
    """The map of sounds: each region's (name, genres), labelled (x, y, name) pins and (m, 2) unlabelled dots on it.

    The region in `focus` keeps its colour, the others fade; pins and dots are in the map's own coordinates.
    """
    card = Card(title, "near means alike; darker: more tracks", footer, TALL)
    picture = _picture(terrain, focus)
    card.picture(picture, MARGIN, card.top + TALL)
    here = (MARGIN, card.top)
    if dots is not None:
        across, down = (terrain.cells(dots) + here).T
        card.dots(across, down, INK, 20)
    places = np.array([(x, y) for x, y, _ in pins], np.float64).reshape(-1, 2)
    _labels(card, terrain.middles + here, names, terrain.cells(places) + here, [name for *_, name in pins], focus)
    return card.figure


def _picture(terrain: Terrain, focus: int | None) -> NDArray[np.uint8]:
    """(TALL, WIDE, 3) colours: each region its own, deeper with every contour, edges one pixel soft."""
    count, depth = len(terrain.middles), np.array([0, *_DEPTHS])
    colours = np.concatenate(
        [
            _mix(
                PAPER,
                REGIONS[k % len(REGIONS)] if focus in (None, k) else OTHER,
                depth * (1 if focus in (None, k) else 0.5),
            )
            for k in range(count)
        ]
    )
    flat = (colours * 255).round().astype(np.uint8)
    picture = flat[terrain.region.astype(np.intp) * len(depth) + terrain.level].astype(np.uint16)
    picture[1:, 1:] = (picture[1:, 1:] + picture[:-1, 1:] + picture[1:, :-1] + picture[:-1, :-1]) // 4
    return picture.astype(np.uint8)


def _labels(
    card: Card,
    middles: Points,
    names: Sequence[tuple[str, str]],
    dots: Points,
    pinned: Sequence[str],
    focus: int | None,
) -> None:
    """Name every pin beside its dot and every region where it is densest, none on another."""
    shown = [k for k in range(len(names)) if not np.isnan(middles[k]).any()]
    blocks = [[fit(label(name, i), SMALL, _ROOM, bold=True)] for i, name in enumerate(pinned, 1)]
    blocks += [_block(*names[k], wide=k == focus or not pinned) for k in shown]
    wanted = np.concatenate([dots - [0, 52], middles[shown]])
    sizes = np.array([(max(width(w, SMALL, True) for w in block) + 24, 40 * len(block) + 8) for block in blocks])
    sizes = sizes.reshape(-1, 2)
    taken = np.full(dots.shape, 40.0)
    boxes = place(
        np.concatenate([dots, wanted]), np.concatenate([taken, sizes]), (MARGIN, card.top), (RIGHT, card.bottom)
    )[len(dots) :]
    for (x, y), (cx, cy) in zip(dots, boxes, strict=False):
        card.line([cx, x], [cy, y], INK, 3)
    for number, (block, (cx, cy), (wide, tall)) in enumerate(zip(blocks, boxes, sizes, strict=True)):
        pin = number < len(pinned)
        if pin:
            card.box(cx - wide / 2, cy - tall / 2, cx + wide / 2, cy + tall / 2, INK)
        for i, words in enumerate(block):
            middle = cy + (i - (len(block) - 1) / 2) * 40
            told = pin or focus in (None, shown[number - len(pinned)])
            colour = PAPER if pin else INK if told else QUIET
            card.text(cx, middle, words, SMALL, colour, bold=told and i == 0, align="center", halo=not pin)
    if len(dots):
        card.dots(dots[:, 0], dots[:, 1], INK, 34)


def _block(name: str, genres: str, wide: bool) -> list[str]:
    """A region's label: its name, and below it what is played there if there is room."""
    lines = wrap(name, SMALL, _ROOM, 2, bold=True)
    return [*lines, fit(genres, SMALL, _ROOM)] if genres and wide and len(lines) == 1 else lines


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
