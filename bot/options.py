"""The options of a request as its command reads them: bare words placed, unknown names refused, text typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bot.core import Command, File, UserError
from bot.parse import BARE
from bot.values import shorten, typed


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
    for name, text in named.items():
        try:
            values[name] = typed(options[name], text)
        except UserError as error:
            hints = tuple(h if h.startswith("/") else f"/{command.name} {h}" for h in error.hints)
            raise UserError(error.message, hints or (f"/help {command.name}",)) from None
    return values


def _named(command: Command, given: dict[str, Any]) -> dict[str, Any]:
    """Give bare words to the command's first option (and flags named by a word), and refuse unknown options."""
    words = str(given.pop(BARE, "")).split()
    for option in command.options:
        if option.kind == "flag" and len(words) > 1 and words[-1].casefold() == option.name:
            given.setdefault(option.name, words.pop())
    if words and not command.options:
        raise UserError(f"/{command.name} takes no options.", (f"/{command.name}",))
    if words and command.options[0].name in given:
        extra, first = shorten(" ".join(words)), command.options[0].name
        raise UserError(f'I can\'t place {extra} beside {first}:. Quote values with spaces: {first}:"two words".')
    if words:
        given[command.options[0].name] = " ".join(words)
    names = [option.name for option in command.options]
    for name in given:
        if name not in names:
            raise UserError(_unknown_option(command, name, given[name]), (f"/help {command.name}",))
    return given


def _unknown_option(command: Command, name: str, value: Any) -> str:
    names = [option.name for option in command.options]
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    listed = ", ".join(close or names[:12])
    return f"/{command.name} has no option {shorten(name)} (for {shorten(str(value), 30)}). It has: {listed}."
