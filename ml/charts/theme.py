"""What every chart looks like: one paper, one ink, one type scale, and colours that keep their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ml.families import FAMILY_OF

WIDTH = 1200
"""Width of every card in pixels; a phone shows it at about 358, so nothing is set smaller than `SMALL`: 11 there."""
MARGIN = 56
RIGHT = WIDTH - MARGIN

TITLE, TITLE_LONG, TITLE_FULL, BODY, SMALL = 54, 47, 40, 38, 36
"""Type sizes in pixels of the card."""

PAPER = "#FBFAF7"
INK = "#1E1C19"
QUIET = "#6A645B"
RULE = "#DCD7CD"
SHADE = "#EEEAE2"
ACCENT = "#1C6FB5"
UP = "#1C6FB5"
DOWN = "#D2611C"

SERIES: tuple[str, ...] = ("#1C6FB5", "#D2611C", "#0E8272", "#7B2D6E")
"""Up to four lines in one chart: apart in hue and in lightness, also for colour-blind readers."""

REGIONS: tuple[str, ...] = (
    "#4A7FC1", "#D9822B", "#3F9C74", "#B6528F", "#C7A11F", "#6B5BB5", "#C0524A", "#58A6C4", "#8A6A4B", "#7C8B3C",
)  # fmt: skip
"""The regions of the map of sounds, in the order of their size; they start again after the tenth."""

_FAMILY_COLOURS: Mapping[str, str] = {
    "metal": "#2B2F44",
    "rock & punk": "#B3242B",
    "folk & singer-songwriter": "#879846",
    "country & bluegrass": "#6B4600",
    "pop (western)": "#DA4C8E",
    "house, techno & trance": "#4A50C8",
    "bass, breaks & electronica": "#9A3FB0",
    "hip-hop & r&b": "#B8570E",
    "soul, funk, jazz & blues": "#064F95",
    "reggae & dancehall": "#1F8A4A",
    "latin": "#B08800",
    "brazilian": "#037272",
    "asian pop": "#D57672",
    "world & regional": "#6B5248",
    "classical, piano & ambient": "#1694D6",
    "kids, stage & comedy": "#9A8AB3",
}
_MOOD_COLOURS: Mapping[str, str] = {
    "energetic": "#C4650A",
    "workout": "#B0401A",
    "party": "#D8468F",
    "dance": "#8444BE",
    "happy": "#A98200",
    "angry": "#8E1B1B",
    "focus": "#0E7267",
    "chill": "#2F8FCB",
    "calm": "#4C8C74",
    "romantic": "#C65B73",
    "sad": "#4A5F9E",
    "sleep": "#3D3B66",
}
OTHER = "#8C867C"
"""What is there for comparison: other tracks, unknown names."""


def family_colour(name: str) -> str:
    """The colour of a genre family, or of the family a genre belongs to; grey for names that are neither."""
    return _FAMILY_COLOURS.get(FAMILY_OF.get(name, name), OTHER)


def mood_colour(name: str) -> str:
    """The colour of a mood; grey for names that are none."""
    return _MOOD_COLOURS.get(name, OTHER)


def group_colours(names: Sequence[str]) -> tuple[str, ...]:
    """Colours for up to four groups in one chart: their families' own if these are all known and differ."""
    own = tuple(family_colour(name) for name in names)
    return own if OTHER not in own and len(set(own)) == len(own) else SERIES[: len(names)]


def unlike(colour: str) -> str:
    """The one of blue and orange that is further from this colour."""
    own = _rgb(colour)
    return max((UP, DOWN), key=lambda one: sum((x - y) ** 2 for x, y in zip(_rgb(one), own, strict=True)))


def contrast(a: str, b: str) -> float:
    """The contrast of two colours, 1 to 21, as in WCAG 2: 4.5 is enough for small text, 3 for marks and bold text."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str) -> str:
    """The colour, with as much ink in it as small text on paper needs."""
    parts = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 1)
    return next(mixed for part in parts if contrast(mixed := mix(colour, INK, part), PAPER) >= 4.5)


def written_on(colour: str) -> str:
    """Paper or ink, whichever stands out more from a mark of this colour."""
    return max((PAPER, INK), key=lambda ink: contrast(ink, colour))


def mix(a: str, b: str, part: float) -> str:
    """The colour `part` of the way from `a` to `b`."""
    return "#" + "".join(f"{round(x + (y - x) * part):02X}" for x, y in zip(_rgb(a), _rgb(b), strict=True))


def _luminance(colour: str) -> float:
    linear = (c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _rgb(colour))
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
