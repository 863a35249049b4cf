"""/post: a chart for everyone in a channel, now or again and again; what is scheduled, and the end of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.commands import post_words
from bot.commands.post_words import as_line, described, steps, stop_line
from bot.core import (
    Choice,
    Command,
    Field,
    Next,
    Option,
    Post,
    Reply,
    Request,
    Schedule,
    Unschedule,
    UserError,
    Write,
)
from bot.lines import line
from bot.options import answered, typed_options
from bot.parse import parse_line
from bot.schedule import EVERY, Rule, read_at, zones_with
from bot.services import Services
from bot.values import shorten

MOST = 20
"""Scheduled posts of one room."""
_EXAMPLE = '/post "/trend tempo" every:week at:"09:00 Europe/Berlin"'
_ACTIONS = ("add", "list", "stop")
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none is taken for another, and they spell no words
_QUOTED = re.compile(r"(?:(?<=\s)|(?<=:))'(.+?)'(?=\s|$)")
_CLOCK = re.compile(r"(?P<clock>.*?\d(?:\s?[ap]m\b)?)(?:\s+(?P<zone>\D*))?", re.IGNORECASE)


def run(request: Request, services: Services) -> Reply:
    """Add, list or stop."""
    options = _read(request.options)
    if request.memory.problem:
        raise UserError(f"I can't look: {request.memory.problem}.", (line("post", options),))
    match options.get("action"):
        case "list":
            return _list(request.memory.posts)
        case "stop":
            return _stop(options.get("id", ""), request.memory.posts)
    return _add(options, request, services)


def _read(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, with an action that stands where a line would: `/post list`, `/post stop k3f9wz`."""
    read = dict(options)
    word, _, rest = read.get("line", "").partition(" ")
    if "action" not in read and word.casefold() in _ACTIONS:
        read["action"] = word.casefold()
        del read["line"]
        if rest:
            read["id" if word.casefold() == "stop" else "line"] = rest.strip()
    if "action" not in read:
        read["action"] = "stop" if "id" in read and "line" not in read else "add" if "line" in read else "list"
    return read


def _add(options: Mapping[str, Any], request: Request, services: Services) -> Reply:
    now = datetime.now(UTC)
    where = _channel(options, request)
    text = _tried(options, request, services)
    every, at = options.get("every"), options.get("at")
    if every and not at:
        works = tuple(_again(options, at=clock) for clock in ("09:00 UTC", "09:00 Europe/Berlin"))
        raise UserError(f"At what time every {every}? Give at: an hour and a time zone.", works)
    rule = _rule(at, every, options, now) if at else None
    due = rule.after(now) if rule else now
    kept = rule if rule and every else None
    post = Post(_new_id(), text, request.transport, where, request.room, due, str(kept) if kept else "")
    same = [p for p in request.memory.posts if (p.line, p.channel, p.rule) == (post.line, post.channel, post.rule)]
    if kept and any(not p.problem for p in same):
        return Reply(f"That is scheduled already: {described(same[0])}", next=steps(same[0]))
    broken: tuple[Write, ...] = tuple(Unschedule(p.id) for p in same if p.problem)
    if len(request.memory.posts) - len(broken) >= MOST:
        raise UserError(f"There are {MOST} scheduled posts here, which is the most. Stop one first.", ("/post list",))
    return _added(post, rule, bool(kept), options, (*broken, Schedule(post)))


def _added(post: Post, rule: Rule | None, again: bool, options: Mapping[str, Any], writes: tuple[Write, ...]) -> Reply:
    """What will be posted, where and when."""
    if rule is None:
        weekly = Next("Every week at 09:00 UTC", _again(options, line=post.line, every="week", at="09:00 UTC"))
        return Reply(f"Posting {post.line} to {post.channel} now.", next=(weekly,), writes=writes)
    when = (
        f"{rule.words()}, first on {post_words.date(post.due, rule)}"
        if again
        else f"once, on {post_words.at(post.due, rule)}"
    )
    return Reply(f"{post.line} will be posted to {post.channel} {when}.", next=steps(post), writes=writes)


def _channel(options: Mapping[str, Any], request: Request) -> str:
    """Where to; a room without channels is one."""
    here = request.channel or request.room
    if not request.room or not here:
        raise UserError("There is no channel here to post to. Use /post in a server or in the web chat.", ("/help",))
    wanted = options.get("channel", here)
    if not request.channel and wanted.lstrip("#").casefold() != here.casefold():
        raise UserError(f"There is one channel here, {here}.", (_again(options, channel=None),))
    return wanted if request.channel else here


