"""A command and its typed options -> the line that says so again: what buttons carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bot.parse import quote


def line(command: str, options: Mapping[str, Any]) -> str:
    """Write a command line from typed values; None is left out."""
    return " ".join([f"/{command}", *(f"{name}:{_text(v)}" for name, v in options.items() if v is not None)])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        low, high = value
        if math.isinf(high):
            return f">{low:g}"
        return f"<{high:g}" if math.isinf(low) else f"{low:g}..{high:g}"
    return quote(f"{value:g}" if isinstance(value, float) else str(value))
