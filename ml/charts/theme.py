"""What every chart looks like: one paper, one ink, one type scale, and colours that keep their meaning."""

from __future__ import annotations

from collections.abc import Mapping

from ml.families import FAMILY_OF

WIDTH = 1200
"""Width of every card in pixels; a phone shows it at about 380, so nothing is set smaller than `SMALL`."""
MARGIN = 56
RIGHT = WIDTH - MARGIN

TITLE, TITLE_LONG, BODY, SMALL = 54, 47, 36, 32
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
    "metal": "#3D3B46",
    "rock & punk": "#B8322A",
    "folk & singer-songwriter": "#8B9440",
    "country & bluegrass": "#BF8A36",
    "pop (western)": "#E0689F",
    "house, techno & trance": "#4A50C8",
    "bass, breaks & electronica": "#8444BE",
    "hip-hop & r&b": "#E2801B",
    "soul, funk, jazz & blues": "#1D4A86",
    "reggae & dancehall": "#2F9A57",
    "latin": "#D8A200",
    "brazilian": "#0C6E63",
    "asian pop": "#F08576",
    "world & regional": "#86573A",
    "classical, piano & ambient": "#4AA3DC",
    "kids, stage & comedy": "#A896DC",
}
_MOOD_COLOURS: Mapping[str, str] = {
    "energetic": "#E2801B",
    "workout": "#C4551F",
    "party": "#D8468F",
    "dance": "#8444BE",
    "happy": "#D8A200",
    "angry": "#B8322A",
    "focus": "#0E8272",
    "chill": "#4AA3DC",
    "calm": "#6FA88F",
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
