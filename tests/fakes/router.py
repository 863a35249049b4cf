"""A router with two small commands and no models: what the web chat needs, and nothing that takes time to load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.core import Chart, Choice, Command, Field, File, Next, Option, Reply, Request, UserError
from bot.parse import BARE, parse_line
from bot.router import error_reply

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> @everyone \u202eabc 🎧"
TITLES = {"Enter Sandman — Metallica": "5sICkBXVmaCQk5aISGR3x1", "Enter the Void — Cult": "1a2b3c4d5e6f7g8h9i0jkl"}


def _echo(request: Request, services: Any) -> Reply:
    said = request.options.get(BARE, "nothing") + "".join(f" [{f.name}: {len(f.data)} bytes]" for f in request.files)
    return Reply(f"{request.user} said {said}")


def _card(request: Request, services: Any) -> Reply:
    return Reply(
        f"The finding.\n{HOSTILE}",
        fields=(
            Field(f"1. {HOSTILE}", HOSTILE, "https://open.spotify.com/track/1", _thumbs("1")),
            Field("2. x — z", "y", "javascript:1", _thumbs("2")),
        ),
        charts=(Chart("card.png", PNG, f"One pixel. {HOSTILE}"),),
        files=(File("café list.csv", b"a,b\n1,2\n"),),
        next=(Next("Say hello", "/echo hello"), Next(HOSTILE, f"/echo {HOSTILE}")),
    )


def _thumbs(track: str) -> tuple[Next, ...]:
    return Next("👍", f"/rate track:{track} verdict:up"), Next("👎", f"/rate track:{track} verdict:down")


def _titles(services: Any, prefix: str) -> list[Choice]:
    return [Choice(label, value) for label, value in TITLES.items() if prefix.casefold() in label.casefold()]


COMMANDS = (
    Command("echo", "says it again", (Option("line", "text", "what to say"), Option("file", "file", "a file")), _echo),
    Command(
        "card",
        "everything a reply can hold",
        (
            Option("track", "text", "a track", suggest=_titles),
            Option("mood", "text", "how it should feel", choices=("energetic", "calm", "easy going")),
            Option("tempo", "range", "beats a minute", low=0, high=250, unit="BPM"),
        ),
        _card,
        "/card mood:energetic",
    ),
)


class FakeRouter:
    """Speaks the interface of `bot.router.Router`; `warming` runs in place of loading models."""

    def __init__(self, warming: Callable[[], Any] = lambda: asyncio.sleep(0)) -> None:
        self.commands = {command.name: command for command in COMMANDS}
        self._warming = warming

    async def warm(self) -> None:
        await self._warming()

    async def answer(self, line: str, user: str, transport: str, files: tuple[File, ...] = (), room: str = "") -> Reply:
        try:
            name, options = parse_line(line)
            if name not in self.commands:
                raise UserError(f"There is no command /{name}.", ("/card",))
        except UserError as error:
            return error_reply(error)
        return self.commands[name].run(Request(name, options, user, transport, room=room, files=files), None)

    def suggest(self, command: str, option: str, prefix: str) -> list[Choice]:
        found = next(o for o in self.commands[command].options if o.name == option)
        return found.suggest(None, prefix) if found.suggest else []
