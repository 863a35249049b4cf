"""A command and its typed options -> the line that says so again: what buttons carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bot.parse import quote


def line(command: str, options: Mapping[str, Any]) -> str:
    """Write a command line from typed values; None is left out."""
    return " ".join([f"/{command}", *(setting(name, v) for name, v in options.items() if v is not None)])


def setting(option: str, value: Any) -> str:
    """Write one option as it stands in a line; as a hint it means the line that was sent, with this changed."""
    return f"{option}:{_years(value) if option == 'year' and isinstance(value, tuple) else _text(value)}"


def _years(span: tuple[float, float]) -> str:
    """Years as people write them: `1994`, `1980s`, `1985-1995`."""
    low, high = span
    if low == high:
        return f"{low:.0f}"
    if high >= 2100:
        return f">{low:.0f}"
    return f"{low:.0f}s" if low % 10 == 0 and high == low + 9 else f"{low:.0f}-{high:.0f}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        low, high = value
        if math.isinf(high):
            return f">{low:.10g}"
        return f"<{high:.10g}" if math.isinf(low) else f"{low:.10g}..{high:.10g}"
    return quote(f"{value:.10g}" if isinstance(value, float) else str(value))
