"""Artists by name as people type it: `acdc`, `Metalica`, `simon and garfunkel`, `Bach`."""

from __future__ import annotations

from functools import lru_cache

from bot.services import Services
from ml.catalog import Catalog
from ml.text import artist_key

_DROPPED = frozenset({"and", "n", "the"})
_SHORT, _LONG = 5, 8  # letters of a name from which on one slip is forgiven, and two
_BETTER_KNOWN = 50  # times as many listeners


def find_artist(text: str, services: Services) -> int | None:
    """The code of the artist who bears this name, whose surname it is, or whose name is a slip away."""
    artists = services.models.artists
    found = artists.find(text)
    if found is not None and is_only_heard(found, services):  # listening data hold misspelt names too
        near = next(iter(near_artists(text, services)), found)
        return near if artists.listeners[near] > _BETTER_KNOWN * artists.listeners[found] else found
    if found is None and not text.casefold().startswith("the "):
        found = services.models.catalog.find_surname(text)
    if found is None:
        found = next(iter(near_artists(text, services)), None)
    return found


def is_only_heard(artist: int, services: Services) -> bool:
    """Tell whether an artist is known from listening data alone, without a track of theirs."""
    return artist >= len(services.models.catalog.artist_keys)


def near_artists(text: str, services: Services, more: int = 0) -> list[int]:
    """The codes of artists with listeners whose names are spelt nearly so, the nearest and best known first.

    `more` slips than usual are forgiven.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    artists, wanted = services.models.artists, _squeezed(artist_key(text))
    slips = (len(wanted) >= _SHORT) + (len(wanted) >= _LONG) + more if len(wanted) >= _SHORT else 0
    names = _names(services.models.catalog)
    found = process.extract(wanted, names, scorer=OSA.distance, score_cutoff=slips, limit=None) if wanted else []
    known = [(distance, -float(artists.listeners[code]), code) for _, distance, code in found if artists.heard[code]]
    return [code for _, _, code in sorted(known)]


@lru_cache(maxsize=2)
def _names(catalog: Catalog) -> list[str]:
    """The squeezed name of each artist of the catalogue, by code."""
    return [_squeezed(catalog.artist_keys[code]) for code in range(len(catalog.artist_keys))]


def _squeezed(key: str) -> str:
    """A name's letters without spaces, articles and its "and"."""
    return "".join(word for word in key.split() if word not in _DROPPED) or key
