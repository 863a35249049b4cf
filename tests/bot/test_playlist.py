"""/playlist as a person asks for it: the list, its files, its buttons, and what happens when it cannot be had."""

import csv
import io
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bot.commands import playlist_file
from bot.core import Reply
from ml.catalog import Track
from ml.models import Models
from tests.conftest import Ask


def csv_rows(reply: Reply) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply.files[0].data.decode("utf-8-sig"))))


def m3u_entries(reply: Reply) -> list[tuple[int, str, str]]:
    """(seconds, name, link) of each entry of the second file."""
    first, *lines = reply.files[1].data.decode().splitlines()
    assert first == "#EXTM3U"
    lines = [line for line in lines if not line.startswith("#PLAYLIST:")]
    heads = [re.fullmatch(r"#EXTINF:(\d+),(.+)", line) for line in lines[::2]]
    assert all(heads)
    return [(int(head[1]), head[2], link) for head, link in zip(heads, lines[1::2], strict=True) if head]


async def test_a_playlist_lasts_as_long_as_asked_and_its_files_agree(ask: Ask, models: Models) -> None:
    reply = await ask("/playlist chill focus minutes:60")
    assert not reply.error, reply.text
    assert reply.text.startswith(("58 ", "59 ", "60 ", "61 ", "62 "))
    assert "minutes for chill focus: " in reply.text
    rows, entries = csv_rows(reply), m3u_entries(reply)
    assert list(rows[0]) == list(playlist_file.COLUMNS)
    assert [file.name for file in reply.files] == ["timbre-chill-focus.csv", "timbre-chill-focus.m3u8"]
    assert f"{len(rows)} tracks" in reply.text
    assert abs(sum(int(row["seconds"]) for row in rows) - 3600) <= 120
    assert [(int(row["seconds"]), row["url"]) for row in rows] == [(seconds, link) for seconds, _, link in entries]
    tracks = [models.catalog.find_id(row["track_id"]) for row in rows]
    assert [f"{t.artist} - {t.title}" for t in tracks if t] == [name for _, name, _ in entries]
    artists = [int(models.catalog.artist[t.row]) for t in tracks if t]
    assert all(a != b for a, b in pairwise(artists))
    assert np.bincount(artists).max() <= 2
    assert [field.url for field in reply.fields] == [row["url"] for row in rows][:20]
    assert reply.charts[0].png.startswith(b"\x89PNG")


async def test_each_step_is_told_in_words_that_are_true(ask: Ask) -> None:
    reply = await ask("/playlist party")
    heard = [field.value.split(" · ") for field in reply.fields]
    assert len(heard[0]) == 3
    for before, after in pairwise(heard):
        change, key = after[3].split(", ")
        a, b = (int(h[1].removesuffix(" BPM")) for h in (before, after))
        if moved := re.fullmatch(r"([+−])(\d+) BPM", change):
            assert b - a == int(moved[2]) * (1 if moved[1] == "+" else -1)
        else:
            assert change in ("same tempo", "half time", "double time")
            assert a == b if change == "same tempo" else abs(a - b) > 25
        assert (key == "same key") == (before[2] == after[2])


async def test_a_long_list_shows_twenty_and_says_where_the_rest_is(ask: Ask) -> None:
    reply = await ask("/playlist workout minutes:180")
    count = len(csv_rows(reply))
    assert count > 40
    assert len(reply.fields) == 20
    assert f"all {count} in the files" in reply.text


async def test_the_same_line_gives_the_same_list(tell: Ask) -> None:
    first, second = [await tell("/playlist focus minutes:30 year:2010s") for _ in range(2)]
    assert first == second


async def test_free_words_are_read_and_it_says_so(ask: Ask) -> None:
    reply = await ask("/playlist hype minutes:20")
    assert "I read “hype” as energetic." in reply.text
    assert "for energetic" in reply.text


