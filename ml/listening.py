"""Who listens to which artist how often: the HetRec 2011 Last.fm counts, one column an artist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from ml.sources import DataError
from ml.text import artist_key

FOLDER = "lastfm"
_COUNTS, _ARTISTS = "user_artists.dat", "artists.dat"


@dataclass(frozen=True)
class Listening:
    """Listening counts of people over artists.

    Attributes
    ----------
    users : the data set's user ids, one a row.
    keys : folded artist names (`ml.text.artist_key`), one a column, sorted; spellings that fold alike are one artist.
    names : the artists as Last.fm spells them; of several spellings the most listened.
    counts : (users, artists) csr of float64, how often each artist was played, none below 1.
    """

    users: tuple[str, ...]
    keys: tuple[str, ...]
    names: tuple[str, ...]
    counts: csr_matrix

    def of(self, users: Sequence[int]) -> Listening:
        """The same artists as only these rows heard them."""
        return Listening(tuple(self.users[u] for u in users), self.keys, self.names, self.counts[list(users)])


def load(data: Path) -> Listening:
    """Read `lastfm/user_artists.dat` and `lastfm/artists.dat` of the folder `data`.

    Raises
    ------
    DataError
        When a file is missing, lacks a column or holds something else than it should.
    """
    spelled = {row[0]: row[1] for row in _rows(data / FOLDER / _ARTISTS, ("id", "name")) if row[1].strip()}
    plays = [
        (user, artist, _number(weight, data / FOLDER / _COUNTS))
        for user, artist, weight in _rows(data / FOLDER / _COUNTS, ("userID", "artistID", "weight"))
        if artist in spelled
    ]
    plays = [play for play in plays if play[2] > 0]
    totals: dict[str, float] = dict.fromkeys(spelled, 0.0)
    for _, artist, weight in plays:
        totals[artist] += weight
    key_of = {artist: artist_key(name) for artist, name in spelled.items()}
    best: dict[str, str] = {}
    for artist in sorted(spelled, key=lambda a: (-totals[a], spelled[a])):
        best.setdefault(key_of[artist], spelled[artist].strip())
    keys, users = sorted(best), sorted({user for user, _, _ in plays}, key=lambda u: (len(u), u))
    column, row = {key: i for i, key in enumerate(keys)}, {user: i for i, user in enumerate(users)}
    at = np.array([(row[user], column[key_of[artist]]) for user, artist, _ in plays], np.int32).reshape(-1, 2)
    weights = np.array([weight for _, _, weight in plays], np.float64)
    counts = coo_matrix((weights, (at[:, 0], at[:, 1])), (len(users), len(keys))).tocsr()
    return Listening(tuple(users), tuple(keys), tuple(best[key] for key in keys), counts)


def _rows(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    """The wanted cells of a tab-separated file."""
    if not path.is_file():
        raise DataError(f"{path.name} is missing from {path.parent}. It needs HetRec 2011 Last.fm as GroupLens has it.")
    head, *lines = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\r", "").split("\n")
    names = head.split("\t")
    absent = [column for column in columns if column not in names]
    if absent:
        raise DataError(f"{path.name} lacks the column {absent[0]!r}. Download it again from where it is published.")
    at = [names.index(column) for column in columns]
    rows = [line.split("\t") for line in lines if line]
    return [[_unquoted(row[i]) for i in at] for row in rows if len(row) > max(at)]


def _unquoted(cell: str) -> str:
    """The text of a cell; quotes belong to the name unless they wrap it whole and the inner ones are doubled."""
    inner = cell[1:-1]
    wrapped = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if wrapped else cell


def _number(text: str, path: Path) -> float:
    try:
        return float(text)
    except ValueError:
        raise DataError(f"{path.name} holds {text!r} where a count should be. Download it again.") from None
