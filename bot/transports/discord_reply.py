"""A reply -> what a Discord message holds: content or embeds, and attachments, all within Discord's limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import discord

from bot.core import Field, Reply
from bot.transports.discord_text import clamp, clean, escape, escaped, length, link, visible

COLOUR = 0xF08A66
MAX_CONTENT, MAX_DESCRIPTION, MAX_EMBEDS_TEXT = 2000, 4096, 6000
MAX_TITLE, MAX_NAME, MAX_VALUE, MAX_FIELDS = 256, 256, 1024, 25
MAX_ALT, MAX_ATTACHMENTS, MAX_BYTES = 1024, 10, 10 * 1024**2
_MAX_CHARTS = 4
_ROW_NAME, _ROW_VALUE = 150, 300  # of one row of a list, so that one long title does not cost the others their place
_INLINE = 28  # characters of a fact that may stand beside others
_TABLE, _TABLE_VALUE = 9, 120
_NOTE = 400


@dataclass(frozen=True)
class Attachment:
    """A file to upload; `alt` is what screen readers say."""

    name: str
    data: bytes
    alt: str = ""

    def file(self) -> discord.File:
        """A new one each time: an upload reads it to its end."""
        return discord.File(BytesIO(self.data), self.name, description=clamp(clean(self.alt), MAX_ALT) or None)


@dataclass(frozen=True)
class Drawn:
    """What a message holds, but for its buttons."""

    content: str
    embeds: tuple[discord.Embed, ...]
    attachments: tuple[Attachment, ...]


def draw(reply: Reply, may_attach: bool = True) -> Drawn:
    """Lay the reply out; where files may not be attached, say so and describe the charts in words."""
    reply = replace(reply, text=_said_once(reply))
    charts, files, notes = _attachments(reply, may_attach)
    if not reply.fields and not charts and length(escape(reply.text)) <= MAX_CONTENT - _NOTE:
        text = "\n".join(filter(None, [escape(reply.text), *notes]))
        return Drawn(clamp(visible(text), MAX_CONTENT), (), tuple(files))
    first = _embed(reply, notes)
    embeds = [first]
    for chart in charts:
        if first.image.url is not None:
            embeds.append(discord.Embed(colour=COLOUR))
        embeds[-1].set_image(url=f"attachment://{chart.name}")
    return Drawn("", tuple(embeds), (*charts, *files))


def _said_once(reply: Reply) -> str:
    """The text without lines to try that stand on the buttons below it."""
    tries = {f"Try: {step.line}" for step in reply.next}
    return "\n".join(line for line in reply.text.split("\n") if line not in tries)


def _embed(reply: Reply, notes: Sequence[str]) -> discord.Embed:
    """Headline, the rest of the text, and the fields: as a list when each leads somewhere, else as titled facts."""
    head, _, rest = reply.text.strip().partition("\n")
    title = escape(head)
    embed = discord.Embed(colour=COLOUR)
    if length(title) <= MAX_TITLE:
        embed.title = title or None
    else:
        rest = reply.text
    note = clamp("\n".join(notes), _NOTE * 2)
    room = MAX_EMBEDS_TEXT - length(embed.title or "")
    is_list = (bool(reply.fields) and all(field.url for field in reply.fields)) or _is_table(reply.fields)
    paragraphs = [escaped(rest, MAX_DESCRIPTION // 2 if reply.fields else MAX_DESCRIPTION - length(note) - 2)]
    if is_list:
        free = min(MAX_DESCRIPTION, room) - sum(length(p) + 2 for p in (*paragraphs, note))
        paragraphs.append("\n".join(_fitting([_row(field) for field in reply.fields], free)))
    embed.description = "\n\n".join(filter(None, [*paragraphs, note])) or None
    if not is_list:
        _add_fields(embed, reply.fields, room - length(embed.description or ""))
    if not (embed.title or embed.description or embed.fields):
        embed.description = visible("")
    return embed


def _is_table(fields: Sequence[Field]) -> bool:
    """Whether there are many short facts, which would make a tower of titles."""
    return len(fields) > _TABLE and not any(field.url or len(field.value) > _TABLE_VALUE for field in fields)


def _row(field: Field) -> str:
    """A linked name with its details small below, or a short fact on one line."""
    if not field.url:
        return f"**{visible(escaped(field.name, _ROW_NAME))}** {escaped(' '.join(field.value.split()), _ROW_VALUE)}"
    name = link(visible(escaped(field.name, _ROW_NAME)), field.url)
    value = escaped(" ".join(field.value.split()), _ROW_VALUE)
    return f"**{name}**" + (f"\n-# {value}" if value else "")


def _fitting(rows: Sequence[str], room: int) -> Iterator[str]:
    """As many rows as fit, and how many did not."""
    ends = len(f"… and {len(rows)} more")
    for number, row in enumerate(rows):
        room -= length(row) + 1
        if room < (ends + 1 if number + 1 < len(rows) else 0):
            yield f"… and {len(rows) - number} more"
            return
        yield row


def _add_fields(embed: discord.Embed, fields: Sequence[Field], room: int) -> None:
    """As many facts as fit; the last place says how many did not."""
    ends = len(f"{len(fields)} more do not fit here") + 1
    for number, field in enumerate(fields):
        left = len(fields) - number
        name = visible(escaped(field.name, MAX_NAME))
        short = length(clean(field.name)) <= _INLINE and length(clean(field.value)) <= _INLINE and not field.url
        most = MAX_VALUE - length(field.url) - 4 if field.url else MAX_VALUE
        value = visible(link(visible(escaped(field.value or field.url, max(most, 100))), field.url))
        if length(value) > MAX_VALUE:
            value = visible(escaped(field.value, MAX_VALUE))
        room -= length(name) + length(value)
        last_place = number + 1 == MAX_FIELDS
        if (left > 1 and (last_place or room < ends)) or room < 0:
            if number < MAX_FIELDS:
                embed.add_field(name="…", value=f"{left} more do not fit here", inline=False)
            return
        embed.add_field(name=name, value=value, inline=short)


def _attachments(reply: Reply, may_attach: bool) -> tuple[list[Attachment], list[Attachment], list[str]]:
    """Charts, files, and what has to be said about those that cannot come along."""
    if not may_attach and (reply.charts or reply.files):
        what = "the chart" if reply.charts else "the file"
        seen = [escaped(f"The chart: {chart.alt}", _NOTE) for chart in reply.charts[:1]]
        return [], [], [f"I can't show {what} here: I need the permission “Attach Files” in this channel.", *seen]
    left_out: list[str] = []
    taken: set[str] = set()
    size = 0

    def take(name: str, data: bytes, alt: str = "") -> Iterator[Attachment]:
        nonlocal size
        if size + len(data) > MAX_BYTES or len(taken) == MAX_ATTACHMENTS:
            left_out.append(escaped(name, 100))
            return
        size += len(data)
        unique = _unique(name, taken)
        taken.add(unique)
        yield Attachment(unique, data, alt)

    charts = [a for c in reply.charts[:_MAX_CHARTS] for a in take(c.filename, c.png, c.alt)]
    files = [a for f in reply.files for a in take(f.name, f.data)]
    left_out += [escaped(c.filename, 100) for c in reply.charts[_MAX_CHARTS:]]
    if not left_out:
        return charts, files, []
    listed = ", ".join(left_out[:3]) + (" …" if len(left_out) > 3 else "")
    return charts, files, [f"Left out: {listed}. Discord takes {MAX_ATTACHMENTS} files of 10 MiB in all."]


def _unique(name: str, taken: set[str]) -> str:
    """A name that Discord leaves as it is, so that an embed can point at it."""
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (_plain(stem), _plain(suffix)[-10:].strip("._-")) if dot else (_plain(name), "")
    suffix = f".{suffix}" if suffix else ""
    stem = stem[-60:].strip("._-") or "file"
    return next(n for i in range(len(taken) + 1) if (n := f"{stem}{f'-{i + 1}' if i else ''}{suffix}") not in taken)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text)
