"""Which family a track is of, from the tags its artist goes by ("canadian hip hop"): learnt where both are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.families import FAMILIES, FAMILY_OF
from ml.trends import UNTAGGED

Array = NDArray[np.float64]

_TAG, _WORD = 3.0, 10.0  # how many tracks outweigh what the words of a tag, or all tags, say
_SAID = 12.0  # how many tracks a name counts for that says its family itself
_HIP_HOP = frozenset({"rap", "trap", "drill", "grime", "hip", "r&b"})  # the genre labels hold few American rappers
_ENOUGH = 0.35  # the least share a family must have


class TagFamilies:
    """Families by tag and by the words of tags, from tracks whose genres and tags are both known."""

    def __init__(self, tags: Sequence[Sequence[str]], genres: Sequence[Sequence[str]]) -> None:
        names = list(FAMILIES)
        self._tags: dict[str, Array] = {}
        self._words: dict[str, Array] = {}
        for genre, family in FAMILY_OF.items():
            self._tags[genre.replace("-", " ")] = _SAID * (np.arange(UNTAGGED) == names.index(family))
        base = np.full(UNTAGGED, 1.0)
        for track_tags, track_genres in zip(tags, genres, strict=True):
            if not track_tags or not track_genres:
                continue
            families = np.bincount([names.index(FAMILY_OF[g]) for g in track_genres], minlength=UNTAGGED)
            share = families / families.sum() / len(track_tags)
            base += share
            for tag in track_tags:
                self._tags[tag] = self._tags.get(tag, 0.0) + share
                for word in tag.split():
                    self._words[word] = self._words.get(word, 0.0) + share
        self._base = base / base.sum()
        self._known: dict[str, Array] = {}

    def family(self, tags: Sequence[str]) -> int:
        """The family these tags point at, an index into `FAMILIES`; `UNTAGGED` where they point at none."""
        if not tags:
            return UNTAGGED
        share = np.mean([self._of(tag) for tag in tags], axis=0)
        return int(share.argmax()) if share.max() >= _ENOUGH else UNTAGGED

    def _of(self, tag: str) -> Array:
        """The (16,) shares of families among the tracks of one tag, leaning on its words where they are few."""
        if tag not in self._known:
            words = [self._words.get(word, np.zeros(UNTAGGED)) for word in tag.split()]
            by_word = np.mean([(w + _WORD * self._base) / (w.sum() + _WORD) for w in words] or [self._base], axis=0)
            own = self._tags.get(tag, np.zeros(UNTAGGED))
            if not _HIP_HOP.isdisjoint(tag.split()):
                own = own + _SAID * (np.arange(UNTAGGED) == list(FAMILIES).index("hip-hop & r&b"))
            self._known[tag] = (own + _TAG * by_word) / (own.sum() + _TAG)
        return self._known[tag]
