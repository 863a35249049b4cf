"""Acknowledging and answering an interaction: in public, in private or in place, again while Discord is busy."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp
import discord

from bot.core import Reply
from bot.transports.discord_buttons import Asked
from bot.transports.discord_log import cause
from bot.transports.discord_reply import draw

log = logging.getLogger(__name__)

Trouble = (discord.HTTPException, aiohttp.ClientError, OSError, asyncio.TimeoutError)
"""What can become of a call to Discord."""
_ALREADY_ACKNOWLEDGED, _MISSING_PERMISSIONS = 40060, 50013
_ACKNOWLEDGE_SECONDS = 2.8  # Discord waits 3
_ANSWER_SECONDS = 120.0  # an answer is welcome for 900
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0


class Place(Enum):
    """Where an answer goes."""

    PUBLIC = "a new message for everyone"
    PRIVATE = "a new message for the one who asked"
    IN_PLACE = "the message whose button was pressed"


@dataclass(frozen=True)
class Ticket:
    """An acknowledged interaction: what it asks, and where its answer goes."""

    interaction: discord.Interaction[Any]
    place: Place
    asked: Asked


async def acknowledge(interaction: discord.Interaction[Any], place: Place) -> None:
    """Tell Discord that an answer will come, and where."""
    await patiently(lambda: _acknowledge(interaction, place), _ACKNOWLEDGE_SECONDS)


async def deliver(ticket: Ticket, reply: Reply, view: discord.ui.View | None) -> None:
    """Send the answer; where a file is refused, send it again in words."""
    granted = ticket.interaction.app_permissions
    may_attach = granted.attach_files or not granted.value  # none at all: Discord has not said
    send = _Sender(ticket, reply, view)
    try:
        await patiently(lambda: send(may_attach))
    except discord.Forbidden as error:
        if error.code != _MISSING_PERMISSIONS or not may_attach:
            raise
        await patiently(lambda: send(False))


class _Sender:
    """Sends one reply; calling it again goes on where it stopped, so that nothing is sent twice."""

    def __init__(self, ticket: Ticket, reply: Reply, view: discord.ui.View | None) -> None:
        self._ticket, self._reply, self._view = ticket, reply, view
        self._covered = self._followed = False

    async def __call__(self, may_attach: bool) -> None:
        interaction, reply = self._ticket.interaction, self._reply
        drawn = draw(reply, may_attach)
        files = [a.file() for a in drawn.attachments]
        embeds = list(drawn.embeds)
        covers = self._ticket.place is Place.PUBLIC
        if self._ticket.place is Place.PRIVATE or not reply.private or (covers and _alone(interaction)):
            await interaction.edit_original_response(
                content=drawn.content or None, embeds=embeds, attachments=files, view=self._view
            )
            return
        # What was acknowledged for everyone cannot become private. Discord fills a waiting message with the first thing
        # sent after it, and refuses anything after its deletion: so it is filled, followed, and only then deleted.
        if covers and not self._covered:
            await interaction.edit_original_response(content="…")
            self._covered = True
        if not self._followed:
            more: dict[str, Any] = {"view": self._view} if self._view else {}
            await interaction.followup.send(drawn.content, embeds=embeds, files=files, ephemeral=True, **more)
            self._followed = True
        if covers:
            await interaction.delete_original_response()


async def _acknowledge(interaction: discord.Interaction[Any], place: Place) -> None:
    try:
        await interaction.response.defer(ephemeral=place is Place.PRIVATE, thinking=place is not Place.IN_PLACE)
    except discord.HTTPException as error:
        if error.code != _ALREADY_ACKNOWLEDGED:
            raise
        # Its first try came through and the answer to that was lost.
    except (KeyError, TypeError):
        if not interaction.response.is_done():
            raise
        # Discord took it with 204, as it may, and discord.py looked for a body.


async def patiently(send: Callable[[], Coroutine[Any, Any, None]], seconds: float = _ANSWER_SECONDS) -> None:
    """Try again while Discord is busy or away, for some time: what was acknowledged or is due is not lost."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + seconds, _FIRST_PAUSE
    while True:
        try:
            return await send()
        except Trouble as error:
            passing = not isinstance(error, discord.HTTPException) or error.status == 429 or error.status >= 500
            wait = max(pause, await _asked_for(error))
            if not passing or loop.time() + wait > deadline:
                raise
            log.debug("Discord did not take it (%s), trying again in %.1f s", cause(error), wait)
        await asyncio.sleep(wait)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _asked_for(error: BaseException) -> float:
    """The seconds that a 429 asks to wait; discord.py waits them out only where a header names a proxy."""
    if not isinstance(error, discord.HTTPException) or error.status != 429:
        return 0.0
    response: Any = error.response
    try:
        return float(json.loads(await response.text())["retry_after"])
    except (aiohttp.ClientError, KeyError, TypeError, ValueError):
        return 0.0


def _alone(interaction: discord.Interaction[Any]) -> bool:
    """Whether nobody else reads along: a direct conversation with the bot."""
    return bool(interaction.guild_id is None and interaction.context.dm_channel)
