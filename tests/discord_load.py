"""python -m tests.discord_load: the bot under load, against the stand-in for Discord, each a process of its own.

People send commands of every kind, type into options and press buttons, wait for each answer and think a moment. The
figures are the stand-in's: acknowledged is the time from sending an interaction to its first answer. `--trouble` drops
the connection, invalidates the session, answers 429 and restarts the bot while all that goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.commands import COMMANDS
from bot.core import Command
from tests.discord_bot import options_of

ROOT = Path(__file__).parents[1]
LINES = (
    "/recommend energy:>0.8 year:1990s",
    '/recommend like:"Daft Punk" page:{n}',
    "/recommend mood:chill gems:yes page:{n}",
    "/genre danceability:0.{n}5 energy:0.8 tempo:12{n} valence:0.6",
    '/hitscore "Hey Jude" year:196{n}',
    "/hitscore energy:0.{n} tempo:120",
    "/trend energy from:195{n}",
    "/trend tempo genre:pop from:196{n}",
    "/whatif energy:0.{n} tempo:124 vary:tempo",
    '/compare "Hey Jude" b:"Take On Me"',
    "/blend a:rock b:jazz",
    "/explain techno",
    '/track "Take On Me"',
    "/help trend",
    "/genre no such track at all {n}",
)
TYPED = (
    ("track", "name", "take on me"),
    ("recommend", "like", "daft punk"),
    ("blend", "a", "synth"),
    ("trend", "feature", "ene"),
)

TROUBLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop", {}),
    ("invalidate", {}),
    ("storm", {"seconds": 2, "retry_after": 0.2}),
    ("reconnect", {}),
)


@dataclass
class Tally:
    """What the people met."""

    errors: list[str] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


class Person:
    """Somebody who uses the bot until time is up."""

    def __init__(self, number: int, http: aiohttp.ClientSession, tally: Tally, guilds: int) -> None:
        self.name, self.http, self.tally = f"person-{number}", http, tally
        self.guild = number % guilds
        self.dice = random.Random(number)
        self.table = {command.name: command for command in COMMANDS}

    async def live(self, until: float, think: float) -> None:
        await asyncio.sleep(self.dice.random() * think)
        while time.monotonic() < until:
            chance = self.dice.random()
            if chance < 0.2:
                await self._type()
            else:
                await self._ask(press=chance > 0.7)
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) * think)

    async def _ask(self, press: bool) -> None:
        command, line = self._line()
        started = time.monotonic()
        shown = await self._do("slash", command=command.name, options=options_of(command, line))
        if shown.get("done"):
            self.tally.answers.append(time.monotonic() - started)
        controls = shown.get("controls") or []
        if press and controls and shown.get("message"):
            control = self.dice.choice(controls)
            values = [control["options"][0]["value"]] if control.get("options") else None
            await self._do("press", message=shown["message"], control=control["custom_id"], values=values)

    async def _type(self) -> None:
        command, option, text = self.dice.choice(TYPED)
        text += f" {self.dice.choice('abcdefghijklmnop')}" if self.dice.random() < 0.5 else ""
        for end in range(2, len(text) + 1, 2):
            await self._do("autocomplete", command=command, option=option, typed=text[:end])
            await asyncio.sleep(0.1)

    def _line(self) -> tuple[Command, str]:
        examples = [c.example for c in COMMANDS if not c.moderator]
        line = self.dice.choice([*examples, *LINES]).format(n=self.dice.randint(1, 9))
        return self.table[line.split()[0].removeprefix("/")], line

    async def _do(self, verb: str, **body: Any) -> dict[str, Any]:
        body |= {"user": self.name, "guild": self.guild, "timeout": 8}
        async with self.http.post(f"/control/{verb}", json=body) as answer:
            shown: dict[str, Any] = await answer.json()
        if "error" in shown and "does not see this message" not in shown["error"]:
            self.tally.errors.append(shown["error"])
        return shown


class Bot:
    """The bot as a program."""

    def __init__(self, base: str, data: str) -> None:
        known = {"DISCORD_TOKEN": "token", "DISCORD_API_BASE": base, "DATA_DIR": data, "WEB_PORT": "0"}
        self._env = {**os.environ, "LOG_LEVEL": "WARNING", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **known}

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", cwd=ROOT, env=self._env)

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        await self.process.wait()

    def memory(self) -> float:
        """Resident megabytes now."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0.0
        return next((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmRSS")), 0.0)


async def trouble(http: aiohttp.ClientSession, bot: Bot, seconds: float) -> None:
    """One of each, spread over the time."""
    step = seconds / 6
    for verb, body in TROUBLE:
        await asyncio.sleep(step)
        print(f"trouble: {verb}", flush=True)
        await http.post(f"/control/{verb}", json=body)
    await asyncio.sleep(step)
    print("trouble: restart", flush=True)
    await bot.stop()
    await bot.start()


async def ready(http: aiohttp.ClientSession) -> None:
    while not (await stats(http))["sessions"]:  # noqa: ASYNC110 (nothing tells when)
        await asyncio.sleep(0.2)


async def stats(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get("/control/stats") as answer:
        found: dict[str, Any] = await answer.json()
    return found


async def run(args: argparse.Namespace) -> int:
    tally = Tally()
    fake = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.discord", "--guilds", "5", "--heartbeat", str(args.heartbeat)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert fake.stdout
    base = (await fake.stdout.readline()).decode().strip()
    with tempfile.TemporaryDirectory() as data:
        bot = Bot(base, data)
        connector = aiohttp.TCPConnector(limit=0)
        try:
            async with aiohttp.ClientSession(base.removesuffix("/api/v10"), connector=connector) as http:
                await bot.start()
                await asyncio.wait_for(ready(http), 120)
                async with asyncio.TaskGroup() as group:
                    until = time.monotonic() + args.seconds
                    for number in range(args.people):
                        group.create_task(Person(number, http, tally, 5).live(until, args.think))
                    group.create_task(_watch(bot, tally, until))
                    if args.trouble:
                        group.create_task(trouble(http, bot, args.seconds))
                await asyncio.sleep(2)
                found = await stats(http)
        finally:
            await bot.stop()
            fake.terminate()
            await fake.wait()
    return report(found, tally, args)


async def _watch(bot: Bot, tally: Tally, until: float) -> None:
    started = time.monotonic()
    while time.monotonic() < until:
        tally.memory.append((time.monotonic() - started, bot.memory()))
        await asyncio.sleep(1)


def report(found: dict[str, Any], tally: Tally, args: argparse.Namespace) -> int:
    """Print the figures; 1 when something was lost."""
    kinds = {"2": "command", "3": "button or menu", "4": "completion"}
    print(f"{args.people} people, {args.seconds:.0f} s, {found['interactions']} interactions")
    for kind, spread in sorted(found["acknowledged_ms"].items()):
        print(f"acknowledged, {kinds.get(kind, kind)}: " + ", ".join(f"{k} {v:g}" for k, v in spread.items()) + " ms")
    ranked = sorted(tally.answers)
    if ranked:
        p50, p95 = (ranked[int(len(ranked) * share)] for share in (0.5, 0.95))
        print(f"answered, command: p50 {p50:.2f}, p95 {p95:.2f}, worst {ranked[-1]:.2f} s")
    keys = ("failed", "sent_while_down", "unfinished", "refused", "beats", "late_beats", "identifies", "resumes")
    print(", ".join(f"{key} {found[key]}" for key in (*keys, "rate_limited", "pings", "errors", "unknown_routes")))
    marks = tally.memory[:: max(1, len(tally.memory) // 10)]
    print("resident MB: " + ", ".join(f"{at:.0f} s {size:.0f}" for at, size in marks))
    print(f"driver's errors: {len(tally.errors)} {tally.errors[:3]}")
    lost = found["failed"] - found["sent_while_down"]
    return int(bool(lost > 0 or found["unfinished"] or found["late_beats"] or "40060" in found["errors"]))


def main() -> int:
    """Run the load as the arguments say."""
    parser = argparse.ArgumentParser("tests.discord_load", description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=1.0, help="seconds between an answer and the next command")
    parser.add_argument("--heartbeat", type=float, default=5.0, help="seconds")
    parser.add_argument("--trouble", action="store_true", help="drop, invalidate, 429s and a restart on the way")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
