"""A PNG encoder for flat drawings: exact colours, in half the time of a general one that tries five filters a row."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2  # the filter that stores each row as its difference from the row above: mostly zeros here


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """Encode (height, width, 3 or more) pixels as an RGB PNG; a fourth channel is left out.

    PNG (Portable Network Graphics) Specification, W3C, sections 5 (chunks) and 9 (filters).
    """
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels[:, :, :3]).reshape(height, width * 3)
    filtered = np.empty((height, 1 + width * 3), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(filtered.tobytes(), 1)  # higher levels cost milliseconds and save little
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
