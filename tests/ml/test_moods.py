"""Moods rank tracks as people would, and percentiles mean what they say."""

import numpy as np
import pytest

from ml.catalog import Track
from ml.features import NAMES
from ml.models import Models
from ml.moods import MOODS, MoodScorer


def known(models: Models, name: str) -> Track:
    track = models.catalog.resolve(name)
    assert track is not None
    return track


def test_ranks_are_mid_ranks_and_unknown_values_lie_in_the_middle() -> None:
    features = np.tile(np.arange(1000, dtype=np.float32)[:, None] / 999, (1, len(NAMES)))
    features[0] = np.nan
    moods = MoodScorer(features)
    assert moods.rank("energy", np.array([0.5, -1, 2, np.nan])) == pytest.approx([0.5, 0, 1, 0.5], abs=0.002)
    assert moods.ranks["valence"][0] == 0.5


@pytest.mark.parametrize("mood", MOODS)
def test_a_mood_s_percentile_spreads_over_the_whole_catalogue(models: Models, mood: str) -> None:
    percentile = models.moods.percentile(mood)
    assert percentile.min() == 0
    assert percentile.max() == 1
    assert np.median(percentile) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("mood", "more", "less"),
    [
        ("energetic", "American Idiot by Green Day", "Someone Like You by Adele"),
        ("sad", "Someone Like You by Adele", "Never Gonna Give You Up by Rick Astley"),
        ("happy", "Never Gonna Give You Up by Rick Astley", "Hurt by Johnny Cash"),
        ("angry", "Duality by Slipknot", "Here Comes The Sun by The Beatles"),
        ("dance", "Super Freak by Rick James", "Hey Jude by The Beatles"),
    ],
)
def test_well_known_songs_rank_as_people_would_say(models: Models, mood: str, more: str, less: str) -> None:
    percentile = models.moods.percentile(mood)
    assert percentile[known(models, more).row] > percentile[known(models, less).row] + 0.3