def _tried(options: Mapping[str, Any], request: Request, services: Services) -> str:
    """The line as it is kept, once it has been answered with something to post."""
    text = options.get("line", "").strip()
    if not text:
        raise UserError("Which line? Quote a command line that draws a chart.", (_EXAMPLE, "/post list"))
    if '"' not in text:
        text = _QUOTED.sub(r'"\1"', text)  # quotes inside quotes
    name, given = parse_line(text)
    command = services.commands.get(name)
    if command is None or command.private or command.moderator:
        what = f"/{name} is no command" if command is None else f"/{name} answers only the one who asks"
        raise UserError(f"{what}, so there is nothing to post. Post a chart:", (_again(options, line="/trend tempo"),))
    try:
        asked = Request(name, typed_options(command, given), "", request.transport, room=request.room)
        reply = answered(command, asked, services)
    except UserError as error:
        raise UserError(error.message, tuple(_again(options, line=hint) for hint in error.hints)) from None
    if not reply.charts and not any(field.url for field in reply.fields):
        works = tuple(_again(options, line=works) for works in ("/trend tempo", "/explain hit"))
        raise UserError(f"{text} is answered without a chart or a list, so there is nothing to post.", works)
    return text if text.startswith("/") else f"/{text}"


def _rule(at: str, every: str | None, options: Mapping[str, Any], now: datetime) -> Rule:
    try:
        return read_at(at, every, now)
    except UserError as error:
        raise UserError(error.message, tuple(_again(options, at=hint) for hint in error.hints)) from None


def _list(posts: tuple[Post, ...]) -> Reply:
    if not posts:
        return Reply("Nothing is scheduled here.", next=(Next("Post a chart every week", _EXAMPLE),))
    fields = tuple(Field(p.line, described(p), next=(Next("Stop", stop_line(p.id)),)) for p in posts)
    off = sum(bool(p.problem) for p in posts)
    broken = f", {off} of them stopped by a problem" if off else ""
    return Reply(f"{len(posts)} scheduled post{'' if len(posts) == 1 else 's'} here{broken}.", fields)


def _stop(wanted: str, posts: tuple[Post, ...]) -> Reply:
    found = next((p for p in posts if p.id == wanted.strip().casefold()), None)
    if found is None:
        works = tuple(stop_line(p.id) for p in posts[:3])
        said = f"No post here has the id {shorten(wanted)}." if wanted else "Which one? Give its id."
        raise UserError(said, (*works, "/post list"))
    again = Next("Schedule it again", as_line(found))
    return Reply(f"Stopped: {found.line} to {found.channel}.", next=(again,), writes=(Unschedule(found.id),))


def _again(options: Mapping[str, Any], **changed: str | None) -> str:
    """The line that was sent, with some options changed."""
    said = {**options, **changed}
    return line("post", {name: said[name] for name in ("line", "channel", "every", "at") if name in said})


def _new_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(6))


def _suggest_lines(services: Services, prefix: str) -> list[Choice]:
    """Lines of every command that may be posted."""
    wanted = prefix.casefold().lstrip("/")
    lines = [c.example for c in services.commands.values() if c.example and not (c.private or c.moderator)]
    return [Choice(example, example) for example in lines if wanted in example.casefold()]


def _suggest_times(services: Services, prefix: str) -> list[Choice]:
    """The hour that is typed, or nine, in zones whose name or city begins as typed."""
    match = _CLOCK.fullmatch(prefix.strip())
    clock, zone = (match["clock"], match["zone"] or "") if match else ("09:00", prefix.strip())
    return [Choice(f"{clock} {name}", f"{clock} {name}") for name in zones_with(zone)]


COMMAND = Command(
    name="post",
    help="post a chart to a channel, now or every day, week or month",
    options=(
        Option("line", "text", "the command line to post", suggest=_suggest_lines),
        Option("channel", "channel", "where to; here if left out"),
        Option("every", "text", "how often; once if left out", choices=EVERY),
        Option("at", "text", "hour and time zone: 09:00 Europe/Berlin, Monday 18:30 UTC", suggest=_suggest_times),
        Option("action", "text", "add a post, list or stop them", choices=_ACTIONS),
        Option("id", "text", "which post to stop"),
    ),
    run=run,
    example=_EXAMPLE,
    private=True,
    moderator=True,
    personal=True,
)
