"""Trend lines, their bands, breaks, eras and forecasts have known answers on made-up catalogues."""

import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from ml import charts
from ml.changes import break_at, change, find_break, season, slope
from ml.eras import SOUND, eras
from ml.evaluation.trends import HORIZON, SIGNS, evaluate_trends
from ml.families import FAMILIES
from ml.features import COLUMN, NAMES
from ml.forecasts import COVERAGE, MIN_HISTORY, NAIVE, OURS, forecast, misses, paths, widths
from ml.models import Models
from ml.sources import Sources, load
from ml.tag_families import TagFamilies
from ml.trend_reference import Reference
from ml.trends import MIN_TRACKS, UNTAGGED, Series, Trend, families, of_genre, reweighted, series


def catalog(years: np.ndarray, energy: np.ndarray, artist: np.ndarray) -> SimpleNamespace:
    features = np.full((len(years), len(NAMES)), 0.5, np.float32)
    features[:, COLUMN["energy"]] = energy
    return SimpleNamespace(
        features=features, year=years, decade=years // 10 * 10, month=np.ones(len(years), np.int8), artist=artist
    )


def line(values: np.ndarray, start: int = 1960) -> Series:
    periods = tuple(range(start, start + len(values)))
    near = tuple(values.tolist())
    return Series("x", periods, near, near, near, (100,) * len(values))


