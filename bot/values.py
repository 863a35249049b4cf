"""An option's text -> the value its command reads, or a UserError that says what is allowed."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Any

from bot.core import File, Option, UserError

MAX_TEXT = 300
_NUMBER = r"\d{1,2}:[0-5]\d|(?:[-+−]?\d+(?:[.,]\d+)?|[-+−]?[.,]\d+)\s?(?:%|bpm|db|ms)?"
_BETWEEN = re.compile(rf"({_NUMBER})\s*(?:-|–|\.\.|to)\s*({_NUMBER})", re.IGNORECASE)
_BOUND = re.compile(rf"(>=?|<=?)\s*({_NUMBER})|({_NUMBER})\s*(\+)", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,2}):([0-5]\d)")
_HOURS = re.compile(r"(?:(\d+)\s*h[a-z]*)?\s*(?:(\d+)\s*(?:m[a-z]*)?)?", re.IGNORECASE)
_TONIC = re.compile(r"([a-g][#b]?)\s*(m|min|minor|maj|major)", re.IGNORECASE)
_DECADE = re.compile(r"(?:the\s+)?['’]?(?:(\d\d)?(\d)0)['’]?s", re.IGNORECASE)
_DECADES = re.compile(r"(.+?s)\s*(?:-|–|\.\.|to)\s*(.+s)", re.IGNORECASE)
_DECADE_NAMES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_YEAR_LOW, _YEAR_HIGH = 1900, 2100
_PERCENT = 10  # from here on, a share of 1 was probably meant as a percentage
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
        if not isinstance(text, File):
            raise UserError(f"{option.name} is a file: attach it to the line instead of naming it.")
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
    meant = f"Did you mean {_either(listed)}?" if close else f"It can be {_either(listed)}."
    raise UserError(f"{option.name} has no {shorten(text)}. {meant}", tuple(f"{option.name}:{c}" for c in listed[:3]))


def _number(option: Option, text: str) -> float:
    word = option.words.get(text.casefold().replace("♯", "#").replace("♭", "b"))
    if word is not None:
        return word
    if (told := _clock(option, text)) is not None:
        return told
    plain = re.sub(rf"\s*({re.escape(option.unit)}|%)?$", "", text, flags=re.IGNORECASE) if option.unit else text
    try:
        value = float(plain.removesuffix("%").replace("−", "-").replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _no_number(option, text)
    is_share = option.low == 0 and option.high == 1 and not option.words
    if text.endswith("%") and not is_share:
        raise UserError(f"{option.name} is no percentage: it needs a number{_allowed(option)}.")
    if text.endswith("%") or (is_share and _PERCENT <= value <= 100):
        raise UserError(
            f"{option.name} goes from 0 to 1. Did you mean {value / 100:g}?", (f"{option.name}:{value / 100:g}",)
        )
    return value


def _clock(option: Option, text: str) -> float | None:
    """Milliseconds from `3:45`, minutes from `1h30` or `45min`; None for what is no such time."""
    if option.unit == "ms" and (time := _MINUTES.fullmatch(text)):
        return (int(time[1]) * 60 + int(time[2])) * 1000.0
    if option.unit == "minutes" and text and (time := _HOURS.fullmatch(text)):
        return int(time[1] or 0) * 60.0 + int(time[2] or 0)
    return None


def _no_number(option: Option, text: str) -> UserError:
    """What the option takes instead of a text that is no number."""
    names = {value: word for word, value in reversed([*option.words.items()])}
    if option.low == 0 and option.high == 1 and len(names) == 2:
        either = [names[0.0], names[1.0]]
        return UserError(
            f"{option.name} is {_either(either)}, not {shorten(text)}.", tuple(f"{option.name}:{w}" for w in either)
        )
    hints: tuple[str, ...] = ()
    if option.low == _YEAR_LOW and (decade := _decade(text)):
        hints = (f"{option.name}:{decade[option.name == 'to']:g}",)
    if option.kind == "range" and option.low == 0 and option.high == 1:
        hints = (f"{option.name}:>0.8", f"{option.name}:<0.2")
    if option.default is not None:
        hints = (f"{option.name}:{option.default}",)
    tonic = _TONIC.fullmatch(text)
    if tonic and tonic[1].casefold() in option.words:
        mode = "major" if tonic[2].casefold().startswith("maj") else "minor"
        hints = (f"{option.name}:{tonic[1].capitalize()} mode:{mode}",)
    return UserError(f"{option.name} needs a number{_allowed(option)}, not {shorten(text)}.", hints)


def _bounded(option: Option, value: float) -> float:
    low = -math.inf if option.low is None else option.low
    high = math.inf if option.high is None else option.high
    if not low <= value <= high:
        near = min(max(value, low), high)
        if option.unit == "ms" and low <= value * 1000 <= high:
            seconds = f"{option.name} is in milliseconds. Did you mean {value:g} seconds?"
            raise UserError(seconds, (f"{option.name}:{value * 1000:.0f}",))
        raise UserError(f"{option.name} {value:g} is out of range:{_allowed(option)}.", (f"{option.name}:{near:.10g}",))
    if option.kind == "whole" and value != int(value):
        hint = f"{option.name}:{round(value)}"
        raise UserError(f"{option.name} needs a whole number{_allowed(option)}, not {value:g}.", (hint,))
    return int(value) if option.kind == "whole" else value


def _range(option: Option, text: str) -> Range:
    low = -math.inf if option.low is None else option.low
    high = math.inf if option.high is None else option.high
    text = text.rstrip(",;")
    if between := _BETWEEN.fullmatch(text):
        bounds = [_bounded(option, _number(option, b.strip())) for b in between.groups()]
        if bounds[0] > bounds[1]:
            raise UserError(f"{option.name}:{text} runs backwards.", (f"{option.name}:{bounds[1]:g}-{bounds[0]:g}",))
        return bounds[0], bounds[1]
    if bound := _BOUND.fullmatch(text):
        above = (bound[1] or ">").startswith(">")
        try:
            value = _bounded(option, _number(option, (bound[2] or bound[3]).strip()))
        except UserError as error:
            sign = ">" if above else "<"
            raise UserError(error.message, tuple(h.replace(":", f":{sign}", 1) for h in error.hints)) from None
        return (value, high) if above else (low, value)
    value = _bounded(option, _number(option, text))
    around = 0 if option.words else _NEAR * (high - low)
    return max(low, value - around), min(high, value + around)


def _years(option: Option, text: str) -> Range:
    """Years from `1990s`, `90s`, `nineties`, `1970s-1990s`, `1994`, `1990-1999`, `>2010` or `<1970`."""
    low, high = option.low or _YEAR_LOW, option.high or _YEAR_HIGH
    year = Option(option.name, "whole", option.help, low=low, high=high)
    ends = _DECADES.fullmatch(text)
    first, last = (_decade(ends[1]), _decade(ends[2])) if ends else (_decade(text),) * 2
    if first and last:
        if first > last:
            raise UserError(f"{option.name}:{text} runs backwards.", (f"{option.name}:{last[0]}-{first[1]}",))
        return _bounded(year, first[0]), _bounded(year, last[1])
    if re.fullmatch(r"\d{4}", text):
        return (_bounded(year, float(text)),) * 2
    if not re.search(r"\d", text):
        works = tuple(f"{option.name}:{example}" for example in ("1990s", "1985-1995", ">2010"))
        raise UserError(f"{option.name} is a year, a decade or a range of years, not {shorten(text)}.", works)
    return _range(year, text)


def _decade(text: str) -> tuple[int, int] | None:
    """The first and last year of `1990s`, `the 90s` or `nineties`; None for what is no decade."""
    word = text.casefold().removeprefix("the ").strip()
    if word in _DECADE_NAMES:
        start = 1920 + 10 * _DECADE_NAMES.index(word)
    elif decade := _DECADE.fullmatch(text.strip()):
        century = int(decade[1]) if decade[1] else (20 if int(decade[2]) < 3 else 19)
        start = century * 100 + int(decade[2]) * 10
    else:
        return None
    return start, start + 9


def _flag(option: Option, text: str) -> bool:
    if text.casefold() in {"yes", "y", "true", "on", "1", option.name}:
        return True
    if text.casefold() in {"no", "n", "false", "off", "0"}:
        return False
    raise UserError(f"{option.name} is yes or no, not {shorten(text)}.", (f"{option.name}:yes", f"{option.name}:no"))


def _allowed(option: Option) -> str:
    if option.low is None or option.high is None:
        return ""
    bare = not option.unit or option.unit[0].isdigit() or option.unit == option.name
    unit = "" if bare else f" ({option.unit})"
    return f" from {plain(option.low)} to {plain(option.high)}{unit}"


def plain(number: float) -> str:
    """A number without an exponent: 6,000,000 rather than 6e+06."""
    return f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:g}"


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
