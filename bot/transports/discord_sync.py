"""Telling Discord which commands there are: only when they changed, and either everywhere or in some servers."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.transports.discord_log import cause
from bot.transports.discord_send import Trouble, patiently

log = logging.getLogger(__name__)

_EVERYWHERE = 0
_ONLY_GLOBAL = ("contexts", "integration_types", "dm_permission")
_PATIENCE = 60.0  # seconds


class Notes(Protocol):
    """Remembers what every process of the bot must know."""

    async def note(self, name: str) -> str | None:
        """What was noted under a name."""

    async def set_note(self, name: str, text: str) -> None:
        """Note it."""


async def sync(tree: app_commands.CommandTree[Any], notes: Notes, application: int, guilds: tuple[int, ...]) -> None:
    """Register the commands in `guilds`, or with none everywhere, and take them away where they were before."""
    name = f"discord:commands:{application}:{discord.http.Route.BASE}"
    wanted = sorted(guilds) or [_EVERYWHERE]
    digest = _digest(tree, wanted)
    known = await _known(notes, name)
    if known.get("digest") == digest and all([await _has_all(tree, application, scope) for scope in wanted]):
        return
    done = [scope for scope in wanted if await _put(tree, application, scope, _payload(tree, scope))]
    before = known.get("scopes", [_EVERYWHERE] if guilds else [])
    left = [scope for scope in before if scope not in wanted and not await _put(tree, application, scope, [])]
    if done:
        log.info("Told Discord about %d commands %s", len(tree.get_commands()), _where(done))
    if done == wanted:
        await _remember(notes, name, {"digest": digest, "scopes": wanted + left})


def _payload(tree: app_commands.CommandTree[Any], scope: int) -> list[dict[str, Any]]:
    """The commands as Discord documents them: permissions are text, and a server's command says nothing of others."""
    left_out = () if scope == _EVERYWHERE else _ONLY_GLOBAL
    found = []
    for command in tree.get_commands(type=discord.AppCommandType.chat_input):
        described = {key: value for key, value in command.to_dict(tree).items() if key not in left_out}
        needs = described["default_member_permissions"]
        found.append(described | {"default_member_permissions": None if needs is None else str(needs)})
    return found


async def _has_all(tree: app_commands.CommandTree[Any], application: int, scope: int) -> bool:
    """Whether Discord still lists what it was told: commands can be deleted elsewhere. No answer is as good as yes."""
    http = tree.client.http
    try:
        if scope == _EVERYWHERE:
            listed = await http.get_global_commands(application)
        else:
            listed = await http.get_guild_commands(application, scope)
    except Trouble as error:
        log.warning("which commands Discord lists could not be looked up: %s", cause(error))
        return True
    slash = discord.AppCommandType.chat_input.value
    names = {command["name"] for command in listed if command.get("type", slash) == slash}
    return names == {command.name for command in tree.get_commands()}


async def _put(tree: app_commands.CommandTree[Any], application: int, scope: int, commands: list[Any]) -> bool:
    """Overwrite the commands of a scope; whether Discord took them. A server the bot is not in is no reason to fail."""
    http = tree.client.http

    async def send() -> None:
        if scope == _EVERYWHERE:
            await http.bulk_upsert_global_commands(application, payload=commands)
        else:
            await http.bulk_upsert_guild_commands(application, scope, payload=commands)

    try:
        await patiently(send, _PATIENCE)
    except Trouble as error:
        log.error("Discord refused the commands %s: %s", _where([scope]), str(error).replace("\n", "; "))
        return False
    return True


async def _known(notes: Notes, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads(await notes.note(name) or "{}"))
    except Exception as error:
        log.warning("which commands Discord knows could not be looked up: %s", error)
        return {}


async def _remember(notes: Notes, name: str, known: dict[str, Any]) -> None:
    try:
        await notes.set_note(name, json.dumps(known))
    except Exception as error:
        log.warning("which commands Discord knows could not be noted: %s", error)


def _digest(tree: app_commands.CommandTree[Any], scopes: list[int]) -> str:
    everything = {str(scope): _payload(tree, scope) for scope in scopes}
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def _where(scopes: list[int]) -> str:
    return "everywhere" if scopes == [_EVERYWHERE] else f"in servers {', '.join(map(str, scopes)) or '(none)'}"
