"""The JSON shape of a reply and of the command table: one definition for the web chat and `--once --json`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.core import Command, Field, Next, Option, Reply


def reply_json(reply: Reply, url_of: Callable[[str, bytes], str]) -> dict[str, Any]:
    """Return the reply as plain data; `url_of(filename, data)` stores a chart or file and says where it is."""
    return {
        "text": reply.text,
        "fields": [_field_json(field) for field in reply.fields],
        "charts": [{"url": url_of(chart.filename, chart.png), "alt": chart.alt} for chart in reply.charts],
        "files": [{"url": url_of(file.name, file.data), "name": file.name} for file in reply.files],
        "next": _next_json(reply.next),
        "private": reply.private,
        "error": reply.error,
    }


def command_json(command: Command) -> dict[str, Any]:
    """Return what a client needs to complete and describe one command."""
    return {
        "name": command.name,
        "help": command.help,
        "example": command.example,
        "options": [_option_json(option) for option in command.options],
        "private": command.private,
        "moderator": command.moderator,
        "personal": command.personal,
    }


def _field_json(field: Field) -> dict[str, Any]:
    return {"name": field.name, "value": field.value, "url": field.url, "next": _next_json(field.next)}


def _next_json(steps: tuple[Next, ...]) -> list[dict[str, str]]:
    return [{"label": step.label, "line": step.line} for step in steps]


def _option_json(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "kind": option.kind,
        "help": option.help,
        "default": option.default if isinstance(option.default, str | int | float | None) else str(option.default),
        "choices": list(option.choices or option.words),
        "suggest": option.suggest is not None,
        "low": option.low,
        "high": option.high,
        "unit": option.unit,
    }
