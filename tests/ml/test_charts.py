"""Charts: what is drawn is all on the card, nothing on anything else, in any script, from any thread, and the same."""

from __future__ import annotations

import io
import itertools
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from ml import charts
from ml.charts import layout, maps, png, text, theme, words
from ml.charts.card import Card
from ml.crowd import Crowd
from ml.explain import Contribution, Explanation
from ml.families import FAMILIES
from ml.features import NAMES
from ml.mood_table import MOODS
from ml.terrain import Terrain

SCRIPTS = (
    "宇多田ヒカル",
    "아이유",
    "Кино",
    "فيروز",
    "שלום",
    "ลำไย",
    "देवी",
    "🎵🔥",
    "A$AP Rocky",
    "Ke$ha $x^2$",
    "<b>&amp;</b>",
    "z̴̢̛̖͈̪a̴͎͝l̷g̸o",
    "Đặng ẞ ſ Ωmega Ğ ł",
    "a\x00b\n\tc\u202ed",
    "👨‍👩‍👧",
    "x" * 300,
    "word " * 60,
    "",
)
HOSTILE = " ".join(SCRIPTS)
FOOTER = "170k tracks, Timbre catalogue"
PLAIN = "This track sounds like folk & singer-songwriter, 61 % likely"


@dataclass(frozen=True)
class Case:
    """One chart's name and results; `extra` are arguments it takes beside them."""

    name: str
    args: tuple[Any, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def build(self, title: str) -> Any:
        return getattr(charts, self.name).build(*self.args, title=title, footer=FOOTER, **self.extra)

    def render(self) -> bytes:
        return getattr(charts, self.name).draw(*self.args, title=PLAIN, footer=FOOTER, **self.extra)


def _explanation(sign: float = 1.0, scale: float = 1.0) -> Explanation:
    effects = [sign ** (i % 2) * 0.2 * scale / (i + 1) for i in range(len(NAMES))]
    contributions = tuple(
        Contribution(name, 0.5 if i else float("nan"), effect)
        for i, (name, effect) in enumerate(zip(NAMES, effects, strict=True))
    )
    return Explanation(0.3, 0.3 + sum(effects), contributions)


def _genre(p: float, explanation: Explanation) -> Any:
    families = tuple((name, p if i == 10 else p / 3) for i, name in enumerate(FAMILIES))
    genres = (("singer-songwriter", p), ("progressive-house", p / 2), ("unheard-of genre " * 4, 0.004), ("pop", 0.0))
    return SimpleNamespace(family=max(FAMILIES, key=len), families=families, genres=genres, explanation=explanation)


def _hit(score: float, explanation: Explanation, change: bool = True) -> Any:
    best = SimpleNamespace(feature="duration_ms", value=432_000.0, to=240_000.0, gain=0.09)
    return SimpleNamespace(score=score, decade=1990, percentile=5.0, explanation=explanation, changes=(best,) * change)


def _series(label: str, periods: range, level: float, spread: float, tracks: int = 400) -> Any:
    mean = tuple(level + spread * np.sin(i) for i in range(len(periods)))
    return SimpleNamespace(
        label=label,
        periods=tuple(periods),
        mean=mean,
        low=tuple(m - spread for m in mean),
        high=tuple(m + spread for m in mean),
        tracks=tuple(tracks * (i % 3) + 1 for i in range(len(periods))),
    )


def _trend(feature: str, by: str, *series: Any, ahead: bool = False) -> Any:
    end = series[0].periods[-1] + 1
    mean = (series[0].mean[-1],) * 5
    forecast = SimpleNamespace(
        periods=tuple(range(end, end + 5)),
        mean=mean,
        low=tuple(m * 0.97 for m in mean),
        high=tuple(m * 1.03 for m in mean),
    )
    return SimpleNamespace(feature=feature, by=by, series=series, forecast=forecast if ahead else None)


def _eras(count: int) -> Any:
    decades = tuple(range(2030 - 10 * count, 2030, 10))
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count))) * 0.12
    moved = tuple(
        SimpleNamespace(feature=name, before=before, after=after, deviations=after - before)
        for name, before, after in (("loudness", -20.0, -6.0), ("acousticness", 0.64, 0.14), ("duration_ms", 2e5, 3e5))
    )
    return SimpleNamespace(decades=decades, tracks=(1234,) * count, distance=apart, moved=moved, nearest=decades[-2])


