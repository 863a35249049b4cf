"""The stand-in driven over HTTP, for a load driver in another process."""

from __future__ import annotations

import base64
import contextlib
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.discord.commands import NotOffered
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.model import Json, Upload, User

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord


class Control:
    """`POST /control/{slash,autocomplete,press,modal,storm,drop,reconnect,invalidate}`, `GET /control/stats`.

    A person is a name. What people do waits for the answer (`"until": "ack"` for the first one, `"sent"` for none)
    at most `timeout` seconds, and answers what the person sees; `{"error": ...}` when Discord's client would not
    have let them. A file among the options is `{"filename", "base64", "content_type"}`.
    """

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake

    def routes(self) -> list[web.RouteDef]:
        """The control surface; it lies outside the API and needs no token."""
        return [web.get("/control/stats", self._stats), web.post("/control/{verb}", self._do)]

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response(self.fake.stats())

    async def _do(self, request: web.Request) -> web.Response:
        verb, body = request.match_info["verb"], await request.json() if request.can_read_body else {}
        try:
            match verb:
                case "slash" | "autocomplete" | "press" | "modal":
                    return web.json_response(await self._act(verb, body))
                case "storm":
                    self.fake.storm(**body)
                case "drop":
                    self.fake.gateway.drop(body.get("shard"))
                case "reconnect":
                    await self.fake.gateway.reconnect(body.get("shard"))
                case "invalidate":
                    await self.fake.gateway.invalidate(body.get("shard"), resumable=body.get("resumable", False))
                case _:
                    raise web.HTTPNotFound
        except (NotOffered, KeyError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        return web.json_response({})

    async def _act(self, verb: str, body: Json) -> Json:
        fake, user = self.fake, self._user(body)
        guild = fake.guilds[body.get("guild", 0)]
        options = {name: _value(value) for name, value in (body.get("options") or {}).items()}
        if verb == "slash":
            sent = await fake.slash(user, body["command"], options, guild=guild, raw=body.get("raw", False))
        elif verb == "autocomplete":
            sent = await fake.autocomplete(user, body["command"], body["option"], body["typed"], options, guild=guild)
        elif verb == "press":
            message = fake.messages.all[int(body["message"])]
            sent = await fake.press(message, body["control"], user, values=body.get("values"))
        else:
            shown = next(i for i in fake.interactions.values() if str(i.id) == str(body["interaction"]))
            sent = await fake.submit_modal(shown, body["values"])
        wait = {"ack": sent.acknowledged, "sent": None}.get(body.get("until", ""), sent.answered)
        if wait:
            with contextlib.suppress(TimeoutError):
                await wait(body.get("timeout", 10.0))
        return describe(sent)

    def _user(self, body: Json) -> User:
        return self.fake.person(body.get("user", "ann"))


def describe(interaction: Interaction) -> Json:
    """What the person sees of an interaction."""
    reply = interaction.reply
    seen: Json = {
        "id": str(interaction.id),
        "answer": interaction.answer,
        "done": interaction.done,
        "failed": interaction.failed,
        "delivered": interaction.delivered,
        "ack_ms": None if interaction.ack_seconds is None else round(interaction.ack_seconds * 1000, 2),
        "ephemeral": interaction.ephemeral,
        "choices": interaction.choices,
        "modal": interaction.modal,
        "followups": [str(m.id) for m in interaction.followups],
        "refused": [e.payload() for e in interaction.refused],
    }
    if reply is None:
        return seen
    return seen | {
        "message": str(reply.id),
        "content": reply.content,
        "embeds": reply.embeds,
        "controls": reply.controls,
        "files": [[a.filename, a.size, a.description] for a in reply.attachments],
    }


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return Upload(value["filename"], base64.b64decode(value["base64"]), value.get("content_type"))
    return value
