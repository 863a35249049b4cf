"""Buttons and menus that are command lines: they outlive the message's process, and know who asked.

A button's custom_id is `MODE ASKER : LINE`, a menu's option holds `LINE` alone. A line too long for that is kept in
the store, and `#KEY` stands for it.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord
from discord.ui import Button, DynamicItem, Select, View

from bot.core import Command, Next, Reply, UserError
from bot.parse import BARE, parse_line
from bot.transports.discord_text import clamp, clean, length, visible
from bot.values import typed

log = logging.getLogger(__name__)

_LINE = re.compile(r"([lsp])([0-9a-z]{0,13}):(.+)", re.DOTALL)
_MENU = re.compile(r"menu:(\d)")
PUBLIC, PRIVATE, PAGE = "l", "s", "p"
MAX_ID, MAX_LABEL, MAX_CHOICE, MAX_CHOICES = 100, 80, 100, 25
_ROWS, _WIDTH, _MENUS = 5, 5, 3
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MENU_TITLES = {"👍": "👍  Like…", "👎": "👎  Not for me…", "Like": "👍  Like…", "Dislike": "👎  Not for me…"}


class Lines(Protocol):
    """Keeps lines that no button can hold."""

    async def keep_line(self, user: str, line: str) -> str:
        """Remember a line; the short key it is found by."""

    async def line(self, key: str) -> str | None:
        """The line kept under a key; None when it is gone."""


@dataclass(frozen=True)
class Asked:
    """What a message answers: who asked, by their number on Discord, and which command with which options."""

    user: int
    command: str = ""
    options: Mapping[str, Any] | None = None


async def view_of(reply: Reply, asked: Asked, commands: Mapping[str, Command], lines: Lines) -> View | None:
    """The controls of a reply: a menu for each kind of button that stands beside its rows, then its next steps."""
    view = View(timeout=None)
    for label, steps in _menus(reply):
        if choices := await _choices(steps, asked, lines):
            view.add_item(Menu(len(view.children), label, choices))
    first = len(view.children)
    taken: set[str] = set()
    for step in reply.next:
        custom_id = await _custom_id(step, asked, commands, lines)
        number = len(taken)
        if custom_id is not None and custom_id not in taken and number < (_ROWS - first) * _WIDTH:
            taken.add(custom_id)
            view.add_item(Line(custom_id, step.label or step.line, first + number // _WIDTH))
    return view if view.children else None


def _menus(reply: Reply) -> list[tuple[str, list[Next]]]:
    """The rows' buttons by label; the first rows' kinds win when there are too many."""
    found: dict[str, list[Next]] = {}
    for field in reply.fields:
        for step in field.next:
            found.setdefault(step.label, []).append(Next(field.name, step.line))
    return list(found.items())[:_MENUS]


async def _choices(steps: Sequence[Next], asked: Asked, lines: Lines) -> dict[str, str]:
    """Value -> label of a menu's options."""
    found: dict[str, str] = {}
    for step in steps[:MAX_CHOICES]:
        value = await _short(step.line.removeprefix("/"), MAX_CHOICE, asked, lines)
        if value is not None:
            found.setdefault(value, clamp(visible(clean(step.label)), MAX_CHOICE))
    return found


async def _custom_id(step: Next, asked: Asked, commands: Mapping[str, Command], lines: Lines) -> str | None:
    head = f"{_mode(step.line, asked, commands)}{_base36(asked.user)}:"
    rest = await _short(step.line.removeprefix("/"), MAX_ID - len(head), asked, lines)
    return None if rest is None else head + rest


async def _short(line: str, room: int, asked: Asked, lines: Lines) -> str | None:
    """The line itself, or a key it is kept under; None when it could not be kept."""
    line = clean(line)
    if not line:
        return None
    if length(line) <= room and not line.startswith("#"):
        return line
    try:
        return "#" + await lines.keep_line(f"discord:{asked.user}", line)
    except Exception as error:
        log.warning("a button was left out, its line could not be kept: %s", error)
        return None


def _mode(line: str, asked: Asked, commands: Mapping[str, Command]) -> str:
    """Whether a line turns the page of the very list it stands under, is for the presser alone, or for everyone."""
    try:
        name, options = parse_line(line)
    except UserError:
        return PRIVATE
    command = commands.get(name)
    if command is None or command.private or command.moderator:
        return PRIVATE
    if name != asked.command or asked.options is None or "page" not in {o.name for o in command.options}:
        return PUBLIC
    return PAGE if _unpaged(options, command) == _unpaged(asked.options, command) else PUBLIC


def _unpaged(options: Mapping[str, Any], command: Command) -> dict[str, Any]:
    """What was asked for, whatever the page: values as the command reads them, bare words where they belong."""
    given = {o.name: o.default for o in command.options if o.default is not None}
    known = {o.name: o for o in command.options} | {BARE: command.options[0]}
    for name, value in options.items():
        if name in known:
            with contextlib.suppress(UserError):
                value = typed(known[name], value)
            given[known[name].name] = value
    return {name: value for name, value in given.items() if name != "page"}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


@dataclass(frozen=True)
class Press:
    """A pressed button: its mode, who asked for the message it stands under, and its line or the key of it."""

    mode: str
    asker: int
    line: str


class Line(DynamicItem[Button[View]], template=_LINE):
    """A button that is a command line."""

    def __init__(self, custom_id: str, label: str, row: int | None = None) -> None:
        style = discord.ButtonStyle.primary if custom_id[0] == PAGE else discord.ButtonStyle.secondary
        text = clamp(visible(clean(label)), MAX_LABEL)
        super().__init__(Button(label=text, custom_id=custom_id, style=style, row=row))

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /) -> Line:
        """Take a button of an old message up again."""
        return cls(match[0], item.label or "")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the line."""
        match = _LINE.fullmatch(self.custom_id)
        if match is not None:
            await interaction.client.desk.press(interaction, Press(match[1], int(match[2] or "0", 36), match[3]))


class Menu(DynamicItem[Select[View]], template=_MENU):
    """A menu that lists the rows of a list: choosing some answers the line of each."""

    def __init__(self, row: int, label: str, choices: Mapping[str, str]) -> None:
        options = [discord.SelectOption(label=label, value=value) for value, label in choices.items()]
        super().__init__(
            Select(
                custom_id=f"menu:{row}",
                placeholder=clamp(_MENU_TITLES.get(label, f"{visible(clean(label))}…"), 150),
                max_values=max(len(options), 1),
                options=options,
                row=row,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /) -> Menu:
        """Take a menu of an old message up again."""
        return cls(int(match[1]), "", {option.value: option.label for option in item.options})

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the chosen lines."""
        data: Any = interaction.data or {}
        await interaction.client.desk.choose(interaction, tuple(map(str, data.get("values", ()))))


def is_known(custom_id: str) -> bool:
    """Whether a button or menu is one of these."""
    return bool(_LINE.fullmatch(custom_id) or _MENU.fullmatch(custom_id))


async def spelled(line: str, lines: Lines) -> str | None:
    """The command line a button holds or stands for; None when it is kept no more."""
    return await lines.line(line[1:]) if line.startswith("#") else line
