"""Charts look as they did when somebody last looked: small pictures compared as an eye would, not byte by byte.

`python -m tests.gallery --update-references` accepts how they look now; look at the gallery before.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ml.charts import theme
from ml.charts.card import rendered
from tests.ml.test_charts import CASES, FOOTER, PLAIN, texts

REFERENCES = Path(__file__).with_name("chart_looks.npz")
SHRINK = 12  # a reference is 100 pixels across
NOTICED = 10.0  # of 255: more than another machine's hinting changes, less than the smallest label moved by its height
# Scripts that the bundled fonts lack look different on every machine.
SHOWN = [name for name in CASES if "hostile" not in name and name != "clusters"]

Picture = NDArray[np.float64]


def small(figure: Any) -> Picture:
    """The figure's colours as a (height / 12, 100, 3) picture, each pixel the mean of 12 by 12."""
    pixels = rendered(figure)[:, :, :3]
    tall = pixels.shape[0] // SHRINK
    blocks = pixels[: tall * SHRINK].reshape(tall, SHRINK, -1, SHRINK, 3)
    return blocks.mean((1, 3))


def difference(a: Picture, b: Picture) -> float:
    """The largest difference of two pictures that is left after each pixel is averaged with its eight neighbours.

    The mean over a neighbourhood before comparing is that of Wang, Bovik, Sheikh and Simoncelli 2004 (SSIM), here of
    the signed difference, so that an edge moved by less than a pixel cancels; the worst place counts, not the mean, for
    a lost label is a small part of a chart.
    """
    if a.shape != b.shape:
        return 255.0
    apart = np.pad(a - b, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = sum(apart[i : i + a.shape[0], j : j + a.shape[1]] for i in range(3) for j in range(3)) / 9
    return float(np.abs(around).max())


def update() -> Path:
    """Write the references anew."""
    taken = {name: small(built(name)).round().astype(np.uint8) for name in SHOWN}
    np.savez_compressed(REFERENCES, **taken)  # type: ignore[arg-type]
    return REFERENCES


@cache
def references() -> dict[str, Picture]:
    with np.load(REFERENCES) as kept:
        return {name: kept[name].astype(np.float64) for name in kept}


def built(name: str) -> Any:
    return CASES[name].build(PLAIN)


@pytest.mark.parametrize("name", SHOWN)
def test_a_chart_looks_as_it_did(name: str) -> None:
    assert name in references(), "a new case: look at it, then run python -m tests.gallery --update-references"
    assert difference(small(built(name)), references()[name]) < NOTICED


@pytest.mark.parametrize("hinting", ["force_autohint", "no_autohint"])
def test_how_another_machine_smooths_letters_is_not_noticed(hinting: str) -> None:
    with matplotlib.rc_context({"text.hinting": hinting}):
        assert max(difference(small(built(name)), references()[name]) for name in SHOWN[::4]) < NOTICED


def test_a_shift_by_one_pixel_is_not_noticed() -> None:
    for name in SHOWN[::4]:
        figure = built(name)
        for drawn in texts(figure):
            x, y = drawn.get_position()
            drawn.set_position((x + 1, y))
        assert 0 < difference(small(figure), references()[name]) < NOTICED


def _labels(figure: Any) -> Iterator[Any]:
    """Every label but those that one character long are too small to be held to their place."""
    return (t for t in texts(figure) if len(t.get_text()) > 1 and t.get_text() not in (PLAIN, FOOTER))


def _lines(figure: Any) -> list[Any]:
    """The lines that carry data: rules are thinner, and rails paler."""
    drawn = [line for line in figure.findobj(Line2D) if line.get_linestyle() != "None" and line.get_linewidth() >= 5]
    drawn = [line for line in drawn if line.get_color() != theme.RULE]
    return [line for line in drawn if np.hypot(*np.ptp(line.get_xydata(), axis=0)) > 100]


def _marks(figure: Any) -> list[Any]:
    """Filled marks in a colour that means something, large enough to be seen as one."""
    filled = [p for p in figure.findobj(Patch) if p is not figure.patch and p.get_alpha() in (None, 1.0)]
    coloured = [p for p in filled if colorsys.rgb_to_hsv(*to_rgb(p.get_facecolor()))[1] > 0.3]
    return [p for p in coloured if min(p.get_extents().width, p.get_extents().height) > 20]


@pytest.mark.parametrize("name", SHOWN)
def test_a_moved_label_is_noticed(name: str) -> None:
    figure = built(name)
    for label in list(_labels(figure))[:3]:
        x, y = label.get_position()
        label.set_position((x, y + theme.SMALL * (1 if y < 300 else -1)))
        assert difference(small(figure), references()[name]) > NOTICED, label.get_text()
        label.set_position((x, y))


@pytest.mark.parametrize("name", SHOWN)
def test_a_lost_line_is_noticed(name: str) -> None:
    figure = built(name)
    for line in _lines(figure)[:3]:
        line.set_visible(False)
        assert difference(small(figure), references()[name]) > NOTICED
        line.set_visible(True)


@pytest.mark.parametrize("name", SHOWN)
def test_a_changed_colour_is_noticed(name: str) -> None:
    figure = built(name)
    for mark in _marks(figure)[:3]:
        colour = mark.get_facecolor()
        mark.set_facecolor(theme.DOWN if to_rgb(colour) == to_rgb(theme.UP) else theme.UP)
        assert difference(small(figure), references()[name]) > NOTICED
        mark.set_facecolor(colour)


def test_enough_of_the_charts_is_held_to_its_looks() -> None:
    """The three tests above pass on a chart that has no such mark: most must have one."""
    figures = [built(name) for name in SHOWN]
    assert all(any(_labels(figure)) for figure in figures)
    assert sum(bool(_lines(figure)) for figure in figures) >= 10
    assert sum(bool(_marks(figure)) for figure in figures) >= 10
    assert {CASES[name].name for name in SHOWN} == {case.name for case in CASES.values()}
    assert set(references()) == set(SHOWN)
    assert REFERENCES.stat().st_size < 300_000
