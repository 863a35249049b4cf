"""Discord's own rules for application commands, and what its client lets a person send of one."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from tests.fakes.discord.errors import TOO_MANY_COMMANDS, Path, Problems
from tests.fakes.discord.model import Channel, Json, Permission, Upload, User

STRING, INTEGER, BOOLEAN, NUMBER, ATTACHMENT = 3, 4, 5, 10, 11
_GROUPS, _SNOWFLAKES = (1, 2), (6, 7, 8, 9)
_CHOSEN = (STRING, INTEGER, NUMBER)
_PYTHON: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}
_INTEGER_LIMIT = 2**53
_ONLY_GLOBAL = ("contexts", "integration_types", "dm_permission")


class NotOffered(Exception):  # noqa: N818 (not an error of the code: what a client does not let a person do)
    """Discord's client would not have let this person do this."""


def check_commands(commands: list[Json]) -> None:
    """Raise what a bulk overwrite answers to commands that break a rule."""
    if len(commands) > 100:
        raise TOO_MANY_COMMANDS
    problems = Problems()
    names = Counter((c.get("type", 1), c.get("name")) for c in commands)
    for index, command in enumerate(commands):
        at: Path = (index,)
        if names[command.get("type", 1), command.get("name")] > 1:
            problems.add(at, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        _check_command(problems, at, command)
    problems.check()


def check_documented(commands: list[Json], *, of_guild: bool) -> None:
    """Raise where commands differ from Discord's documentation in what its API lets pass.

    Permissions are text, and contexts are for global commands only.
    """
    problems = Problems()
    for index, command in enumerate(commands):
        permissions = command.get("default_member_permissions")
        if not isinstance(permissions, str | None):
            problems.add((index, "default_member_permissions"), "STRING_TYPE_CONVERT", "Must be text.")
        for key in _ONLY_GLOBAL if of_guild else ():
            if key in command:
                problems.add((index, key), "APPLICATION_COMMAND_GLOBAL_ONLY", "Only for globally-scoped commands.")
    problems.check()


def _check_command(problems: Problems, at: Path, command: Json) -> None:
    kind = command.get("type", 1)
    problems.choice((*at, "type"), kind, (1, 2, 3, 4))
    if kind == 1:
        _check_named(problems, at, command)
        _check_options(problems, (*at, "options"), command.get("options") or [], depth=0)
        if _size(command) > 8000:
            problems.add(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
    else:
        problems.text((*at, "name"), command.get("name"), 32, low=1)
        if command.get("description"):
            problems.add((*at, "description"), "APPLICATION_COMMAND_DESCRIPTION_INVALID", "Must be empty for this type")
    permissions = command.get("default_member_permissions")
    if permissions is not None and not str(permissions).isdecimal():
        problems.add(
            (*at, "default_member_permissions"), "NUMBER_TYPE_COERCE", f'Value "{permissions}" is not snowflake.'
        )
    for key, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        values = command.get(key)
        if values is None:
            continue
        if not values or len(set(values)) < len(values):
            problems.add((*at, key), "BASE_TYPE_BAD_LENGTH", "Must hold unique values, at least one.")
        for index, value in enumerate(values):
            problems.choice((*at, key, index), value, allowed)


def _check_named(problems: Problems, at: Path, named: Json) -> None:
    name = named.get("name")
    problems.text((*at, "name"), name, 32, low=1)
    if isinstance(name, str) and name and not (name == name.lower() and all(map(_in_name, name))):
        problems.add(
            (*at, "name"),
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid",
        )
    problems.text((*at, "description"), named.get("description"), 100, low=1)
    for key, high in (("name_localizations", 32), ("description_localizations", 100)):
        for locale, text in (named.get(key) or {}).items():
            problems.text((*at, key, locale), text, high, low=1)


def _in_name(letter: str) -> bool:
    r"""Whether `[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]` matches."""
    script = unicodedata.name(letter, "").split(" ")[0]
    return letter in "-_'" or unicodedata.category(letter)[0] in "LN" or script in ("DEVANAGARI", "THAI")


def _check_options(problems: Problems, at: Path, options: list[Json], depth: int) -> None:
    problems.count(at, options, 25)
    names = Counter(o.get("name") for o in options)
    optional = False
    for index, option in enumerate(options):
        here: Path = (*at, index)
        kind = option.get("type")
        _check_named(problems, here, option)
        problems.choice((*here, "type"), kind, tuple(range(1, 12)))
        if names[option.get("name")] > 1:
            problems.add(here, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names must be unique")
        if kind in _GROUPS:
            if depth + kind > 2 or any(o.get("type") not in _GROUPS for o in options):
                problems.add(here, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and options cannot mix")
            _check_options(problems, (*here, "options"), option.get("options") or [], depth + (3 - kind))
            continue
        if option.get("required") and optional:
            message = "Required options must be placed before non-required options"
            problems.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not option.get("required")
        _check_value_rules(problems, here, option)


def _check_value_rules(problems: Problems, at: Path, option: Json) -> None:
    kind, choices = option.get("type"), option.get("choices") or []
    problems.count((*at, "choices"), choices, 25)
    if option.get("autocomplete") and (choices or kind not in _CHOSEN):
        message = "Autocomplete needs a string, integer or number option without choices"
        problems.add((*at, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message)
    if choices and kind not in _CHOSEN:
        problems.add((*at, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "This type takes no choices")
    check_choices(problems, (*at, "choices"), choices, kind)
    for low, high, kinds, bottom in (
        ("min_value", "max_value", (INTEGER, NUMBER), None),
        ("min_length", "max_length", (STRING,), 0),
    ):
        bounds = [option[k] for k in (low, high) if option.get(k) is not None]
        if bounds and kind not in kinds:
            problems.add((*at, low), "APPLICATION_COMMAND_OPTIONS_BOUNDS_INVALID", f"Only for option types {kinds}")
        if bounds != sorted(bounds):
            problems.add((*at, low), "APPLICATION_COMMAND_OPTIONS_MIN_MAX_INVALID", "The minimum is above the maximum")
        if bottom is not None and any(not bottom <= b <= 6000 for b in bounds):
            problems.add((*at, high), "NUMBER_TYPE_MAX", "int value should be between 0 and 6000.")
        if kind == INTEGER and any(not isinstance(b, int) for b in bounds):
            problems.add((*at, low), "NUMBER_TYPE_COERCE", "Value is not int.")


def check_choices(problems: Problems, at: Path, choices: list[Json], kind: int | None) -> None:
    """Names and values of choices, in a command or in an answer to autocomplete."""
    for index, choice in enumerate(choices):
        here: Path = (*at, index)
        problems.text((*here, "name"), choice.get("name"), 100, low=1)
        value = choice.get("value")
        if kind == STRING:
            problems.text((*here, "value"), value, 100, low=1)
        elif kind is not None and not _is(value, kind):
            problems.add((*here, "value"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not of option type {kind}.')
    if len({c.get("name") for c in choices}) < len(choices):
        message = "Option choice names must be unique"
        problems.add(at, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", message)


def _is(value: Any, kind: int) -> bool:
    right = _PYTHON.get(kind, (object,))
    return isinstance(value, right) and (bool in right or not isinstance(value, bool))


def _size(named: Json) -> int:
    """Names, descriptions and values, with the longest localisation of each, as the 8000 characters are counted."""
    size = 0
    for key in ("name", "description"):
        texts = [named.get(key) or "", *(named.get(f"{key}_localizations") or {}).values()]
        size += max(map(len, texts))
    size += sum(len(str(c.get("name", ""))) + len(str(c.get("value", ""))) for c in named.get("choices") or [])
    return size + sum(map(_size, named.get("options") or []))


def check_offered(command: Json, user: User, channel: Channel) -> None:
    """Raise when Discord's client does not show this command to this person here."""
    contexts = command.get("contexts")
    here = 0 if channel.guild else 1
    if contexts is not None and here not in contexts:
        raise NotOffered(f"/{command['name']} is not offered in context {here}")
    if channel.guild is None and command.get("dm_permission") is False:
        raise NotOffered(f"/{command['name']} is not offered in direct messages")
    needed = command.get("default_member_permissions")
    if channel.guild is None or needed is None or user.permissions & Permission.ADMINISTRATOR:
        return
    if needed == "0" or int(needed) & ~int(user.permissions):
        raise NotOffered(f"/{command['name']} needs permissions {needed}, {user.name} has {int(user.permissions)}")


def check_values(options: list[Json], values: dict[str, Any]) -> None:
    """Raise when Discord's client would not send these values."""
    known = {o["name"]: o for o in options}
    for name in values.keys() - known.keys():
        raise NotOffered(f"no option {name}")
    for option in options:
        if option.get("required") and option["name"] not in values:
            raise NotOffered(f"option {option['name']} is required")
    for name, value in values.items():
        option, kind = known[name], known[name]["type"]
        right = isinstance(value, Upload) if kind == ATTACHMENT else kind in _SNOWFLAKES or _is(value, kind)
        allowed = [c["value"] for c in option.get("choices") or []]
        if not right or (allowed and value not in allowed):
            raise NotOffered(f"{name} does not take {value!r}")
        extent = len(value) if kind == STRING else value
        low, high = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
        top = {STRING: 6000, INTEGER: _INTEGER_LIMIT}.get(kind)
        bottom, top = option.get(low), option.get(high) if option.get(high) is not None else top
        if (bottom is not None and extent < bottom) or (top is not None and extent > top):
            raise NotOffered(f"{name} is outside {bottom} to {top}: {value!r}")
