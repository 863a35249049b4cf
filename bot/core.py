"""The few types every part of the bot speaks: a request in, a reply out. Imports neither transports nor ml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["text", "whole", "number", "range", "years", "flag", "file", "channel"]


class UserError(Exception):
    """A request that cannot be answered as typed: what was wrong, and command lines or values that work."""

    def __init__(self, message: str, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints


@dataclass(frozen=True)
class File:
    """A file that came with a request or goes with a reply."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Chart:
    """A rendered chart; `alt` says in words what it shows."""

    filename: str
    png: bytes
    alt: str


@dataclass(frozen=True)
class Next:
    """A follow-up the reader may take: a button is a command line."""

    label: str
    line: str


@dataclass(frozen=True)
class Field:
    """One titled line of a reply; `url`, if any, is where its name leads, `next` the buttons beside it (thumbs)."""

    name: str
    value: str
    url: str = ""
    next: tuple[Next, ...] = ()


@dataclass(frozen=True)
class Rating:
    """A person's latest verdict on a track: +1 liked, -1 disliked; `room` is where it was given."""

    track_id: str
    verdict: int
    at: datetime
    room: str = ""


@dataclass(frozen=True)
class Shown:
    """A page of a list as it was shown; `list_key` stands for the list's line."""

    list_key: str
    page: int
    track_ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Post:
    """A command line whose answer is posted to a channel at `due`, and again by its `rule`; without one, only once.

    `transport` and `channel` say where, the channel as people write it there; `room` is the place whose moderators
    may stop it, `author` the one who made it, empty when they were forgotten. `problem` says why it is posted no more;
    `tries` counts how often its delivery failed in a row.
    """

    id: str
    line: str
    transport: str
    channel: str
    room: str
    due: datetime
    rule: str = ""
    author: str = ""
    problem: str = ""
    tries: int = 0

    @property
    def firing(self) -> str:
        """The name of what is due now, the same in every process: two posts under one name are one."""
        return f"{self.id}-{round(self.due.timestamp() * 1_000_000):x}"


@dataclass(frozen=True)
class Memory:
    """What is remembered for one request.

    `ratings` are the caller's, newest first; `pages` are the track ids of the pages of this very list that they were
    shown, `shown` the pages of every list, newest first; `room` holds, for each other member of the room who liked
    something here, the ids they liked; `lines` are command lines of theirs too long for a button, which stands for one;
    `posts` are the scheduled posts of the room, the next one first, `own_posts` those the caller made anywhere;
    `problem` says why nothing could be read.
    """

    ratings: tuple[Rating, ...] = ()
    pages: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    room: tuple[tuple[str, ...], ...] = ()
    problem: str = ""
    shown: tuple[Shown, ...] = ()
    lines: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()
    own_posts: tuple[Post, ...] = ()


@dataclass(frozen=True)
class Rate:
    """Remember the caller's verdict on a track: +1, -1, or 0 to take it back. It must be kept, or the reply says so."""

    track_id: str
    verdict: int


@dataclass(frozen=True)
class Show:
    """Remember which tracks a page of a list held, so that no later page repeats them."""

    page: int
    track_ids: tuple[str, ...]


@dataclass(frozen=True)
class Forget:
    """Delete everything kept about the caller. It must happen, or the reply says so."""


@dataclass(frozen=True)
class Schedule:
    """Keep a post, with the caller as its author. It must be kept, or the reply says so."""

    post: Post


@dataclass(frozen=True)
class Unschedule:
    """Take a post of the caller's room back. It must happen, or the reply says so."""

    id: str


Write = Rate | Show | Forget | Schedule | Unschedule


@dataclass(frozen=True)
class Reply:
    """An answer in plain text; transports escape it, clamp it to their limits and draw it.

    `writes` are what the router has the store remember before anyone sees the reply.
    """

    text: str
    fields: tuple[Field, ...] = ()
    charts: tuple[Chart, ...] = ()
    files: tuple[File, ...] = ()
    next: tuple[Next, ...] = ()
    private: bool = False
    error: bool = False
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True)
class Request:
    """What a person asked. `options` hold text until the router types them; `user` is opaque: `discord:42`;
    nothing is remembered of an empty one.

    `room` names the place whose members share their likes (a Discord server, a Slack workspace); empty for none.
    `channel` is where in it they ask, as people write it there; empty where a room is one channel. A `moderator` may
    use the commands that are for moderators.
    """

    command: str
    options: Mapping[str, Any] = field(default_factory=dict)
    user: str = "local"
    transport: str = "terminal"
    channel: str = ""
    room: str = ""
    files: tuple[File, ...] = ()
    memory: Memory = Memory()
    moderator: bool = False


@dataclass(frozen=True)
class Choice:
    """One completion of an option: what to show and what to send."""

    label: str
    value: str


Suggest = Callable[[Any, str], list[Choice]]


@dataclass(frozen=True)
class Option:
    """One option of a command; the first option of a command is filled by a bare word.

    `choices` are the only values allowed; `suggest(services, prefix)` offers values while typing; `low` and `high`
    are inclusive bounds, named with `unit` when broken; `words` are names a number may be given by ("minor").
    """

    name: str
    kind: Kind
    help: str
    default: Any = None
    choices: tuple[str, ...] = ()
    suggest: Suggest | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    words: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """One command: its options and the plain function `run(request, services)` that answers it.

    A `personal` command is given what is remembered of the caller, as `request.memory`.
    """

    name: str
    help: str
    options: tuple[Option, ...]
    run: Callable[[Request, Any], Reply]
    example: str = ""
    private: bool = False
    moderator: bool = False
    personal: bool = False
