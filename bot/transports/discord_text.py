"""Text for Discord: nothing in it formats, links or mentions by accident, and it is never longer than allowed."""

from __future__ import annotations

import re
import unicodedata

_MARKDOWN = re.compile(r"([\\*_~|`\[\]()<>#])|:(?=//)|:(?=\w+:)|^(\s*)([-+>])|^(\s*\d+)\.(?=\s)", re.MULTILINE)
_MENTION = re.compile(r"@(everyone|here)", re.IGNORECASE)
_CHANNEL = re.compile(
    r"\\<\\#(\d{1,20})\\>"
)  # as it is escaped; it pings nobody and tells nothing to who may not see it
# Control characters but the line break, and what turns the direction of all text after it.
_UNWANTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
BLANK = "\u200b"
"""Stands where Discord wants some text and there is none."""


def length(text: str) -> int:
    """UTF-16 units, the strictest way in which Discord may count: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Without half surrogate pairs, control characters and turns of direction; spaces at the ends go too."""
    return _UNWANTED.sub("", text.encode("utf-8", "replace").decode()).strip()


def visible(text: str) -> str:
    """The text, or a blank when nothing of it would be seen."""
    return text if any(unicodedata.category(c)[0] not in "CZ" for c in text) else BLANK


def escape(text: str) -> str:
    """Text that Discord shows as it is: no markdown, no links, no mentions but those of channels."""
    return _CHANNEL.sub(r"<#\1>", _MENTION.sub(f"@{BLANK}\\1", _MARKDOWN.sub(_escaped, clean(text))))


def link(label: str, url: str) -> str:
    """A masked link; the label is escaped already, the address must be of the web or there is no link."""
    if not re.fullmatch(r"https?://[^\s()<>]+", url) or not label.replace(BLANK, "").strip():
        return label
    if label.count("[") != label.count("]"):
        label = label.replace("\\[", "\\(").replace("\\]", "\\)")  # an odd bracket ends the link too early
    return f"[{label}]({url})"


def clamp(text: str, limit: int) -> str:
    """The text, cut to `limit` UTF-16 units with an ellipsis; an accent stays with its letter, an emoji whole."""
    if length(text) <= limit:
        return text
    room, kept = limit - 1, []
    for character in text:
        room -= 2 if character > "\uffff" else 1
        if room < 0:
            break
        kept.append(character)
    rest = text[len(kept) : len(kept) + 1]
    while kept and ((rest and _joins(rest)) or kept[-1] in "\u200d\\"):
        rest = kept.pop()
    return "".join(kept) + "…" if limit > 0 else ""


def escaped(text: str, limit: int) -> str:
    """`text` escaped, and cut so that it fits even so."""
    return clamp(escape(text), limit)


def _escaped(match: re.Match[str]) -> str:
    if match[3]:
        return f"{match[2]}\\{match[3]}"
    if match[4] is not None:
        return f"{match[4]}\\."
    return "\\" + match[0]


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    return (
        unicodedata.combining(character) > 0
        or character == "\u200d"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
