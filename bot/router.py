"""Every request's way to its command and back: typing of options, cooldown, thread hop, errors -> Reply."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from weakref import WeakValueDictionary

from bot.core import (
    Choice,
    Command,
    File,
    Next,
    Reply,
    Request,
    Schedule,
    Show,
    Unschedule,
    UserError,
)
from bot.lines import line as line_of
from bot.metrics import Metrics
from bot.options import answered, typed_options
from bot.parse import parse_line
from bot.services import Services
from bot.store import Store, StoreError
from bot.values import shorten
from ml.artifacts import ArtifactError
from ml.models import Models

log = logging.getLogger(__name__)

MAX_CHOICES = 25
_WORKERS = 2
_BURST, _PER_SECOND = 40, 10.0  # a person's commands at once, and how fast the allowance comes back
_PEOPLE_REMEMBERED = 10_000
_MODERATORS_ONLY = (
    "Only people who may manage messages here can use /{}, or those whom my settings name in MODERATORS. You are {}."
)


class Router:
    """Answers requests from any transport; safe to use from one event loop, CPU work runs in worker threads."""

    def __init__(
        self,
        commands: Iterable[Command],
        models: Models,
        store: Store | None = None,
        moderators: Iterable[str] = (),
    ) -> None:
        self.commands = {command.name: command for command in commands}
        self.moderators = frozenset(moderators)
        self.rescheduled = asyncio.Event()
        """Set when a post was scheduled or taken back: whoever waits for the next one looks again."""
        self.metrics = Metrics()
        self.services = Services(models, self.commands)
        self._store = store
        self._warming: asyncio.Task[None] | None = None
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="command")
        self._allowances: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def warm(self) -> None:
        """Load every model in a worker thread, then begin to prepare the map of sounds and to open the store.

        Every transport asks for it; it is done once.

        Raises
        ------
        ArtifactError
            When an artifact is missing, damaged or of another version.
        """
        if self._warming is None:
            self._warming = asyncio.create_task(self._warm())
        await asyncio.shield(self._warming)

    async def _warm(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._workers, self.services.models.warm)
        self._preparing = loop.run_in_executor(self._workers, self.services.models.prepare)
        if self._store is not None:
            self._store.warm()

    async def close(self) -> None:
        """Let go of the store; the next request would open it again."""
        if self._store is not None:
            await self._store.close()

    async def answer(self, line: str, user: str, transport: str, files: tuple[File, ...] = (), room: str = "") -> Reply:
        """Answer a typed line; never raises."""
        try:
            command, options = parse_line(line)
        except UserError as error:
            self.metrics.observe("unknown", "error", 0.0)
            return error_reply(error)
        return await self.dispatch(Request(command, options, user, transport, room=room, files=files))

    async def dispatch(self, request: Request) -> Reply:
        """Answer a request whose options are text (or a platform's typed values); never raises."""
        started = time.perf_counter()
        reply = await self._answered(request)
        name = request.command if request.command in self.commands else "unknown"  # what people type is no label
        self.metrics.observe(name, "error" if reply.error else "ok", time.perf_counter() - started)
        return reply

    async def _answered(self, request: Request) -> Reply:
        try:
            self._spend_allowance(request.user)
            command = self._command(request.command)
            if command.moderator and not (request.moderator or request.user in self.moderators):
                raise UserError(_MODERATORS_ONLY.format(command.name, request.user or "nobody"), ("/help",))
            ready = replace(request, options=typed_options(command, request.options, request.files))
            reply = await (self._personal(command, ready) if command.personal else self._run(command, ready))
            return replace(reply, private=reply.private or command.private)
        except UserError as error:
            return error_reply(error)
        except ArtifactError as error:
            log.error("%s", error)
            return Reply("My models could not be loaded. The operator's log says which file and why.", error=True)
        except Exception:
            reference = secrets.token_hex(2)
            log.exception("reference %s: /%s failed", reference, request.command)
            return Reply(f"Something broke on our side, reference {reference}. It is logged.", private=True, error=True)

    async def post(self, line: str, transport: str, room: str) -> Reply:
        """The answer to a line that goes to a channel: to nobody's taste, and nothing of it is remembered.

        Raises
        ------
        UserError
            When the line has no answer.
        """
        name, options = parse_line(line)
        command = self._command(name)
        return await self._run(command, Request(name, typed_options(command, options), "", transport, room=room))

    async def _run(self, command: Command, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, answered, command, request, self.services)

    async def _personal(self, command: Command, request: Request) -> Reply:
        """Give the command what is remembered, and keep what it wants kept before anyone sees the reply.

        Without a store, or a name to keep things under, nothing is remembered.

        A person's requests take turns, so that the last of two quick thumbs wins and a list knows both.
        """
        if self._store is None or not request.user:
            return self._of_nobody(await self._run(command, request))
        async with self._turns.setdefault(request.user, asyncio.Lock()):
            key = _list_key(request)
            memory = await self._store.recall(request.user, request.room, key)
            reply = await self._run(command, replace(request, memory=memory))
            # A page is worth no second wait for a store that could not even be read.
            if not reply.writes or (memory.problem and _only_pages(reply)):
                return reply
            try:
                await self._store.remember(request.user, request.room, key, reply.writes)
            except StoreError as error:
                if not _only_pages(reply):
                    ordered = {o.name: request.options.get(o.name) for o in command.options}
                    return error_reply(UserError(error.sentence(), (line_of(command.name, ordered),)))
            if any(isinstance(write, Schedule | Unschedule) for write in reply.writes):
                self.rescheduled.set()
            return reply

    @staticmethod
    def _of_nobody(reply: Reply) -> Reply:
        """The reply to somebody of whom nothing can be remembered; what had to be kept is an error."""
        if _only_pages(reply):
            return reply
        raise UserError("I can't remember that: this request does not say who you are.", ("/recommend energetic",))

    def suggest(self, command: str, option: str, prefix: str) -> list[Choice]:
        """At most 25 completions of an option's value, from memory; none for what does not exist."""
        known = self.commands.get(command)
        found = next((o for o in known.options if o.name == option), None) if known else None
        if found is None:
            return []
        if found.suggest is not None:
            return found.suggest(self.services, prefix[:100])[:MAX_CHOICES]
        wanted = prefix.casefold()
        return [Choice(c, c) for c in found.choices if wanted in c.casefold()][:MAX_CHOICES]

    def _command(self, name: str) -> Command:
        if name in self.commands:
            return self.commands[name]
        close = get_close_matches(name, self.commands, n=3, cutoff=0.5)
        listed = tuple(self.commands[c].example or f"/{c}" for c in close)
        raise UserError(f"There is no command {shorten('/' + name)}.", (*listed, "/help"))

    def _spend_allowance(self, user: str) -> None:
        """A token bucket a person: many quick commands are fine, a flood is not."""
        now = time.monotonic()
        left, since = self._allowances.pop(user, (float(_BURST), now))
        left = min(_BURST, left + (now - since) * _PER_SECOND)
        self._allowances[user] = (left - (left >= 1), now)
        if len(self._allowances) > _PEOPLE_REMEMBERED:
            self._allowances.popitem(last=False)
        if left < 1:
            raise UserError("That was a lot of commands at once. Wait a second, then send it again.")


def error_reply(error: UserError) -> Reply:
    """The one wording of a user's error: what was wrong, lines that work as text and as buttons."""
    lines = [h for h in dict.fromkeys(error.hints) if h]
    tail = "\n" + "\n".join(f"Try: {h}" for h in lines) if lines else ""
    return Reply(error.message + tail, next=tuple(Next(h, h) for h in lines), private=True, error=True)


def _only_pages(reply: Reply) -> bool:
    return all(isinstance(write, Show) for write in reply.writes)


def _list_key(request: Request) -> str:
    """A short name for the list a request asks for, the same for each of its pages."""
    options = {n: v for n, v in sorted(request.options.items()) if n != "page" and not isinstance(v, File)}
    return hashlib.sha256(line_of(request.command, options).encode()).hexdigest()[:16]
