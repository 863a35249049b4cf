"""A sweep passes through the demo as it is, and its best value keeps the genre."""

import numpy as np
import pytest

from ml.features import COLUMN
from ml.models import Models
from ml.scoring import Subject
from ml.whatif import WhatIf, sweep


@pytest.fixture(scope="module")
def subject(models: Models) -> Subject:
    track = models.catalog.resolve("Blinding Lights by The Weeknd")
    assert track is not None
    return Subject(track.name, np.array(track.features)[None, :], track.title, track)


@pytest.fixture(scope="module", params=["energy", "tempo", "duration_ms"])
def found(models: Models, subject: Subject, request: pytest.FixtureRequest) -> WhatIf:
    return sweep(models, subject, request.param, 2010)


def test_the_line_passes_through_the_demo(models: Models, subject: Subject, found: WhatIf) -> None:
    assert found.here == pytest.approx(subject.x[0, COLUMN[found.feature]])
    assert found.here_score == pytest.approx(models.hitscore.score(subject.x, np.array([2010]))[0])
    assert found.values[found.scores.index(found.here_score)] == found.here


def test_the_band_holds_the_line_and_values_rise(found: WhatIf) -> None:
    assert list(found.values) == sorted(set(found.values))
    assert all(low <= s <= high for low, s, high in zip(found.low, found.scores, found.high, strict=True))
    assert max(h - low for low, h in zip(found.low, found.high, strict=True)) > 0


def test_the_best_value_is_no_worse_and_stays_in_the_family(models: Models, subject: Subject, found: WhatIf) -> None:
    assert found.best_score >= found.here_score
    changed = subject.x.copy()
    changed[0, COLUMN[found.feature]] = found.best
    shares = [models.genre.families(models.genre.probabilities(x))[0] for x in (subject.x, changed)]
    mine = int(shares[0].argmax())
    assert shares[1][mine] >= 0.69 * shares[0][mine]
