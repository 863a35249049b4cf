"""The REST API v10, as far as a chat bot walks it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tests.fakes.discord import errors
from tests.fakes.discord.commands import check_commands, check_documented
from tests.fakes.discord.errors import ApiError
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.limits import respond
from tests.fakes.discord.messages import Form
from tests.fakes.discord.model import NONE, Channel, Json, Message, Permission, Upload, snowflake

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord

_API = "/api/v10"
_OPEN = re.compile(r"^/(gateway$|interactions/|webhooks/\d+/.)")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rest:
    """The routes, over one stand-in."""

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake

    def routes(self) -> list[web.RouteDef]:
        """Every route, the content server's included."""
        hook, channel, app = "/webhooks/{app}/{token}", "/channels/{channel}", "/applications/{app}"
        table: list[tuple[str, str, Callable[[web.Request], Awaitable[Any]]]] = [
            ("GET", "/users/@me", self.me),
            ("GET", "/users/{user}", self.user),
            ("POST", "/users/@me/channels", self.direct),
            ("GET", "/applications/@me", self.application),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
            ("GET", "/guilds/{guild}", self.guild),
            ("GET", channel, self.channel),
            ("POST", f"{channel}/typing", self.typing),
            ("POST", f"{channel}/messages", self.send),
            ("GET", channel + "/messages/{message}", self.message),
            ("PATCH", channel + "/messages/{message}", self.edit),
            ("DELETE", channel + "/messages/{message}", self.remove),
            ("POST", "/interactions/{id}/{token}/callback", self.callback),
            ("POST", hook, self.follow),
            ("GET", hook + "/messages/{message}", self.hook_message),
            ("PATCH", hook + "/messages/{message}", self.hook_edit),
            ("DELETE", hook + "/messages/{message}", self.hook_remove),
        ]
        for commands in (f"{app}/commands", app + "/guilds/{guild}/commands"):
            table += [("GET", commands, self.commands), ("PUT", commands, self.overwrite)]
            table.append(("DELETE", commands + "/{command}", self.forget))
        routes = [web.route(method, _API + path, self._json(handler)) for method, path, handler in table]
        return [*routes, web.get("/attachments/{channel}/{id}/{name}", self.content)]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Authorisation, rate limits, and errors as Discord words them."""
        path = request.path.removeprefix(_API)
        if path == request.path:
            return await handler(request)
        call = f"{request.method} {path}"
        self.fake.calls[call] += 1
        try:
            if not _OPEN.match(path) and request.headers.get("Authorization") != f"Bot {self.fake.terms.token}":
                raise errors.UNAUTHORIZED
            headers, refusal = self.fake.limits.take(call)
            if refusal:
                return refusal
            response = await handler(request)
            response.headers.update(headers)
        except web.HTTPNotFound:
            self.fake.unknown_routes.append(call)
            response = _error(errors.UNKNOWN_ROUTE)
        except ApiError as error:
            self.fake.errors[error.code] += 1
            response = _error(error)
        return response

    def _json(self, handler: Callable[[web.Request], Awaitable[Any]]) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            body = await handler(request)
            return web.Response(status=204) if body is None else respond(body)

        return answer

    # Who and where.

    async def me(self, request: web.Request) -> Json:
        return self.fake.bot.payload() | {"verified": True, "mfa_enabled": False, "flags": 0}

    async def user(self, request: web.Request) -> Json:
        found = [u for u in self.fake.people.values() if str(u.id) == request.match_info["user"]]
        if not found:
            raise errors.UNKNOWN_USER
        return found[0].payload()

    async def direct(self, request: web.Request) -> Json:
        recipient = str((await request.json()).get("recipient_id"))
        for user in self.fake.people.values():
            if str(user.id) == recipient:
                return self.fake.dm(user).payload(self.fake.bot)
        raise errors.UNKNOWN_USER

    async def application(self, request: web.Request) -> Json:
        return {
            "id": str(self.fake.application),
            "name": self.fake.bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self.fake.owner.payload(),
            "team": None,
            "verify_key": "0" * 64,
            "flags": 0,
            "approximate_guild_count": len(self.fake.guilds),
        }

    async def gateway(self, request: web.Request) -> Json:
        return {"url": self.fake.gateway_url}

    async def gateway_bot(self, request: web.Request) -> Json:
        left = 1000 - self.fake.gateway.identifies
        limit = {"total": 1000, "remaining": left, "reset_after": 3_600_000}
        limit["max_concurrency"] = self.fake.terms.max_concurrency
        return {"url": self.fake.gateway_url, "shards": self.fake.terms.shards, "session_start_limit": limit}

    async def guild(self, request: web.Request) -> Json:
        return self.fake.find_guild(request.match_info["guild"]).payload(self.fake.bot)

    async def channel(self, request: web.Request) -> Json:
        return self._channel(request).payload(self.fake.bot)

    # Messages in channels.

    async def typing(self, request: web.Request) -> None:
        self._channel(request, Permission.SEND_MESSAGES)

    async def send(self, request: web.Request) -> Json:
        form = await read_form(request)
        needs = Permission.SEND_MESSAGES
        needs |= Permission.ATTACH_FILES if form.files else NONE
        needs |= Permission.EMBED_LINKS if form.body.get("embeds") else NONE
        channel, messages = self._channel(request, needs), self.fake.messages
        nonce = str(form.body.get("nonce", ""))
        if not form.body.get("enforce_nonce") or not nonce:
            return messages.create(channel, form).payload()
        if len(nonce) > 25:
            raise errors.NONCE_TOO_LONG
        if (channel.id, nonce) not in messages.nonces:
            messages.nonces[channel.id, nonce] = messages.create(channel, form)
        return messages.nonces[channel.id, nonce].payload()

    async def message(self, request: web.Request) -> Json:
        return self._message(self._channel(request, Permission.READ_MESSAGE_HISTORY), request).payload()

    async def edit(self, request: web.Request) -> Json:
        form = await read_form(request)
        needs = Permission.ATTACH_FILES if form.files else NONE
        message = self._message(self._channel(request, needs), request)
        return self.fake.messages.edit(message, form).payload()

    async def remove(self, request: web.Request) -> None:
        self.fake.messages.delete(self._message(self._channel(request), request))

    def _channel(self, request: web.Request, needs: Permission = NONE) -> Channel:
        channel = self.fake.channels.get(int(request.match_info["channel"]))
        if channel is None or channel.deleted:
            raise errors.UNKNOWN_CHANNEL
        may = channel.app_permissions
        if not may & Permission.VIEW_CHANNEL or (channel.guild and channel.guild not in self.fake.guilds):
            raise errors.MISSING_ACCESS
        if needs & ~may:
            raise errors.MISSING_PERMISSIONS
        return channel

    def _message(self, channel: Channel, request: web.Request) -> Message:
        message = self.fake.messages.all.get(int(request.match_info["message"]))
        if message is None or message.deleted or message.ephemeral or message.channel is not channel:
            raise errors.UNKNOWN_MESSAGE
        return message

    # Commands.

    async def commands(self, request: web.Request) -> list[Json]:
        return list(self.fake.commands.get(self._scope(request), {}).values())

    async def overwrite(self, request: web.Request) -> list[Json]:
        scope, wanted = self._scope(request), await request.json()
        check_commands(wanted)
        if self.fake.rules.to_the_letter:
            check_documented(wanted, of_guild=scope is not None)
        before = self.fake.commands.get(scope, {})
        after: dict[str, Json] = {}
        for command in wanted:
            old = before.get(command["name"], {})
            fixed: Json = {
                "id": old.get("id") or str(snowflake()),
                "application_id": str(self.fake.application),
                "version": str(snowflake()),
                "guild_id": str(scope) if scope else None,
            }
            usual: Json = {"type": 1, "nsfw": False, "default_member_permissions": None, "dm_permission": True}
            entry = {k: v for k, v in (usual | command | fixed).items() if k != "guild_id" or v}
            if entry["default_member_permissions"] is not None:
                entry["default_member_permissions"] = str(entry["default_member_permissions"])
            after[command["name"]] = entry
        self.fake.commands[scope] = after
        self.fake.syncs.append(scope)
        return list(after.values())

    async def forget(self, request: web.Request) -> None:
        commands = self.fake.commands.get(self._scope(request), {})
        found = [name for name, c in commands.items() if c["id"] == request.match_info["command"]]
        if not found:
            raise errors.UNKNOWN_COMMAND
        del commands[found[0]]

    def _scope(self, request: web.Request) -> int | None:
        if request.match_info["app"] != str(self.fake.application):
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild = request.match_info.get("guild")
        return self.fake.find_guild(guild).id if guild else None

    # Interactions.

    async def callback(self, request: web.Request) -> Json | None:
        interaction = self.fake.interactions.get(request.match_info["token"])
        if interaction is None or str(interaction.id) != request.match_info["id"]:
            raise errors.UNKNOWN_INTERACTION
        with _noting(interaction):
            body = interaction.respond(await read_form(request), self.fake.messages)
        asked = request.query.get("with_response", "").lower() in ("1", "true")
        return body if asked and self.fake.rules.callback_bodies else None

    async def follow(self, request: web.Request) -> Json:
        interaction = self._interaction(request)
        with _noting(interaction):
            return interaction.follow(await read_form(request), self.fake.messages).payload()

    async def hook_message(self, request: web.Request) -> Json:
        interaction = self._interaction(request)
        with _noting(interaction):
            return self._which(interaction, request).payload()

    async def hook_edit(self, request: web.Request) -> Json:
        interaction = self._interaction(request)
        with _noting(interaction):
            form = await read_form(request)
            return interaction.edit(self._which(interaction, request), form, self.fake.messages).payload()

    async def hook_remove(self, request: web.Request) -> None:
        interaction = self._interaction(request)
        with _noting(interaction):
            interaction.delete(self._which(interaction, request), self.fake.messages)

    async def content(self, request: web.Request) -> web.Response:
        """A file, as the content server gives it to anybody."""
        attachment = self.fake.messages.file(int(request.match_info["id"]))
        if attachment is None:
            raise web.HTTPNotFound
        headers = {"Content-Type": attachment.content_type or "application/octet-stream"}
        return web.Response(body=attachment.data, headers=headers)

    def _interaction(self, request: web.Request) -> Interaction:
        interaction = self.fake.interactions.get(request.match_info["token"])
        if interaction is None or request.match_info["app"] != str(self.fake.application):
            raise errors.UNKNOWN_WEBHOOK
        return interaction

    def _which(self, interaction: Interaction, request: web.Request) -> Message:
        name = request.match_info["message"]
        if name == "@original" or (interaction.reply and name == str(interaction.reply.id)):
            return interaction.original()
        for message in interaction.followups:
            if name == str(message.id) and not message.deleted:
                return message
        raise errors.UNKNOWN_MESSAGE


@contextmanager
def _noting(interaction: Interaction) -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        interaction.refuse(error)
        raise


def _error(error: ApiError) -> web.Response:
    return respond(error.payload(), error.status)


async def read_form(request: web.Request) -> Form:
    """The JSON of a request, alone or as `payload_json` beside `files[n]`."""
    try:
        if not request.content_type.startswith("multipart/"):
            return Form(_object(json.loads(await request.read() or b"{}")), {})
        body: Json = {}
        files: dict[int, Upload] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            name = str(part.name)
            data = bytes(await part.read())
            number = re.search(r"\d+", name)
            if name == "payload_json":
                body = _object(json.loads(data))
            else:
                files[int(number[0]) if number else len(files)] = Upload(part.filename or "file", data)
    except ValueError as error:
        raise errors.BAD_JSON from error
    return Form(body, files)


def _object(value: Any) -> Json:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
