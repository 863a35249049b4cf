"""Discord: the gateway client, from login to the last answer before it closes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.config import Settings, TokenError
from bot.transports.discord_buttons import Line, Lines, Menu, is_known
from bot.transports.discord_desk import GONE, Desk
from bot.transports.discord_log import cause, one_line
from bot.transports.discord_post import Carrier
from bot.transports.discord_sync import Notes, sync
from bot.transports.discord_tree import Tree
from ml.artifacts import ArtifactError

if TYPE_CHECKING:
    from bot.poster import Poster
    from bot.router import Router

log = logging.getLogger(__name__)

PERMISSIONS = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, attach_files=True, read_message_history=True
)
_DRAIN_SECONDS = 8.0
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0
_REFUSED = {  # gateway close codes that no new try mends
    4004: "Discord refuses DISCORD_TOKEN. Copy the bot's token again from the developer portal.",
    4010: "Discord refuses DISCORD_SHARD_IDS: each must be less than DISCORD_SHARD_COUNT.",
    4011: "Discord wants more shards: raise DISCORD_SHARD_COUNT, or leave it out.",
    4013: "Discord refuses this bot's intents.",
    4014: "Discord refuses this bot's intents.",
}


class Kept(Lines, Notes, Protocol):
    """What the store keeps for Discord."""


class Client(discord.AutoShardedClient):
    """Listens for interactions and for nothing else; it reads no messages."""

    def __init__(self, router: Router, kept: Kept, settings: Settings, poster: Poster | None = None) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        shards: dict[str, Any] = {}
        if settings.discord_shard_count:
            shards["shard_count"] = settings.discord_shard_count
            shards["shard_ids"] = list(settings.discord_shard_ids) or list(range(settings.discord_shard_count))
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            **shards,
        )
        self._router, self._kept, self._settings, self._poster = router, kept, settings, poster
        self.was_ready = False
        self.desk = Desk(router, kept)
        self.tree = Tree(self, router, self.desk)

    async def setup_hook(self) -> None:
        """Once the token is known to be good: load the models, find the gateway, take old buttons up, and register."""
        await self._router.warm()
        _, url, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        self.add_dynamic_items(Line, Menu)
        await self.tree.warm()
        if 0 in (self.shard_ids or [0]) and self.application_id is not None:
            await sync(self.tree, self._kept, self.application_id, self._settings.discord_guild_ids)
        if self._poster is not None:
            self._poster.attach("discord", Carrier(self, self._router.commands, self._kept))

    async def on_ready(self) -> None:
        """Say where it is."""
        self.was_ready = True
        log.info("On Discord as %s, in %d servers, with %d shards", self.user, len(self.guilds), len(self.shards))
        if not self.guilds and self.application_id is not None:
            log.info("Invite it: %s", discord.utils.oauth_url(self.application_id, permissions=PERMISSIONS))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer buttons and forms that an earlier bot of the same name has left behind; all others find their way."""
        kinds = discord.InteractionType
        data: Any = interaction.data or {}
        if interaction.type in (kinds.component, kinds.modal_submit) and not is_known(str(data.get("custom_id", ""))):
            await self.desk.tell(interaction, GONE, "/help")

    async def leave(self) -> None:
        """Take no more requests, finish what is being answered, and close."""
        if self._poster is not None:
            self._poster.detach("discord")
        try:
            await asyncio.gather(*(shard.disconnect() for shard in self.shards.values()), return_exceptions=True)
            await self.desk.drain(_DRAIN_SECONDS)
        finally:
            await self.close()


async def serve(router: Router, kept: Kept, settings: Settings, poster: Poster | None = None) -> None:
    """Answer on Discord until cancelled, and carry scheduled posts there.

    Raises
    ------
    TokenError
        When Discord refuses the token, the intents or the shards.
    ArtifactError
        When the models do not load.
    """
    one_line()
    if not settings.discord_token.isascii() or not settings.discord_token.isprintable():
        raise TokenError(_REFUSED[4004])  # no header can hold it
    if settings.discord_api_base:
        Route.BASE = settings.discord_api_base.rstrip("/")
    pause = _FIRST_PAUSE
    while True:
        client = Client(router, kept, settings, poster)
        try:
            await client.start(settings.discord_token)
            log.warning("Discord closed the connection; trying again in %.0f s", pause)
        except discord.LoginFailure:
            raise TokenError(_REFUSED[4004]) from None
        except discord.PrivilegedIntentsRequired:
            raise TokenError(_REFUSED[4014]) from None
        except discord.ConnectionClosed as error:
            if error.code in _REFUSED:
                raise TokenError(_REFUSED[error.code]) from None
            log.warning("Discord closed the connection (%s); trying again in %.0f s", error.code, pause)
        except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
            log.warning("Discord cannot be reached (%s); trying again in %.0f s", cause(error), pause)
        except ArtifactError:
            raise
        except Exception:  # discord.py gives up on what it cannot read, and one odd event must not end every chat
            log.exception("the connection to Discord broke; trying again in %.0f s", pause)
        finally:
            await client.leave()
        await asyncio.sleep(pause)
        pause = _FIRST_PAUSE if client.was_ready else min(pause * 2, _LONGEST_PAUSE)
