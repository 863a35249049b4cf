"""`python -m tests.fakes.discord`: the stand-in alone, for load tests in another process."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tests.fakes.discord import FakeDiscord, Rules, Terms


async def _run(args: argparse.Namespace) -> None:
    terms = Terms(args.token, args.heartbeat, args.shards, max_concurrency=args.max_concurrency)
    fake = FakeDiscord(terms, Rules(), guilds=args.guilds, keep_files=100)
    await fake.start(args.port)
    print(fake.base, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await fake.stop()


def main() -> None:
    """Print the base URL, then serve until stopped."""
    parser = argparse.ArgumentParser(prog="tests.fakes.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--guilds", type=int, default=1)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--max-concurrency", type=int, default=1)
    parser.add_argument("--heartbeat", type=float, default=41.25, help="seconds")
    parser.add_argument("--token", default="token")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
