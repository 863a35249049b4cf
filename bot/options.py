"""The options of a request as its command reads them: bare words placed, unknown names refused, text typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bot.core import Command, File, Reply, Request, UserError
from bot.lines import line, setting
from bot.parse import BARE, add_value, parse_line
from bot.services import Services
from bot.values import shorten, typed

_MEANT: Mapping[str, tuple[str, ...]] = {
    "activity": ("mood",),
    "artist": ("like",),
    "artists": ("like",),
    "bpm": ("tempo",),
    "decade": ("year",),
    "genres": ("genre",),
    "length": ("minutes", "duration_ms"),
    "limit": ("count",),
    "mood": ("activity",),
    "seed": ("like",),
    "since": ("from",),
    "song": ("like", "track", "name"),
    "track": ("like", "name"),
    "until": ("to",),
    "year": ("from",),
    "years": ("year",),
}
"""What people call an option -> its names, of which a command has one or none."""


def typed_options(command: Command, given: Mapping[str, Any], files: Sequence[File] = ()) -> dict[str, Any]:
    """The values of a command's options, defaults included.

    Raises
    ------
    UserError
        When an option does not exist or a value is not of its kind; its hints are command lines.
    """
    named = _named(command, dict(given))
    if files:
        file_option = next((o for o in command.options if o.kind == "file"), None)
        if file_option is None:
            raise UserError(f"/{command.name} takes no file.", (f"/help {command.name}",))
        named[file_option.name] = files[0]
    options = {option.name: option for option in command.options}
    values: dict[str, Any] = {o.name: o.default for o in command.options if o.default is not None}
    wrong: UserError | None = None
    for name, text in named.items():
        try:
            values[name] = typed(options[name], text)
        except UserError as error:
            wrong = wrong or error
    if wrong is not None:
        hints = tuple(whole_line(command, values, hint) for hint in wrong.hints)
        raise UserError(wrong.message, hints or (f"/help {command.name}",))
    return values


def answered(command: Command, request: Request, services: Services) -> Reply:
    """The command's reply.

    Raises
    ------
    UserError
        When it has none; its hints are command lines.
    """
    try:
        return command.run(request, services)
    except UserError as error:
        hints = tuple(whole_line(command, request.options, hint) for hint in error.hints)
        raise UserError(error.message, hints) from None


def whole_line(command: Command, values: Mapping[str, Any], hint: str) -> str:
    """A hint as a command line: `genre:techno` means the line that was sent, with its genre changed."""
    if hint.startswith("/"):
        return hint
    changed = parse_line(f"/{command.name} {hint}")[1]
    said = {
        o.name: changed.get(o.name, values.get(o.name))
        for o in command.options
        if o.name in changed or (values.get(o.name) != o.default and o.kind != "file")
    }
    return line(command.name, said)


def _named(command: Command, given: dict[str, Any]) -> dict[str, Any]:
    """Give bare words to the command's first option (and flags named by a word), and refuse unknown options."""
    words = str(given.pop(BARE, "")).split()
    for option in command.options:
        if option.kind == "flag" and words and words[-1].casefold() == option.name:
            given.setdefault(option.name, words.pop())
    units = {o.unit.casefold() for o in command.options if o.unit and o.name in given}
    words = [word for word in words if word.casefold() not in units]  # `tempo:124 BPM`
    if words and not command.options:
        raise UserError(f"/{command.name} takes no options.", (f"/{command.name}",))
    if words and command.options[0].name in given:
        extra, first = shorten(" ".join(words)), command.options[0].name
        quoted = setting(first, f"{given[first]} {' '.join(words)}")
        others = [setting(n, v) for n, v in given.items() if n != first]
        is_sure = len(words) == 1 or not others  # else some of the words may be another option's
        raise UserError(
            f'I can\'t place {extra} beside {first}:. Quote values with spaces: {first}:"two words".',
            (" ".join([f"/{command.name}", quoted, *others]),) if is_sure else (f"/help {command.name}",),
        )
    if words:
        given[command.options[0].name] = " ".join(words)
    named: dict[str, Any] = {}
    for name, value in given.items():
        add_value(named, _option_name(command, name, given), value)
    return named


def _option_name(command: Command, name: str, given: Mapping[str, Any]) -> str:
    """The option a name means: its own, or what else people call it.

    Raises
    ------
    UserError
        When there is none.
    """
    names = [option.name for option in command.options]
    if name in names:
        return name
    meant = [n for n in (*_MEANT.get(name, ()), *(n for n in names if n.startswith(f"{name}_"))) if n in names]
    if meant and meant[0] not in given:
        return meant[0]
    raise _unknown_option(command, name, given)


def _unknown_option(command: Command, name: str, given: Mapping[str, Any]) -> UserError:
    names, value = [option.name for option in command.options], str(given[name])
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    listed = ", ".join(close or names[:12])
    said = f"/{command.name} has no option {shorten(name)} (for {shorten(value, 30)}). It has: {listed}."
    first = command.options[0]
    bare = str(given.get(first.name, ""))
    if bare.startswith("/"):  # a command line inside another
        inner = " ".join([bare, *(setting(n, v) for n, v in given.items() if n not in names)])
        outer = {n: v for n, v in given.items() if n in names} | {first.name: inner}
        return UserError(f"{said} Quote the line that stands inside.", (line(command.name, outer),))
    if first.name in ("track", "name") and len(given) == 1:  # a title that holds a colon
        return UserError(said, (f'/{command.name} "{name}: {value}"', f"/help {command.name}"))
    return UserError(said, (f"/help {command.name}",))
