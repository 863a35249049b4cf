"""The bot as it runs, pointed at the stand-in for Discord; shared by the tests, the load and the gallery."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.commands import profile, rate
from bot.config import Settings
from bot.core import Chart, Choice, Command, Field, Next, Option, Reply, Request
from bot.lines import line
from bot.parse import BARE, parse_line
from bot.poster import Poster
from bot.store import Store
from bot.transports import discord as transport
from tests.fakes.discord import FakeDiscord, Interaction
from tests.fakes.router import PNG


@asynccontextmanager
async def running(
    fake: FakeDiscord, router: Any, store: Store, *, sessions: int = 1, poster: Poster | None = None, **settings: Any
) -> AsyncIterator[asyncio.Task[None]]:
    """Serve until the block ends; what discord.py keeps for the whole process is put back."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    chosen = {"discord_token": fake.terms.token, "discord_api_base": fake.base, **settings}
    task = asyncio.create_task(transport.serve(router, store, Settings(**chosen), poster))
    waiting = asyncio.create_task(fake.gateway.ready(sessions, 60))
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield task
    finally:
        waiting.cancel()
        task.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


async def seen(interaction: Interaction, within: float = 60.0) -> Any:
    """The message a person ends up reading: the answer, or what followed it privately."""
    await interaction.until(lambda i: i.done and (i.reply is None or i.reply.deleted or i.reply.content != "…"), within)
    return interaction.followups[-1] if interaction.followups else interaction.reply


async def eventually(holds: Callable[[], Any], within: float = 20.0) -> None:
    """Wait for something that is about to be true."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 (nothing tells when)
            await asyncio.sleep(0.01)


def options_of(command: Command, typed_line: str) -> dict[str, Any]:
    """The options of a typed line as Discord's client sends them."""
    _, given = parse_line(typed_line)
    by_name = {o.name: o for o in command.options}
    named = {command.options[0].name if n == BARE else n: v for n, v in given.items()}
    return {name: _sent(by_name[name], value) for name, value in named.items()}


def _sent(option: Option, text: str) -> Any:
    kinds: dict[str, Callable[[Any], Any]] = {"whole": int, "number": float, "flag": lambda t: t == "yes"}
    return kinds.get(option.kind, str)(option.words.get(text, text))


def words(message: Any) -> str:
    """Everything a message says, without the backslashes a person does not see."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title", ""), embed.get("description", "")]
        parts += [text for field in embed.get("fields", ()) for text in (field["name"], field["value"])]
    return "\n".join(filter(None, parts)).replace("\\", "")


# A small table with one command for each thing a reply can hold; its lists hold tracks of the real catalogue.

TRACKS = ("0sf12qNH5qcw8qpgymFOqD", "5sICkBXVmaCQk5aISGR3x1")
HOSTILE = "@everyone <@1> [free](https://evil.example) **bold** `code` https://evil.example\n# loud \u202e🎧"
started, finish = threading.Event(), threading.Event()


def _list(request: Request, services: Any) -> Reply:
    page, about = request.options["page"], request.options.get("about", "")
    fields = tuple(
        Field(f"{n}. Track {n} — {HOSTILE}", f"page {page}", f"https://open.spotify.com/track/{track}", _thumbs(track))
        for n, track in enumerate(TRACKS, 1)
    )
    again = line("list", {"about": about or None, "year": request.options.get("year"), "page": page + 1})
    chart = Chart("list chart.png", PNG, f"A chart of page {page}.")
    steps = (Next("More", again), Next("Another", "/list about:other"), Next("Yours", "/profile"))
    return Reply(f"Page {page} for {about}.", fields, (chart,), next=steps)


def _thumbs(track: str) -> tuple[Next, ...]:
    return Next("👍", f"/rate track:{track} verdict:up"), Next("👎", f"/rate track:{track} verdict:down")


def _slow(request: Request, services: Any) -> Reply:
    started.set()
    finish.wait(30)
    return Reply("At last.", charts=(Chart("slow.png", PNG, "Slow."),))


def _echo(request: Request, services: Any) -> Reply:
    said = {n: v for n, v in sorted(request.options.items()) if n != "file"}
    return Reply(f"{said} in {request.room or 'no room'} of {request.user}")


def _suggest(services: Any, prefix: str) -> list[Choice]:
    return [Choice(f"{prefix}{n}" * 60, f"{prefix}{n}") for n in range(40)] + [Choice("long", "v" * 101)]


TABLE = (
    Command(
        "list",
        "a list with thumbs and pages",
        (
            Option("about", "text", "anything"),
            Option("year", "years", "when"),
            Option("page", "whole", "which", default=1, low=1, high=9),
        ),
        _list,
    ),
    Command("slow", "an answer that takes its time", (), _slow),
    Command(
        "echo",
        "x" * 200,
        (
            Option("text", "text", "y" * 200, suggest=_suggest),
            Option("from", "whole", "a word of Python", low=1900, high=2100),
            Option("share", "number", "a number", low=0, high=1),
            Option("sure", "flag", "yes or no"),
            Option("mood", "text", "one of two", choices=("calm", "wild")),
            Option("genre", "text", "one of many", choices=tuple(f"genre {n}" for n in range(114))),
            Option("key", "whole", "by name", low=0, high=11, words={"c": 0, "c#": 1, "db": 1}),
            Option("file", "file", "a CSV"),
        ),
        _echo,
    ),
    Command("post", "for moderators", (Option("line", "text", "what"),), _echo, moderator=True),
    rate.COMMAND,
    profile.COMMAND,
)
