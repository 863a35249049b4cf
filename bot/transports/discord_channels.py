"""Channels as options: how people write one, and what somebody may do in it."""

from __future__ import annotations

import re
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import AppCommandChannel, AppCommandThread

_MENTION = re.compile(r"(?:<#(\d{1,20})>|(\d{1,20}))")


class Picked(app_commands.Transformer):
    """An option with Discord's own list of channels that can be written to; known to the bot or not."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord shows."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Text channels, announcements, and threads."""
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.public_thread, kinds.private_thread, kinds.news_thread]

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Any:
        """Leave it as it is."""
        return value


def mention(channel: int) -> str:
    """A channel as people write it."""
    return f"<#{channel}>"


def number_of(text: str) -> int | None:
    """The channel that a text mentions; None for none."""
    match = _MENTION.fullmatch(text.strip())
    return int(match[1] or match[2]) if match else None


def is_channel(value: object) -> bool:
    """Whether an option holds a channel that was picked."""
    return isinstance(value, AppCommandChannel | AppCommandThread)


def channel_of(interaction: discord.Interaction[Any], value: Any) -> tuple[str, discord.Permissions] | None:
    """A channel of this very server, picked or typed, and what the person may do there; None for no such channel.

    Discord says what somebody may do in a picked channel; of a typed one it follows from their roles.
    """
    if isinstance(value, AppCommandChannel | AppCommandThread):
        return (mention(value.id), value.permissions) if value.guild_id == interaction.guild_id else None
    number, guild = number_of(str(value)), interaction.guild
    if number is not None and number == interaction.channel_id:
        return mention(number), interaction.permissions
    found = guild.get_channel_or_thread(number) if guild and number is not None else None
    if found is None or not isinstance(interaction.user, discord.Member):
        return None
    return mention(found.id), found.permissions_for(interaction.user)
