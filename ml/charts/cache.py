"""Rendered charts by what they were drawn from: asked for again they cost a hash, asked for at once they cost one."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any

import numpy as np

Key = tuple[Hashable, ...]
_PLAIN = (str, bytes, int, float, bool, type(None))


class Cache:
    """The most recently used results of at most `room` bytes together; safe to share between threads."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.used = 0
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._coming: dict[Key, Future[bytes]] = {}
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], bytes], pen: Executor) -> bytes:
        """What is kept under `key`, or what `make` returns on `pen`; two who ask at once wait for the same."""
        with self._lock:
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return kept
            if (coming := self._coming.get(key)) is None:
                # Under the lock: `make` may be done before its future is written down.
                coming = self._coming[key] = pen.submit(self._made, key, make)
        return coming.result()

    def _made(self, key: Key, make: Callable[[], bytes]) -> bytes:
        try:
            made = make()
        except BaseException:
            with self._lock:
                del self._coming[key]
            raise
        with self._lock:
            del self._coming[key]
            self._kept[key] = made
            self.used += len(made)
            while self.used > self.room:
                self.used -= len(self._kept.popitem(last=False)[1])
        return made


def key_of(*values: Any) -> Key | None:
    """A key that is equal for equal values; None when one can be neither read through nor told from its equals.

    Numbers, text, arrays, sequences, mappings and dataclasses count by value, to the last bit. Everything that compares
    by identity, such as a `Terrain`, counts by identity and is not kept alive.
    """
    read = blake2b(digest_size=16)
    others: list[weakref.ref[Any]] = []
    return (read.digest(), *others) if _read(values, read, others) else None


def _read(value: Any, into: blake2b, others: list[weakref.ref[Any]]) -> bool:
    """Feed one value, with its type and length, so that no two values feed the same bytes."""
    kind = type(value)
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ndarray) and value.dtype != object:
        into.update(f"{kind.__name__}{value.dtype.str}{value.shape};".encode())
        into.update(np.ascontiguousarray(value).data)
        return True
    if kind in _PLAIN:
        told = (
            value.encode("utf-8", "surrogatepass") if kind is str else value if kind is bytes else repr(value).encode()
        )
        into.update(b"%s%d;" % (kind.__name__.encode(), len(told)))
        into.update(told)
        return True
    parts: Sequence[Any]
    if kind in (tuple, list):
        parts = value
    elif kind is range:
        parts = (value.start, value.stop, value.step)
    elif isinstance(value, Mapping):
        parts = [part for item in value.items() for part in item]
    elif kind.__eq__ is object.__eq__:
        try:
            others.append(weakref.ref(value))
        except TypeError:
            return False
        into.update(b"other;")
        return True
    elif is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    else:
        return False
    into.update(f"{kind.__module__}.{kind.__qualname__}{len(parts)};".encode())
    return all(_read(part, into, others) for part in parts)
