"""A CSV of what people listened to -> for each of them a ranking of tracks or artists they have not heard."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ml.errors import MlError
from ml.ranking import highest
from ml.taste import Taste
from ml.text import title_key

if TYPE_CHECKING:
    from ml.models import Models

COLUMNS = ("user", "rank", "track_id", "artist", "title", "score")
By = Literal["track", "artist"]
_BEHIND = np.float32(100)  # more than two scores ever differ by
_EXAMPLE = "It needs the columns user and track_id, or user and artist (and title); weight is optional."


class HistoryError(MlError):
    """The file as a whole cannot be read; the message says why and what works."""


@dataclass
class History:
    """What one person listened to: catalogue rows and artist codes, each with its summed weight."""

    rows: dict[int, float] = field(default_factory=dict)
    artists: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Histories:
    """Each person's history in the order of the file, and a line for each row that could not be used."""

    people: Mapping[str, History]
    errors: tuple[str, ...]


def read(data: bytes, models: Models) -> Histories:
    """Read a CSV with `user`, and `track_id` or `artist` (and `title`), and an optional `weight`.

    A row whose track the catalogue does not know counts for its artist, if that is known.

    Raises
    ------
    HistoryError
        When the file is not text, or lacks a column it needs.
    """
    try:
        lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        names = [str(name).strip().casefold() for name in lines.fieldnames or ()]
        if "user" not in names or not {"track_id", "artist"} & set(names):
            raise HistoryError(f"The history has the columns {', '.join(names) or 'of an empty file'}. {_EXAMPLE}")
        lines.fieldnames = names
        people: dict[str, History] = {}
        errors = []
        for number, cells in enumerate(lines, 1):
            if error := _add(
                people, {k: (v or "").strip() for k, v in cells.items() if isinstance(v, str | None)}, models
            ):
                errors.append(f"row {number}: {error}")
    except UnicodeDecodeError:
        raise HistoryError("The history is not UTF-8 text.") from None
    except csv.Error as error:
        raise HistoryError(f"The history is not a readable CSV: {error}.") from None
    return Histories(people, tuple(errors))


def _add(people: dict[str, History], cells: dict[str, str], models: Models) -> str:
    """Add one row to its person's history; what is wrong with it, if anything."""
    if not cells.get("user"):
        return "user is empty"
    mine = people.setdefault(cells["user"], History())
    try:
        weight = float(cells.get("weight") or 1)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        return f"weight {cells['weight'][:40]!r} is not a number"
    row = _row(cells, models)
    if row is not None:
        mine.rows[row] = mine.rows.get(row, 0) + weight
    artist = models.artists.find(cells.get("artist", "")) if row is None else int(models.catalog.artist[row])
    if artist is None:
        what = cells.get("artist") or cells.get("track_id") or "nothing"
        return f"{what[:60]!r} is not known"
    mine.artists[artist] = mine.artists.get(artist, 0) + weight
    return ""


def _row(cells: dict[str, str], models: Models) -> int | None:
    """The catalogue row of a track id, or else of an artist and title."""
    catalog = models.catalog
    if cells.get("track_id") and (track := catalog.find_id(cells["track_id"])):
        return track.row
    if not (cells.get("artist") and cells.get("title")):
        return None
    artist = catalog.find_artist(cells["artist"])
    wanted = title_key(cells["title"]).encode()
    rows = catalog.by_artist(artist).tolist() if artist is not None else []
    return next((row for row in rows if catalog.title_keys.bytes_at(row) == wanted), None)


def rank(histories: Histories, models: Models, by: By, count: int, gems: float = 0.0) -> Iterator[tuple[object, ...]]:
    """Rows of the answer, in the order of `COLUMNS`: for each person the `count` best, nothing from the history.

    Tracks known only because some playlist holds them come after all others: that they are known at all betrays what
    a ranking of playlists' tracks is to find out, so to rank them by it would flatter every measurement. `gems`, from
    0 to 1, prefers lesser-known artists; it is of no effect on tracks.
    """
    for user, history in histories.people.items():
        best = _tracks(history, models, count) if by == "track" else _artists(history, models, count, gems)
        for place, (track_id, artist, title, score) in enumerate(best, 1):
            yield user, place, track_id, artist, title, f"{score:.6g}"


def _tracks(history: History, models: Models, count: int) -> Iterator[tuple[str, str, str, float]]:
    catalog = models.catalog
    of_rows = set(catalog.artist[list(history.rows)].tolist())
    loose = {artist: weight for artist, weight in history.artists.items() if artist not in of_rows}
    taste = Taste(
        rows=np.fromiter(history.rows, np.intp),
        weights=_strength(history.rows),
        artists=np.fromiter(loose, np.intp),
        artist_weights=_strength(loose),
    )
    scores = models.hybrid.score(taste).total - _BEHIND * models.hybrid.only_listed
    scores[taste.rows] = -np.inf
    for row in highest(scores, count):
        if not np.isfinite(scores[row]):
            break
        track = catalog.track(int(row))
        yield track.id, track.artist, track.title, float(scores[row])


def _artists(history: History, models: Models, count: int, gems: float) -> Iterator[tuple[str, str, str, float]]:
    catalog, space = models.catalog, models.artists
    codes = np.fromiter(history.artists, np.intp)
    best = space.recommend(codes, np.fromiter(history.artists.values(), np.float32), count, gems)
    for code, score in zip(*best, strict=True):
        known = code < len(catalog.artist_keys)
        track = catalog.track(int(catalog.by_artist(int(code))[0])) if known else None
        yield (track.id if track else ""), space.name(int(code)), (track.title if track else ""), float(score)


def _strength(weights: Mapping[int, float]) -> NDArray[np.float32]:
    """Listening counts as strengths of taste: sign(w) log2(1 + |w|), so that once is 1."""
    w = np.fromiter(weights.values(), np.float32)
    return np.sign(w) * np.log2(1 + np.abs(w))
