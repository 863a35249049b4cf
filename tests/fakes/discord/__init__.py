"""A loopback stand-in for Discord's REST API and gateway; the unmodified discord.py client talks to it.

    async with FakeDiscord(Terms("token", heartbeat_seconds=1.0), guilds=2) as fake:
        ...  # start the bot with DISCORD_API_BASE = fake.base, then:
        await fake.gateway.ready()
        asked = await fake.slash(fake.person("ann"), "recommend", {"mood": "chill"})
        await asked.answered()
        pressed = await fake.press(asked.reply, "More", fake.person("bob"))

What Discord's own client would not let a person do raises `NotOffered`. `fake.messages.pings`, `fake.syncs`,
`fake.unknown_routes`, `fake.gateway.late()` and `interaction.refused` tell what went wrong; `Terms` and `Rules` hold
what a test may change. `python -m tests.fakes.discord --port 8099 --guilds 2` serves alone, driven over HTTP
(`control.py`).
"""

from __future__ import annotations

from tests.fakes.discord.commands import NotOffered
from tests.fakes.discord.gateway import PRIVILEGED, Gateway, Terms
from tests.fakes.discord.interactions import Interaction, Rules
from tests.fakes.discord.limits import Storm
from tests.fakes.discord.model import Channel, Guild, Message, Permission, Upload, User
from tests.fakes.discord.server import FakeDiscord

__all__ = [
    "PRIVILEGED",
    "Channel",
    "FakeDiscord",
    "Gateway",
    "Guild",
    "Interaction",
    "Message",
    "NotOffered",
    "Permission",
    "Rules",
    "Storm",
    "Terms",
    "Upload",
    "User",
]
