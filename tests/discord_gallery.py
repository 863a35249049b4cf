"""python -m tests.discord_gallery: a picture of replies as people see them on Discord, from what the stand-in received.

The bot answers through the unmodified discord.py; the messages are drawn in Discord's dark colours on one page.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import html
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from bot.commands import COMMANDS
from bot.config import Settings
from bot.router import Router
from bot.store import Store
from ml.models import Models
from tests.discord_bot import options_of, running, seen
from tests.fakes.discord import FakeDiscord, Message, Permission, Terms, Upload

LINES = (
    "/recommend mood:energetic",
    '/hitscore "Blinding Lights"',
    "/trend tempo",
    '/track "Enter Sandman"',
    "/playlist focus minutes:45",
    "/cluster",
    "/help",
    "/genre no such track",
    "/profile",
)
STYLE = """
body { background: #313338; color: #dbdee1; font: 16px/1.375 'gg sans', 'Noto Sans', Inter, sans-serif; margin: 0; }
main { columns: 3; column-gap: 8px; width: 1890px; padding: 8px; }
article { break-inside: avoid; padding: 6px 16px 10px 72px; position: relative; margin-bottom: 6px; }
article.private { background: #2f3150; border-left: 2px solid #5865f2; padding-left: 70px; }
.face { position: absolute; left: 16px; top: 26px; width: 40px; height: 40px; border-radius: 50%; background: #f08a66;
  color: #21120b; text-align: center; line-height: 40px; font-weight: 700; }
.used { font-size: 14px; color: #b5bac1; margin-bottom: 2px; } .used b { color: #c9cdfb; font-weight: 500; }
.who { font-weight: 500; color: #f2f3f5; } .app { background: #5865f2; color: #fff; font-size: 10px; border-radius: 4px;
  padding: 1px 5px; margin-left: 4px; vertical-align: 2px; }
.embed { background: #2b2d31; border-left: 4px solid #f08a66; border-radius: 4px; padding: 8px 16px 16px 12px;
  max-width: 432px; margin-top: 4px; font-size: 14px; white-space: pre-wrap; overflow-wrap: anywhere; }
.title { font-size: 16px; font-weight: 600; color: #f2f3f5; margin-top: 8px; } .text { margin-top: 8px; }
.fields { display: grid; grid-template-columns: repeat(12, 1fr); gap: 8px; margin-top: 8px; }
.field { grid-column: span 12; } .field.inline { grid-column: span 4; }
.name { font-weight: 600; color: #f2f3f5; }
img { max-width: 100%; border-radius: 4px; margin-top: 16px; display: block; }
a { color: #00a8fc; text-decoration: none; } small { color: #949ba4; font-size: 13px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; max-width: 470px; }
.button { background: #4e5058; color: #fff; border-radius: 3px; padding: 5px 16px; font-size: 14px; font-weight: 500; }
.button.s1 { background: #5865f2; } .menu { background: #1e1f22; border-radius: 4px; padding: 8px 12px; width: 400px;
  color: #949ba4; display: flex; justify-content: space-between; font-size: 15px; }
.file { background: #2b2d31; border: 1px solid #3f4147; border-radius: 8px; padding: 14px; width: 400px;
  margin-top: 6px; }
.said { white-space: pre-wrap; max-width: 460px; }
.only { color: #949ba4; font-size: 12px; margin-top: 4px; }
"""


def markdown(text: str) -> str:
    """The little of Discord's markdown that replies use."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(html.escape(match[1]))
        return f"\0{len(kept) - 1}\0"

    text = re.sub(r"\\([^0-9A-Za-z\s])", keep, text)
    text = html.escape(text, quote=False)
    text = re.sub(r"\[([^\[\]]*)\]\((https?://[^\s()]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"^-# (.*)$", r"<small>\1</small>", text, flags=re.MULTILINE)
    return re.sub("\0(\\d+)\0", lambda m: kept[int(m[1])], text)


def drawn(message: Message, user: str, command: str) -> str:
    """One message as HTML."""
    files = {a.filename: a for a in message.attachments}
    shown: set[str] = set()
    parts = [f'<div class="said">{markdown(message.content)}</div>'] if message.content else []
    for embed in message.embeds:
        body = [f'<div class="title">{markdown(embed["title"])}</div>'] if embed.get("title") else []
        if embed.get("description"):
            body.append(f'<div class="text">{markdown(embed["description"])}</div>')
        if embed.get("fields"):
            body.append(f'<div class="fields">{"".join(map(_field, embed["fields"]))}</div>')
        if embed.get("image"):
            name = embed["image"]["url"].removeprefix("attachment://")
            shown.add(name)
            data = base64.b64encode(files[name].data).decode()
            body.append(f'<img alt="{html.escape(files[name].description or "")}" src="data:image/png;base64,{data}">')
        parts.append(f'<div class="embed">{"".join(body)}</div>')
    parts += [
        f'<div class="file">📄 <a>{n}</a><br><small>{a.size:,} bytes</small></div>'
        for n, a in files.items()
        if n not in shown
    ]
    parts += [f'<div class="row">{"".join(map(_control, row["components"]))}</div>' for row in message.components]
    if message.ephemeral:
        parts.append('<div class="only">👁 Only you can see this · <a>Dismiss message</a></div>')
    private = "private" if message.ephemeral else ""
    return (
        f'<article class="{private}"><div class="used">{user} used <b>/{command}</b></div><div class="face">T</div>'
        f'<span class="who">Timbre</span><span class="app">APP</span>{"".join(parts)}</article>'
    )


def _field(field: dict[str, Any]) -> str:
    inline = " inline" if field.get("inline") else ""
    return (
        f'<div class="field{inline}"><div class="name">{markdown(field["name"])}</div>{markdown(field["value"])}</div>'
    )


def _control(control: dict[str, Any]) -> str:
    if control["type"] == 3:
        return f'<div class="menu"><span>{html.escape(control["placeholder"])}</span><span>⌄</span></div>'
    return f'<div class="button s{control["style"]}">{html.escape(control["label"])}</div>'


async def page() -> str:
    """Every line answered, as one page."""
    table = {command.name: command for command in COMMANDS}
    articles = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/timbre.sqlite3")
        router = Router(COMMANDS, Models(Settings().artifacts_dir), store)
        async with FakeDiscord(Terms("token", identify_seconds=0.0)) as fake, running(fake, router, store):
            ann = fake.person("ann")
            liked = [await seen(await fake.slash(ann, "recommend", {"mood": "chill"}))]
            menu = next((c for c in liked[0].controls if c["type"] == 3), None)
            if menu:
                values = [option["value"] for option in menu["options"][:4]]
                pressed = await fake.press(liked[0], menu["custom_id"], ann, values=values)
                articles.append(drawn(await seen(pressed), "ann", "recommend … 👍 👍 👍 👍"))
            for line in LINES:
                name = line.split()[0].removeprefix("/")
                if name in table:
                    asked = await fake.slash(ann, name, options_of(table[name], line))
                    articles.append(drawn(await seen(asked), "ann", html.escape(line[1:])))
            demos = Upload("demos.csv", b"title,energy,tempo\nNight Bus,0.8,124\nRain,0.2,80\n", "text/csv")
            articles.append(
                drawn(await seen(await fake.slash(ann, "genre", {"file": demos})), "ann", "genre file:demos.csv")
            )
            await fake.deny(fake.guilds[0].channels[1], Permission.ATTACH_FILES)
            denied = await fake.slash(ann, "trend", {"feature": "energy"}, channel=fake.guilds[0].channels[1])
            articles.append(drawn(await seen(denied), "ann", "trend feature:energy (no permission)"))
        await router.close()
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><main>{''.join(articles)}</main>"


async def picture(markup: str, path: Path) -> None:
    """Write a screenshot of the page."""
    async with async_playwright() as play:
        args = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=args)
        tab = await browser.new_page(viewport={"width": 1906, "height": 1000})
        await tab.set_content(markup)
        await tab.screenshot(path=str(path), full_page=True)
        await browser.close()


def main() -> int:
    """Write discord.html and discord.png into a folder."""
    parser = argparse.ArgumentParser("tests.discord_gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("gallery"))
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    markup = asyncio.run(page())
    (out / "discord.html").write_text(markup)
    asyncio.run(picture(markup, out / "discord.png"))
    print(out / "discord.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
