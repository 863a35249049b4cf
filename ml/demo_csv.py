"""A CSV of demos, as people really export them -> feature rows, with every bad cell named by row and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ml.errors import MlError
from ml.families import FAMILIES, FAMILY_OF
from ml.features import BY_NAME, NAMES, Matrix, matrix
from ml.text import fold

MAX_ROWS = 10_000
MAX_BYTES = 25_000_000
_MAX_CELL = 1000
_MISSING = {"", "na", "n/a", "null", "none", "-"}
_WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "major": 1.0, "minor": 0.0}
_KEYS = {"c": 0, "c#": 1, "db": 1, "d": 2, "d#": 3, "eb": 3, "e": 4, "f": 5, "f#": 6, "gb": 6, "g": 7, "g#": 8}
_KEYS |= {"ab": 8, "a": 9, "a#": 10, "bb": 10, "b": 11}
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_TITLES = ("title", "track_name", "track", "name")
_ALIASES = {"duration": "duration_ms", "bpm": "tempo"}
_YEAR = re.compile(r"(\d{4})(?:\.0|-\d\d(?:-\d\d)?)?")
_GENRES = {fold(family): genres for family, genres in FAMILIES.items()} | {fold(genre): (genre,) for genre in FAMILY_OF}
_COMPRESSED = {b"PK\x03\x04": "a ZIP archive", b"\x1f\x8b": "a gzip archive", b"RIFF": "audio", b"ID3": "audio"}


class CsvError(MlError):
    """The file as a whole cannot be read; the message says why and what works."""


@dataclass(frozen=True)
class Demos:
    """The rows of a CSV: original cells, (n, 14) features with NaN where not given, and what is wrong with each row.

    `decades` is 0 where unknown, `genres` holds tuples of known genres (empty where unknown), `errors` "" for rows
    that can be scored; `unread` counts rows past the limit, `unknown_genres` the genre names nobody knows.
    """

    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    x: Matrix
    titles: tuple[str, ...]
    decades: tuple[int, ...]
    genres: tuple[tuple[str, ...], ...]
    errors: tuple[str, ...]
    unread: int
    unknown_genres: tuple[str, ...]


def read(data: bytes, max_rows: int = MAX_ROWS) -> Demos:
    """Read a CSV with any of the feature columns, and optional title, year, decade and genre.

    Commas, semicolons or tabs between cells, decimal commas, a byte-order mark and extra columns are understood.

    Raises
    ------
    CsvError
        When the file is too large, not text, or has no header with a feature.
    """
    text = _decode(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = tuple(cell.strip() for cell in next(lines, ()))
        columns = _columns(header)
        rows, unread = _take(lines, max_rows)
    except csv.Error as error:
        raise CsvError(f"The file is not a readable CSV near line {lines.line_num}: {error}.") from None
    parsed = [_row(cells, columns, header) for cells in rows]
    unknown = {row.unknown_genre for row in parsed} - {""}
    return Demos(
        header=header,
        cells=tuple(rows),
        x=matrix(row.features for row in parsed),
        titles=tuple(row.title for row in parsed),
        decades=tuple(row.decade for row in parsed),
        genres=tuple(row.genres for row in parsed),
        errors=tuple(row.error for row in parsed),
        unread=unread,
        unknown_genres=tuple(sorted(unknown)),
    )


def write(demos: Demos, added: Mapping[str, Sequence[object]]) -> str:
    """The CSV again with the `added` columns (name -> one value a row) after its own."""
    kept = [i for i, name in enumerate(demos.header) if name not in added]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(demos.header[i] for i in kept), *added])
    for n, cells in enumerate(demos.cells):
        own = [cells[i] if i < len(cells) else "" for i in kept]
        writer.writerow([*own, *(column[n] for column in added.values())])
    return out.getvalue()


def remarks(demos: Demos, shown: int = 5) -> list[str]:
    """What a person must know of a file: bad rows by number (from 1), rows not read, unknown genres."""
    bad = [(n, error) for n, error in enumerate(demos.errors, 1) if error]
    lines = [f"row {n}: {error}" for n, error in bad[:shown]]
    if len(bad) > shown:
        lines.append(f"and {len(bad) - shown:,} more rows with errors")
    if demos.unread:
        rest = "1 row was" if demos.unread == 1 else f"{demos.unread:,} rows were"
        lines.append(f"{rest} not read: the limit is {MAX_ROWS:,} rows a file")
    if demos.unknown_genres:
        lines.append(f"genres I don't know: {', '.join(demos.unknown_genres[:shown])}")
    return lines


@dataclass(frozen=True)
class _Parsed:
    features: dict[str, float]
    title: str
    decade: int
    genres: tuple[str, ...]
    unknown_genre: str
    error: str


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise CsvError(f"The file has {len(data) / 1e6:.0f} MB; I read up to {MAX_BYTES // 1_000_000} MB.")
    for magic, what in _COMPRESSED.items():
        if data.startswith(magic):
            raise CsvError(f"The file is {what}, not a CSV. Send the CSV itself.")
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in data:
            raise CsvError("The file is not text, so not a CSV.") from None
        return data.decode("cp1252", errors="replace")


def _columns(header: tuple[str, ...]) -> dict[str, int]:
    """What each known column is called -> where it stands."""
    found: dict[str, int] = {}
    for i, name in enumerate(header):
        plain = name.casefold().replace(" ", "_")
        found.setdefault(_ALIASES.get(plain, plain), i)
    if not any(name in found for name in NAMES):
        shown = ", ".join(header[:5])[:80] or "nothing"
        raise CsvError(
            f"The first line must name the columns, at least one feature ({', '.join(NAMES[:4])}, …). It has: {shown}."
        )
    return found


def _take(lines: Iterator[list[str]], max_rows: int) -> tuple[list[tuple[str, ...]], int]:
    rows: list[tuple[str, ...]] = []
    unread = 0
    for cells in lines:
        if not any(cells):
            continue
        if len(rows) < max_rows:
            rows.append(tuple(cell[:_MAX_CELL] for cell in cells))
        else:
            unread += 1
    return rows, unread


def _row(cells: tuple[str, ...], columns: dict[str, int], header: tuple[str, ...]) -> _Parsed:
    def cell(*names: str) -> str:
        at = next((columns[name] for name in names if name in columns), len(cells))
        return cells[at].strip() if at < len(cells) else ""

    errors = [] if len(cells) <= len(header) else [f"{len(cells)} cells under {len(header)} columns"]
    features = dict.fromkeys(NAMES, math.nan)
    for name in NAMES:
        try:
            features[name] = _number(name, cell(name))
        except ValueError as error:
            errors.append(str(error))
    if not errors and all(map(math.isnan, features.values())):
        errors.append("no feature is given")
    genre = cell("genre", "track_genre")
    genres = _genres(genre)
    decade = _decade(cell("decade")) or _decade_of_year(cell("year", "release_date"))
    unknown = genre if genre.casefold() not in _MISSING and not genres else ""
    return _Parsed(features, cell(*_TITLES), decade, genres, unknown, "; ".join(errors))


def _number(name: str, text: str) -> float:
    """A cell's number; NaN when empty.

    Raises
    ------
    ValueError
        Naming the column, the cell and what is allowed.
    """
    plain = text.casefold()
    if plain in _MISSING:
        return math.nan
    feature = BY_NAME[name]
    if plain in _WORDS and feature.whole:
        return _WORDS[plain]
    if name == "key" and (note := plain.replace("♯", "#").replace("♭", "b")) in _KEYS:
        return float(_KEYS[note])
    if name == "duration_ms" and (clock := _CLOCK.fullmatch(plain)):
        return (int(clock[1]) * 60 + int(clock[2])) * 1000.0
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        raise ValueError(f"{name}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{name}: {text[:40]!r} is not a finite number")
    if not feature.low <= value <= feature.high:
        meant = f"; as a percentage write {value / 100:g}" if feature.is_share and 1 < value <= 100 else ""
        if feature.unit == "ms" and feature.low <= value * 1000 <= feature.high:
            meant = f"; as seconds write {value * 1000:.0f}"
        unit = "" if feature.is_share else f" ({feature.unit})"
        raise ValueError(f"{name}: {value:g} is outside {feature.low:,g} to {feature.high:,.10g}{unit}{meant}")
    return value


def _genres(text: str) -> tuple[str, ...]:
    return _GENRES.get(fold(text), ()) if text else ()


def _decade(text: str) -> int:
    """60, 60s, 1960, 1960s or 60.0 -> 1960; 0 or 00 -> 2000; 10 -> 2010; 0 where unknown."""
    digits = re.fullmatch(r"(\d{1,2}|\d{4})(?:\.0)?'?s?", text)
    if not digits:
        return 0
    number = int(digits[1]) // 10 * 10
    if len(digits[1]) == 4:
        return number
    return number + (1900 if number >= 30 else 2000)


def _decade_of_year(text: str) -> int:
    year = _YEAR.fullmatch(text)
    return int(year[1]) // 10 * 10 if year else 0
