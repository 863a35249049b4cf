"""The stand-in itself: what a test holds in its hand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.fakes.discord import interactions
from tests.fakes.discord.commands import NotOffered, check_offered, check_values
from tests.fakes.discord.control import Control
from tests.fakes.discord.errors import UNKNOWN_GUILD
from tests.fakes.discord.gateway import Gateway, Session, Terms
from tests.fakes.discord.interactions import Interaction, Rules
from tests.fakes.discord.limits import Limits, Storm
from tests.fakes.discord.messages import Messages
from tests.fakes.discord.model import Channel, Guild, Json, Message, Permission, Upload, User, snowflake
from tests.fakes.discord.payloads import command_data, command_options, modal_data
from tests.fakes.discord.rest import Rest


class FakeDiscord:
    """REST, gateway and content server on one port, and the people who use the bot."""

    def __init__(
        self, terms: Terms | None = None, rules: Rules | None = None, *, guilds: int = 1, keep_files: int = 500
    ) -> None:
        self.terms = terms or Terms("token")
        self.rules = rules or Rules()
        self.application = snowflake()
        self.bot = User("timbre", bot=True)
        self.owner = User("owner", permissions=Permission(~0 & (1 << 53) - 1))
        self.people: dict[str, User] = {}
        self.guilds: list[Guild] = []
        self.channels: dict[int, Channel] = {}
        self.gateway = Gateway(self.terms, self._ready)
        self.messages = Messages(self.bot, self.application, keep_files)
        self.interactions: dict[str, Interaction] = {}
        self.limits = Limits()
        self.commands: dict[int | None, dict[str, Json]] = {}
        self.syncs: list[int | None] = []
        self.calls: Counter[str] = Counter()
        self.errors: Counter[int] = Counter()
        self.unknown_routes: list[str] = []
        self._runner: web.AppRunner | None = None
        self._dms: dict[int, Channel] = {}
        for _ in range(guilds):
            self._add_guild()

    # Starting and stopping.

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; with port 0 on any free one."""
        rest = Rest(self)
        app = web.Application(middlewares=[rest.middleware], client_max_size=64 * 1024 * 1024)
        app.add_routes([web.get("/gateway/", self.gateway.handle), *rest.routes(), *Control(self).routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.root = f"http://{host}:{port}"
        self.messages.base = self.root

    async def stop(self) -> None:
        """Hang up on everybody."""
        self.gateway.drop()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    @property
    def base(self) -> str:
        """What `Route.BASE` becomes."""
        return f"{self.root}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway listens."""
        return f"{self.root.replace('http', 'ws', 1)}/gateway/"

    # People and places.

    def person(self, name: str, permissions: Permission | None = None) -> User:
        """Somebody by name, the same one every time."""
        if name not in self.people:
            self.people[name] = User(name) if permissions is None else User(name, permissions=permissions)
        return self.people[name]

    def dm(self, user: User) -> Channel:
        """The direct conversation of somebody with the bot."""
        if user.id not in self._dms:
            self._dms[user.id] = self._open(Channel("dm", recipient=user))
        return self._dms[user.id]

    def find_guild(self, number: int | str) -> Guild:
        """A server by id."""
        for guild in self.guilds:
            if str(guild.id) == str(number):
                return guild
        raise UNKNOWN_GUILD

    async def deny(self, channel: Channel, permissions: Permission) -> None:
        """Take permissions from the bot in one channel; nothing given takes none."""
        channel.denied = permissions
        await self.gateway.dispatch("CHANNEL_UPDATE", channel.payload(self.bot), channel.guild)

    async def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with everything in it."""
        channel.deleted = True
        await self.gateway.dispatch("CHANNEL_DELETE", channel.payload(self.bot), channel.guild)

    async def join(self) -> Guild:
        """The bot is added to one more server."""
        guild = self._add_guild()
        await self.gateway.dispatch("GUILD_CREATE", guild.payload(self.bot), guild)
        return guild

    async def leave(self, guild: Guild) -> None:
        """The bot is thrown out of a server."""
        self.guilds.remove(guild)
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild)

    # What people do.

    async def slash(
        self,
        user: User,
        command: str,
        options: dict[str, Any] | None = None,
        *,
        guild: Guild | None = None,
        channel: Channel | None = None,
        raw: bool = False,
    ) -> Interaction:
        """Send a command; an attachment is an `Upload` among the options. `raw` skips what Discord's client checks."""
        where = self._where(guild, channel)
        entry = self._command(command, where)
        if not raw:
            check_offered(entry, user, where)
            check_values(command_options(entry, command), options or {})
        data = command_data(entry, command, options or {}, self._payload_of(where, user))
        return await self._send(interactions.COMMAND, user, where, data)

    async def autocomplete(
        self,
        user: User,
        command: str,
        option: str,
        typed: Any,
        others: dict[str, Any] | None = None,
        *,
        guild: Guild | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Type into an option; the answer's `choices` are what the person sees."""
        where = self._where(guild, channel)
        entry = self._command(command, where)
        data = command_data(
            entry, command, (others or {}) | {option: typed}, self._payload_of(where, user), focus=option
        )
        return await self._send(interactions.AUTOCOMPLETE, user, where, data)

    async def press(
        self, message: Message, control: str, user: User, *, values: list[str] | None = None, raw: bool = False
    ) -> Interaction:
        """Press a button by its label or custom_id, or choose `values` of a menu."""
        names = ("custom_id", "label")
        found = [c for c in message.controls if control in [c.get(n) for n in names]]
        if not found or found[0].get("disabled") or "custom_id" not in found[0]:
            raise NotOffered(f"nothing to press called {control!r}: {[c.get('label') for c in message.controls]}")
        hidden = message.ephemeral and message.reader != user
        if not raw and (hidden or message.deleted or message.loading or message.channel.deleted):
            raise NotOffered(f"{user.name} does not see this message")
        data: Json = {"custom_id": found[0]["custom_id"], "component_type": found[0]["type"], "id": found[0]["id"]}
        if found[0]["type"] != 2:
            data["values"] = values or []
        return await self._send(interactions.COMPONENT, user, message.channel, data, message)

    async def submit_modal(self, shown: Interaction, values: dict[str, str]) -> Interaction:
        """Fill in the modal an interaction answered with, by custom_id, and send it."""
        data = modal_data(shown.modal, values)
        return await self._send(interactions.MODAL, shown.user, shown.channel, data, shown.message)

    def storm(self, **how: Any) -> Storm:
        """Answer 429; see `Storm` for how."""
        return self.limits.storm(Storm(**how))

    def stats(self) -> Json:
        """Figures of everything so far, for a load driver."""
        asked = list(self.interactions.values())
        taken: dict[int, list[float]] = {}
        for one in asked:
            if one.ack_seconds is not None:
                taken.setdefault(one.kind, []).append(one.ack_seconds)
        return {
            "interactions": len(asked),
            "failed": sum(i.failed for i in asked),
            "sent_while_down": sum(not i.delivered for i in asked),
            "unfinished": sum(i.answer is not None and not i.done for i in asked),
            "refused": Counter(str(e.code) for i in asked for e in i.refused),
            "acknowledged_ms": {str(kind): _spread(seconds) for kind, seconds in taken.items()},
            "beats": self.gateway.beats,
            "late_beats": self.gateway.late(),
            "identifies": self.gateway.identifies,
            "resumes": self.gateway.resumes,
            "sessions": len(self.gateway.live()),
            "syncs": len(self.syncs),
            "rate_limited": self.limits.refused,
            "pings": len(self.messages.pings),
            "errors": {str(code): number for code, number in self.errors.items()},
            "unknown_routes": self.unknown_routes,
        }

    # Inside.

    def _add_guild(self) -> Guild:
        guild = Guild((1_000_000_000_000 + len(self.guilds)) << 22, f"Server {len(self.guilds) + 1}")
        guild.channels = [self._open(Channel(name, guild)) for name in ("general", "music")]
        self.guilds.append(guild)
        return guild

    def _open(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def _ready(self, session: Session) -> tuple[Json, list[Json]]:
        mine = [g for g in self.guilds if g.shard(session.shards) == session.shard]
        ready: Json = {
            "v": 10,
            "user": self.bot.payload() | {"verified": True, "mfa_enabled": False, "flags": 0},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in mine],
            "private_channels": [],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(self.application), "flags": 0},
        }
        return ready, [g.payload(self.bot) for g in mine]

    def _where(self, guild: Guild | None, channel: Channel | None) -> Channel:
        return channel or (guild or self.guilds[0]).channels[0]

    def _command(self, command: str, channel: Channel) -> Json:
        name = command.split()[0]
        for scope in (channel.guild.id if channel.guild else None, None):
            if found := self.commands.get(scope, {}).get(name):
                return found
        raise NotOffered(f"/{name} is not registered here")

    def _payload_of(self, where: Channel, user: User) -> Callable[[User | Channel | Upload], Json]:
        """How people, channels and files among the options appear; files are laid on the content server."""

        def payload(value: User | Channel | Upload) -> Json:
            if isinstance(value, Upload):
                return self.messages.store(where.id, value).payload()
            return value.payload(self.bot, user) if isinstance(value, Channel) else value.payload()

        return payload

    async def _send(
        self, kind: int, user: User, channel: Channel, data: Json, message: Message | None = None
    ) -> Interaction:
        self.people.setdefault(user.name, user)
        interaction = Interaction(kind, user, channel, data, self.application, self.rules, message)
        self.interactions[interaction.token] = interaction
        payload = interaction.payload(self.bot)
        interaction.delivered = await self.gateway.dispatch("INTERACTION_CREATE", payload, channel.guild)
        return interaction


def _spread(seconds: list[float]) -> Json:
    ranked = sorted(s * 1000 for s in seconds)
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    figures = {name: round(ranked[min(len(ranked) - 1, int(q * len(ranked)))], 1) for name, q in at.items()}
    return {"n": len(ranked), **figures, "worst": round(ranked[-1], 1), "mean": round(statistics.fmean(ranked), 1)}
