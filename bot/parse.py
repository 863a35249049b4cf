"""A typed line -> a command's name and its options as text: `/trend tempo by:decade genre:"synth pop"`."""

from __future__ import annotations

import re
from typing import Any

from bot.core import UserError

BARE = ""
"""The key under which the bare words of a line stand; the router gives them to the command's first option."""
MAX_LINE = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_QUOTES = str.maketrans("“”„«»", '"""""')
_UNFINISHED = re.compile(r"[<>]=?|the|.*;", re.IGNORECASE)  # values that the next word completes
_TOKEN = re.compile(
    r"""(?:(?P<key>[A-Za-z_]+):(?!//|track:))?          # an option's name, but not https:// or spotify:track:
        (?:"(?P<quoted>[^"]*)"|(?P<open>"[^"]*$)|(?P<plain>[^\s"]+"?[^\s"]*))?""",
    re.VERBOSE,
)


def parse_line(text: str) -> tuple[str, dict[str, str]]:
    """Split a line into the command's name and its options; bare words stand under `BARE`.

    Raises
    ------
    UserError
        When the line is empty or too long, or a quote is left open.
    """
    if len(text) > MAX_LINE:
        raise UserError(f"That line has {len(text):,} characters; I read up to {MAX_LINE:,}.", ("/help",))
    line = _CONTROL.sub(" ", text).translate(_QUOTES).strip().lstrip("/").lstrip()
    if not line:
        raise UserError("That line is empty.", ("/help", "/recommend mood:energetic"))
    name, *rest = line.split(maxsplit=1)  # at any white space: phones and other alphabets have spaces of their own
    return name.casefold(), _options("".join(rest), name)


def quote(value: str) -> str:
    """Write `value` so that `parse_line` reads it back: quoted when it holds spaces or a colon."""
    value = value.translate(_QUOTES).replace('"', "'")
    return f'"{value}"' if not value or re.search(r"[\s:]", value) else value


def _options(rest: str, command: str) -> dict[str, str]:
    options: dict[str, str] = {}
    bare: list[str] = []
    waiting = ""  # an option's name whose value comes after a space: `mood: happy`
    begun = ""  # what its value began with before one: `energy:> 0.8`, `like:The Beatles; Queen`
    position = 0
    while position < len(rest):
        if rest[position].isspace():
            position += 1
            continue
        token = _TOKEN.match(rest, position)
        assert token  # noqa: S101  every non-space matches
        position = token.end()
        key, value = (token["key"] or "").casefold(), token["quoted"]
        if token["open"] is not None:
            fixed = rest[: token.start("open")] + token["open"] + '"'
            raise UserError("A quote is opened and never closed.", (f"/{command} {fixed}",))
        if value is None:
            value = token["plain"] or ""
        if key:
            _keep_begun(options, waiting, begun, command)
            waiting, begun = key, ""
        if not waiting:
            bare.append(value)
            continue
        begun = f"{begun} {value}" if begun else value
        if token["quoted"] is not None or (begun and not _UNFINISHED.fullmatch(begun)):
            add_value(options, waiting, begun)
            waiting = begun = ""
    _keep_begun(options, waiting, begun, command)
    if bare:
        options[BARE] = " ".join(bare)
    return options


def add_value(options: dict[str, Any], name: str, value: Any) -> None:
    """Give an option a value, behind the one it has."""
    options[name] = f"{options[name]}; {value}" if name in options else value


def _keep_begun(options: dict[str, str], name: str, begun: str, command: str) -> None:
    """Take what a value began with for all of it, where nothing completes it."""
    if name and not begun:
        raise UserError(f"{name}: has no value.", (f"/help {command}",))
    if name:
        add_value(options, name, begun)
