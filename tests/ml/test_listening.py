"""Listening counts are read as published: odd spellings meet, odd files are refused with a word on what to do."""

from pathlib import Path

import pytest

from ml import listening
from ml.sources import DataError

ARTISTS = 'id\tname\n1\tThe Beatles\n2\tBeatles\n3\tBjörk\n4\t"Weird Al" Yankovic\n5\tNobody Plays\n'
COUNTS = "userID\tartistID\tweight\n2\t1\t10\n2\t2\t30\n10\t3\t5\n10\t4\t7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lastfm").mkdir()
    (tmp_path / "lastfm" / "artists.dat").write_bytes(ARTISTS.encode())
    (tmp_path / "lastfm" / "user_artists.dat").write_text(COUNTS)
    return tmp_path


def test_spellings_that_fold_alike_are_one_artist_under_the_most_played(folder: Path) -> None:
    found = listening.load(folder)
    assert found.keys == ("beatles", "bjork", "nobody plays", "weird al yankovic")
    assert found.names == ("Beatles", "Björk", "Nobody Plays", '"Weird Al" Yankovic')
    assert found.users == ("2", "10")
    assert found.counts.toarray().tolist() == [[40, 0, 0, 0], [0, 5, 0, 7]]


def test_some_people_keep_every_artist(folder: Path) -> None:
    some = listening.load(folder).of([1])
    assert some.users == ("10",)
    assert some.counts.toarray().tolist() == [[0, 5, 0, 7]]


def test_windows_lines_a_byte_order_mark_and_bytes_that_are_no_text_are_read(folder: Path) -> None:
    path = folder / "lastfm" / "artists.dat"
    path.write_bytes(b"\xef\xbb\xbf" + ARTISTS.replace("\n", "\r\n").encode() + b"6\tCaf\xe9 Tacvba\r\n")
    names = listening.load(folder).names
    assert "Björk" in names
    assert len(names) == 5


@pytest.mark.parametrize(
    ("cell", "name"),
    [('"Lee ""Scratch"" Perry"', 'Lee "Scratch" Perry'), ('"Yes" and "No"', '"Yes" and "No"'), ('"', '"')],
)
def test_quotes_that_only_wrap_a_name_are_taken_off(folder: Path, cell: str, name: str) -> None:
    with (folder / "lastfm" / "artists.dat").open("a") as file:
        file.write(f"7\t{cell}\n")
    assert name in listening.load(folder).names


@pytest.mark.parametrize("name", ["artists.dat", "user_artists.dat"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / "lastfm" / name).unlink()
    with pytest.raises(DataError, match=f"^{name} is missing"):
        listening.load(folder)


def test_a_missing_column_is_named(folder: Path) -> None:
    (folder / "lastfm" / "user_artists.dat").write_text(COUNTS.replace("weight", "plays"))
    with pytest.raises(DataError, match="'weight'"):
        listening.load(folder)


def test_a_count_that_is_no_number_is_quoted(folder: Path) -> None:
    (folder / "lastfm" / "user_artists.dat").write_text(COUNTS.replace("30", "thirty"))
    with pytest.raises(DataError, match="'thirty'"):
        listening.load(folder)


def test_the_published_set_is_read_whole(data: Path) -> None:
    found = listening.load(data)
    assert found.counts.shape == (len(found.users), len(found.keys)) == (1711, 17435)
    assert found.counts.data.min() >= 1
    assert found.names[found.keys.index("beatles")] == "The Beatles"
