"""python -m bot: every transport that is set up; with none, the web chat. Or the terminal, or one line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from pydantic import ValidationError

from bot.commands import COMMANDS
from bot.config import Settings, SetupError
from bot.router import Router
from bot.transports import terminal
from ml.artifacts import ArtifactError
from ml.models import Models


def main() -> int:
    """Start what the arguments and the environment ask for; the exit code."""
    arguments = _arguments()
    try:
        settings = Settings()
        logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        return asyncio.run(_run(arguments, settings))
    except (SetupError, ArtifactError) as error:
        print(f"timbre: {error}", file=sys.stderr)
    except ValidationError as error:
        first = error.errors()[0]
        print(f"timbre: {str(first['loc'][0]).upper()} is not usable: {first['msg']}.", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


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
    router = Router(COMMANDS, models)
    if arguments.once is not None:
        return await terminal.once(router, arguments.once, arguments.out, arguments.json, arguments.file)
    data_dir = settings.writable_data_dir()
    if arguments.terminal:
        await router.warm()
        return await terminal.chat(router, arguments.out or data_dir / "charts")
    from bot.transports import web

    await web.serve(router, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
