"""When a post is due: hours, days and zones as people write them, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import UserError
from bot.schedule import EVERY, Rule, find_zone, read_at, zones_with

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "every", "rule"),
    [
        ("09:00 Europe/Berlin", "day", "day 0 09:00 Europe/Berlin"),
        ("Europe/Berlin 09:00", "day", "day 0 09:00 Europe/Berlin"),
        ("9", "day", "day 0 09:00 UTC"),
        ("9.30 berlin", "day", "day 0 09:30 Europe/Berlin"),
        ("9 pm America/New_York", "day", "day 0 21:00 America/New_York"),
        ("12am utc", "day", "day 0 00:00 UTC"),
        ("12:05 pm new york", "day", "day 0 12:05 America/New_York"),
        ("9 America/New_York", "day", "day 0 09:00 America/New_York"),
        ("Mon 09:00", "week", "week 0 09:00 UTC"),
        ("on Friday at 18:00 Asia/Tokyo", "week", "week 4 18:00 Asia/Tokyo"),
        ("09:00 UTC", "week", "week 6 09:00 UTC"),
        ("23:00 Pacific/Kiritimati", "week", "week 0 23:00 Pacific/Kiritimati"),
        ("31 09:00 UTC", "month", "month 31 09:00 UTC"),
        ("1st 9", "month", "month 1 09:00 UTC"),
        ("last 9", "month", "month 31 09:00 UTC"),
        ("09:00", "month", "month 22 09:00 UTC"),
        ("18:00", None, "day 0 18:00 UTC"),
        ("friday 18:00", None, "week 4 18:00 UTC"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, every: str | None, rule: str) -> None:
    found = read_at(text, every, SUNDAY)
    assert str(found) == rule
    assert Rule.read(rule) == found


@pytest.mark.parametrize(
    ("text", "every", "says", "works"),
    [
        ("soon", "day", "an hour and a time zone", "09:00 UTC"),
        ("25:00", "day", "no hour “25:00”", "09:00 UTC"),
        ("9:60", "day", "no hour “9:60”", "09:00 UTC"),
        ("13 pm", "day", "no hour “13 pm”", "09:00 UTC"),
        ("09:00 Mars/Olympus", "day", "no time zone “Mars/Olympus”", "09:00 UTC"),
        ("09:00 Europe/Berln", "day", "Europe/Berlin", "09:00 Europe/Berlin"),
        ("09:00 PST", "day", "America/Los_Angeles", "09:00 America/Los_Angeles"),
        ("09:00 ../../etc/passwd", "day", "no time zone", "09:00 UTC"),
        ("mon 09:00", "day", "no day, not “mon”", "09:00 UTC"),
        ("32 09:00", "month", "a day from 1 to 31", "1 09:00 UTC"),
        ("1 09:00", "week", "a day of the week", "Monday 09:00 UTC"),
        ("t 09:00", "week", "a day of the week", "Monday 09:00 UTC"),
    ],
)
def test_what_is_no_hour_or_zone_is_told_with_one_that_works(text: str, every: str, says: str, works: str) -> None:
    with pytest.raises(UserError) as caught:
        read_at(text, every, SUNDAY)
    assert says in caught.value.message
    assert works in caught.value.hints
    for hint in caught.value.hints:
        read_at(hint, every, SUNDAY)


def test_the_local_hour_stays_when_clocks_change() -> None:
    rule = Rule("day", 9, 0, "Europe/Berlin")
    assert rule.after(utc(2026, 3, 28, 12)) == utc(2026, 3, 29, 7)
    assert rule.after(utc(2026, 3, 27, 12)) == utc(2026, 3, 28, 8)
    assert rule.after(utc(2026, 10, 24, 12)) == utc(2026, 10, 25, 8)


def test_an_hour_that_is_skipped_comes_once_and_as_much_later() -> None:
    rule = Rule("day", 2, 30, "Europe/Berlin")  # on 29 March 2026 02:00 becomes 03:00
    first = rule.after(utc(2026, 3, 28, 12))
    assert first == utc(2026, 3, 29, 1, 30)
    assert first.astimezone(ZoneInfo("Europe/Berlin")).hour == 3
    assert rule.after(first) == utc(2026, 3, 30, 0, 30)


def test_an_hour_that_comes_twice_is_taken_once() -> None:
    rule = Rule("day", 2, 30, "Europe/Berlin")  # on 25 October 2026 03:00 becomes 02:00
    first = rule.after(utc(2026, 10, 24, 12))
    assert first == utc(2026, 10, 25, 0, 30)
    assert rule.after(first) == utc(2026, 10, 26, 1, 30)


def test_a_day_that_a_zone_skips_is_not_posted_twice() -> None:
    rule = Rule("day", 9, 0, "Pacific/Apia")  # there was no 30 December 2011
    first = rule.after(utc(2011, 12, 29, 20))
    assert (first, rule.after(first)) == (utc(2011, 12, 30, 19), utc(2011, 12, 31, 19))


def test_a_month_without_that_day_has_its_last() -> None:
    rule, due, days = Rule("month", 9, 0, "UTC", 31), utc(2027, 12, 31, 12), []
    for _ in range(12):
        due = rule.after(due)
        days.append(due.day)
    assert days == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert rule.words() == "on the last day of every month at 09:00 (UTC)"
    assert Rule("month", 9, 0, "UTC", 30).words() == "on the 30th (or last) of every month at 09:00 (UTC)"


def test_a_week_goes_from_day_to_day() -> None:
    rule = Rule("week", 9, 0, "Asia/Tokyo", 0)
    assert rule.words() == "every Monday at 09:00 (Asia/Tokyo)"
    assert rule.after(utc(2026, 11, 23, 0)) == utc(2026, 11, 30, 0)
    assert rule.after(utc(2026, 11, 22, 23, 59)) == utc(2026, 11, 23, 0)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(EVERY),
    st.times(),
    st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})),
    st.integers(1, 31),
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
)
def test_the_next_time_is_later_soon_and_at_the_local_hour(
    every: str, at: object, zone: str, day: int, moment: datetime
) -> None:
    rule = Rule(every, at.hour, at.minute, zone, day % 7 if every == "week" else day)  # type: ignore[attr-defined]
    due, again = rule.after(moment), rule.after(moment - timedelta(microseconds=1))
    assert moment < due <= moment + timedelta(days={"day": 3, "week": 9, "month": 33}[every])
    assert again in (due, moment)
    local = due.astimezone(ZoneInfo(zone))
    back = local.replace(tzinfo=None)
    exists = (back.hour, back.minute) == (rule.hour, rule.minute)
    if exists and every == "week":
        assert local.weekday() == rule.day
    if not exists:  # the clock was put forward over it
        assert local.utcoffset() != (local - timedelta(days=2)).utcoffset()
    assert Rule.read(str(rule)) == rule


def test_zones_are_found_by_name_city_and_beginning() -> None:
    assert find_zone("europe/berlin") == find_zone("Berlin") == "Europe/Berlin"
    assert find_zone("new york") == "America/New_York"
    assert zones_with("")[0] == "UTC"
    assert zones_with("ber")[0] == "Europe/Berlin"
    assert "Europe/Paris" in zones_with("europe/p")
