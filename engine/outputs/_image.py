"""What the profiles share about pictures: the latent numbers of one, and a small copy of it that fits a datagram."""

import math

import numpy as np

from engine.imagery import MOST_LATENTS
from engine.kept import Kept
from engine.schema.frame import F32, U8
from engine.wire import osc

BLOB = 1360
"""Bytes of a small copy at most: with the longest address, its size and its types it fits `MAX_DATAGRAM`."""


def finite(latent: F32) -> bool:
    """Whether all numbers (D,) are, found without an array: each frame asks."""
    return math.isfinite(sum(latent.tolist()))


class Latents:
    """The message of the latent numbers, made for each count of them.

    Args:
        address: where it goes.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._made = Kept(lambda count: osc.PreparedDatagram(osc.encode(address, *[0.0] * count)))

    def put(self, latent: F32) -> bytearray | None:
        """The message with these numbers (D,), the first ones of too many; None where one of them is not finite."""
        shown = latent[:MOST_LATENTS]
        if not finite(shown):
            return None
        made = self._made[len(shown)]
        made.floats(self._address)[:] = shown
        return made.data


class Thumbnail:
    """The message of a small copy: its width, its height and its greys, the top row first.

    Args:
        address: where it goes.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._size = (0, 0)

    def put(self, pixels: U8) -> bytearray:
        """The message with a picture (H, W), each grey of the copy being the mean of those that it covers."""
        if pixels.shape != self._size:
            self._make(*pixels.shape)
        np.copyto(self._light, pixels)
        np.matmul(self._down, self._light, out=self._half)
        np.matmul(self._half, self._across, out=self._small)
        np.rint(self._small, out=self._small)
        np.copyto(self._greys, self._small, casting="unsafe")
        return self._data

    def _make(self, height: int, width: int) -> None:
        self._size = (height, width)
        low, narrow = copied(height, width)
        self._down, self._across = _means(height, low), np.ascontiguousarray(_means(width, narrow).T)
        self._light: F32 = np.zeros((height, width), np.float32)
        self._half: F32 = np.zeros((low, width), np.float32)
        self._small: F32 = np.zeros((low, narrow), np.float32)
        self._data = bytearray(osc.encode(self._address, narrow, low, bytes(narrow * low), tags="iib"))
        start = len(self._data) - (narrow * low + -(narrow * low) % 4)
        self._greys: U8 = np.frombuffer(self._data, np.uint8, narrow * low, start).reshape(low, narrow)


def copied(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the small copy of a picture: of its shape, as large as fits, and never larger than it."""
    scale = min(1.0, math.sqrt(BLOB / (height * width)))
    low, narrow = max(1, int(height * scale)), max(1, int(width * scale))
    low = min(low, max(1, BLOB // narrow))
    return low, min(narrow, BLOB // low)


def _means(count: int, groups: int) -> F32:
    """(groups, count) shares of neighbours that have equal parts of a row of `count`."""
    edges = np.linspace(0, count, groups + 1)
    left, right = np.arange(count), np.arange(1, count + 1)
    shared = np.minimum(edges[1:, None], right) - np.maximum(edges[:-1, None], left)
    return np.asarray(np.maximum(shared, 0) * (groups / count), np.float32)
