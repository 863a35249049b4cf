"""What Discord's client sends when somebody uses a command or fills in a modal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.discord.commands import ATTACHMENT, NotOffered
from tests.fakes.discord.model import Channel, Json, Upload, User, walk

_RESOLVED = {6: "users", 7: "channels", 8: "roles", 9: "users", ATTACHMENT: "attachments"}
_SELECTS = (3, 5, 6, 7, 8)


def command_options(entry: Json, command: str) -> list[Json]:
    """The registered options of a command, or of the sub-command that further words name."""
    for name in command.split()[1:]:
        entry = next((o for o in entry.get("options") or [] if o["name"] == name), {})
    return entry.get("options") or []


def command_data(
    entry: Json,
    command: str,
    values: dict[str, Any],
    payload: Callable[[User | Channel | Upload], Json],
    focus: str | None = None,
) -> Json:
    """Application command data: typed options, resolved objects, and with `focus` the option being typed."""
    rules = {o["name"]: o for o in command_options(entry, command)}
    if focus and not rules.get(focus, {}).get("autocomplete"):
        raise NotOffered(f"option {focus} of /{command} has no autocomplete")
    options: list[Json] = []
    resolved: Json = {}
    for name, value in values.items():
        kind = rules.get(name, {}).get("type", 3)
        if isinstance(value, User | Channel | Upload):
            shown = payload(value)
            resolved.setdefault(_RESOLVED.get(kind, "attachments"), {})[shown["id"]] = shown
            value = shown["id"]
        options.append({"name": name, "type": kind, "value": value} | ({"focused": True} if name == focus else {}))
    for depth, name in enumerate(reversed(command.split()[1:]), start=1):
        options = [{"name": name, "type": depth, "options": options}]
    data: Json = {"id": entry["id"], "name": entry["name"], "type": 1, "options": options}
    data |= {"guild_id": entry["guild_id"]} if "guild_id" in entry else {}
    return data | {"resolved": resolved} if resolved else data


def modal_data(modal: Json | None, values: dict[str, str]) -> Json:
    """Modal submit data; fields that are not given stay empty."""
    if modal is None:
        raise NotOffered("no modal is open")
    fields = {c["custom_id"]: c for c in walk(modal["components"]) if "custom_id" in c}
    for name in values.keys() - fields.keys():
        raise NotOffered(f"no field {name}")
    for name, rules in fields.items():
        length = len(values.get(name, ""))
        low = rules.get("min_length") or (1 if rules.get("required", True) else 0)
        if not low <= length <= (rules.get("max_length") or 4000):
            raise NotOffered(f"{name} does not take {length} characters")

    def filled(item: Json) -> Json:
        if "component" in item:
            return {"type": 18, "id": item.get("id", 0), "component": filled(item["component"])}
        if "components" in item:
            return {"type": 1, "id": item.get("id", 0), "components": [filled(c) for c in item["components"]]}
        value = values.get(item.get("custom_id", ""), "")
        answer = {"values": [value]} if item["type"] in _SELECTS else {"value": value}
        return {k: item[k] for k in ("type", "id", "custom_id") if k in item} | answer

    return {"custom_id": modal["custom_id"], "components": [filled(c) for c in modal["components"]]}
