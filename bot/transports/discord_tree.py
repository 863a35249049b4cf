"""The command table -> Discord's commands: options typed, bounded, described and completed from the same table."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.core import Command, Option
from bot.router import MAX_CHOICES, Router
from bot.transports.discord_channels import Picked
from bot.transports.discord_desk import Desk
from bot.transports.discord_send import Trouble, patiently
from bot.transports.discord_text import clamp, clean, length, visible

log = logging.getLogger(__name__)

_MAX_TEXT = 100  # of a description, and of a choice's name and value
_COMPLETIONS_KEPT = 1024
_COMPLETION_SECONDS = 2.0  # a later one is of no use
_TYPES: Mapping[str, Any] = {
    "whole": int,
    "number": float,
    "flag": bool,
    "file": discord.Attachment,
    "channel": app_commands.Transform[Any, Picked],
}
_WIDEST = 2**53
_STRING, _NUMBER = discord.AppCommandOptionType.string.value, discord.AppCommandOptionType.number.value


class Tree(app_commands.CommandTree[Any]):
    """Discord's side of the router's command table."""

    def __init__(self, client: discord.Client, router: Router, desk: Desk) -> None:
        super().__init__(client)
        self._desk = desk
        self._completer = Completer(router)
        for command in router.commands.values():
            self.add_command(self._made(command))

    async def warm(self) -> None:
        """Complete each option once, so that nobody's first letter waits for what is read at first use."""
        for command in self._completer.router.commands.values():
            for option in filter(is_completed, command.options):
                for typed in ("", "e"):
                    await self._completer.complete(command.name, option.name, typed)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let values pass that are not of their type: the router says what is wrong, discord.py would fail."""
        data: Any = interaction.data or {}
        for option in data.get("options", ()):
            if option.get("type") == _NUMBER and not isinstance(option.get("value"), int | float):
                option["type"] = _STRING
        return True

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Say what became of a command that the table holds no more, or holds in another shape."""
        log.warning("%s", str(error).partition("\n")[0])
        if interaction.type is discord.InteractionType.autocomplete:
            with contextlib.suppress(*Trouble):
                await offer(interaction, [])
        elif not interaction.response.is_done():
            data: Any = interaction.data or {}
            name = clean(str(data.get("name", "")))
            await self._desk.tell(interaction, f"There is no command /{name} any more.", "/help")

    def _made(self, command: Command) -> app_commands.Command[Any, ..., None]:
        async def run(interaction: discord.Interaction[Any], **_: Any) -> None:
            await self._desk.command(interaction, command)

        # discord.py reads options off a signature; an option's name may be a word of Python, such as `from`.
        names = {f"option_{n}": option for n, option in enumerate(command.options[:25])}
        interaction = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        parameters = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(option))
            for name, option in names.items()
        ]
        run.__signature__ = inspect.Signature([interaction, *parameters])  # type: ignore[attr-defined]
        decorate: list[Callable[..., Any]] = [
            app_commands.rename(**{name: option.name for name, option in names.items()}),
            app_commands.describe(**{name: described(option) for name, option in names.items()}),
            app_commands.choices(**{name: chosen for name, option in names.items() if (chosen := _choices(option))}),
            app_commands.autocomplete(
                **{n: self._completer.of(command, o) for n, o in names.items() if is_completed(o)}
            ),
            app_commands.allowed_contexts(
                guilds=True, dms=not command.moderator, private_channels=not command.moderator
            ),
        ]
        # Discord would hide it from those whom only the settings name; the router refuses everybody else.
        if command.moderator and not any(user.startswith("discord:") for user in self._completer.router.moderators):
            decorate.append(app_commands.default_permissions(manage_messages=True))
        for one in decorate:
            one(run)
        return app_commands.Command(
            name=command.name, description=clamp(command.help, _MAX_TEXT), callback=run, auto_locale_strings=False
        )


class Completer:
    """Completions from memory, off the event loop: some scan every title, and people type fast."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="complete")
        self._kept: OrderedDict[tuple[str, str, str], list[Choice[str]]] = OrderedDict()

    def of(self, command: Command, option: Option) -> Callable[..., Any]:
        """The callback discord.py asks for one option's completions."""

        async def complete(interaction: discord.Interaction[Any], typed: Any) -> list[Choice[str]]:
            choices = await self.complete(command.name, option.name, str(typed))
            await offer(interaction, choices)
            return choices

        return complete

    async def complete(self, command: str, option: str, typed: str) -> list[Choice[str]]:
        """At most 25 choices that Discord takes; those too long to be sent back are left out."""
        key = (command, option, typed[:_MAX_TEXT])
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._worker, self.router.suggest, *key)
        except Exception:
            log.exception("completing %s of /%s failed", option, command)
            return []
        choices: dict[str, Choice[str]] = {}
        for choice in found:
            name = clamp(visible(clean(choice.label)), _MAX_TEXT)
            if 0 < length(choice.value.strip()) <= _MAX_TEXT:
                choices.setdefault(name, Choice(name=name, value=choice.value))
        self._kept[key] = list(choices.values())[:MAX_CHOICES]
        if len(self._kept) > _COMPLETIONS_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


async def offer(interaction: discord.Interaction[Any], choices: list[Choice[str]]) -> None:
    """Show completions, again while Discord is busy and somebody still waits for them."""
    await patiently(lambda: interaction.response.autocomplete(choices), _COMPLETION_SECONDS)


def described(option: Option) -> str:
    """An option's help as Discord takes it."""
    return clamp(visible(option.help), _MAX_TEXT)


def is_completed(option: Option) -> bool:
    """Whether values are offered while typing; a few fixed ones are choices instead."""
    return option.kind not in _TYPES and (option.suggest is not None or len(option.choices) > MAX_CHOICES)


def _annotation(option: Option) -> Any:
    kind = _TYPES.get(option.kind, str)
    if kind not in (int, float) or (option.low is None and option.high is None) or _choices(option):
        return kind
    low = kind(-_WIDEST if option.low is None else option.low)
    high = kind(_WIDEST if option.high is None else option.high)
    return app_commands.Range[kind, low, high]


def _choices(option: Option) -> list[Choice[Any]]:
    """Fixed values: choices, or the words a number goes by (`C# / Db`)."""
    if option.suggest is None and 0 < len(option.choices) <= MAX_CHOICES and option.kind not in _TYPES:
        return [Choice(name=clamp(c, _MAX_TEXT), value=c) for c in option.choices]
    if option.kind != "whole" or not option.words:
        return []
    words: dict[float, list[str]] = {}
    for word, value in option.words.items():
        words.setdefault(value, []).append(word.capitalize())
    return [Choice(name=clamp(" / ".join(w), _MAX_TEXT), value=int(v)) for v, w in words.items()][:MAX_CHOICES]
