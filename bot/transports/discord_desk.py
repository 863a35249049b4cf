"""The desk: every interaction is acknowledged at once, answered by the router, and delivered whatever happens."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import discord

from bot.core import Command, File, Reply, Request, UserError
from bot.parse import parse_line
from bot.router import Router, error_reply
from bot.transports.discord_buttons import PAGE, PUBLIC, Asked, Lines, Press, spelled, view_of
from bot.transports.discord_channels import channel_of, is_channel, mention
from bot.transports.discord_files import fetch
from bot.transports.discord_log import cause
from bot.transports.discord_send import Place, Ticket, Trouble, acknowledge, deliver

log = logging.getLogger(__name__)

GONE = "That button is too old: what it stood for is kept no more. Type the command again."
_BROKEN = "Something broke on our side, reference {}. It is logged."
_ELSEWHERE = "There is no such channel in this server."


class Desk:
    """Answers slash commands, buttons and menus; nothing escapes from it, and `drain` waits for what is under way."""

    def __init__(self, router: Router, lines: Lines) -> None:
        self.router = router
        self._lines = lines
        self._busy: set[asyncio.Task[Any]] = set()

    async def command(self, interaction: discord.Interaction[Any], command: Command) -> None:
        """Answer a slash command."""
        asked = Asked(interaction.user.id, command.name, {n: v for n, v in interaction.namespace if _is_plain(v)})
        place = Place.PRIVATE if command.private else Place.PUBLIC
        async with self._acknowledged(interaction, place, asked) as ticket:
            if ticket is not None:
                await self._deliver(ticket, await self._slash(interaction, command))

    async def press(self, interaction: discord.Interaction[Any], press: Press) -> None:
        """Answer a button: a list turns its page for the one who asked; to anybody else a button answers privately."""
        place = Place.PRIVATE
        if press.asker == interaction.user.id:
            place = {PAGE: Place.IN_PLACE, PUBLIC: Place.PUBLIC}.get(press.mode, Place.PRIVATE)
        async with self._acknowledged(interaction, place, Asked(interaction.user.id)) as ticket:
            if ticket is not None:
                reply, asked = await self._line(interaction, press.line)
                await self._deliver(replace(ticket, asked=asked), reply)

    async def choose(self, interaction: discord.Interaction[Any], values: tuple[str, ...]) -> None:
        """Answer what was chosen of a menu, each in turn, in one private message."""
        async with self._acknowledged(interaction, Place.PRIVATE, Asked(interaction.user.id)) as ticket:
            if ticket is None:
                return
            answers = [await self._line(interaction, value) for value in values]
            if answers:
                reply = answers[0][0] if len(answers) == 1 else _together([reply for reply, _ in answers])
                await self._deliver(replace(ticket, asked=answers[0][1]), reply)

    async def tell(self, interaction: discord.Interaction[Any], message: str, *hints: str) -> None:
        """Say privately why there is no answer."""
        async with self._acknowledged(interaction, Place.PRIVATE, Asked(interaction.user.id)) as ticket:
            if ticket is not None:
                await self._deliver(ticket, error_reply(UserError(message, hints)))

    async def drain(self, seconds: float) -> None:
        """Wait for what is being answered."""
        if self._busy:
            log.info("Finishing %d answers.", len(self._busy))
            await asyncio.wait(self._busy, timeout=seconds)

    async def _slash(self, interaction: discord.Interaction[Any], command: Command) -> Reply:
        given = dict(list(interaction.namespace))  # a mapping's `keys` would be read as an option
        try:
            files = [await fetch(v, command.name) for v in given.values() if isinstance(v, discord.Attachment)]
        except UserError as error:
            return error_reply(error)
        options = {name: value for name, value in given.items() if _is_plain(value) or is_channel(value)}
        return await self._dispatched(interaction, command.name, options, tuple(files))

    async def _dispatched(
        self, interaction: discord.Interaction[Any], name: str, options: Mapping[str, Any], files: tuple[File, ...]
    ) -> Reply:
        """Ask the router, with what the person may do in the channel that an option names, or here."""
        command = self.router.commands.get(name)
        may, plain = interaction.permissions, dict(options)
        for option in command.options if command else ():
            if option.kind == "channel" and option.name in options:
                found = channel_of(interaction, options[option.name])
                if found is None:
                    return error_reply(UserError(_ELSEWHERE, (f"/help {name}",)))
                plain[option.name], may = found
        moderator = interaction.guild_id is not None and (may.manage_messages or may.administrator)
        return await self.router.dispatch(_request(interaction, name, plain, files, moderator))

    async def _line(self, interaction: discord.Interaction[Any], line: str) -> tuple[Reply, Asked]:
        """Answer a line that a button or menu holds."""
        asked = Asked(interaction.user.id)
        try:
            known = await spelled(line, self._lines)
        except Exception as error:
            log.warning("a button's line could not be looked up: %s", error)
            return error_reply(UserError("I can't look that button up just now. Press it again, or type it.")), asked
        if known is None:
            return error_reply(UserError(GONE, ("/help",))), asked
        try:
            name, options = parse_line(known)
        except UserError as error:
            return error_reply(error), asked
        reply = await self._dispatched(interaction, name, options, ())
        return reply, Asked(interaction.user.id, name, options)

    @asynccontextmanager
    async def _acknowledged(
        self, interaction: discord.Interaction[Any], place: Place, asked: Asked
    ) -> AsyncIterator[Ticket | None]:
        """Acknowledge first; None when Discord no longer waits. What goes wrong inside becomes a line of the log."""
        task = asyncio.current_task()
        if task is not None:
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        try:
            await acknowledge(interaction, place)
        except Trouble as error:
            log.warning("%s could not be acknowledged: %s", _named(interaction), cause(error))
            yield None
            return
        ticket = Ticket(interaction, place, asked)
        try:
            try:
                yield ticket
            except Trouble:
                raise
            except Exception:
                reference = secrets.token_hex(2)
                log.exception("reference %s: %s failed", reference, _named(interaction))
                await self._deliver(ticket, error_reply(UserError(_BROKEN.format(reference))))
        except Trouble as error:
            log.warning("%s could not be answered: %s", _named(interaction), cause(error))

    async def _deliver(self, ticket: Ticket, reply: Reply) -> None:
        view = await view_of(reply, ticket.asked, self.router.commands, self._lines)
        await deliver(ticket, reply, view)


def _together(replies: list[Reply]) -> Reply:
    """Several short answers as one."""
    steps = dict.fromkeys(step for reply in replies for step in reply.next)
    common = [step for step in steps if all(step in reply.next for reply in replies)]
    lines = list(dict.fromkeys(reply.text.partition("\n")[0] for reply in replies))
    ends = {line.rpartition(". ")[2] for line in lines}
    if len(lines) > 1 and len(ends) == 1 and all(". " in line for line in lines):
        lines = [f"{line.rpartition('. ')[0]}." for line in lines] + list(ends)
    return Reply("\n".join(lines), next=tuple(common), private=True, error=any(r.error for r in replies))


def _request(
    interaction: discord.Interaction[Any], name: str, options: dict[str, Any], files: tuple[File, ...], moderator: bool
) -> Request:
    room = f"discord:guild:{interaction.guild_id}" if interaction.guild_id else ""
    channel = mention(interaction.channel_id) if interaction.channel_id else ""
    user = f"discord:{interaction.user.id}"
    return Request(name, options, user, "discord", channel, room, files, moderator=moderator)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _named(interaction: discord.Interaction[Any]) -> str:
    data: Any = interaction.data or {}
    return f"interaction {interaction.id} ({str(data.get('name') or data.get('custom_id'))[:40]!r})"
