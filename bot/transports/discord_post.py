"""Scheduled posts on Discord: a message in a channel that nobody asked for, and a word to the one who set it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.core import Command, Post, Reply
from bot.poster import AwayError, ChannelError
from bot.transports.discord_buttons import Asked, Lines, view_of
from bot.transports.discord_channels import number_of
from bot.transports.discord_log import cause
from bot.transports.discord_reply import MAX_CONTENT, draw
from bot.transports.discord_send import Trouble, patiently
from bot.transports.discord_text import clamp, escape

_PATIENCE = 20.0  # seconds; the poster tries again later
_NOBODY = Asked(0)
_NO_ACCESS, _NO_DIRECT_MESSAGES = 50001, 50007


@dataclass(frozen=True)
class Carrier:
    """Posts to channels by their number alone, so that any process may, whatever servers its shards hear of."""

    client: discord.Client
    commands: Mapping[str, Command]
    lines: Lines
    keeps: bool = False

    async def carry(self, post: Post, reply: Reply) -> None:
        """Send the reply, in words where files are not allowed; Discord shows one nonce once within minutes."""
        number = number_of(post.channel)
        if number is None:
            raise ChannelError("There is no such channel.")
        view = await view_of(reply, _NOBODY, self.commands, self.lines)
        try:
            try:
                await patiently(lambda: self._send(number, post, reply, view, True), _PATIENCE)
            except discord.Forbidden as error:
                if error.code == _NO_ACCESS:
                    raise
                await patiently(lambda: self._send(number, post, reply, view, False), _PATIENCE)
        except discord.NotFound:
            raise ChannelError("The channel is gone.") from None
        except discord.Forbidden as error:
            may = "see" if error.code == _NO_ACCESS else "write in"
            raise ChannelError(f"I am not allowed to {may} the channel.") from None
        except Trouble as error:
            if isinstance(error, discord.HTTPException) and error.status == 400:
                raise ChannelError("Discord does not take it.") from error
            raise AwayError(cause(error)) from error
        except RuntimeError as error:  # the session is closed: this process is leaving
            raise AwayError(cause(error)) from error

    async def tell(self, post: Post, text: str) -> None:
        """Send the author a direct message; who takes none finds it in the list."""
        platform, _, user = post.author.partition(":")
        if platform != "discord" or not user.isdecimal():
            return
        try:
            channel = await self.client.create_dm(discord.Object(int(user)))
            await channel.send(clamp(escape(text), MAX_CONTENT))
        except discord.Forbidden as error:
            if error.code != _NO_DIRECT_MESSAGES:
                raise

    async def _send(self, number: int, post: Post, reply: Reply, view: Any, may_attach: bool) -> None:
        drawn = draw(reply, may_attach)
        more: dict[str, Any] = {"view": view} if view else {}
        channel = self.client.get_partial_messageable(number)
        await channel.send(
            drawn.content or None,
            embeds=list(drawn.embeds),
            files=[a.file() for a in drawn.attachments],
            nonce=post.firing[:25],
            **more,
        )
