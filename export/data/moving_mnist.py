"""Moving MNIST: two handwritten digits that cross a black square and bounce off its edges, made anew from a seed.

After Srivastava, Mansimov and Salakhutdinov, "Unsupervised Learning of Video Representations using LSTMs" (2015): a
digit starts anywhere, goes straight on in any direction, a tenth of its room a frame (3.6 pixels of 36), and turns
around at an edge; where digits cross, the brighter pixel is seen. Digits of the training part and of t10k never meet.
"""

import gzip
import zlib
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import DataError
from engine.schema.frame import F32, U8
from export.data.place import locate

Part = Literal["train", "validation", "test"]

SIZE = 64
"""Pixels of a side of the pictures."""

DIGIT = 28
"""Pixels of a side of a digit."""

STRIDE = 0.1
"""Share of its room that a digit moves in a frame."""

DIGITS = 2
FPS = 10.0

KEPT_BACK = 5000
"""Of the training's digits, the last ones, which choose between trainings and never train."""

LICENCE = "CC-BY-SA-3.0 (the digits)"
CREDIT = "MNIST: Yann LeCun and Corinna Cortes"

FILES = {
    "train": "mnist/train-images-idx3-ubyte.gz",
    "validation": "mnist/train-images-idx3-ubyte.gz",
    "test": "mnist/t10k-images-idx3-ubyte.gz",
}

HEADER = 16
"""Bytes of an idx file of pictures before the first pixel: a magic number, count, rows, columns."""


class Films(NamedTuple):
    """Made sequences.

    Attributes:
        frames: (N, T, 64, 64) uint8.
        corners: (N, digits, T, 2) int64, row and column of each digit's upper left corner.
        digits: (N, digits, 28, 28) uint8.
    """

    frames: U8
    corners: NDArray[np.int64]
    digits: U8


def make(part: Part, count: int, length: int, rng: np.random.Generator, *, digits: int = DIGITS) -> Films:
    """Make `count` sequences of `length` frames from the digits of a part.

    Raises:
        DataError: the digits are not there or are damaged.
    """
    known = library(part)
    chosen = known[rng.integers(len(known), size=(count, digits))]
    corners = paths(rng, (count, digits), length)
    return Films(draw(chosen, corners), corners, chosen)


def paths(rng: np.random.Generator, shape: tuple[int, ...], length: int) -> NDArray[np.int64]:
    """Corners (*shape, T, 2) of digits that bounce within their room of 36 pixels."""
    place = rng.random((*shape, 2))
    angle = rng.random(shape) * 2.0 * np.pi
    step = STRIDE * np.stack([np.sin(angle), np.cos(angle)], -1)
    found = np.empty((*shape, length, 2), np.int64)
    for frame in range(length):
        place = place + step
        beyond = (place <= 0.0) | (place >= 1.0)
        place = np.clip(place, 0.0, 1.0)
        step = np.where(beyond, -step, step)
        found[..., frame, :] = place * (SIZE - DIGIT)
    return found


def draw(digits: U8, corners: NDArray[np.int64]) -> U8:
    """Frames (N, T, 64, 64) of digits (N, D, 28, 28) at corners (N, D, T, 2)."""
    count, several, length = corners.shape[:3]
    frames = np.zeros((count, length, SIZE, SIZE), np.uint8)
    for film, which, frame in np.ndindex(count, several, length):
        row, column = corners[film, which, frame]
        part = frames[film, frame, row : row + DIGIT, column : column + DIGIT]
        np.maximum(part, digits[film, which], out=part)
    return frames


def scaled(frames: U8) -> F32:
    """Bytes as 0 to 1."""
    return frames.astype(np.float32) / np.float32(255.0)


@lru_cache(maxsize=3)
def library(part: Part) -> U8:
    """The digits (N, 28, 28) of a part.

    Raises:
        DataError: they are not there or are damaged.
    """
    everything = _read(FILES[part])
    if part == "test":
        return everything
    return everything[:-KEPT_BACK] if part == "train" else everything[-KEPT_BACK:]


def _read(name: str) -> U8:
    path = locate(name)
    expected = f"a gzipped idx file of digits, {DIGIT} x {DIGIT}"
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(str(path), str(error), expected) from error
    magic, count, *sides = np.frombuffer(data[:HEADER].ljust(HEADER, b"\0"), ">u4").tolist()
    if magic != 0x803 or sides != [DIGIT, DIGIT] or len(data) != HEADER + count * DIGIT**2:
        raise DataError(str(path), "something else", expected)
    return np.frombuffer(data, np.uint8, offset=HEADER).reshape(count, DIGIT, DIGIT)
