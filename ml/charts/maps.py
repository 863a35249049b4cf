"""Maps of the catalogue: where recommended tracks lie, and the regions of sound."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.charts.card import Card, Drawing, Scale
from ml.charts.layout import place, relief
from ml.charts.marks import DISC, discs
from ml.charts.text import fit, label, width, wrap
from ml.charts.theme import (
    ACCENT,
    INK,
    MARGIN,
    OTHER,
    PAPER,
    QUIET,
    REGIONS,
    RIGHT,
    SMALL,
    mood_colour,
)
from ml.crowd import Crowd
from ml.terrain import TALL, Terrain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Points = NDArray[np.floating]
Pin = tuple[float, float, str]
_PLANE, _ABOVE, _BELOW = 712, 72, 62  # pixels of a plane of tracks, and above and below what is drawn of it
_EDGE = DISC / 2  # discs may stand half outside the plot: many picks lie on its edge
_ROOM = 470  # the widest a region's label is set before it breaks
_PIN = 580  # the widest a pin's label or a region's genres are set
_LINE = 42
_ASTRAY = 60  # pixels from its middle at which a region's label no longer names it
_LEVELS = (0.95, 0.8, 0.6, 0.4, 0.2)  # of all tracks, the share on ground at least as dense as each tint
_TINTS = (0.08, 0.22, 0.38, 0.55, 0.72)
_DEPTHS = (0.16, 0.3, 0.46, 0.62, 0.8)  # of a region's own colour, from the shore to the peaks
_LIT = (0.45, 0.55, 0.66, 0.78, 0.9)  # of the colour of the region in focus: its outposts must show too
_FADED = (0.08, 0.15, 0.23, 0.31, 0.4)  # of grey, around it


@Drawing
def picks(
    tracks_xy: Points, crowd: Crowd, title: str, footer: str, x_label: str, y_label: str, mood: str = ""
) -> Figure:
    """Numbered tracks, (n, 2), over the density of the whole catalogue; numbers follow the order given.

    Tracks picked for one mood take its colour.
    """
    card = Card(title, "the darker, the more of the catalogue’s tracks", footer, _PLANE)
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
    bounds = (MARGIN - _EDGE, top - _EDGE, RIGHT + _EDGE, bottom + _EDGE)
    discs(card, at, range(1, len(at) + 1), bounds, mood_colour(mood) if mood else ACCENT)
    return card.figure


@lru_cache(maxsize=2)
def _density(crowd: Crowd) -> NDArray[np.uint8]:
    """The crowd as tinted ground, (height, width, 4) pixels: drawn once, it takes longer than all else together."""
    tall, wide = _PLANE - _ABOVE - _BELOW, RIGHT - MARGIN
    share = (crowd.points - crowd.low) / np.maximum(crowd.high - crowd.low, 1e-9)
    level = relief(share[:, 0], 1 - share[:, 1], (tall, wide), _LEVELS)
    return _soft(_packed(_mix(PAPER, OTHER, np.array([0, *_TINTS])))[level])


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
    told = "darker: more tracks" if focus is None else "in colour where this region prevails"
    card = Card(title, f"near means alike; {told}", footer, TALL)
    picture = _picture(terrain, focus)
    card.picture(picture, MARGIN, card.top + TALL)
    here = (MARGIN, card.top)
    if dots is not None:
        across, down = (terrain.cells(dots) + here).T
        card.dots(across, down, INK, 18)
    places = np.array([(x, y) for x, y, _ in pins], np.float64).reshape(-1, 2)
    _labels(
        card,
        terrain.middles + here,
        names,
        terrain.cells(places) + here,
        [name for *_, name in pins],
        focus,
        dots is not None,
    )
    return card.figure


def _picture(terrain: Terrain, focus: int | None) -> NDArray[np.uint8]:
    """(TALL, WIDE, 4) colours: each region its own, deeper with every contour, edges one pixel soft."""
    colours = []
    for k in range(len(terrain.middles)):
        if focus in (None, k):
            colours.append(_mix(PAPER, REGIONS[k % len(REGIONS)], np.array([0, *(_LIT if focus == k else _DEPTHS)])))
        else:
            colours.append(_mix(PAPER, OTHER, np.array([0, *_FADED])))
    cell = terrain.region.astype(np.uint16) * (1 + len(_DEPTHS)) + terrain.level
    return _soft(_packed(np.concatenate(colours)).take(cell))


def _packed(colours: Points) -> NDArray[np.uint32]:
    """(n, 3) colours from 0 to 1 as one number each, opaque: a quarter of the work of four."""
    opaque = np.column_stack([colours, np.ones(len(colours))])
    return (opaque * 255).round().astype(np.uint8).view(np.uint32)[:, 0]


def _soft(packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """(height, width, 4) pixels of packed colours, each mixed with those to its left and above: soft edges."""
    across = packed.copy()
    across[:, 1:] = _between(packed[:, 1:], packed[:, :-1])
    soft = across.copy()
    soft[1:] = _between(across[1:], across[:-1])
    return soft.view(np.uint8).reshape(*packed.shape, 4)


def _between(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The mean of packed colours, byte by byte (Warren 2012, Hacker's Delight, section 2-5)."""
    return (a & b) + (((a ^ b) & np.uint32(0xFEFEFEFE)) >> np.uint32(1))


