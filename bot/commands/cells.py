"""Cells of the CSV files people get: no spreadsheet runs one as a formula."""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run when a cell starts with it
_NUMBER = re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?%?")


def cell(text: str) -> str:
    """The text, with an apostrophe before it where it would run; numbers stay as they are."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
