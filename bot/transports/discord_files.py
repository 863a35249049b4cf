"""Attachments of a command: kind and size from what Discord says of them, then the content, which may say otherwise."""

from __future__ import annotations

import codecs

import discord

from bot.core import File, UserError
from bot.values import shorten

MAX_BYTES = 10 * 1024**2
_SUFFIXES = (".csv", ".tsv", ".txt")
_TYPES = ("text/", "application/csv", "application/vnd.ms-excel", "application/octet-stream")
_SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"RIFF": "a WAV recording or a WebP picture",
    b"ID3": "an MP3 recording",
    b"fLaC": "a FLAC recording",
    b"OggS": "an Ogg recording",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


async def fetch(attachment: discord.Attachment, command: str) -> File:
    """Download a CSV of demos.

    Raises
    ------
    UserError
        Before the download when its name, type or size already say that it cannot be read; after it when its content
        does, or when it is gone.
    """
    name, hints = attachment.filename, (f"/help {command}",)
    kind = (attachment.content_type or "").partition(";")[0].strip().casefold()
    if not name.casefold().endswith(_SUFFIXES) or (kind and not kind.startswith(_TYPES)):
        claimed = f" ({kind})" if kind else ""
        raise UserError(f"I read CSV files, and {shorten(name)}{claimed} is none.", hints)
    if attachment.size > MAX_BYTES:
        raise UserError(
            f"{shorten(name)} has {attachment.size / 1024**2:,.1f} MiB; I read up to {MAX_BYTES // 1024**2} MiB.", hints
        )
    try:
        data = await attachment.read()
    except (discord.HTTPException, OSError) as error:
        raise UserError(f"{shorten(name)} could not be downloaded. Send it again.", hints) from error
    found = next((what for signature, what in _SIGNATURES.items() if data.startswith(signature)), "")
    if found:
        raise UserError(f"{shorten(name)} is named like a CSV, but holds {found}.", hints)
    if b"\0" in data[:4096] and not data.startswith(_MARKS):
        raise UserError(f"{shorten(name)} is named like a CSV, but holds no text.", hints)
    return File(name, data)