def _labels(
    card: Card,
    middles: Points,
    names: Sequence[tuple[str, str]],
    dots: Points,
    pinned: Sequence[str],
    focus: int | None,
    bare: bool,
) -> None:
    """Name every pin beside its dot and every region where it is densest, none on another.

    A faded region that finds no room near its middle goes without its name: elsewhere it would name another.
    """
    shown = [k for k in range(len(names)) if not np.isnan(middles[k]).any()]
    blocks = [[fit(label(name, i), SMALL, _PIN, bold=True)] for i, name in enumerate(pinned, 1)]
    blocks += [_block(*names[k], wide=not bare and (k == focus or not pinned)) for k in shown]
    wanted = np.concatenate([dots - [0, 52], middles[shown]])
    sizes = np.array([(max(width(w, SMALL, True) for w in block) + 24, _LINE * len(block) + 16) for block in blocks])
    sizes = sizes.reshape(-1, 2)
    low, high = (MARGIN, card.top), (RIGHT, card.bottom)
    wanted = np.clip(wanted, low + sizes / 2, high - sizes / 2)
    taken = np.full(dots.shape, 40.0)
    boxes = place(np.concatenate([dots, wanted]), np.concatenate([taken, sizes]), low, high)[len(dots) :]
    for (x, y), (cx, cy) in zip(dots, boxes, strict=False):
        card.line([cx, x], [cy, y], INK, 3)
    for number, (block, (cx, cy), (wide, tall)) in enumerate(zip(blocks, boxes, sizes, strict=True)):
        pin = number < len(pinned)
        told = pin or focus in (None, shown[number - len(pinned)])
        if not told and np.hypot(*(boxes[number] - wanted[number])) > _ASTRAY:
            continue
        if pin or bare:
            ground, opacity = (INK, 1.0) if pin else (PAPER, 0.75)
            card.box(cx - wide / 2, cy - tall / 2 + 4, cx + wide / 2, cy + tall / 2 - 4, ground, opacity)
        for i, words in enumerate(block):
            middle = cy + (i - (len(block) - 1) / 2) * _LINE
            colour = PAPER if pin else INK if told else QUIET
            card.text(cx, middle, words, SMALL, colour, bold=told and i == 0, align="center", halo=not pin)
    if len(dots):
        card.dots(dots[:, 0], dots[:, 1], INK, 34)


def _block(name: str, genres: str, wide: bool) -> list[str]:
    """A region's label: its name, and below it what is played there if there is room."""
    lines = wrap(name, SMALL, _ROOM, 2, bold=True)
    return [*lines, fit(genres, SMALL, _PIN)] if genres and wide and len(lines) == 1 else lines


def _mix(low: str, high: str, share: Points) -> Points:
    """(n, 3) colours between two hex colours, 0 to 1."""
    a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) / 255 for c in (low, high))
    return a + (b - a) * share[:, None]


def _range(low: float, high: float) -> str:
    return f"{low:.2g} to {high:.2g}"
