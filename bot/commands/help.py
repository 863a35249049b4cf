"""/help: every command, or one command's options, from the command table."""

from __future__ import annotations

from difflib import get_close_matches

from bot.core import Choice, Command, Field, Next, Option, Reply, Request, UserError
from bot.services import Services
from bot.values import plain, shorten


def run(request: Request, services: Services) -> Reply:
    """List the commands, or describe the one asked about."""
    asked = request.options.get("command", "").lstrip("/").casefold()
    if not asked:
        fields = tuple(Field(f"/{c.name}", c.help) for c in services.commands.values())
        tries = tuple(Next(c.example, c.example) for c in services.commands.values() if c.example)
        return Reply("I answer questions about music. Type a command, or press one to try it.", fields, next=tries[:5])
    command = services.commands.get(asked)
    if command is None:
        close = get_close_matches(asked, services.commands, n=3, cutoff=0.5)
        raise UserError(f"There is no command {shorten(asked)}.", (*(f"/help {c}" for c in close), "/help"))
    fields = tuple(Field(o.name, _describe(o, first=i == 0)) for i, o in enumerate(command.options))
    tries = (Next(command.example, command.example),) if command.example else ()
    return Reply(f"/{command.name}: {command.help}.", fields, next=tries)


def _describe(option: Option, first: bool) -> str:
    parts = [option.help]
    if option.choices:
        parts.append("one of " + ", ".join(option.choices))
    elif option.low is not None and option.high is not None and option.kind != "years":
        unit = f" {option.unit}" if option.unit and not option.unit[0].isdigit() else ""
        parts.append(f"{plain(option.low)} to {plain(option.high)}{unit}")
    if option.default is not None:
        parts.append(f"{option.default} if left out")
    if first:
        parts.append("its name may be left out")
    return "; ".join(parts)


def _suggest(services: Services, prefix: str) -> list[Choice]:
    return [Choice(f"{c.name}: {c.help}"[:100], c.name) for c in services.commands.values() if prefix in c.name]


COMMAND = Command(
    name="help",
    help="what I can do, and each command's options",
    options=(Option("command", "text", "the command to explain", suggest=_suggest),),
    run=run,
    example="/help recommend",
)
