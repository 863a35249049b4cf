"""Many strings in little memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Strings:
    """Many strings in two arrays (UTF-8 bytes and offsets): a tenth of the memory of a list of `str`."""

    def __init__(self, data: bytes, offsets: NDArray[np.uint32]) -> None:
        self.data = data
        self.offsets = offsets

    @classmethod
    def pack(cls, strings: Sequence[str]) -> Strings:
        """Pack `strings` in order."""
        encoded = [s.encode() for s in strings]
        return cls(b"".join(encoded), np.cumsum([0, *map(len, encoded)], dtype=np.uint32))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def bytes_at(self, i: int) -> bytes:
        """The bytes of string `i`."""
        return self.data[self.offsets[i] : self.offsets[i + 1]]

    def __getitem__(self, i: int) -> str:
        return self.bytes_at(i).decode()
