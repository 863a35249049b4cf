"""Free words of /trend: `energy post-2020`, `techno tempo by decade` and `genre:synth pop` in their own options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.commands.free_words import genre_among, rejoined, take_years
from bot.commands.lookup import find_feature, genre_name
from bot.core import UserError

_SINCE = re.compile(r"\b(?:post|since|after|from)[\s-]*(?:the\s+)?((?:19|20)\d\d|(?:\d\d)?\d0s)\b", re.IGNORECASE)
_BY = re.compile(r"\bby\s+(year|month|decade)s?\b", re.IGNORECASE)
_HITS = re.compile(r"\b(?:vs\.?|against|of)\s+(?:the\s+)?(hits)\b", re.IGNORECASE)
_FILLERS = frozenset(
    ("a", "by", "for", "in", "music", "of", "over", "overall", "the", "through", "time", "trend", "years")
)


def understood(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with what stands beside the feature in their own places; unchanged where that leaves no feature."""
    read = rejoined({k: v for k, v in options.items() if v is not None}, "feature")
    read = rejoined(read, "feature", "vs")
    text = read.get("feature")
    if text is None or _is_feature(text):
        return read
    found: dict[str, Any] = {}
    if "from" not in read and (match := _SINCE.search(text)) and (span := take_years([match[1]])):
        found["from"] = int(span[0])
        text = text.replace(match[0], " ")
    for name, pattern in (("by", _BY), ("vs", _HITS)):
        if name not in read and (match := pattern.search(text)):
            found[name] = match[1].casefold()
            text = text.replace(match[0], " ")
    words = text.split()
    if not {"from", "to"} & {*read, *found} and (span := take_years(words)):
        found["from"], found["to"] = (int(year) for year in span)
    if "genre" not in read and (run := genre_among(words)):
        found["genre"] = genre_name(" ".join(words[run]))
        del words[run]
    rest = " ".join(word for word in words if word.casefold() not in _FILLERS)
    if not found or (rest and not _is_feature(rest)):
        return read
    return {**{k: v for k, v in read.items() if k != "feature"}, **({"feature": rest} if rest else {}), **found}


def _is_feature(text: str) -> bool:
    try:
        find_feature(text, "feature")
    except UserError:
        return False
    return True
