"""Typed lines become commands and options, and nothing people type breaks the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import UserError
from bot.lines import line
from bot.parse import BARE, MAX_LINE, parse_line, quote


@pytest.mark.parametrize(
    ("text", "command", "options"),
    [
        ('/trend tempo by:decade genre:"synth pop"', "trend", {BARE: "tempo", "by": "decade", "genre": "synth pop"}),
        ("/recommend mood:energetic", "recommend", {"mood": "energetic"}),
        ("recommend mood: happy", "recommend", {"mood": "happy"}),
        ("/genre enter sandman", "genre", {BARE: "enter sandman"}),
        ("/GENRE “Enter Sandman”", "genre", {BARE: "Enter Sandman"}),
        ("/recommend energy:>0.8 tempo:120-130", "recommend", {"energy": ">0.8", "tempo": "120-130"}),
        ("/track spotify:track:4PTG3Z6ehGkBFwjybzWkR8", "track", {BARE: "spotify:track:4PTG3Z6ehGkBFwjybzWkR8"}),
        ("/track https://open.spotify.com/track/4P", "track", {BARE: "https://open.spotify.com/track/4P"}),
        ("/recommend like:a like:b", "recommend", {"like": "a; b"}),
        ('/genre track:"Symphony No. 5: I. Allegro"', "genre", {"track": "Symphony No. 5: I. Allegro"}),
        ("/help", "help", {}),
        ("/trend\u00a0tempo", "trend", {BARE: "tempo"}),
        ("/trend\u3000tempo by:decade", "trend", {BARE: "tempo", "by": "decade"}),
        ("/ trend tempo", "trend", {BARE: "tempo"}),
    ],
)
def test_lines_are_read_as_people_mean_them(text: str, command: str, options: dict[str, str]) -> None:
    assert parse_line(text) == (command, options)


def test_an_open_quote_is_named_and_a_closed_line_offered() -> None:
    with pytest.raises(UserError, match="never closed") as caught:
        parse_line('/trend tempo genre:"synth pop')
    assert caught.value.hints == ('/trend tempo genre:"synth pop"',)
    assert parse_line(caught.value.hints[0])[1]["genre"] == "synth pop"


@pytest.mark.parametrize("text", ["", "   ", "/", "x" * (MAX_LINE + 1), "/trend genre:"])
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(UserError):
        parse_line(text)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_never_broken(text: str) -> None:
    try:
        name, options = parse_line(text)
    except UserError:
        return
    assert isinstance(name, str)
    assert all(isinstance(v, str) for v in options.values())


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters='"“”„«»'), max_size=80
    )
)
def test_quoted_values_are_read_back_as_they_were(value: str) -> None:
    assert parse_line(f"/x name:{quote(value)}")[1]["name"] == value


def test_typed_values_are_written_as_lines_that_read_back() -> None:
    written = line("recommend", {"energy": (0.8, float("inf")), "loudness": (-10.0, -5.0), "gems": True, "mood": None})
    assert written == "/recommend energy:>0.8 loudness:-10..-5 gems:yes"
