"""discord.py's log with a lost connection as one line: it prints the whole trace of each."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord

_LOGGERS = ("client", "gateway", "http", "shard", "webhook.async_", "app_commands.tree", "ui.view")
_UNASKED = ("voice will NOT be supported", "logging in using static token")
_EXPECTED = (OSError, asyncio.TimeoutError, aiohttp.ClientError, discord.DiscordException)


def one_line() -> None:
    """Have what goes wrong outside, on the way to Discord, logged without its trace."""
    for name in _LOGGERS:
        logger = logging.getLogger(f"discord.{name}")
        if _shortened not in logger.filters:
            logger.addFilter(_shortened)
    # It tells of each 429 it waits out; what could not be waited out is told anyway.
    logging.getLogger("discord.webhook.async_").setLevel(logging.ERROR)


def cause(error: BaseException) -> str:
    """The kind of an error and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}".rstrip(": ")


def _shortened(record: logging.LogRecord) -> bool:
    if str(record.msg).endswith(_UNASKED):
        return False
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if isinstance(error, _EXPECTED):
        record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {error})".replace("\n", "; "), None
        record.exc_info = record.exc_text = None
    return True
