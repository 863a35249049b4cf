"""One interaction: what was sent, how the bot answered, and when."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.commands import check_choices
from tests.fakes.discord.errors import (
    ACKNOWLEDGED,
    BAD_WEBHOOK_TOKEN,
    MISSING_PERMISSIONS,
    UNKNOWN_CHANNEL,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    ApiError,
    Problems,
)
from tests.fakes.discord.forms import MAX_FILE_BYTES, bad_form, check_modal
from tests.fakes.discord.messages import Form, Messages
from tests.fakes.discord.model import Channel, Json, Message, Permission, User, snowflake

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, SHOW_MODAL = 4, 5, 6, 7, 8, 9
_ANSWERS = {
    COMMAND: (MESSAGE, DEFER, SHOW_MODAL),
    COMPONENT: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE, SHOW_MODAL),
    AUTOCOMPLETE: (CHOICES,),
    MODAL: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE),
}


@dataclass(frozen=True)
class Rules:
    """Discord's rules that a test may shorten or relax.

    `strict_files` answers 50013 to files where the bot lacks ATTACH_FILES, in answers to interactions too. There
    Discord is said to be lenient (discord-api-docs issue 5316) while `app_permissions` tells the truth: a bot that
    reads it first is right either way. Without `says_permissions` an interaction does not hold `app_permissions`;
    without `callback_bodies` a callback is always answered with 204; `to_the_letter` refuses commands that differ from
    Discord's documentation in what its API lets pass.
    """

    ack_seconds: float = 3.0
    token_seconds: float = 900.0
    strict_files: bool = True
    says_permissions: bool = True
    callback_bodies: bool = True
    to_the_letter: bool = False


@dataclass(eq=False)
class Interaction:
    """One interaction as the person sees it; `await` `acknowledged()`, `answered()` or `until(...)`."""

    kind: int
    user: User
    channel: Channel
    data: Json
    application: int
    rules: Rules
    message: Message | None = None
    id: int = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(60))
    sent: float = field(default_factory=time.monotonic)
    delivered: int = 0
    ack_seconds: float | None = None
    answer: int | None = None
    ephemeral: bool = False
    reply: Message | None = None
    followups: list[Message] = field(default_factory=list)
    edits: int = 0
    choices: list[Json] | None = None
    modal: Json | None = None
    refused: list[ApiError] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    # What a test waits for.

    async def until(self, ready: Callable[[Interaction], Any], within: float = 10.0) -> Interaction:
        """Wait until something holds of this interaction."""
        try:
            async with asyncio.timeout(within):
                while not ready(self):
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"nothing came of it within {within} s: {self}") from None
        return self

    async def acknowledged(self, within: float = 10.0) -> Interaction:
        """Wait for the first answer."""
        return await self.until(lambda i: i.answer is not None, within)

    async def answered(self, within: float = 10.0) -> Interaction:
        """Wait until there is something to see: a message, an edit after a deferral, choices or a modal."""
        return await self.until(lambda i: i.done, within)

    @property
    def done(self) -> bool:
        """Whether a person sees an answer, and not just that the bot is thinking."""
        if self.answer in (DEFER, DEFER_UPDATE):
            return self.edits > 0 or bool(self.followups)
        return self.answer is not None

    @property
    def failed(self) -> bool:
        """Whether the person reads "The application did not respond"."""
        return self.answer is None and self.age > self.rules.ack_seconds

    @property
    def age(self) -> float:
        """Seconds since it was sent."""
        return time.monotonic() - self.sent

    def __str__(self) -> str:
        name = self.data.get("name") or self.data.get("custom_id")
        return f"{name}: type {self.answer} after {self.ack_seconds} s, {self.edits} edits, refused {self.refused}"

    def payload(self, bot: User) -> Json:
        """The interaction object of INTERACTION_CREATE."""
        guild = self.channel.guild
        body: Json = {
            "id": str(self.id),
            "application_id": str(self.application),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.payload(bot, self.user),
            "app_permissions": str(int(self.channel.app_permissions)),
            "locale": self.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "context": 0 if guild else 1,
            "attachment_size_limit": MAX_FILE_BYTES,
        }
        if not self.rules.says_permissions:
            del body["app_permissions"]
        if guild:
            partial = {"id": str(guild.id), "locale": "en-US", "features": []}
            body |= {"guild_id": str(guild.id), "guild": partial, "guild_locale": "en-US", "member": self.user.member()}
        else:
            body["user"] = self.user.payload()
        return body | {"message": self.message.payload()} if self.message else body

    # What the REST side calls.

    def respond(self, form: Form, messages: Messages) -> Json:
        """The initial response; answers the callback object."""
        if self.answer is None and self.age > self.rules.ack_seconds:
            raise UNKNOWN_INTERACTION
        if self.answer is not None:
            raise ACKNOWLEDGED
        kind, data = form.body.get("type"), form.body.get("data") or {}
        if kind not in _ANSWERS[self.kind] or (kind in (DEFER_UPDATE, UPDATE) and not self.message):
            message = f"Type {kind} does not answer an interaction of type {self.kind}."
            raise bad_form(("type",), "INTERACTION_CALLBACK_TYPE_INVALID", message)
        inner = Form(data, form.files)
        if kind == CHOICES:
            self._choose(data)
        elif kind == SHOW_MODAL:
            check_modal(data)
            self.modal = data
        elif kind == MESSAGE:
            self._may_send(inner)
            self.reply = messages.create(self.channel, inner, reader=self.user, interaction=True, at=("data",))
        elif kind == DEFER:
            self._may_send(inner)
            self.reply = messages.placeholder(self.channel, int(data.get("flags") or 0), self.user)
        else:
            self.reply = self.message
            if kind == UPDATE and self.reply:
                self._may_send(inner, self.reply)
                messages.edit(self.reply, inner, at=("data",))
        self.answer = kind
        self.ack_seconds = self.age
        self.ephemeral = bool(self.reply and self.reply.ephemeral)
        self._touch()
        return self._callback()

    def original(self) -> Message:
        """What @original means, while the token lives."""
        self._alive()
        if self.reply is None or self.reply.deleted:
            raise UNKNOWN_MESSAGE
        return self.reply

    def edit(self, message: Message, form: Form, messages: Messages) -> Message:
        """Edit the original or a followup."""
        self._alive()
        self._may_send(form, message)
        messages.edit(message, form)
        self.edits += message is self.reply
        self._touch()
        return message

    def follow(self, form: Form, messages: Messages) -> Message:
        """Another message; right after a deferral it fills the one that says the bot is thinking."""
        self._alive()
        if self.reply and self.reply.loading:
            return self.edit(self.reply, form, messages)
        self._may_send(form)
        message = messages.create(self.channel, form, reader=self.user, interaction=True)
        self.followups.append(message)
        self._touch()
        return message

    def delete(self, message: Message, messages: Messages) -> None:
        """Take back the original or a followup."""
        self._alive()
        messages.delete(message)
        self._touch()

    def refuse(self, error: ApiError) -> None:
        """Note an answer of the bot that Discord did not take."""
        self.refused.append(error)
        self._touch()

    def _alive(self) -> None:
        if self.age > self.rules.token_seconds:
            raise BAD_WEBHOOK_TOKEN
        if self.answer is None or self.kind == AUTOCOMPLETE:
            raise UNKNOWN_WEBHOOK

    def _may_send(self, form: Form, message: Message | None = None) -> None:
        if self.channel.deleted or (message and message.deleted):
            raise UNKNOWN_MESSAGE if message else UNKNOWN_CHANNEL
        may_attach = self.channel.app_permissions & Permission.ATTACH_FILES
        if form.files and self.rules.strict_files and not may_attach:
            raise MISSING_PERMISSIONS

    def _choose(self, data: Json) -> None:
        choices = data.get("choices") or []
        focused = next(o for o in _leaves(self.data.get("options") or []) if o.get("focused"))
        problems = Problems()
        problems.count(("data", "choices"), choices, 25)
        check_choices(problems, ("data", "choices"), choices, focused["type"])
        problems.check()
        self.choices = choices

    def _callback(self) -> Json:
        body: Json = {"interaction": {"id": str(self.id), "type": self.kind}}
        if self.reply:
            body["interaction"] |= {
                "response_message_id": str(self.reply.id),
                "response_message_loading": self.reply.loading,
                "response_message_ephemeral": self.reply.ephemeral,
            }
        body["resource"] = {"type": self.answer}
        if self.reply and self.answer != DEFER_UPDATE:
            body["resource"]["message"] = self.reply.payload()
        return body

    def _touch(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _leaves(options: list[Json]) -> list[Json]:
    return [leaf for o in options for leaf in (_leaves(o["options"]) if o.get("options") else [o])]
