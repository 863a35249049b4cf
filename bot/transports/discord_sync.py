"""Telling Discord which commands there are: only when they changed, and either everywhere or in some servers."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands

log = logging.getLogger(__name__)

_EVERYWHERE = 0


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
    if known.get("digest") == digest:
        return
    done = [scope for scope in wanted if await _put(tree, application, scope, _payload(tree, scope))]
    before = known.get("scopes", [_EVERYWHERE] if guilds else [])
    left = [scope for scope in before if scope not in wanted and not await _put(tree, application, scope, [])]
    log.info("Told Discord about %d commands %s", len(_payload(tree, wanted[0])), _where(done))
    if done == wanted:
        await _remember(notes, name, {"digest": digest, "scopes": wanted + left})


def _payload(tree: app_commands.CommandTree[Any], scope: int) -> list[dict[str, Any]]:
    return [c.to_dict(tree) for c in tree.get_commands(guild=_guild(scope), type=discord.AppCommandType.chat_input)]


async def _put(tree: app_commands.CommandTree[Any], application: int, scope: int, commands: list[Any]) -> bool:
    """Overwrite the commands of a scope; whether Discord took them. A server the bot is not in is no reason to fail."""
    http = tree.client.http
    try:
        if scope == _EVERYWHERE:
            await http.bulk_upsert_global_commands(application, payload=commands)
        else:
            await http.bulk_upsert_guild_commands(application, scope, payload=commands)
    except discord.HTTPException as error:
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


def _guild(scope: int) -> discord.Object | None:
    return None if scope == _EVERYWHERE else discord.Object(scope)


def _where(scopes: list[int]) -> str:
    return "everywhere" if scopes == [_EVERYWHERE] else f"in servers {', '.join(map(str, scopes)) or '(none)'}"
