"""How names are compared: folded text, and the keys by which two rows are one recording or one artist."""

from __future__ import annotations

import re
import unicodedata

_EDITION = re.compile(
    r"""[\(\[](?:feat|ft|featuring|with)\b[^)\]]*[)\]]       # (feat. X), [with Y]
      | \s-\s(?:feat|ft|featuring|with)\b.*$
      | [\(\[][^)\]]*\bremaster(?:ed)?\b[^)\]]*[)\]]         # (2011 Remaster)
      | \s-\s[^-]*\bremaster(?:ed)?\b.*$
      | [\(\[](?:album|single|original)\s(?:version|mix)[)\]]
      | \s-\s(?:album|single|original)\s(?:version|mix)$
      | \s-\s(?:mono|stereo)(?:\sversion)?$""",
    re.IGNORECASE | re.VERBOSE,
)
_GUESTS = re.compile(r"\s+[\(\[]?(?:featuring|feat\.?|ft\.?|duet with|with)\s.*$", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
_DOLLAR = re.compile(r"\$(?=[^\W\d])|(?<=[^\W\d])\$")  # A$AP Rocky, Ke$ha
_ACCENTS = re.compile(r"[\u0300-\u036f]")


def fold(text: str) -> str:
    """Casefolded words without accents or punctuation, one space between them; the key for search and merging."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", _DOLLAR.sub("s", text)))
    folded = _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", plain).casefold()).strip()
    return folded or text.casefold().strip()


def title_key(title: str) -> str:
    """The title without guests, remaster notes and punctuation: the same recording on two albums has one key."""
    return fold(_EDITION.sub("", title) or title)


def artist_key(artist: str) -> str:
    """The primary artist, folded: guests after `;`, "featuring" or "with" and a leading "the" are dropped."""
    primary = artist.split(";")[0]
    return fold(_GUESTS.sub("", primary) or primary).removeprefix("the ")
