"""Why a track is on a list, in words: the terms that scored it, strongest first, and the facts people ask for."""

from __future__ import annotations

from bot.commands import wording
from ml.features import BY_NAME, COLUMN
from ml.filters import Wish
from ml.recommend import Pick

_MATTERS = 0.12  # of all that speaks for a track: a term below that is no reason
_TOLD = 2


def reason(pick: Pick, wish: Wish) -> str:
    """`top 3 % for chill · fans of Air also play Zero 7 · same tempo and energy · popularity 61 · 2001`."""
    parts = []
    if pick.mood_percentile is not None:
        parts.append(f"top {max(1, round((1 - pick.mood_percentile) * 100))} % for {wording.listed(wish.mood)}")
    parts += _terms(pick)
    if pick.room > 1:
        parts.append(f"liked by {pick.room} people here")
    x = pick.track.features
    if told := list(wish.ranges)[:2] or ([] if pick.alike else ["energy", "tempo"]):
        parts.append(", ".join(_measured(name, x[COLUMN[name]]) for name in told))
    if pick.track.popularity is not None:
        parts.append(f"popularity {pick.track.popularity}")
    if pick.track.year or pick.track.decade:
        parts.append(str(pick.track.year or f"{pick.track.decade}s"))
    return " · ".join(parts)


def _measured(name: str, x: float) -> str:
    if name == "tempo":
        return wording.value(name, x) if x > 0 else "no beat"
    return f"{BY_NAME[name].label} {wording.value(name, x)}"


def _terms(pick: Pick) -> list[str]:
    """The strongest terms as people say them; how it sounds comes last, and always when there is a seed."""
    artist = pick.track.artist.split(", ")[0]
    words = {
        "listeners": f"fans of {pick.fans_of} also play {artist}" if pick.fans_of else "",
        "played together": f"in playlists with {pick.fans_of}" if pick.fans_of else "",
        "genre": f"also {wording.listed(pick.shared_genres[:2])}" if pick.shared_genres else "",
        "era": "same years" if pick.fans_of else "",
    }
    if pick.fans_of == artist:
        words = {"same artist": f"more by {artist}"}
    total = sum(lift for lift in pick.terms.values() if lift > 0)
    strong = sorted(
        (t for t in words if words[t] and pick.terms.get(t, 0) > _MATTERS * total), key=lambda t: -pick.terms[t]
    )
    told = [words[term] for term in strong[:_TOLD]] or [w for w in words.values() if w][:1]
    if pick.alike:
        told.append(f"same {wording.listed([BY_NAME[n].label for n in pick.alike])}")
    return told