def alike(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    """Noise whose neighbours resemble each other."""
    noise = rng.normal(size=n)
    for t in range(1, n):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return noise


def test_means_and_counts_are_those_of_the_rows_asked_for() -> None:
    years = np.repeat(np.array([2000, 2001], np.int16), 40)
    energy = np.where(years == 2000, 0.25, 0.75)
    c = catalog(years, energy, np.arange(80))
    found = series(c, "energy", "year", np.ones(80, bool), "all")
    assert found.periods == (2000, 2001)
    assert found.mean == pytest.approx((0.25, 0.75))
    assert found.tracks == (40, 40)
    half = np.arange(80) % 40 < 35
    assert series(c, "energy", "year", half, "some", start=2001).tracks == (35,)


def test_a_point_needs_enough_tracks() -> None:
    years = np.array([2000] * MIN_TRACKS + [2001] * (MIN_TRACKS - 1), np.int16)
    found = series(catalog(years, np.zeros(len(years)), np.arange(len(years))), "energy", "year", years > 0, "all")
    assert found.periods == (2000,)


def test_the_band_counts_artists_not_songs() -> None:
    rng = np.random.default_rng(0)
    years = np.full(1000, 2000, np.int16)
    taste = rng.normal(0.5, 0.1, 50)
    same_artist = np.repeat(np.arange(50), 20)
    songs = taste[same_artist]  # twenty identical songs an artist: only fifty observations
    clustered = series(catalog(years, songs, same_artist), "energy", "year", years > 0, "all")
    independent = series(catalog(years, songs, np.arange(1000)), "energy", "year", years > 0, "all")
    width = clustered.high[0] - clustered.low[0]
    assert width == pytest.approx(2 * 1.96 * taste.std(ddof=1) / np.sqrt(50), rel=0.02)
    assert width == pytest.approx(np.sqrt(20) * (independent.high[0] - independent.low[0]), rel=0.05)


def shifting_mix(rng: np.random.Generator, rise: float = 0.0) -> tuple[SimpleNamespace, np.ndarray]:
    """A calm family gives way to a loud one over ten years; within each, energy rises by `rise` a year."""
    years = np.repeat(np.arange(2000, 2010, dtype=np.int16), 300)
    strata = (rng.random(3000) < np.linspace(0.1, 0.9, 3000)).astype(np.uint8)
    artist = rng.integers(0, 300, 3000)
    taste = rng.normal(0, 0.05, 300)
    energy = 0.3 + 0.4 * strata + taste[artist] + rise * (years - 2000) + rng.normal(0, 0.05, 3000)
    return catalog(years, energy, artist), strata


def test_a_shift_in_the_mix_does_not_pass_for_a_shift_in_music() -> None:
    c, strata = shifting_mix(np.random.default_rng(1))
    everything = np.ones(3000, bool)
    raw = slope(series(c, "energy", "year", everything, "raw"))
    held = slope(reweighted(c, "energy", "year", everything, strata, "held"))
    assert raw is not None
    assert held is not None
    assert raw.decade > 0.25
    assert held.low < 0 < held.high
    moving, strata = shifting_mix(np.random.default_rng(1), rise=0.02)
    found = slope(reweighted(moving, "energy", "year", everything, strata, "held"))
    assert found is not None
    assert found.decade == pytest.approx(0.2, abs=0.02)


def test_adjusted_means_are_those_of_least_squares_and_keep_the_overall_mean() -> None:
    c, strata = shifting_mix(np.random.default_rng(2))
    found = reweighted(c, "energy", "year", np.ones(3000, bool), strata, "held")
    years = np.eye(10)[c.year - 2000]
    x = c.features[:, COLUMN["energy"]].astype(float)
    beta = np.linalg.lstsq(np.column_stack([years, strata]), x, rcond=None)[0]
    assert found.mean == pytest.approx(beta[:10] + beta[10] * strata.mean(), abs=1e-9)
    assert np.average(found.mean, weights=found.tracks) == pytest.approx(x.mean())


def test_the_band_of_adjusted_means_holds_what_resampled_artists_show() -> None:
    c, strata = shifting_mix(np.random.default_rng(3))
    found = reweighted(c, "energy", "year", np.ones(3000, bool), strata, "held")
    years, x = np.eye(10)[c.year - 2000], c.features[:, COLUMN["energy"]].astype(float)
    design = np.column_stack([years, strata])
    rng = np.random.default_rng(4)
    drawn = []
    for _ in range(300):
        weight = rng.exponential(size=300)[c.artist]
        beta = np.linalg.solve(design.T @ (design * weight[:, None]), design.T @ (x * weight))
        drawn.append(beta[:10] + beta[10] * strata.mean())
    stated = (np.array(found.high) - found.mean) / 1.96
    assert stated == pytest.approx(np.std(drawn, axis=0), rel=0.25)


def test_reweighting_nothing_gives_nothing() -> None:
    c, strata = shifting_mix(np.random.default_rng(5))
    assert reweighted(c, "energy", "year", np.zeros(3000, bool), strata, "none").periods == ()


def test_a_family_is_the_track_s_own_else_its_artist_s(models: Models) -> None:
    c = models.catalog
    family = families(c)
    tagged = np.diff(c.genre_start) > 0
    assert (family[tagged] < UNTAGGED).all()
    inherited = ~tagged & (family < UNTAGGED)
    assert inherited.sum() > 10_000
    assert np.isin(c.artist[inherited], c.artist[tagged]).all()
    assert not np.isin(c.artist[family == UNTAGGED], c.artist[tagged]).any()


def test_a_genre_s_tracks_are_its_own_and_those_of_its_artists(models: Models) -> None:
    c = models.catalog
    own, found = c.in_genre(["disco"]), of_genre(c, ["disco"])
    assert found[own].all()
    more = found & ~own
    assert more.sum() > 100
    assert np.isin(c.artist[more], c.artist[own]).all()
    assert (np.diff(c.genre_start)[more] == 0).all()


def test_theta_equals_the_reference_implementation() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    rng = np.random.default_rng(1)
    for _ in range(5):
        y = np.cumsum(rng.normal(0.1, 1, 60)) + 50
        reference = ThetaModel(y, period=1, deseasonalize=False).fit(use_mle=False)
        assert paths(y, 5)["Theta"][-1] == pytest.approx(np.asarray(reference.forecast(5)), abs=0.15)


def test_a_forecast_from_an_origin_knows_nothing_that_came_later() -> None:
    y = np.cumsum(np.random.default_rng(2).normal(0, 1, 50))
    whole = paths(y, 5)
    for name, path in paths(y[:30], 5).items():
        assert path == pytest.approx(whole[name][:31], nan_ok=True)
    known = widths(misses(y, whole[OURS]))
    assert widths(misses(y[:30], whole[OURS][:31])) == pytest.approx(known[:31], nan_ok=True)


def test_a_straight_line_is_forecast_onwards_and_a_flat_one_flat() -> None:
    rising = forecast(line(np.arange(40.0)), 3)
    assert rising is not None
    assert rising.periods == (2000, 2001, 2002)
    assert 39 < rising.mean[0] < rising.mean[1] < rising.mean[2] < 43
    assert all(a < m < b for a, m, b in zip(rising.low, rising.mean, rising.high, strict=True))
    assert rising.error_ratio < 1
    assert rising.method == OURS
    flat = forecast(line(np.full(40, 7.0)), 3)
    assert flat is not None
    assert flat.mean == pytest.approx((7, 7, 7))


def test_where_nothing_beats_the_last_value_the_last_value_is_forecast() -> None:
    steps = np.repeat(np.cumsum(np.tile([1.0, -1.0], 10)), 6)  # long plateaus: a trend is always wrong
    found = forecast(line(steps), 4)
    assert found is not None
    assert found.error_ratio >= 1
    assert found.method == NAIVE
    assert found.mean == (steps[-1],) * 4


def test_the_interval_holds_what_it_promises_on_random_walks() -> None:
    rng = np.random.default_rng(2)
    held = np.zeros(3)
    for _ in range(200):
        walk = np.cumsum(rng.normal(0, 1, 64))
        ahead = forecast(line(walk[:60]), 3)
        assert ahead is not None
        held += (np.array(ahead.low) <= walk[60:63]) & (walk[60:63] <= np.array(ahead.high))
        assert (np.diff(np.subtract(ahead.high, ahead.low)) >= -1e-9).all()
    assert (held >= 0.7 * 200).all()
    assert (held <= 0.91 * 200).all()
    assert COVERAGE == 0.8


def test_short_and_broken_histories_get_no_forecast() -> None:
    assert forecast(line(np.arange(MIN_HISTORY - 1.0)), 5) is None
    gap = line(np.arange(40.0))
    broken = Series(
        "x", (*gap.periods[:30], *(p + 5 for p in gap.periods[30:])), gap.mean, gap.low, gap.high, gap.tracks
    )
    assert forecast(broken, 5) is None


def test_a_change_is_clear_only_outside_its_interval() -> None:
    steady = np.full(20, 5.0)
    wide = Series("x", tuple(range(20)), tuple(steady + np.linspace(0, 0.1, 20)), (4,) * 20, (6,) * 20, (50,) * 20)
    moved = change(wide)
    assert moved is not None
    assert not moved.clear
    jump = line(np.r_[np.zeros(10), np.ones(10)])
    found = change(jump)
    assert found is not None
    assert found.clear
    assert (found.before, found.after) == (0, 1)
    assert change(line(np.ones(1))) is None


def test_the_interval_of_a_slope_holds_also_when_years_resemble_their_neighbours() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(200):
        found = slope(line(0.1 * np.arange(60) + alike(rng, 60, 0.6)))
        assert found is not None
        held += found.low <= 1 <= found.high
    assert held >= 180
    assert slope(line(np.arange(7.0))) is None


def test_a_break_is_found_where_it_is_and_not_where_none_is() -> None:
    rng = np.random.default_rng(7)
    bent = np.r_[np.zeros(30), 0.3 * np.arange(30)] + rng.normal(0, 0.3, 60)
    found = find_break(line(bent))
    assert found is not None
    assert found.clear
    assert abs(found.period - 1990) <= 3
    assert found.before == pytest.approx(0, abs=0.3)
    assert found.after == pytest.approx(3, abs=0.3)
    alarms = [find_break(line(0.05 * np.arange(60) + alike(rng, 60, 0.5))) for _ in range(60)]
    assert sum(a is not None and a.clear for a in alarms) <= 7
    assert find_break(line(np.arange(MIN_HISTORY - 1.0))) is None


def test_searching_many_years_asks_for_more_than_asking_about_one() -> None:
    rng = np.random.default_rng(8)
    for _ in range(10):
        walk = line(alike(rng, 60, 0.3))
        best = find_break(walk)
        assert best is not None
        alone = break_at(walk, best.period)
        assert alone is not None
        assert alone.tried == 1 < best.tried
        assert alone.p <= best.p
    assert break_at(walk, 2018) is None


def test_seasons_count_only_beyond_chance() -> None:
    rng = np.random.default_rng(9)
    years = rng.integers(2000, 2010, 5000).astype(np.int16)
    c = catalog(years, rng.random(5000), np.arange(5000))
    c.month = rng.integers(1, 13, 5000).astype(np.int8)
    everything = np.ones(5000, bool)
    assert season(c, "energy", everything, 2000, 2010) < 0.003
    c.features[:, COLUMN["energy"]] = (c.month > 6) + rng.normal(0, 0.5, 5000)
    assert season(c, "energy", everything, 2000, 2010) == pytest.approx(0.5, abs=0.03)


def decades_of(levels: dict[int, float], rng: np.random.Generator) -> SimpleNamespace:
    """A hundred tracks a decade by a hundred artists, energy and valence around a level."""
    decade = np.repeat(list(levels), 100).astype(np.int16)
    c = catalog(decade, np.zeros(len(decade)), np.arange(len(decade)))
    c.features[:] = rng.normal(10, 1, c.features.shape)
    for name in ("energy", "valence"):
        c.features[:, COLUMN[name]] += np.repeat(list(levels.values()), 100)
    return c


def test_a_sound_that_came_back_is_told_from_one_that_only_moved_on() -> None:
    rng = np.random.default_rng(10)
    back = eras(decades_of({1980: 0, 1990: 2, 2000: 3, 2010: 2, 2020: 0}, rng), np.ones(500, bool))
    assert back is not None
    assert back.decades == (1980, 1990, 2000, 2010, 2020)
    assert back.nearest == 1980
    assert back.sure > 0.9
    assert back.back == 1980
    assert back.passed == (1990, 2000, 2010)
    onwards = eras(decades_of({1980: 0, 1990: 1, 2000: 2, 2010: 3, 2020: 4}, rng), np.ones(500, bool))
    assert onwards is not None
    assert onwards.nearest == 2010
    assert onwards.back is None
    assert {m.feature for m in onwards.moved[:2]} == {"energy", "valence"}


def test_distances_of_one_sound_are_near_nothing_and_symmetric() -> None:
    still = eras(decades_of(dict.fromkeys((1990, 2000, 2010), 0.0), np.random.default_rng(11)), np.ones(300, bool))
    assert still is not None
    assert (still.distance < 0.1).all()
    assert still.distance == pytest.approx(still.distance.T)
    assert eras(decades_of({1990: 0.0}, np.random.default_rng(0)), np.ones(100, bool)) is None
    assert len(SOUND) == 10


@pytest.fixture(scope="module")
def sources(data: Path) -> Sources:
    return load(data)


def test_the_chart_shows_both_lines_and_the_turn() -> None:
    held, raw = line(np.linspace(0.4, 0.6, 40)), line(np.linspace(0.3, 0.7, 40))
    found = Trend("energy", "year", (held,), change(held), forecast(held, 5))
    raw = Series("as collected", *list(vars(raw).values())[1:])
    built = charts.trend.build(found, title="Rising", footer="n", raw=raw, turn=1980)
    words = {t.get_text() for t in built.findobj(Text)}
    assert {"as collected", "0.30 → 0.70", "0.40 → 0.60", "turns 1980"} <= words
    alone = charts.trend.build(found, title="Rising", footer="n")
    assert "as collected" not in {t.get_text() for t in alone.findobj(Text)}


def test_the_heat_map_names_each_decade_once_and_marks_today() -> None:
    levels = {decade: 0.5 * i for i, decade in enumerate(range(1950, 2030, 10))}
    found = eras(decades_of(levels, np.random.default_rng(12)), np.ones(800, bool))
    assert found is not None
    built = charts.eras.build(found, title="Eras", footer="n")
    labels = [t for t in built.findobj(Text) if re.fullmatch(r"\d{4}s", t.get_text())]
    counted = Counter(t.get_text() for t in labels)  # as a row and as a column, but for the first and the last
    assert counted == {f"{d}s": 1 if d in (1950, 2020) else 2 for d in levels}
    cells = [t.get_text() for t in built.findobj(Text) if re.fullmatch(r"\d\.\d\d", t.get_text())]
    assert len(cells) == 8 * 7 // 2
    assert f"{found.distance[-1, 0]:.2f}" in cells


def test_six_signs_hold_in_every_source_and_forecasts_keep_their_promise(
    data: Path, sources: Sources, models: Models
) -> None:
    scores = evaluate_trends(sources, data, models.catalog)
    assert all(s.metric.startswith("trend ") and s.split for s in scores)
    signs = next(s for s in scores if s.metric == "trend signs agree")
    assert signs.value == len(SIGNS), signs.note
    errors = {(s.model, s.split): s.value for s in scores if "MASE" in s.metric}
    splits = {split for _, split in errors}
    assert len(splits) == 4
    assert all(errors["served", split] <= errors["naive", split] for split in splits)
    covered = [s for s in scores if "covers" in s.metric]
    assert len(covered) == HORIZON * len(splits)
    assert all(0.75 <= s.value <= 0.88 for s in covered), [s.value for s in covered]


def test_tags_point_at_the_family_they_were_seen_with() -> None:
    names = list(FAMILIES)
    others = list(FAMILIES.values())  # every family with a tag of its own, so that none is likelier than others
    seen = TagFamilies(
        [["norwegian frost", "frost"], ["sertanejo raiz"], []] * 20 + [[f"t{i}"] for i in range(len(others))] * 20,
        [["black-metal"], ["sertanejo"], ["pop"]] * 20 + [[genres[0]] for genres in others] * 20,
    )
    assert names[seen.family(["norwegian frost"])] == "metal"
    assert names[seen.family(["swedish frost"])] == "metal"
    assert names[seen.family(["sertanejo raiz"])] == "brazilian"
    assert names[seen.family(["new orleans rap"])] == "hip-hop & r&b"
    assert names[seen.family(["synth pop"])] == "pop (western)"
    assert seen.family([]) == UNTAGGED
    assert seen.family(["nobody says this"]) == UNTAGGED


def test_the_reference_knows_more_families_than_the_genres_do(data: Path, sources: Sources, models: Models) -> None:
    c = models.catalog
    packed = Reference.pack(c, sources.tracks, data)
    found = Reference.load(packed)
    by_genre, dated = families(c), c.year > 0
    assert (found.strata[by_genre < UNTAGGED] == by_genre[by_genre < UNTAGGED]).all()
    assert (found.strata[dated] == UNTAGGED).mean() < 0.25 < (by_genre[dated] == UNTAGGED).mean()
    published = pd.read_csv(data / "data_by_year.csv")
    assert set(found.published) == set(SOUND)
    assert found.published["tempo"].periods == tuple(published.year)
    assert found.published["tempo"].mean == pytest.approx(published.tempo, rel=1e-6)
    assert sum(a.nbytes for a in packed.values()) < 300_000


def test_the_mix_explains_a_third_to_a_half_of_the_rise_in_danceability(
    data: Path, sources: Sources, models: Models
) -> None:
    c = models.catalog
    held = Reference.load(Reference.pack(c, sources.tracks, data))
    everything = np.ones(len(c), bool)
    raw = slope(series(c, "danceability", "year", everything, "raw", 1957))
    mixed = slope(reweighted(c, "danceability", "year", everything, held.strata, "held", 1957))
    assert raw is not None
    assert mixed is not None
    assert 0.3 < 1 - mixed.decade / raw.decade < 0.6
