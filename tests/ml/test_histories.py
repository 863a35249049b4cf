"""`python -m ml recommend`: a CSV of histories in, rankings of what is new to each person out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from ml import histories
from ml.histories import HistoryError
from ml.models import Models
from tests.ml.test_cli import ml

METAL = ("Enter Sandman by Metallica", "Paranoid by Black Sabbath", "Master of Puppets by Metallica")


def history(models: Models, *lines: str) -> bytes:
    return "\n".join(["user,track_id,artist,title,weight", *lines]).encode()


def test_tracks_are_ranked_for_each_person_and_nothing_they_know(models: Models, tmp_path: Path) -> None:
    known = [models.catalog.resolve(name) for name in METAL]
    source, out = tmp_path / "history.csv", tmp_path / "ranked.csv"
    lines = [f"ann,{track.id},,,2" for track in known if track]
    source.write_bytes(history(models, *lines, 'bob,,Ludovico Einaudi,"Nuvole Bianche",', "bob,,nobody at all,,"))
    done = ml("recommend", str(source), "-k", "20", "--by", "track", "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert "row 5: 'nobody at all' is not known" in done.stderr
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert list(rows[0]) == ["user", "rank", "track_id", "artist", "title", "score"]
    for user in ("ann", "bob"):
        mine = [row for row in rows if row["user"] == user]
        assert [row["rank"] for row in mine] == [str(n) for n in range(1, 21)]
        scores = [float(row["score"]) for row in mine]
        assert scores == sorted(scores, reverse=True)
        assert len({row["track_id"] for row in mine}) == 20
    assert not {track.id for track in known if track} & {row["track_id"] for row in rows if row["user"] == "ann"}

    def energy(user: str) -> float:
        tracks = [models.catalog.find_id(row["track_id"]) for row in rows if row["user"] == user]
        return sum(t.features[1] for t in tracks if t) / 20

    assert energy("ann") > energy("bob") + 0.3


def test_artists_are_ranked_over_everyone_known_also_from_listening_alone(models: Models) -> None:
    found = histories.read(history(models, "ann,,Radiohead,,900", "ann,,Portishead,,500", "cat,,Lady Gaga,,3"), models)
    rows = list(histories.rank(found, models, "artist", 200))
    ann = [row for row in rows if row[0] == "ann"]
    names = [str(row[3]).casefold() for row in ann]
    assert not {"radiohead", "portishead"} & set(names)
    assert {"thom yorke", "massive attack"} & set(names[:20])
    assert any(row[2] == "" and row[4] == "" for row in ann)
    assert names != [str(row[3]).casefold() for row in rows if row[0] == "cat"]


def test_gems_bring_lesser_known_artists(models: Models, tmp_path: Path) -> None:
    source, out = tmp_path / "history.csv", tmp_path / "ranked.csv"
    source.write_bytes(history(models, "ann,,Radiohead,,", "ann,,Portishead,,"))

    def listeners(gems: str) -> float:
        done = ml("recommend", str(source), "-k", "20", "--by", "artist", "--gems", gems, "-o", str(out))
        assert done.returncode == 0, done.stderr
        found = [models.artists.find(row["artist"]) for row in csv.DictReader(out.open(encoding="utf-8"))]
        return float(np.mean([models.artists.listeners[code] for code in found if code is not None]))

    assert listeners("0") > listeners("0.5") > listeners("1")
    refused = ml("recommend", str(source), "--gems", "2", "--by", "artist", "-o", str(out))
    assert (refused.returncode, refused.stderr) == (1, "timbre: --gems goes from 0 to 1, with --by artist.\n")


def test_another_edition_of_a_recording_is_the_same_history(models: Models) -> None:
    catalog = models.catalog
    edition = catalog.other_ids[0].decode()
    row = int(catalog.other_ids_row[0])
    found = histories.read(history(models, f"ann,{edition},,,"), models)
    assert list(found.people["ann"].rows) == [row]
    ids = [row[2] for row in histories.rank(found, models, "track", 50)]
    assert catalog.track(row).id not in ids


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty file"),
        (b"user,song\na,b\n", "columns user, song"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_history_says_what_one_is(models: Models, data: bytes, says: str) -> None:
    with pytest.raises(HistoryError, match=says):
        histories.read(data, models)


def test_bad_rows_are_named_and_the_others_used(models: Models) -> None:
    found = histories.read(
        history(models, ",x,,,", "ann,,Radiohead,,many", "ann,,Radiohead,,nan", "ann,,Radiohead,,"), models
    )
    assert found.errors == (
        "row 1: user is empty",
        "row 2: weight 'many' is not a number",
        "row 3: weight 'nan' is not a number",
    )
    assert list(found.people["ann"].artists.values()) == [1.0]


def test_tracks_that_only_playlists_know_come_last(models: Models) -> None:
    only = models.hybrid.only_listed
    assert 15_000 < only.sum() < 20_000
    known = [models.catalog.track(int(row)) for row in np.flatnonzero(only)[:5]]
    found = histories.read(history(models, *(f"ann,{track.id},,," for track in known)), models)
    ranked = [models.catalog.row_of(str(row[2])) for row in histories.rank(found, models, "track", len(models.catalog))]
    assert len(ranked) == len(models.catalog) - 5
    behind = only[np.array(ranked)]
    assert not behind[: -int(only.sum()) + 5].any()
    assert behind[-int(only.sum()) + 5 :].all()
