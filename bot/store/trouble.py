"""What can go wrong with the notebook: drivers' errors -> one clause a kind, as people read it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """A kind of failure: the clause people read, whether it surely changed nothing, and whether it may pass."""

    clause: str
    unchanged: bool
    passing: bool


LOCKED = Trouble("my notebook is locked just now", unchanged=True, passing=True)
FULL = Trouble("the disk of my notebook is full", unchanged=True, passing=False)
READ_ONLY = Trouble("my notebook cannot be written", unchanged=True, passing=False)
CLOSED = Trouble("my notebook cannot be opened", unchanged=True, passing=False)
NEWER = Trouble("my notebook was written by a newer version of me", unchanged=True, passing=False)
AWAY = Trouble("my notebook does not answer just now", unchanged=False, passing=True)
TRACES = Trouble("what I kept is deleted, but traces of it are still in my notebook's file", False, passing=True)
BROKEN = Trouble("my notebook cannot be used, the operator's log says why", unchanged=False, passing=False)

_SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: FULL,  # no room even for the index of the write-ahead log
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: CLOSED,
    sqlite3.SQLITE_PERM: CLOSED,
}
_SQLSTATE = {  # by code or by class (its first two characters)
    "08": AWAY,
    "0A": AWAY,  # a statement cached before another process migrated: the next connection is fine
    "40": LOCKED,
    "55P03": LOCKED,
    "53": AWAY,
    "53100": FULL,
    "57": AWAY,
    "25006": READ_ONLY,
}
_LOST = {"TimeoutError", "InterfaceError", "InternalClientError"}  # asyncpg's own names: the connection is of no use
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR}


class StoreError(Exception):
    """The notebook failed; `unchanged` says whether it surely holds what it held before."""

    def __init__(self, trouble: Trouble, unchanged: bool) -> None:
        super().__init__(trouble.clause)
        self.trouble = trouble
        self.unchanged = unchanged

    def sentence(self) -> str:
        """What happened, and what became of the change, as a sentence."""
        clause = self.trouble.clause[0].upper() + self.trouble.clause[1:]
        return f"{clause}; nothing was changed." if self.unchanged else f"{clause}. I can't promise that this was done."


class TroubleError(Exception):
    """Raised inside the store where no driver raises."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.clause)
        self.trouble = trouble


def trouble_of(error: BaseException) -> Trouble:
    """The kind of a failure, by the first error in its chain of causes that tells."""
    return next((found for cause in _chain(error) if (found := _kind(cause))), BROKEN)


def _kind(error: BaseException) -> Trouble | None:
    if isinstance(error, TroubleError):
        return error.trouble
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)
        return _SQLITE.get(code) or _SQLITE.get(code & 0xFF)
    if state := getattr(error, "sqlstate", None):
        return _SQLSTATE.get(state) or _SQLSTATE.get(state[:2])
    if isinstance(error, TimeoutError) or type(error).__name__ in _LOST:
        return AWAY
    if isinstance(error, OSError):
        return FULL if error.errno == errno.ENOSPC else READ_ONLY if error.errno in _UNWRITABLE else AWAY
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__
