"""People, servers, channels, files and messages, with their payloads as Discord documents them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag
from itertools import count
from typing import Any

Json = dict[str, Any]

_EPOCH = 1420070400000
_COUNTER = count()
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15
JOINED = "2024-01-01T00:00:00+00:00"


class Permission(IntFlag):
    """The permission bits a chat bot meets."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31


NONE = Permission(0)
TALK = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)


def snowflake() -> int:
    """A new id that tells its time, as discord.py reads it back."""
    return (int(time.time() * 1000) - _EPOCH) << 22 | next(_COUNTER) & 0x3FFFFF


def now() -> str:
    """This moment as Discord writes it."""
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class User:
    """Somebody, and what they may do in every server."""

    name: str
    id: int = field(default_factory=snowflake)
    permissions: Permission = TALK
    bot: bool = False
    locale: str = "en-US"

    def payload(self) -> Json:
        """A user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name,
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }

    def member(self) -> Json:
        """A guild member object, with permissions as in an interaction."""
        return {
            "user": self.payload(),
            "nick": None,
            "avatar": None,
            "roles": [],
            "joined_at": JOINED,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "permissions": str(int(self.permissions)),
        }


@dataclass(eq=False)
class Channel:
    """A text channel of a server, or with a `recipient` a direct conversation with the bot."""

    name: str
    guild: Guild | None = None
    recipient: User | None = None
    denied: Permission = NONE
    deleted: bool = False
    id: int = field(default_factory=snowflake)

    @property
    def app_permissions(self) -> Permission:
        """What the bot may do here."""
        return TALK & ~self.denied if self.guild else TALK | Permission.MENTION_EVERYONE

    def payload(self, bot: User, viewer: User | None = None) -> Json:
        """A channel object; in an interaction with the permissions of the person who sent it."""
        base: Json = {"id": str(self.id), "flags": 0, "last_message_id": None}
        if viewer:
            base["permissions"] = str(int(viewer.permissions))
        if self.recipient:
            return base | {"type": 1, "recipients": [self.recipient.payload()]}
        deny = {"id": str(bot.id), "type": 1, "allow": "0", "deny": str(int(self.denied))}
        return base | {
            "type": 0,
            "guild_id": str(self.guild.id) if self.guild else None,
            "name": self.name,
            "position": 0,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "parent_id": None,
            "permission_overwrites": [deny] if self.denied else [],
        }


@dataclass(eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    channels: list[Channel] = field(default_factory=list)

    def shard(self, shards: int) -> int:
        """The shard that hears of it."""
        return (self.id >> 22) % shards

    def payload(self, bot: User) -> Json:
        """A guild object as GUILD_CREATE carries it with the guilds intent alone."""
        everyone = {
            "id": str(self.id),
            "name": "@everyone",
            "permissions": str(int(TALK)),
            "position": 0,
            "color": 0,
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "owner_id": "1",
            "joined_at": JOINED,
            "large": False,
            "unavailable": False,
            "member_count": 3,
            "preferred_locale": "en-US",
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [everyone],
            "channels": [c.payload(bot) for c in self.channels if not c.deleted],
            "members": [bot.member()],
            "threads": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "system_channel_flags": 0,
            "afk_timeout": 300,
        }


@dataclass(frozen=True)
class Upload:
    """A file somebody attaches to a command; the type is what their client claims.

    `size` in bytes stands for a file too large to make, whose content nobody should ask for.
    """

    filename: str
    data: bytes
    content_type: str | None = None
    size: int | None = None


@dataclass(eq=False)
class Attachment:
    """A file that lies on the content server."""

    filename: str
    data: bytes
    url: str
    id: int
    content_type: str | None = None
    description: str | None = None
    size: int = 0

    def payload(self) -> Json:
        """An attachment object."""
        body: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": self.size,
            "url": self.url,
            "proxy_url": self.url,
        }
        optional = {"content_type": self.content_type, "description": self.description}
        return body | {k: v for k, v in optional.items() if v is not None}


@dataclass(eq=False)
class Message:
    """A message of the bot; what is in it is what a person would see now."""

    channel: Channel
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    reader: User | None = None
    application: int | None = None
    edits: int = 0
    deleted: bool = False
    edited: str | None = None
    created: str = field(default_factory=now)
    id: int = field(default_factory=snowflake)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def controls(self) -> list[Json]:
        """Its buttons and menus, in order, wherever they lie."""
        return [c for c in walk(self.components) if "custom_id" in c or c.get("type") == 2]

    @property
    def broken(self) -> list[str]:
        """File names that an embed shows and that are not attached: a person sees no picture."""
        here = {a.filename for a in self.attachments}
        return [name for name in _shown(self.embeds) if name not in here]

    def payload(self) -> Json:
        """A message object; a file shown in an embed leaves the list of attachments, as on Discord."""
        links = {f"attachment://{a.filename}": a.url for a in self.attachments}
        shown = set(_shown(self.embeds))
        body: Json = {
            "id": str(self.id),
            "type": 20 if self.application else 0,
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": self.content,
            "timestamp": self.created,
            "edited_timestamp": self.edited,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "pinned": False,
            "flags": self.flags,
            "attachments": [a.payload() for a in self.attachments if a.filename not in shown],
            "embeds": [_linked(e | {"type": "rich"}, links) for e in self.embeds],
            "components": self.components,
        }
        if self.application:
            body |= {"webhook_id": str(self.application), "application_id": str(self.application)}
        return body


def walk(components: list[Json]) -> list[Json]:
    """Every component of a tree, parents first."""
    found: list[Json] = []
    for item in components:
        inner = [*item.get("components", []), *(item[k] for k in ("component", "accessory") if item.get(k))]
        found += [item, *walk(inner)]
    return found


def numbered(components: list[Json]) -> list[Json]:
    """A copy with the ids Discord gives to components that have none."""
    counter = count(1)

    def copy(item: Json) -> Json:
        item = {"id": item.get("id") or next(counter)} | {k: v for k, v in item.items() if k != "id"}
        if "components" in item:
            item["components"] = [copy(c) for c in item["components"]]
        return item | {k: copy(item[k]) for k in ("component", "accessory") if item.get(k)}

    return [copy(item) for item in components]


def safe_name(name: str) -> str:
    """The file name as the content server keeps it."""
    return re.sub(r"[^\w.\-]+", "_", name, flags=re.ASCII).strip("_") or "file"


def _shown(embeds: list[Json]) -> list[str]:
    """Names of the attached files that embeds point at."""
    return re.findall(r"attachment://([^'\"]+)['\"]", repr(embeds))


def _linked(value: Any, links: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: _linked(v, links) for k, v in value.items()}
    if isinstance(value, list):
        return [_linked(v, links) for v in value]
    return links.get(value, value) if isinstance(value, str) else value
