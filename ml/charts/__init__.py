"""Charts: results in, PNG bytes out. Nothing is imported from matplotlib before the first chart, or `warm()`.

Each chart is a `Drawing`: call it for the PNG, or `.build` it for the figure before it is rendered.
"""

from ml.charts.bars import demos, genre, importance
from ml.charts.card import Drawing, warm
from ml.charts.densities import blend
from ml.charts.eras import eras
from ml.charts.hit import hit
from ml.charts.lines import trend, whatif
from ml.charts.maps import clusters, picks
from ml.charts.percentiles import compare, track
from ml.charts.playlist import playlist
from ml.charts.text import drawable, label
from ml.charts.theme import family_colour, group_colours, mood_colour
from ml.charts.waterfall import explanation

__all__ = [
    "Drawing",
    "blend",
    "clusters",
    "compare",
    "demos",
    "drawable",
    "eras",
    "explanation",
    "family_colour",
    "genre",
    "group_colours",
    "hit",
    "importance",
    "label",
    "mood_colour",
    "picks",
    "playlist",
    "track",
    "trend",
    "warm",
    "whatif",
]