async def test_a_seed_and_a_genre_need_no_activity(ask: Ask, models: Models) -> None:
    reply = await ask('/playlist like:"Enter Sandman by Metallica" minutes:20')
    assert "like Enter Sandman" in reply.text
    reply = await ask("/playlist genre:jazz minutes:20")
    assert "of jazz" in reply.text
    for row in csv_rows(reply):
        track = models.catalog.find_id(row["track_id"])
        assert track
        assert "jazz" in track.genres


async def test_buttons_lead_on_and_another_list_repeats_nothing(tell: Ask) -> None:
    reply = await tell("/playlist chill minutes:60")
    lines = {button.label: button.line for button in reply.next}
    assert lines["Longer"] == "/playlist activity:chill minutes:75"
    assert lines["Shorter"] == "/playlist activity:chill"
    for line in lines.values():
        assert not (await tell(line)).error, line
    another = await tell(lines["Another"])
    assert not {row["track_id"] for row in csv_rows(reply)} & {row["track_id"] for row in csv_rows(another)}


async def test_a_wish_with_few_tracks_says_how_much_there_is(ask: Ask, models: Models) -> None:
    c = models.catalog
    genre, year = next(
        (genre, year)
        for genre in c.genres
        for year in range(1990, 2020)
        if 3 <= len({int(a) for a in c.artist[c.in_genre([genre]) & (c.year == year)]}) <= 5
    )
    reply = await ask(f"/playlist genre:{genre} year:{year} minutes:240")
    assert not reply.error
    seconds = sum(int(row["seconds"]) for row in csv_rows(reply))
    assert reply.text.startswith(f"{max(round(seconds / 60), 1)} minute")
    assert "so not the 240 minutes" in reply.text
    assert "Longer" not in [button.label for button in reply.next]
    assert "Any year" in [button.label for button in reply.next]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/playlist", "What is the playlist for?"),
        ("/playlist minutes:30", "What is the playlist for?"),
        ("/playlist focus minutes:5", "from 10 to 240"),
        ("/playlist focus minutes:soon", "needs a number"),
        ("/playlist qqqqqq", "I don't know"),
        ("/playlist Daft Punk", "I don't know"),
        ("/playlist like:zzzzqqq", "I don't know a track"),
        ("/playlist genre:zzzz", "I don't know a genre"),
    ],
)
async def test_bad_input_is_named_and_the_lines_offered_work(ask: Ask, line: str, said: str) -> None:
    reply = await ask(line)
    assert reply.error
    assert said in reply.text
    assert reply.next
    for button in reply.next:
        assert not (await ask(button.line)).error, button.line


async def test_an_artist_typed_as_an_activity_gets_the_line_that_means_it(ask: Ask) -> None:
    assert '/playlist like:"Daft Punk"' in (await ask("/playlist daft punk")).text


@pytest.fixture
def track(models: Models) -> Track:
    return models.catalog.track(0)


@pytest.mark.parametrize("title", ["=1+1", "+49 89", "-1+2", "@home", "\tx", '=HYPERLINK("http://x")'])
def test_no_title_is_a_formula(track: Track, title: str) -> None:
    table, _ = playlist_file.files("x", [replace(track, title=title, artist=title)])
    (row,) = csv.DictReader(io.StringIO(table.data.decode("utf-8-sig")))
    for cell in row.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["title"] == row["artist"] == f"'{title}"


def test_a_line_break_in_a_title_starts_no_entry(track: Track) -> None:
    odd = replace(track, title="a\n#EXTINF:9,b\r\nfile:///etc/passwd", artist="x, y; “z”")
    reply = Reply("", files=playlist_file.files("two\nlines", [odd, track]))
    assert len(m3u_entries(reply)) == 2
    assert len(csv_rows(reply)) == 2


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b/c\\d", "…", "", "Ünïcode  Ärtist", "x" * 300, "愛 CON"])
def test_file_names_are_plain(name: str) -> None:
    assert re.fullmatch(r"timbre-[a-z0-9]+(-[a-z0-9]+)*", playlist_file.file_stem(name))
    assert len(playlist_file.file_stem(name)) < 70
