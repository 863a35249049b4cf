"""Which tracks people put together: co-occurrence in playlists, of the tracks themselves and of their artists.

Cosine similarity between the playlists of two tracks, summed over a history. The few playlists are kept as they are:
two passes over their entries score everything, and no vectors are stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog

if TYPE_CHECKING:
    import pandas as pd

Codes = NDArray[np.intp]
Floats = NDArray[np.float32]


class CoOccurrence:
    """Cosine co-occurrence of things in lists; each thing at most once in a list.

    Parameters
    ----------
    things : (e,) codes, lists : (e,) list of each, both by entry.

    Attributes
    ----------
    members : (m,) the codes that are in any list, ascending.
    counts : (m,) in how many lists each is.
    """

    def __init__(self, things: Codes, lists: Codes) -> None:
        order = np.lexsort((lists, things))
        self._lists = lists[order].astype(np.intp)
        self.members, self._starts = np.unique(things[order], return_index=True)
        self._starts = np.append(self._starts, len(order))
        self.counts = np.diff(self._starts)
        self._norm = (1 / np.sqrt(np.maximum(self.counts, 1))).astype(np.float32)
        self._size = int(lists.max(initial=-1)) + 1

    def scores(self, history: Codes, weights: NDArray) -> Floats:
        """(m,) sum over the history of weight times cosine, for `members`; codes in no list add nothing."""
        near = np.zeros(self._size, np.float32)
        at = np.searchsorted(self.members, history)
        for i, thing, weight in zip(at.tolist(), history.tolist(), np.asarray(weights).tolist(), strict=True):
            if i < len(self.members) and self.members[i] == thing:
                near[self._lists[self._starts[i] : self._starts[i + 1]]] += weight * self._norm[i]
        if not len(self.members) or not near.any():
            return np.zeros(len(self.members), np.float32)
        return np.add.reduceat(near[self._lists], self._starts[:-1]) * self._norm


class Playlists:
    """Playlists over a catalogue: how often a history's tracks, and their artists, stand beside every other.

    Attributes
    ----------
    tracks, artists : co-occurrence of catalogue rows, and of artist codes.
    """

    def __init__(self, columns: dict[str, NDArray], catalog: Catalog) -> None:
        rows = columns["playlist_rows"].astype(np.intp)
        lists = np.repeat(np.arange(len(columns["playlist_start"]) - 1), np.diff(columns["playlist_start"]))
        self.tracks = CoOccurrence(rows, lists)
        pairs = np.unique(np.column_stack([catalog.artist[rows], lists]), axis=0)
        self.artists = CoOccurrence(pairs[:, 0], pairs[:, 1])

    @staticmethod
    def pack(tracks: pd.DataFrame, catalog: Catalog) -> dict[str, NDArray]:
        """The playlists of `Sources.tracks` as rows of the catalogue; what `artifacts` stores.

        Returns
        -------
        playlist_rows : (e,) int32, the rows of each playlist, playlist after playlist.
        playlist_start : (p + 1,) int32, where each begins.
        """
        lists = list(playlist_rows(tracks, catalog).values())
        return {
            "playlist_rows": np.concatenate([np.empty(0, np.intp), *lists]).astype(np.int32),
            "playlist_start": np.cumsum([0, *map(len, lists)]).astype(np.int32),
        }


def rows_of(tracks: pd.DataFrame, catalog: Catalog) -> Codes:
    """The catalogue's row of each of `Sources.tracks`."""
    order = np.argsort(catalog.ids)
    return order[np.searchsorted(catalog.ids[order], tracks.ids.str[0].to_numpy("S22"))]


def playlist_rows(tracks: pd.DataFrame, catalog: Catalog) -> dict[str, Codes]:
    """Every playlist of `Sources.tracks` as sorted rows of the catalogue, by id."""
    found: dict[str, list[int]] = {}
    for row, playlists in zip(rows_of(tracks, catalog).tolist(), tracks.playlists, strict=True):
        for playlist in playlists:
            found.setdefault(playlist, []).append(row)
    return {name: np.array(sorted(found[name]), np.intp) for name in sorted(found)}
