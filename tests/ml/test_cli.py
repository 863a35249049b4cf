"""`python -m ml` as people run it: files in, files out, one clear line when it cannot."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDED = [
    *(f"genre_{k}" for k in range(1, 6)),
    *(f"genre_{k}_p" for k in range(1, 6)),
    "family", "family_p", "hit_score", "popularity", "popularity_low", "popularity_high", "cluster", "error",
]  # fmt: skip


def ml(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ml", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_a_csv_is_scored_row_by_row_and_bad_rows_keep_their_place(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "title,energy,loudness,acousticness,tempo,decade,genre,note\n"
        "Riff,0.97,-4,0.0001,150,80,metal,a\n"
        "Broken,1.5,-4,0.1,150,80,metal,b\n"
        "Nocturne,0.05,-28,0.99,70,60,classical,c\n"
    )
    done = ml("score", str(source), "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert "row 2: energy: 1.5 is outside 0 to 1" in done.stderr
    rows = list(csv.DictReader(out.open()))
    assert list(rows[0]) == ["title", "energy", "loudness", "acousticness", "tempo", "decade", "genre", "note", *ADDED]
    assert [row["note"] for row in rows] == ["a", "b", "c"]
    riff, broken, nocturne = rows
    assert riff["family"] == "metal"
    assert nocturne["family"] == "classical, piano & ambient"
    assert broken["error"].startswith("energy: 1.5")
    assert not any(broken[name] for name in ADDED if name != "error")
    for row in (riff, nocturne):
        shares = [float(row[f"genre_{k}_p"]) for k in range(1, 6)]
        assert shares == sorted(shares, reverse=True)
        assert 0 < shares[0] < 1
        assert 0 <= float(row["hit_score"]) <= 1
        assert 0 <= float(row["popularity_low"]) <= float(row["popularity"]) <= float(row["popularity_high"]) <= 100
        assert row["cluster"].isdigit()
        assert row["error"] == ""


def test_the_decade_and_the_genre_of_a_row_count(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    head = "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo"
    sound = "0.6,0.7,1,-7,1,0.05,0.1,0,0.1,0.5,120,200000,0,4"
    source.write_text(f"{head},duration_ms,explicit,time_signature,decade,genre\n{sound},60,pop\n{sound},10,iranian\n")
    assert ml("score", str(source), "-o", str(out)).returncode == 0
    old_pop, new_iranian = csv.DictReader(out.open())
    assert old_pop["hit_score"] != new_iranian["hit_score"]
    assert float(old_pop["popularity"]) > float(new_iranian["popularity"]) + 10
    assert old_pop["genre_1_p"] == new_iranian["genre_1_p"]


def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("energy\nloud\n")
    for arguments, said in [
        (("score", str(tmp_path / "none.csv"), "-o", "x.csv"), "No such file"),
        (("score", str(bad), "-o", str(tmp_path / "x.csv")), "No row can be scored"),
        (("train", "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path)), "is not a folder"),
    ]:
        done = ml(*arguments)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
