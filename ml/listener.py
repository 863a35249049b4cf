"""Who is asking: likes and dislikes that fade with time, what the room likes, and a little chance for the unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog

HALF_LIFE = 120.0
"""Days after which a verdict weighs half: taste moves within months, and a song of years ago still says something."""
_DISLIKE = -0.5  # a thumb down says less than a thumb up: there are more reasons for it
_ROOM_MEMBERS, _ROOM_LIKES = 3, 12  # fewer others, or fewer likes of theirs in all, are chance and not a signal

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Listener:
    """What is known of one person.

    Attributes
    ----------
    rows, weights : (m,) catalogue rows they rated and the weight of each verdict, + liked, - disliked, fading with age.
    room : rows liked by each other member of the room.
    chance : (0 to 1) where in the deck of chance this person stands: people without ratings see different lists.
    """

    rows: Rows
    weights: NDArray[np.float32]
    room: tuple[Rows, ...] = ()
    chance: float = 0.0

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        ratings: Iterable[tuple[str, int, float]] = (),
        room: Iterable[Sequence[str]] = (),
        who: str = "",
    ) -> Listener:
        """A listener from (track id, +1 or -1, age in days) and the ids each other member of the room liked."""
        known = [(row, _weight(v, age)) for t, v, age in ratings if (row := catalog.row_of(t)) is not None]
        members = [np.array([r for t in ids if (r := catalog.row_of(t)) is not None], np.intp) for ids in room]
        enough = len(members) >= _ROOM_MEMBERS and sum(map(len, members)) >= _ROOM_LIKES
        return cls(
            rows=np.array([row for row, _ in known], np.intp),
            weights=np.array([weight for _, weight in known], np.float32),
            room=tuple(members) if enough else (),
            chance=int.from_bytes(sha256(who.encode()).digest()[:4]) / 2**32,
        )

    def liked_here(self, count: int) -> NDArray[np.float32]:
        """(count,) how much the room speaks for each catalogue row: members' likes, those of similar taste first.

        A member counts by the cosine of their likes with this person's, on top of a small share that everyone has.
        """
        votes = np.zeros(count, np.float32)
        mine = self.rows[self.weights > 0]
        for theirs in self.room:
            shared = len(np.intersect1d(mine, theirs))
            votes[theirs] += 0.1 + shared / np.sqrt(max(1, len(mine)) * len(theirs))
        return votes


def _weight(verdict: int, age: float) -> float:
    return (1.0 if verdict > 0 else _DISLIKE) * 0.5 ** (max(age, 0.0) / HALF_LIFE)
