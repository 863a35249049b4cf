"""Every data set is cleaned and counted, and each recording stands in the tracks table once."""

from pathlib import Path

import pytest

from ml import sources
from ml.features import HIT_DECADES
from ml.sources import DataError
from ml.text import artist_key, title_key

AUDIO = "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo"
SOUND = "0.5,0.6,1,-6,1,0.05,0.1,0,0.1,0.4,120"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Data sets of a few rows with the traps of the real ones."""

    def write(name: str, head: str, *rows: str) -> None:
        (tmp_path / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")

    write(
        "dataset.csv",
        f"track_id,artists,track_name,popularity,duration_ms,explicit,{AUDIO},time_signature,track_genre",
        f"a1,Queen,Bohemian Rhapsody - Remastered 2011,80,354000,False,{SOUND},4,rock",
        f"a1,Queen,Bohemian Rhapsody - Remastered 2011,80,354000,False,{SOUND},4,british",
        f"a1,Queen,Bohemian Rhapsody - Remastered 2011,80,354000,False,{SOUND},4,rock",
        f"a2,,,0,0,False,{SOUND},4,k-pop",
        f"a3,Loud Band,Too Loud,10,200000,True,{SOUND.replace('-6', '60')},4,metal",
        f"a4,Quiet Band,No Tempo,10,200000,True,{SOUND.replace('120', '0')},4,sleep",
    )
    write(
        "tracks_2024.csv",
        f"track_name,track_id,artist_name,release_date,duration_ms,explicit,popularity,{AUDIO},time_signature,artist_genres",
        f"Bohemian Rhapsody,b1,Queen,1975-11-21,354000,False,70,{SOUND},4,\"['classic rock', 'glam rock']\"",
        f"New Year,b2,Someone,2020-01-01,200000,False,5,{SOUND},4,[]",
    )
    write(
        "spotify_songs.csv",
        "track_id,track_name,track_artist,track_popularity,track_album_release_date,playlist_id,playlist_subgenre,"
        f"{AUDIO},duration_ms",
        f"b1,Bohemian Rhapsody,Queen,66.0,2011,p1,classic rock,{SOUND},354000.0",
        f"b1,Bohemian Rhapsody,Queen,66.0,2011,p2,album rock,{SOUND},354000.0",
        f"c1,NA,NA,1.0,2012,p1,hip hop,{SOUND},354000.0",
    )
    for decade in HIT_DECADES:
        rows = [f"Bohemian Rhapsody,Queen,spotify:track:a1,{SOUND},354000,4,30,9,1"] if decade == 1970 else []
        rows += [f"Reissued,Old Singer,spotify:track:b2,{SOUND},200000,4,30,9,0"] if decade == 1960 else []
        write(
            f"dataset-of-{decade % 100:02d}s.csv",
            f"track,artist,uri,{AUDIO},duration_ms,time_signature,chorus_hit,sections,target",
            *rows,
        )
    return tmp_path


def test_one_recording_stands_once_with_all_that_any_source_knows(folder: Path) -> None:
    tracks = sources.load(folder).tracks
    queen = tracks[tracks.artist_key == "queen"]
    assert len(queen) == 1
    song = queen.iloc[0]
    assert song.track_id == "a1"
    assert song.ids == ("a1", "b1")
    assert song.genres == ("british", "rock")
    assert song.tags == ("album rock", "classic rock", "glam rock")
    assert (song.year, song.month, song.decade) == (1975, 11, 1970)
    assert song.popularity == 80
    assert song.hits == (1970,)
    assert song.playlists == ("p1", "p2")
    assert song.sources == ("collected-2024", "hit-predictor", "spotify-114", "tidytuesday")


def test_every_dropped_row_is_counted_with_its_reason(folder: Path) -> None:
    report = sources.load(folder).report
    spotify = report.rows["spotify-114"]
    assert spotify["read"] == 6
    assert spotify["no title or artist"] == 1
    assert spotify["out of range"] == 1
    assert spotify["duplicate row"] == 1
    assert spotify["no beat found (kept)"] == 1
    assert spotify["kept"] == 3
    assert report.rows["tidytuesday"]["no title or artist"] == 1
    assert report.recordings == 3
    assert report.merged["rows"] == 9
    assert report.recordings == report.merged["rows"] - sum(v for k, v in report.merged.items() if k != "rows")


def test_a_reissue_keeps_its_decade_and_loses_its_date(folder: Path) -> None:
    tracks = sources.load(folder).tracks
    reissued = tracks[tracks.track_id == "b2"].iloc[0]
    assert (reissued.year, reissued.month, reissued.decade) == (0, 0, 1960)


def test_a_first_of_january_gives_no_month(folder: Path) -> None:
    for decade in HIT_DECADES:
        path = folder / f"dataset-of-{decade % 100:02d}s.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    tracks = sources.load(folder).tracks
    dated = tracks[tracks.track_id == "b2"].iloc[0]
    assert (dated.year, dated.month) == (2020, 0)


def test_missing_files_and_columns_are_named(folder: Path) -> None:
    (folder / "tracks_2024.csv").write_text("track_name\nx\n")
    with pytest.raises(DataError, match=r"tracks_2024\.csv lacks the column 'track_id'"):
        sources.load(folder)
    (folder / "tracks_2024.csv").unlink()
    with pytest.raises(DataError, match=r"tracks_2024\.csv is missing"):
        sources.load(folder)
    with pytest.raises(DataError, match="--data DIR"):
        sources.load(folder / "nowhere")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello (feat. Someone)", "hello"),
        ("Africa - 2015 Remaster", "Africa"),
        ("Don’t Stop Me Now", "Don't Stop Me Now"),
        ("Déjà Vu", "Deja vu"),
        ("Love - Single Version", "Love"),
    ],
)
def test_spellings_of_one_recording_share_a_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Hello", "Hello - Live"), ("One (Remix)", "One"), ("???", "!!!"), ("愛", "恋")]
)
def test_different_recordings_keep_different_keys(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


def test_the_primary_artist_is_the_key() -> None:
    assert artist_key("The Beatles") == artist_key("Beatles") == artist_key("Beatles;Billy Preston")
    assert artist_key("Eminem Featuring Nate Ruess") == artist_key("Eminem")
    assert artist_key("Ke$ha") == artist_key("Kesha")
    assert artist_key("Kool & The Gang") != artist_key("Kool")


def test_the_public_data_makes_about_170_thousand_recordings(data: Path) -> None:
    loaded = sources.load(data)
    assert 165_000 < len(loaded.tracks) < 175_000
    assert not loaded.tracks.track_id.duplicated().any()
    assert not loaded.tracks.duplicated(["artist_key", "title_key"]).any()
    assert all(counts["kept"] > 0.95 * counts["read"] for counts in loaded.report.rows.values())
