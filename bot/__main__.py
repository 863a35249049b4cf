"""python -m bot: every transport that is set up; with none, the web chat. Or the terminal, or one line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.commands import COMMANDS
from bot.config import Settings, SetupError, TokenError
from bot.poster import Poster
from bot.router import Router
from bot.store import Store
from bot.transports import terminal
from ml.artifacts import ArtifactError
from ml.models import Models

EX_CONFIG = 78  # of sysexits.h: the configuration must change first, so nobody should start this again

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of glibc's malloc.h
_LARGE = 4 * 1024**2  # bytes; what is larger goes back to the system when it is freed


def main() -> int:
    """Start what the arguments and the environment ask for; the exit code."""
    _share_heap()
    arguments = _arguments()
    try:
        settings = Settings()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it names each of its plug-ins
        return asyncio.run(_run(arguments, settings))
    except TokenError as error:
        print(f"timbre: {error}", file=sys.stderr)
        return EX_CONFIG
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        print(f"timbre: {str(first['loc'][0]).upper()} is not usable: {said}.", file=sys.stderr)
        return EX_CONFIG
    except (SetupError, ArtifactError) as error:
        print(f"timbre: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the answer, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _share_heap() -> None:
    """Give all threads one heap, where glibc would give each its own, and keep what is large out of it.

    Each saves about 50 MB; the one costs nothing under the GIL, the other a twentieth of a chart's time.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bot", description="Timbre, a music analyst that lives in chat.")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--terminal", action="store_true", help="chat in this terminal")
    way.add_argument("--once", metavar="LINE", help="answer one line and exit: 0, or 2 on a user's error")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write charts and files there")
    parser.add_argument("--json", action="store_true", help="with --once: print the reply as JSON")
    parser.add_argument("--file", type=Path, help="with --once: send this file along")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    models = Models(settings.artifacts_dir)
    models.artifacts  # noqa: B018  a missing manifest ends the start here, in one line
    store = Store(settings.store_url)
    router = Router(COMMANDS, models, store, settings.moderators)
    try:
        return await _serve(arguments, settings, router, store)
    finally:
        await router.close()


async def _serve(arguments: argparse.Namespace, settings: Settings, router: Router, store: Store) -> int:
    if arguments.once is not None:
        return await terminal.once(router, arguments.once, arguments.out, arguments.json, arguments.file)
    data_dir = settings.writable_data_dir()
    if arguments.terminal:
        await router.warm()
        return await terminal.chat(router, arguments.out or data_dir / "charts")
    poster = Poster(router, store)
    transports: list[Coroutine[Any, Any, Any]] = [_settle(router), poster.run()]
    if settings.web_is_wanted:
        from bot.transports import web

        transports.append(web.serve(router, settings, poster))
    if settings.discord_token:
        from bot.transports import discord

        transports.append(discord.serve(router, store, settings, poster))
    await _until_stopped(*transports)
    return 0


async def _settle(router: Router) -> None:
    """Take what is loaded out of the garbage collector's rounds.

    Looking through all of it stops everything for a tenth of a second, and is done so rarely that finished charts,
    which are cycles, pile up meanwhile.
    """
    await router.warm()
    gc.collect()
    gc.freeze()
    await asyncio.Event().wait()


async def _until_stopped(*transports: Coroutine[Any, Any, Any]) -> None:
    """Run transports side by side until SIGTERM, or until one fails; each is given the time to finish."""
    stopped = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # not on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    tasks = [asyncio.create_task(work) for work in (*transports, stopped.wait())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
