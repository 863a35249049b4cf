"""Which text can be drawn, how wide it is, and how it breaks: the fonts and all that is known about them.

matplotlib shapes text with HarfBuzz, so joined and right-to-left scripts are set properly wherever a font has them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ml.charts.theme import TITLE, TITLE_FULL, TITLE_LONG

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

_FOLDER = Path(__file__).parent / "fonts"
_OWN = "Timbre Inter"
# The usual fonts of Debian, Windows and macOS for scripts that neither Inter nor DejaVu holds.
_SYSTEM = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans JP",
    "Noto Sans SC",
    "Noto Sans KR",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "IPAGothic",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Leelawadee UI",
    "Nirmala UI",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
)
_PILE = re.compile(r"[\u0334-\u0338]|(?<=[\u0300-\u036f])[\u0300-\u036f]")  # strokes through letters, heaps on them
_BREAK = re.compile(r" (?![%–—→/]|BPM|dB)")  # a line never starts with a unit or a dash
_SET = str.maketrans({"'": "’", "`": "’"})  # as typed, and as set
_TITLES = ((TITLE, 2), (TITLE_LONG, 3), (TITLE_FULL, 4))  # type sizes, and the lines each may take
_ZWNJ = "\u200c"  # Persian spelling needs it; every other format character only does harm here


@lru_cache(maxsize=64)
def font(size: float, bold: bool = False) -> FontProperties:
    """The font of all text: bundled Inter, then DejaVu Sans, then what the system has for other scripts."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=list(_families()), weight="bold" if bold else "normal", size=size)


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    from matplotlib.font_manager import fontManager

    for path in sorted(_FOLDER.glob("*.otf")):
        fontManager.addfont(path)
    present = {entry.name for entry in fontManager.ttflist}
    return (_OWN, "DejaVu Sans", *(name for name in _SYSTEM if name in present))


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """Code points that both weights can draw."""
    from matplotlib.font_manager import fontManager, get_font

    weights = []
    for bold in (False, True):
        files = fontManager._find_fonts_by_props(font(TITLE, bold))
        weights.append(frozenset().union(*(get_font(file).get_charmap() for file in files)))
    return frozenset.intersection(*weights)


def clean(text: str) -> str:
    """One line of text: controls, direction overrides and piled-up accents removed, white space single."""
    kept = "".join(
        " " if (kind := unicodedata.category(c)) in ("Cc", "Zl", "Zp") else "" if kind == "Cf" and c != _ZWNJ else c
        for c in unicodedata.normalize("NFC", text)
    )
    return " ".join(_PILE.sub("", kept).replace("\ufe0f", "").split())


def drawable(text: str) -> bool:
    """Whether every character of `text` has a glyph in the fonts in use."""
    glyphs = _glyphs()
    return all(ord(c) in glyphs for c in clean(text))


def label(text: str, number: int, limit: int = 40) -> str:
    """`text`, cut to `limit` characters; "No. 3" when it is empty or cannot be drawn."""
    text = clean(text)
    if not text or not drawable(text):
        return f"No. {number}"
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def legible(text: str) -> str:
    """`text` as it is set: typed apostrophes and dashes become real ones, what cannot be drawn becomes "…"."""
    glyphs = _glyphs()
    shown = "".join(c if ord(c) in glyphs else "…" for c in clean(text).replace(" - ", " – ").translate(_SET))
    return re.sub(r"…(?:\s*…)+", "…", shown)


@lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of legible `text` in pixels."""
    from matplotlib.font_manager import fontManager, get_font

    face = get_font(fontManager._find_fonts_by_props(font(size, bold)))
    face.set_size(size, 72)
    face.set_text(text, 0.0)
    return face.get_width_height()[0] / 64


def fit(text: str, size: float, room: float, bold: bool = False) -> str:
    """`text` made legible and cut with "…" to `room` pixels."""
    text = legible(text)
    if width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle] + "…", size, bold) <= room else (low, middle - 1)
    return text[:low].rstrip() + "…"


def wrap(text: str, size: float, room: float, lines: int, bold: bool = False) -> list[str]:
    """Break `text` into at most `lines` lines of even length, none wider than `room` pixels; the rest becomes "…"."""
    words = [fit(word, size, room, bold) for word in _BREAK.split(legible(text))]
    widths = [width(word, size, bold) for word in words]
    space = width("n n", size, bold) - width("nn", size, bold)

    def broken(limit: float) -> list[list[int]]:
        rows: list[list[int]] = [[]]
        used = 0.0
        for i, wide in enumerate(widths):
            if rows[-1] and used + space + wide > limit:
                rows.append([])
                used = -space
            rows[-1].append(i)
            used += space + wide if len(rows[-1]) > 1 or len(rows) > 1 else wide
        return rows

    rows = broken(room)
    if len(rows) > lines:
        kept = [" ".join(words[i] for i in row) for row in rows[: lines - 1]]
        rest = " ".join(words[i] for row in rows[lines - 1 :] for i in row)
        return [*kept, fit(rest, size, room, bold)]
    narrow = room
    while narrow > max(widths, default=0) and len(broken(narrow - 20)) == len(rows):
        narrow -= 20
    return [" ".join(words[i] for i in row) for row in broken(max(narrow, max(widths, default=0)))]


def headline(text: str, room: float) -> tuple[list[str], int]:
    """The title's lines and size: the more it says, the smaller; one too long for four lines loses its middle.

    Titles begin with a name and end with what was found, and a finding is never cut.
    """
    for size, most in _TITLES:
        if len(lines := wrap(text, size, room, most + 1, bold=True)) <= most:
            return lines, size
    words = text.split()
    kept = min(len(words) // 3, 8)  # of the beginning; what goes, goes right after it

    def left(gone: int) -> list[str]:
        return wrap(" ".join([*words[:kept], "…", *words[kept + gone :]]), size, room, most + 1, bold=True)

    gone = bisect_left(range(len(words) - kept), True, key=lambda gone: len(left(gone)) <= most)
    return left(gone)[:most], size
