"""Scheduled posts as people read them, and the lines that stop them or make them anew."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core import Next, Post
from bot.lines import line
from bot.schedule import DAYS, Rule


def described(post: Post) -> str:
    """When, where, what comes next or went wrong, and the id: a row of the list."""
    rule = Rule.read(post.rule) if post.rule else None
    when = f"{rule.words()} to {post.channel}" if rule else f"once to {post.channel}"
    due = f"next on {date(post.due, rule)}" if rule else f"on {at(post.due, rule)}"
    return f"{when}; {f'stopped: {post.problem}' if post.problem else f'{due}.'} Its id is {post.id}."


def at(due: datetime, rule: Rule | None) -> str:
    """A time as people read it, in its own zone: `Monday 23 November at 09:00 (Europe/Berlin)`."""
    zone = rule.zone if rule else "UTC"
    return f"{date(due, rule)} at {due.astimezone(ZoneInfo(zone)):%H:%M} ({zone})"


def date(due: datetime, rule: Rule | None) -> str:
    """The day of a time, in its own zone: `Monday 23 November`."""
    local = due.astimezone(ZoneInfo(rule.zone if rule else "UTC"))
    return f"{local:%A} {local.day} {local:%B}"


def steps(post: Post) -> tuple[Next, ...]:
    """What a moderator may want after scheduling it."""
    now = line("post", {"line": post.line, "channel": post.channel})
    return Next("Stop it", stop_line(post.id)), Next("Post it now too", now), Next("All of them", "/post list")


def stop_line(post_id: str) -> str:
    """The line that stops a post."""
    return line("post", {"action": "stop", "id": post_id})


def as_line(post: Post) -> str:
    """The line that schedules a post anew."""
    rule = Rule.read(post.rule) if post.rule else None
    options = {"line": post.line, "channel": post.channel}
    if rule:
        day = {"week": f"{DAYS[rule.day % 7]} ", "month": f"{rule.day} "}.get(rule.every, "")
        options |= {"every": rule.every, "at": f"{day}{rule.hour:02}:{rule.minute:02} {rule.zone}"}
    return line("post", options)
