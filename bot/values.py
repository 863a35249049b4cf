"""An option's text -> the value its command reads, or a UserError that says what is allowed."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Any

from bot.core import Option, UserError

MAX_TEXT = 300
_NUMBER = r"[-+−]?\d+(?:[.,]\d+)?|[-+−]?[.,]\d+"
_BETWEEN = re.compile(rf"({_NUMBER})\s*(?:-|–|\.\.|to)\s*({_NUMBER})")
_BOUND = re.compile(rf"(>=?|<=?)\s*({_NUMBER})|({_NUMBER})\s*(\+)")
_MINUTES = re.compile(r"(\d{1,2}):([0-5]\d)")
_DECADE = re.compile(r"(?:(\d\d)?(\d)0)'?s")
_YEAR_LOW, _YEAR_HIGH = 1900, 2100
_NEAR = 0.05  # a single number given as a range means this share of the feature's span to either side

Range = tuple[float, float]


def shorten(text: str, limit: int = 60) -> str:
    """`text` in typographic quotes, cut to `limit` characters; safe to echo."""
    text = " ".join(text.split())
    return f"“{text if len(text) <= limit else text[: limit - 1] + '…'}”"


def typed(option: Option, text: Any) -> Any:
    """The value of `option` for what a person or a platform gave.

    Raises
    ------
    UserError
        When it is not of the option's kind, not one of its choices or out of its range.
    """
    if option.kind == "file":
        return text
    text = str(text).encode("utf-8", "replace").decode().strip()  # JSON can carry half a surrogate pair
    if len(text) > MAX_TEXT:
        raise UserError(f"{option.name} has {len(text):,} characters; I read up to {MAX_TEXT}.")
    match option.kind:
        case "number" | "whole":
            return _bounded(option, _number(option, text))
        case "range":
            return _range(option, text)
        case "years":
            return _years(option, text)
        case "flag":
            return _flag(option, text)
    return _choice(option, text)


def _choice(option: Option, text: str) -> str:
    if not option.choices:
        return text
    by_fold = {c.casefold(): c for c in option.choices}
    if text.casefold() in by_fold:
        return by_fold[text.casefold()]
    close = get_close_matches(text.casefold(), by_fold, n=3, cutoff=0.5)
    listed = [by_fold[c] for c in close] or list(option.choices[:12])
    raise UserError(
        f"{option.name} has no {shorten(text)}. {'Did you mean' if close else 'It can be'} {_either(listed)}?"
    )


def _number(option: Option, text: str) -> float:
    word = option.words.get(text.casefold().replace("♯", "#").replace("♭", "b"))
    if word is not None:
        return word
    if option.unit == "ms" and (time := _MINUTES.fullmatch(text)):
        return (int(time[1]) * 60 + int(time[2])) * 1000.0
    plain = text.removesuffix(option.unit).rstrip(" %").replace("−", "-").replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(f"{option.name} needs a number{_allowed(option)}, not {shorten(text)}.")
    if text.endswith("%") or (option.low == 0 and option.high == 1 and not option.words and 1 < value <= 100):
        raise UserError(
            f"{option.name} goes from 0 to 1. Did you mean {value / 100:g}?", (f"{option.name}:{value / 100:g}",)
        )
    return value


def _bounded(option: Option, value: float) -> float:
    low = -math.inf if option.low is None else option.low
    high = math.inf if option.high is None else option.high
    if not low <= value <= high:
        raise UserError(f"{option.name} {value:g} is out of range:{_allowed(option)}.")
    if option.kind == "whole" and value != int(value):
        raise UserError(f"{option.name} needs a whole number{_allowed(option)}, not {value:g}.")
    return int(value) if option.kind == "whole" else value


def _range(option: Option, text: str) -> Range:
    low = -math.inf if option.low is None else option.low
    high = math.inf if option.high is None else option.high
    if between := _BETWEEN.fullmatch(text):
        bounds = [_bounded(option, _number(option, b)) for b in between.groups()]
        if bounds[0] > bounds[1]:
            raise UserError(f"{option.name}:{text} runs backwards.", (f"{option.name}:{bounds[1]:g}-{bounds[0]:g}",))
        return bounds[0], bounds[1]
    if bound := _BOUND.fullmatch(text):
        value = _bounded(option, _number(option, bound[2] or bound[3]))
        return (value, high) if (bound[1] or ">").startswith(">") else (low, value)
    value = _bounded(option, _number(option, text))
    around = 0 if option.words else _NEAR * (high - low)
    return max(low, value - around), min(high, value + around)


def _years(option: Option, text: str) -> Range:
    """Years from `1990s`, `90s`, `1994`, `1990-1999`, `>2010` or `<1970`."""
    if decade := _DECADE.fullmatch(text):
        century = int(decade[1]) if decade[1] else (20 if int(decade[2]) < 3 else 19)
        start = century * 100 + int(decade[2]) * 10
        return start, start + 9
    year = Option(
        option.name, "whole", option.help, low=option.low or _YEAR_LOW, high=option.high or _YEAR_HIGH, unit=""
    )
    return _range(year, text) if not re.fullmatch(r"\d{4}", text) else (_bounded(year, float(text)),) * 2


def _flag(option: Option, text: str) -> bool:
    if text.casefold() in {"yes", "y", "true", "on", "1", option.name}:
        return True
    if text.casefold() in {"no", "n", "false", "off", "0"}:
        return False
    raise UserError(f"{option.name} is yes or no, not {shorten(text)}.")


def _allowed(option: Option) -> str:
    if option.low is None or option.high is None:
        return ""
    unit = "" if not option.unit or option.unit[0].isdigit() else f" ({option.unit})"
    return f" from {plain(option.low)} to {plain(option.high)}{unit}"


def plain(number: float) -> str:
    """A number without an exponent: 6,000,000 rather than 6e+06."""
    return f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:g}"


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
