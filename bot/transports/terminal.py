"""The terminal: one line answered and done, or a chat with history and completion."""

from __future__ import annotations

import json
import re
import shutil
import signal
import textwrap
from collections.abc import Iterator
from pathlib import Path

from bot.config import SetupError
from bot.core import File, Next, Reply
from bot.parse import quote
from bot.router import Router
from bot.wire import reply_json

_LEAVE = {"/quit", "/exit", "quit", "exit"}
_ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what could drive the terminal itself
OK, USER_ERROR = 0, 2


async def once(router: Router, line: str, out: Path | None, as_json: bool, file: Path | None) -> int:
    """Answer one line on standard output and return the exit code: 0, or 2 on a user's error.

    Raises
    ------
    SetupError
        When the file cannot be read or the charts cannot be written.
    """
    reply = await router.answer(line, "local", "terminal", _attached(file))
    paths = _write(reply, out) if out else {}
    if as_json:
        print(json.dumps(reply_json(reply, lambda name, _: str(paths.get(name, name))), ensure_ascii=False))
    else:
        print(render(reply, paths))
    return USER_ERROR if reply.error else OK


async def chat(router: Router, out: Path) -> int:
    """Read lines until the person leaves; charts and files go to the folder `out`."""
    _complete_with(router)
    print("Timbre. Type a command, /help for all of them, /quit to leave. Tab completes.")
    while True:
        try:
            line = _read_line()
        except (EOFError, KeyboardInterrupt):
            print()
            return OK
        if line.strip().casefold() in _LEAVE:
            return OK
        if line.strip():
            reply = await router.answer(line, "local", "terminal")
            print(render(reply, _write(reply, out)) + "\n")


def _read_line() -> str:
    """Wait for a line, and nothing else meanwhile: in a thread of its own, input cannot be interrupted by Ctrl+C.

    Raises
    ------
    KeyboardInterrupt
        At once, where asyncio would only cancel a task that is not running.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return input("› ")
    finally:
        signal.signal(signal.SIGINT, before)


def render(reply: Reply, paths: dict[str, Path]) -> str:
    """The reply as wrapped plain text: fields indented, charts by path or description, next lines last."""
    width = min(100, shutil.get_terminal_size().columns)
    lines = [textwrap.fill(_plain(part), width) for part in reply.text.split("\n")]
    for field in reply.fields:
        if field.url:
            lines += [*_wrapped(field.name, width, "  "), *_wrapped(field.value, width, "     "), f"     {field.url}"]
        else:
            lines += _wrapped(f"{field.name}: {field.value}", width, "  ")
    for chart in reply.charts:
        lines += ["", *_wrapped(f"[{paths.get(chart.filename, 'chart')}] {chart.alt}", width, "")]
    lines += [f"[{paths.get(file.name, file.name)}]" for file in reply.files]
    # One row's button shows how; the other rows' ids stand in their links.
    first = next((field.next[0] for field in reply.fields if field.next), None)
    steps = [*([Next(f"{first.label} the first", first.line)] if first else []), *reply.next]
    if steps and not reply.error:
        lines += ["", *(f"  {_plain(step.label)}: {_plain(step.line)}" for step in steps)]
    return "\n".join(lines)


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(_plain(text), width, initial_indent=indent, subsequent_indent=indent + "  ")


def _plain(text: str) -> str:
    return _ESCAPES.sub("", text)


def _attached(file: Path | None) -> tuple[File, ...]:
    if file is None:
        return ()
    try:
        return (File(file.name, file.read_bytes()),)
    except OSError as error:
        raise SetupError(f"{file} cannot be read ({error.strerror}).") from None


def _write(reply: Reply, out: Path) -> dict[str, Path]:
    """Write charts and files into `out`; filename -> path."""
    contents = {c.filename: c.png for c in reply.charts} | {f.name: f.data for f in reply.files}
    try:
        if contents:
            out.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (out / name).write_bytes(data)
    except OSError as error:
        raise SetupError(f"{out} cannot be written ({error.strerror}). Give another folder with --out.") from None
    return {name: out / name for name in contents}


def _complete_with(router: Router) -> None:
    """Tab completes commands, options and values, where the platform has readline."""
    try:
        import readline
    except ImportError:
        return
    found: list[str] = []

    def complete(_: str, state: int) -> str | None:
        if state == 0:
            found[:] = completions(router, readline.get_line_buffer()[: readline.get_endidx()])
        return found[state] if state < len(found) else None

    readline.set_completer_delims(" ")
    readline.set_completer(complete)
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")


def completions(router: Router, typed: str) -> list[str]:
    """What the last word of a line being typed could become."""
    command, space, rest = typed.lstrip("/").partition(" ")
    if not space:
        return [f"/{name} " for name in router.commands if name.startswith(command)]
    if command not in router.commands:
        return []
    word = rest.rpartition(" ")[2]
    name, colon, prefix = word.partition(":")
    options = router.commands[command].options
    if colon:
        return [f"{name}:{quote(c.value)} " for c in router.suggest(command, name, prefix.strip('"'))]
    bare = router.suggest(command, options[0].name, word) if options and " " not in rest else []
    return [quote(c.value) + " " for c in bare] + [f"{o.name}:" for o in options if o.name.startswith(word)]
