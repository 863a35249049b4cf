"""When a scheduled post is due: pure arithmetic on local times, safe where clocks are put forward or back."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from bot.core import UserError
from bot.values import shorten

EVERY = ("day", "week", "month")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST = 31
_AT = re.compile(
    r"""(?:(?:on\s+)?(?P<day>[a-z]+|\d{1,2}(?:st|nd|rd|th|\.)?)[\s,]+(?:at\s+)?)?
        (?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>(?:am|pm)\b)?(?:\s+(?P<zone>\S.*))?""",
    re.IGNORECASE | re.VERBOSE,
)
_ABBREVIATED = {  # what people write for their zone and means several, or half of the year another
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "EDT": "America/New_York",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}
_COMMON = ("UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Tokyo")


@dataclass(frozen=True)
class Rule:
    """Every day, every week on a `day` (0 is Monday) or every month on a `day`, at a local time of a zone.

    A month that has no such day has its last one instead.
    """

    every: str
    hour: int
    minute: int
    zone: str
    day: int = 0

    def __str__(self) -> str:
        """As the store keeps it and `Rule.read` reads it: `week 0 09:00 Europe/Berlin`."""
        return f"{self.every} {self.day} {self.hour:02}:{self.minute:02} {self.zone}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The rule that was written as `text`."""
        every, day, clock, zone = text.split(" ", 3)
        return cls(every, int(clock[:2]), int(clock[3:]), zone, int(day))

    def words(self) -> str:
        """As people say it: `every Monday at 09:00 (Europe/Berlin)`."""
        day = {"day": "every day", "week": f"every {DAYS[self.day % 7]}"}.get(self.every)
        if day is None:
            day = f"on the {_ordinal(self.day)} of every month" if self.day <= 28 else _month_end(self.day)
        return f"{day} at {self.hour:02}:{self.minute:02} ({self.zone})"

    def after(self, moment: datetime) -> datetime:
        """The first time strictly after `moment`, in UTC.

        A local time that a clock put forward skips is taken as much later as it skips; one that comes twice is its
        first.
        """
        zone = ZoneInfo(self.zone)
        at = time(self.hour, self.minute)
        for day in self._days(moment.astimezone(zone).date() - timedelta(days=1)):
            due = datetime.combine(day, at, zone).astimezone(UTC)
            if due > moment:
                return due
        raise AssertionError("unreachable: days do not end")

    def _days(self, start: date) -> Iterator[date]:
        """Its days from `start` on."""
        day = start
        while True:
            if (
                self.every == "day"
                or (self.every == "week" and day.weekday() == self.day)
                or (self.every == "month" and day.day == min(self.day, monthrange(day.year, day.month)[1]))
            ):
                yield day
            day += timedelta(days=1)


def read_at(text: str, every: str | None, now: datetime) -> Rule:
    """What `at:` says, for a post every `every`, or once with None; the day is today's unless it is named.

    Raises
    ------
    UserError
        When there is no such hour, day or zone; its hints are texts that work.
    """
    first, _, rest = text.strip().partition(" ")
    match = _AT.fullmatch(text.strip()) or _AT.fullmatch(f"{rest} {first}")  # the zone may come first
    if match is None:
        raise UserError(f"at: is an hour and a time zone, not {shorten(text)}.", ("09:00 UTC", "18:30 Europe/Berlin"))
    zone = find_zone(match["zone"] or "UTC", f"{match['hour']}:{match['minute'] or '00'}")
    hour, minute = _clock(match, zone)
    every, day = _day(match["day"], every, now.astimezone(ZoneInfo(zone)).date(), f"{hour:02}:{minute:02} {zone}")
    return Rule(every, hour, minute, zone, day)


def _clock(match: re.Match[str], zone: str) -> tuple[int, int]:
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").casefold()
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        said = match[0][match.start("hour") : match.end("half" if half else "minute" if match["minute"] else "hour")]
        raise UserError(f"There is no hour {shorten(said)}: it goes from 00:00 to 23:59.", (f"09:00 {zone}",))
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, minute


def _day(text: str | None, every: str | None, today: date, clock: str) -> tuple[str, int]:
    """How often, and on which day: a week's by its name, a month's by its number, a day's not at all."""
    if text is None:
        return every or "day", {"week": today.weekday(), "month": today.day}.get(every or "day", 0)
    word = text.casefold()
    names = [n for n, day in enumerate(DAYS) if len(word) >= 2 and day.casefold().startswith(word)]
    number = _LAST if word == "last" else int(re.sub(r"\D", "", word) or 0)
    if len(names) == 1 and every in (None, "week"):
        return "week", names[0]
    if 1 <= number <= _LAST and every in (None, "month"):
        return "month", number
    wanted = {"week": "a day of the week", "month": "a day from 1 to 31", "day": "no day"}.get(every or "", "a day")
    works = {"week": f"Monday {clock}", "month": f"1 {clock}"}.get(every or "", clock)
    raise UserError(f"Before the hour stands {wanted}, not {shorten(text)}.", (works,))


def find_zone(text: str, clock: str = "09:00") -> str:
    """The name of a time zone, by itself or by its city.

    Raises
    ------
    UserError
        When there is none; its hints are `clock` in zones that were meant perhaps.
    """
    known, wanted = _zones(), text.strip().casefold().replace(" ", "_")
    if wanted in known:
        return known[wanted]
    listed = near_zones(text)
    meant = f" Did you mean {' or '.join(listed)}?" if listed else ""
    hints = tuple(f"{clock} {zone}" for zone in listed or _COMMON[:3])
    raise UserError(f"I know no time zone {shorten(text)}.{meant} A zone is named by its place.", hints)


def near_zones(text: str) -> list[str]:
    """Up to three zones that a text may mean."""
    if text.upper() in _ABBREVIATED:
        return [_ABBREVIATED[text.upper()]]
    known = _zones()
    close = get_close_matches(text.casefold().replace(" ", "_"), known, n=3, cutoff=0.7)
    return list(dict.fromkeys(known[name] for name in close))


def zones_with(prefix: str) -> list[str]:
    """Zones whose name or city begins with a text, the most used first."""
    wanted = prefix.casefold().replace(" ", "_")
    names = [*_COMMON, *sorted(set(_zones().values()) - set(_COMMON))]
    return [n for n in names if n.casefold().startswith(wanted) or n.rpartition("/")[2].casefold().startswith(wanted)]


@cache
def _zones() -> dict[str, str]:
    """Names and cities, folded -> names; a city that two zones have is none."""
    names = sorted(available_timezones() - {"localtime", "Factory"})
    cities: dict[str, list[str]] = {}
    for name in names:
        if "/" in name and not name.startswith(("Etc/", "US/", "Canada/", "Brazil/", "Mexico/", "Chile/")):
            cities.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    return {c: found[0] for c, found in cities.items() if len(found) == 1} | {n.casefold(): n for n in names}


def _month_end(day: int) -> str:
    return "on the last day of every month" if day == _LAST else f"on the {_ordinal(day)} (or last) of every month"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
