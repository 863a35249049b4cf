"""The moods against words that people gave to artists, playlists and albums.

What names of playlists and albums are worth as labels: a supervised model that learns from the other playlists of a
mood, on the same features, reaches an AUC of .36 on "happy" ones (they are EDM, tropical house and Dutch rap), .46 to
.52 on party, .64 to .66 on dance, .66 to .67 on chill and .78 to .83 on romantic and workout. Names tell a genre first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.mood_labels import Labels, by_albums, by_playlists, by_tags
from ml.mood_table import MOODS
from ml.mood_training import School
from ml.moods import MoodScorer, MoodWeights
from ml.scores import Score, bootstrap_by_artist
from ml.sources import Sources

_STEPS = 65535  # percentiles come in this many steps
_FOLDS = 3
Depths = NDArray[np.uint16]
"""(n,) how deep in a mood each track of the catalogue is, in steps."""


@dataclass(frozen=True)
class _Test:
    """Labels, what the moods knew of them, and how deep in each mood every track is, all counted or by sound alone."""

    split: str
    labels: Labels
    depths: Mapping[str, Depths]
    sound: Mapping[str, Depths]


def evaluate_moods(
    sources: Sources, data: Path, catalog: Catalog, weights: MoodWeights, draws: int = 100
) -> list[Score]:
    """AUC of each mood: tracks whose artist, playlist or album bears the mood's words against all others of that kind.

    "mood AUC, sound alone, mean" leaves genres and tags out. Intervals come from drawing artists `draws`
    times: a minute.
    """
    found = []
    for test in _tests(sources, data, catalog, weights):
        rows, said = test.labels.rows, test.labels.said
        each = [_measure(test, catalog, mood, draws) for mood in said]
        values = [score.value for score in each]
        summaries = {
            "mood AUC, mean": float(np.mean(values)),
            "mood AUC, lowest": min(values),
            "mood AUC, sound alone, mean": float(np.mean([_auc(test.sound[mood][rows], said[mood]) for mood in said])),
        }
        found += each
        found += [Score("moods", name, value, test.split, len(rows)) for name, value in summaries.items()]
    return found


def _tests(sources: Sources, data: Path, catalog: Catalog, weights: MoodWeights) -> Iterator[_Test]:
    depths, sound = _held_out(School(sources, catalog), catalog)
    split = (
        "against the artists' tags of 2024: learnt from other artists' tags (three folds), the mood's own words hidden"
    )
    yield _Test(split, by_tags(sources, catalog), depths, sound)
    scorer, alone = MoodScorer(catalog.features, weights), MoodScorer(catalog.features, MoodWeights(weights.sound))
    served, heard = ({mood: _steps(s.percentile(mood)) for mood in MOODS} for s in (scorer, alone))
    yield _Test(
        "against names of playlists: no weight was fitted to them, variants were compared on them",
        by_playlists(sources, data, catalog),
        served,
        heard,
    )
    yield _Test(
        "against names of albums: no weight was fitted to them, variants were compared on them",
        by_albums(sources, data, catalog),
        served,
        heard,
    )


def _held_out(school: School, catalog: Catalog) -> tuple[dict[str, Depths], dict[str, Depths]]:
    """Every track scored by what was learnt from other artists; with genres and other tags, and by sound alone."""
    fold = np.random.default_rng(42).integers(_FOLDS, size=len(catalog.artist_keys))[catalog.artist]
    with_words, alone = {}, {}
    for mood in MOODS:
        sound, words = np.zeros((2, len(catalog)), np.float32)
        for k in range(_FOLDS):
            learnt = school.learn(mood, fold != k)
            sound[fold == k] = school.sound(learnt)[fold == k]
            words[fold == k] = school.words(mood, learnt, hidden=True)[fold == k]
        with_words[mood], alone[mood] = _ranked(sound + words), _ranked(sound)
    return with_words, alone


def _measure(test: _Test, catalog: Catalog, mood: str, draws: int) -> Score:
    rows, said = test.labels.rows, test.labels.said[mood]
    steps = test.depths[mood][rows]
    low, high = bootstrap_by_artist(lambda at: _auc(steps[at], said[at]), catalog.artist[rows], 42, draws)
    note = f"{int(said.sum())} tracks bear its words"
    return Score("moods", f"mood AUC {mood}", _auc(steps, said), test.split, len(said), low, high, note)


def _ranked(score: NDArray[np.float32]) -> Depths:
    return (score.argsort(kind="stable").argsort() * (_STEPS / (len(score) - 1))).round().astype(np.uint16)


def _steps(percentile: NDArray[np.float32]) -> Depths:
    return (percentile * _STEPS).round().astype(np.uint16)


def _auc(steps: Depths, said: NDArray[np.bool_]) -> float:
    """The chance that a track the words are said of lies deeper in the mood than another one; ties count half."""
    yes = np.bincount(steps[said], minlength=_STEPS + 1)
    no = np.bincount(steps[~said], minlength=_STEPS + 1)
    below = np.cumsum(no) - no / 2
    return float((yes * below).sum() / (yes.sum() * no.sum()))
