"""Option text becomes values, and what does not fit is named with its range and unit."""

from math import inf
from typing import Any

import pytest

from bot.commands.sound import FEATURE_OPTIONS
from bot.core import Option, UserError
from bot.values import typed

FEATURE = {option.name: option for option in FEATURE_OPTIONS}
ENERGY = Option("energy", "range", "", low=0, high=1, unit="0 to 1")
LOUDNESS = Option("loudness", "range", "", low=-60, high=6, unit="dB")
YEAR = Option("year", "years", "", low=1900, high=2100)


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (FEATURE["energy"], "0.8", 0.8),
        (FEATURE["energy"], "0,8", 0.8),
        (FEATURE["key"], "F♯", 6),
        (FEATURE["key"], "Eb", 3),
        (FEATURE["mode"], "minor", 0),
        (FEATURE["duration_ms"], "3:45", 225_000),
        (FEATURE["tempo"], "128 BPM", 128.0),
        (FEATURE["tempo"], "128bpm", 128.0),
        (FEATURE["loudness"], "-7 db", -7.0),
        (FEATURE["explicit"], "yes", 1),
        (ENERGY, ">0.8", (0.8, 1)),
        (ENERGY, "<=0.3", (0, 0.3)),
        (ENERGY, "0.2-0.4", (0.2, 0.4)),
        (LOUDNESS, "-10..-5", (-10, -5)),
        (LOUDNESS, "-10--5", (-10, -5)),
        (LOUDNESS, "-10 to -5", (-10, -5)),
        (YEAR, "1990s", (1990, 1999)),
        (YEAR, "90s", (1990, 1999)),
        (YEAR, "10s", (2010, 2019)),
        (YEAR, "1994", (1994, 1994)),
        (YEAR, ">2010", (2010, 2100)),
        (YEAR, "1990-1999", (1990, 1999)),
        (Option("gems", "flag", ""), "yes", True),
        (Option("mood", "text", "", choices=("Happy", "sad")), "happy", "Happy"),
    ],
)
def test_values_are_read_as_people_write_them(option: Option, text: str, value: Any) -> None:
    assert typed(option, text) == value


def test_a_number_near_means_a_range_around_it() -> None:
    low, high = typed(ENERGY, "0.8")
    assert (low, high) == pytest.approx((0.75, 0.85))


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        (FEATURE["loudness"], "40", r"-60 to 6 \(dB\)"),
        (FEATURE["tempo"], "900", r"0 to 250 \(BPM\)"),
        (FEATURE["energy"], "1e9", "0 to 1"),
        (FEATURE["energy"], "80%", "Did you mean 0.8"),
        (FEATURE["tempo"], "50%", r"no percentage.* 0 to 250 \(BPM\)"),
        (Option("file", "file", ""), "demo.csv", "attach it"),
        (FEATURE["energy"], "nan", "needs a number"),
        (FEATURE["energy"], "inf", "needs a number"),
        (FEATURE["energy"], "loud", "needs a number"),
        (FEATURE["key"], "3.5", "whole number"),
        (ENERGY, "0.9-0.1", "backwards"),
        (YEAR, "12", "out of range"),
        (Option("gems", "flag", ""), "maybe", "yes or no"),
        (Option("mood", "text", "", choices=("happy", "sad")), "hapy", "Did you mean happy"),
        (Option("track", "text", ""), "x" * 301, "301 characters"),
    ],
)
def test_what_does_not_fit_is_named(option: Option, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        typed(option, text)


def test_percentages_are_asked_about_never_used() -> None:
    with pytest.raises(UserError, match=r"Did you mean 0\.73") as caught:
        typed(FEATURE["energy"], "73")
    assert caught.value.hints == ("energy:0.73",)


def test_an_open_range_reaches_the_end_of_the_feature() -> None:
    assert typed(Option("n", "range", ""), ">3") == (3, inf)