RNG = np.random.default_rng(42)
dice = np.random.default_rng  # each case has its own, so that a new case leaves the others as they look
CLOUD = dice(0).random((5_000, 2))
LONG = max(FAMILIES, key=len)
RANKS = [(name.removesuffix("_ms").replace("_", " "), "−60.0 dB", 100 * i / 13) for i, name in enumerate(NAMES)]
AXES = [label for label, *_ in RANKS if label not in {"key", "mode", "explicit", "duration", "time signature"}]
PLANE = {"x_label": "valence: sad to happy", "y_label": "energy: calm to intense"}
CURVE = np.linspace(0, 1, 50)
CASES = {
    "genre": Case("genre", (_genre(0.6, _explanation(-1)), "A – B")),
    "genre-hostile": Case("genre", (_genre(0.02, _explanation(-1, -1)), HOSTILE)),
    "genre-bare": Case("genre", (_genre(0.99, Explanation(0.5, 0.5, ())), "")),
    "hit": Case("hit", (_hit(0.73, _explanation(-1)), dice(1).beta(6, 2, 900), dice(2).beta(2, 6, 900))),
    "hit-top": Case("hit", (_hit(1.0, _explanation()), dice(3).beta(6, 2, 900), dice(4).beta(2, 6, 900))),
    "hit-bottom": Case("hit", (_hit(0.0, _explanation(1, -1)), np.zeros(3), np.ones(1))),
    "hit-best": Case(
        "hit", (_hit(0.9, _explanation(), change=False), dice(96).beta(6, 2, 900), dice(97).beta(2, 6, 900))
    ),
    "picks": Case("picks", (CLOUD[:10], Crowd(CLOUD)), PLANE),
    "picks-corner": Case("picks", (np.tile([[0.99, 0.99]], (20, 1)), Crowd(CLOUD)), PLANE),
    "trend": Case("trend", (_trend("tempo", "year", _series("all tracks", range(1957, 2025), 120, 4), ahead=True),)),
    "trend-four": Case(
        "trend",
        (
            _trend(
                "danceability",
                "year",
                *(
                    _series(name, range(1990 + i, 2022), 0.5 + 0.03 * i, 0.02, 40)
                    for i, name in enumerate(list(FAMILIES)[:4])
                ),
                ahead=True,
            ),
        ),
    ),
    "trend-hostile": Case(
        "trend",
        (
            _trend(
                "duration_ms",
                "decade",
                _series(HOSTILE, range(1960, 2021, 10), 2e5, 9e3),
                _series("A$AP", range(2000, 2021, 10), 2e5, 9e3),
            ),
        ),
    ),
    "trend-months": Case("trend", (_trend("explicit", "month", _series("all", range(1, 13), 0.1, 0.01)),)),
    "trend-two": Case("trend", (_trend("loudness", "year", _series("flat", range(2000, 2002), -9, 0.0)),)),
    "eras": Case("eras", (_eras(7),)),
    "eras-two": Case("eras", (_eras(2),)),
    "track": Case("track", (RANKS[:10],)),
    "explanation": Case("explanation", (_explanation(-1),)),
    "explanation-falling": Case("explanation", (_explanation(1, -1),)),
    "explanation-nothing": Case("explanation", (Explanation(0.5, 0.5, ()),)),
    "whatif": Case("whatif", ("danceability", CURVE, CURVE, CURVE - 0.1, CURVE + 0.1, 0.55, 0.55, 0.58)),
    "whatif-edges": Case("whatif", ("duration", CURVE * 6e5, CURVE**2, CURVE**2, CURVE**2, 0.0, 0.0, 6e5)),
    "whatif-loudness": Case("whatif", ("loudness", CURVE * 66 - 60, CURVE, CURVE, CURVE, -60.0, 0.0, -59.0)),
    "compare": Case("compare", (AXES, [("A", range(0, 90, 10)), ("B", range(90, 0, -10))])),
    "compare-hostile": Case("compare", (AXES, [("宇多田ヒカル", [0.0] * 9), (HOSTILE, [100.0] * 9)])),
    "importance": Case(
        "importance",
        (
            [(label, 0.1 / (i + 1), (-1) ** i * 0.5) for i, (label, *_) in enumerate(RANKS)],
            [("loudness", -59.5, -50.5, -60, 6), ("duration", 1.9e5, 6e5, 1e3, 6e5), ("danceability", 0.5, 0.5, 0, 1)],
        ),
    ),
    "blend": Case("blend", ("pop", LONG, 0.31, dice(5).normal(0, 1, 500), dice(6).normal(1, 1, 500), [(1, 0.5)])),
    "blend-same": Case("blend", (LONG, LONG, 1.0, np.zeros(9), np.zeros(9), [(n, 0.5) for n in range(1, 11)])),
    "demos": Case("demos", ([(name, 10 * i) for i, name in enumerate(FAMILIES)], dice(7).random(10_000))),
    "demos-one": Case("demos", ([("pop", 1)], [0.5])),
    "clusters": Case(
        "clusters",
        (
            Terrain.of(CLOUD, (CLOUD[:, 0] * 6).astype(int), 6),
            [("instrumental, quiet & undanceable", LONG)] * 6,
            [(0.5, 0.5, "A$AP – 愛"), (0.51, 0.5, HOSTILE)],
        ),
        {"focus": 2},
    ),
    "playlist": Case(
        "playlist", (dice(8).uniform(120, 300, 16), dice(9).random(16), dice(10).uniform(60, 180, 16), (0, 1, -1) * 5)
    ),
    "playlist-long": Case(
        "playlist", (dice(11).uniform(60, 400, 90), dice(12).random(90), dice(13).uniform(0, 240, 90), [0] * 89)
    ),
    "playlist-beatless": Case("playlist", ([200.0, 5000.0, 9.0], [0.0, 1.0, 0.5], [0.0, 0.0, 0.0], (0, 0))),
    "playlist-one": Case("playlist", ([700.0], [0.5], [120.0], ())),
    "clusters-pins": Case(
        "clusters",
        (
            Terrain.of(CLOUD, (CLOUD[:, 0] * 6).astype(int), 6),
            [(f"region {n} & danceable", "pop, metal") for n in range(6)],
            [(0.2, 0.5, "Song – Artist"), (0.51, 0.5, "Another Song")],
        ),
    ),
    "picks-mood": Case("picks", (CLOUD[:10], Crowd(CLOUD)), {**PLANE, "mood": "happy"}),
    "playlist-mood": Case(
        "playlist",
        (dice(90).uniform(120, 300, 9), dice(91).random(9), dice(92).uniform(60, 180, 9), [0] * 8),
        {"mood": "sad"},
    ),
    "blend-unknown": Case("blend", ("A", "B", 0.31, dice(93).normal(0, 1, 500), dice(94).normal(1, 1, 500), [])),
    "clusters-map": Case("clusters", (Terrain.of(CLOUD, np.zeros(len(CLOUD), int), 2), [("everything", "")] * 2, [])),
    "clusters-dots": Case(
        "clusters", (Terrain.of(CLOUD, np.zeros(len(CLOUD), int), 1), [("all", "pop")], []), {"dots": CLOUD[:900]}
    ),
}


def figure(case: Case, title: str = PLAIN) -> Any:
    """The case's figure; any warning, such as that of a missing glyph, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        built = case.build(title)
        built.canvas.draw()
    return built


def texts(built: Any) -> list[Any]:
    from matplotlib.text import Text

    return [artist for artist in built.findobj(Text) if artist.get_text()]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("title", [PLAIN, HOSTILE], ids=["plain", "hostile"])
def test_text_lies_on_the_card_clear_of_other_text_and_is_legible_on_a_phone(name: str, title: str) -> None:
    built = figure(CASES[name], title)
    width, height = built.canvas.get_width_height()
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(built)]
    for words_, box in boxes:
        assert box.x0 >= 0, words_
        assert box.x1 <= width, words_
        assert box.y0 >= 0, words_
        assert box.y1 <= height, words_
    for (a, box), (b, other) in itertools.combinations(boxes, 2):
        across = min(box.x1, other.x1) - max(box.x0, other.x0)
        # A line's box has room above its capitals and below its baseline; only letters may not meet.
        up = min(box.y1, other.y1) - max(box.y0, other.y0) - 0.25 * min(box.height, other.height)
        assert across <= 0 or up <= 0, f"{a!r} on {b!r}"
    assert min(t.get_fontsize() for t in texts(built)) * 358 / width >= 10.7
    assert height <= width


def test_every_kind_of_chart_has_a_case() -> None:
    kinds = {name for name in charts.__all__ if isinstance(getattr(charts, name), charts.Drawing)}
    assert {case.name for case in CASES.values()} == kinds


@pytest.mark.parametrize("name", CASES)
def test_the_title_is_drawn_whole(name: str) -> None:
    bold = [t.get_text() for t in texts(figure(CASES[name])) if t.get_fontsize() >= theme.TITLE_LONG]
    assert " ".join(bold) == PLAIN


@pytest.mark.parametrize(
    "name", [name for name in CASES if name not in {"genre", "clusters"} and "hostile" not in name]
)
def test_nothing_of_what_is_said_is_cut(name: str) -> None:
    assert [t.get_text() for t in texts(figure(CASES[name])) if "…" in t.get_text()] == []


def _shown(built: Any) -> list[str]:
    return [t.get_text() for t in texts(built)]


def test_the_widest_difference_stands_on_top_and_a_genre_keeps_its_colour() -> None:
    case = Case("compare", (["energy", "tempo", "valence"], [("A", [50, 10, 30]), ("B", [55, 90, 60])]))
    built = figure(case)
    height = {t.get_text(): t.get_window_extent().y0 for t in texts(built)}
    assert height["tempo"] > height["valence"] > height["energy"]
    drawn = Case("compare", case.args, {"genre": "techno"}).build(PLAIN)
    marks = {line.get_markerfacecolor() for line in drawn.findobj(Line2D) if line.get_marker() == "o"}
    assert marks == {theme.family_colour("techno"), theme.DOWN}


def test_a_hit_score_tells_how_many_of_each_group_score_lower() -> None:
    hits, others = np.linspace(0.5, 1, 101), np.linspace(0, 0.5, 101)
    shown = _shown(charts.hit.build(_hit(0.6, _explanation()), hits, others, title=PLAIN, footer=FOOTER))
    assert "20 % score lower" in shown
    assert "100 % score lower" in shown
    assert {"now 60", "duration", "7:12 → 4:00", "+9"} <= set(shown)


def test_the_hit_score_of_a_sweep_is_told_in_points_not_in_percent() -> None:
    shown = _shown(figure(CASES["whatif"], "More danceable"))
    assert "now 0.55: 55" in shown
    assert not any("%" in words_ for words_ in shown)


def test_years_without_tracks_are_bridged_by_a_dashed_line_and_no_band() -> None:
    years = (1972, 1976, *range(2005, 2025))
    line = _series("metal", range(len(years)), 0.5, 0.01)
    line.periods = years
    built = charts.trend.build(_trend("energy", "year", line), title=PLAIN, footer=FOOTER)
    lines = built.findobj(Line2D)
    (dashed,) = (one for one in lines if one.get_linestyle() == "--")
    (left, right), _ = dashed.get_data()
    gap = (left + right) / 2
    bands = [p.get_path().vertices[:, 0] for p in built.findobj(Polygon)]
    assert len(bands) == 2
    assert not any(band.min() < gap < band.max() for band in bands)
    assert theme.family_colour("metal") in {one.get_color() for one in lines}


def test_the_ground_of_a_region_in_focus_stands_out_wherever_it_lies() -> None:
    rng = dice(95)
    main, outpost = rng.normal((0.3, 0.3), 0.05, (4_000, 2)), rng.normal((0.8, 0.8), 0.02, (60, 2))
    rest = rng.random((9_000, 2))
    region = np.r_[np.zeros(4_060, int), np.ones(9_000, int)]
    terrain = Terrain.of(np.vstack([main, outpost, rest]), region, 2)
    drawn = maps._picture(terrain, focus=0)[:, :, :3].astype(int)
    chroma = np.ptp(drawn, axis=2)
    inside = (terrain.level > 0) & (terrain.region == 0)
    assert np.quantile(chroma[inside], 0.05) > 30 > np.quantile(chroma[~inside], 0.95)


@pytest.mark.parametrize("name", ["genre", "hit", "picks", "trend", "track", "compare", "clusters"])
def test_a_rendered_chart_is_a_png_of_the_card(name: str) -> None:
    drawn = CASES[name].render()
    assert drawn.startswith(png.SIGNATURE)
    width, height = struct.unpack(">II", drawn[16:24])
    assert width == theme.WIDTH
    assert 700 <= height <= theme.WIDTH
    assert len(drawn) < 600_000


def test_the_encoder_keeps_every_pixel() -> None:
    from PIL import Image

    pixels = RNG.integers(0, 256, (31, 17, 4), dtype=np.uint8)
    with Image.open(io.BytesIO(png.encode(pixels))) as picture:
        assert (np.asarray(picture) == pixels[:, :, :3]).all()
    assert zlib.crc32(png.encode(pixels)[12:29]) == struct.unpack(">I", png.encode(pixels)[29:33])[0]


def test_long_footers_break_and_are_not_cut() -> None:
    long = "Timbre catalogue, 169,759 tracks; every score by five-fold cross-validation that keeps artists together"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        built = charts.demos.build([("pop", 1)], [0.5], title=PLAIN, footer=long)
    lines = [words_ for t in texts(built) if len(words_ := t.get_text()) > 9 and words_ in long]
    assert len(lines) == 2
    assert " ".join(lines) == long


@pytest.mark.parametrize("words_", SCRIPTS)
def test_any_text_is_drawn_without_a_missing_glyph(words_: str) -> None:
    built = figure(CASES["demos-one"], words_ or "untitled")
    assert all(charts.drawable(t.get_text()) for t in texts(built))
    label = charts.label(words_, 3)
    assert charts.drawable(label)
    assert label == "No. 3" or len(label) <= 40


@pytest.mark.parametrize("name", ["A$AP Rocky", "Ke$ha $x^2$", r"$\frac{1}{2}$", "50 % of $100"])
def test_dollars_are_dollars(name: str) -> None:
    drawn = [t for t in texts(figure(CASES["demos-one"], name)) if t.get_text() == name]
    assert len(drawn) == 1
    assert not drawn[0].get_parse_math()
    assert not drawn[0].get_usetex()
    assert drawn[0].get_window_extent().width == pytest.approx(text.width(name, theme.TITLE, True), abs=2)


def test_labels_fall_back_to_their_number() -> None:
    assert charts.label("Кино", 3) == "Кино"
    assert charts.label("فيروز", 3) == "فيروز"
    assert charts.label("\U0010fffd", 3) == "No. 3"
    assert charts.label(" \n\u200b", 7) == "No. 7"
    assert charts.label("x" * 300, 1) == "x" * 39 + "…"
    assert charts.label("a\u202eb\x00c", 1) == "ab c"


def test_arabic_is_joined() -> None:
    """Joined letters are narrower than the same letters apart, so width tells whether the text is shaped."""
    assert text.width("بسم", 40) < 0.9 * text.width("ب س م".replace(" ", "\u200c"), 40)


def test_a_line_never_starts_with_a_unit_or_a_dash() -> None:
    for room in range(250, 900, 10):
        for line in text.wrap("Skinny Love – Bon Iver is longer than 92 % of tracks at 120 BPM", 50, room, 9, True):
            assert not line.startswith(("%", "–", "BPM"))
            assert text.width(line, 50, True) <= room


@pytest.mark.parametrize(("words_", "lines"), [(6, 2), (12, 3), (18, 4)])
def test_the_longer_a_title_the_smaller_its_type(words_: int, lines: int) -> None:
    title = "energetic " * words_ + "tracks"
    shown, size = text.headline(title, 1088)
    assert " ".join(shown) == title
    assert len(shown) == lines
    assert size == {2: theme.TITLE, 3: theme.TITLE_LONG, 4: theme.TITLE_FULL}[lines]


def test_a_title_too_long_for_four_lines_loses_its_middle_and_keeps_its_finding() -> None:
    lines, size = text.headline("A very long name " + "of a suite " * 60 + "sounds like pop, 61 % likely", 1088)
    assert (len(lines), size) == (4, theme.TITLE_FULL)
    assert lines[0].startswith("A very long name")
    assert " ".join(lines).endswith(" sounds like pop, 61 % likely")
    assert " ".join(lines).count("…") == 1
    assert len(text.headline("x" * 400, 1088)[0]) == 1


def test_colours_are_stable_and_tell_families_apart() -> None:
    colours = [charts.family_colour(family) for family in FAMILIES]
    assert len(set(colours)) == 16
    assert charts.family_colour("techno") == charts.family_colour("house, techno & trance") == "#4A50C8"
    assert charts.family_colour("no such genre") == theme.OTHER
    assert charts.mood_colour("energetic") != charts.mood_colour("sad") != theme.OTHER


def _linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    for a, b in itertools.combinations(theme.SERIES, 2):
        weights = np.array([0.2126, 0.7152, 0.0722])
        high, low = sorted((_linear(a) @ weights, _linear(b) @ weights), reverse=True)
        assert theme.contrast(a, b) == pytest.approx((high + 0.05) / (low + 0.05), rel=1e-3)


def test_marks_and_text_stand_out_from_the_paper_and_from_what_they_lie_on() -> None:
    """Contrast as in WCAG 2: 4.5 for small text, 3 for marks and bold text, so that greyscale shows them too."""
    groups = [theme.family_colour(family) for family in FAMILIES]
    moods = [theme.mood_colour(mood) for mood in MOODS]
    assert theme.contrast(theme.INK, theme.PAPER) >= 7
    assert theme.contrast(theme.QUIET, theme.PAPER) >= 4.5
    for colour in (*groups, *moods, *theme.SERIES, theme.UP, theme.DOWN, theme.OTHER):
        assert theme.contrast(colour, theme.PAPER) >= 3, colour
        assert theme.contrast(theme.readable(colour), theme.PAPER) >= 4.5, colour
        assert theme.contrast(theme.written_on(colour), colour) >= 4, colour


def test_every_mood_has_a_colour_of_its_own() -> None:
    assert len({theme.mood_colour(mood) for mood in MOODS} - {theme.OTHER}) == len(MOODS)


def test_groups_in_one_chart_take_their_families_colours_if_these_differ() -> None:
    assert charts.group_colours(["pop", "techno"]) == (charts.family_colour("pop"), charts.family_colour("techno"))
    assert charts.group_colours(["techno", "house"]) == theme.SERIES[:2]
    assert charts.group_colours(["pop", "no such genre"]) == theme.SERIES[:2]


DEUTAN = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
PROTAN = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])


TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def _lab(colour: str, eye: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ np.clip(eye @ _linear(colour), 0, 1) / (0.9505, 1, 1.089), 0.0089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", [np.eye(3), DEUTAN, PROTAN], ids=["all cones", "deutan", "protan"])
def test_lines_differ_for_colour_blind_readers(eye: np.ndarray) -> None:
    """Matrices of Machado, Oliveira and Fernandes 2009 at full severity; distance in CIELAB (CIE76)."""
    for pairs, least in (
        (itertools.combinations(theme.SERIES, 2), 15),
        ([(theme.UP, theme.DOWN)], 40),
        (itertools.combinations(map(theme.family_colour, FAMILIES), 2), 10),
    ):
        for a, b in pairs:
            assert np.linalg.norm(_lab(a, eye) - _lab(b, eye)) >= least, (a, b)


def test_eight_threads_draw_the_same_as_one() -> None:
    names = ["hit", "track", "trend", "compare"] * 6
    alone = {name: CASES[name].render() for name in set(names)}
    with ThreadPoolExecutor(8) as threads:
        for name, drawn in zip(names, threads.map(lambda n: CASES[n].render(), names), strict=True):
            assert drawn == alone[name]


def test_one_thread_draws_everything() -> None:
    """matplotlib is not thread-safe: without the one drawing thread its errors are rare and strange."""
    seen: set[int] = set()

    @charts.Drawing
    def blank(title: str) -> Any:
        seen.add(threading.get_ident())
        return Card(title, "", "", 100).figure

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(blank, ["a"] * 16))
    assert len(seen) == 1
    assert threading.get_ident() not in seen


def test_an_error_while_drawing_reaches_the_caller() -> None:
    with pytest.raises(AttributeError):
        charts.genre(None, "x", "y", "z")  # type: ignore[arg-type]


def test_importing_charts_leaves_matplotlib_alone() -> None:
    probe = "import sys, ml.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_spread_moves_no_more_than_it_must() -> None:
    assert layout.spread([10, 50], [20, 20], 0, 100) == [10, 50]
    assert layout.spread([50, 50], [20, 20], 0, 100) == [40, 60]
    assert layout.spread([90, 95], [20, 30], 0, 100) == [60, 85]
    assert layout.spread([95, 90], [20, 30], 0, 100) == [90, 65]
    for _ in range(50):
        sizes = RNG.uniform(5, 20, 6)
        placed = np.array(layout.spread(list(RNG.uniform(0, 200, 6)), list(sizes), 0, 200))
        order = np.argsort(placed)
        assert (np.diff(placed[order]) >= (sizes[order][1:] + sizes[order][:-1]) / 2 - 1e-9).all()
        assert (placed - sizes / 2).min() >= -1e-9
        assert (placed + sizes / 2).max() <= 200 + 1e-9


def test_place_keeps_boxes_apart_and_inside() -> None:
    sizes = np.full((20, 2), 58.0)
    for corner in ((0.0, 0.0), (1000.0, 500.0), (500.0, 250.0)):
        placed = layout.place(np.tile([corner], (20, 1)), sizes, (0, 0), (1000, 500))
        assert placed.min() >= 29
        assert (placed.max(axis=0) <= (971, 471)).all()
        for a, b in itertools.combinations(placed, 2):
            assert np.abs(a - b).max() >= 58 - 1e-9
    free = np.array([[100.0, 100.0], [300.0, 200.0]])
    assert (layout.place(free, sizes[:2], (0, 0), (1000, 500)) == free).all()


def test_contours_hold_the_share_of_points_they_say() -> None:
    across, down = np.clip(RNG.normal(0.5, 0.15, (2, 9_000)), 0, 1)
    shares = (0.9, 0.5, 0.2)
    level = layout.relief(across, down, (300, 500), shares)
    inside = level[np.minimum((down * 300).astype(int), 299), np.minimum((across * 500).astype(int), 499)]
    for depth, share in enumerate(shares, 1):
        assert (inside >= depth).mean() == pytest.approx(share, abs=0.02)
    assert level[150, 250] == 3
    assert level[0, 0] == 0


def test_contours_do_not_fade_at_the_edges_of_the_grid() -> None:
    across, down = np.meshgrid(np.linspace(0, 1, 300), np.linspace(0, 1, 180))
    level = layout.relief(across.ravel() ** 2, down.ravel(), (180, 300), (0.5,))
    assert level[[0, 90, 179], 0].all()
    assert not level[[0, 90, 179], 299].any()


def test_a_density_has_mean_one_and_leaks_past_no_edge() -> None:
    for values in (RNG.random(9_000), np.zeros(5), np.ones(5), RNG.beta(5, 1, 500)):
        assert layout.density(values, 0, 1).mean() == pytest.approx(1)
    assert layout.density([], 0, 1).max() == 0


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (lambda: words.feature_value("loudness", -6.13), "−6.1 dB"),
        (lambda: words.feature_value("duration_ms", 192_400), "3:12"),
        (lambda: words.feature_value("key", 6), "F♯"),
        (lambda: words.feature_value("energy", float("nan")), ""),
        (lambda: words.feature_value("decade", 1990), "1990s"),
        (lambda: words.feature_label("duration_ms"), "duration"),
        (lambda: words.averaged("explicit"), "share of tracks with explicit lyrics"),
        (lambda: words.averaged("tempo"), "average tempo in BPM"),
        (lambda: words.axis("loudness", [-10, -5]), ["−10", "−5"]),
        (lambda: words.axis("energy", [0.4, 0.45]), ["0.40", "0.45"]),
        (lambda: words.axis("explicit", [0, 0.05]), ["0 %", "5 %"]),
        (lambda: words.axis("duration_ms", [120_000, 180_000]), ["2:00", "3:00"]),
        (lambda: words.signed(-0.4), "0"),
        (lambda: words.signed(-3.2), "−3"),
        (lambda: words.percent(0.004), "<1 %"),
        (lambda: words.percent(0.314), "31 %"),
    ],
)
def test_numbers_read_as_people_write_them(call: Callable[[], str | list[str]], shown: str | list[str]) -> None:
    assert call() == shown
