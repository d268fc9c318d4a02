"""Pictures in the format of MNIST (idx, plain or compressed by gzip), read one by one."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from engine.footage.footage import Footage, Shot, check_pixels
from engine.schema.errors import DataError

BYTES_BY_ROWS = b"\x00\x00\x08\x03"
"""How a file of uint8 with three dimensions begins."""

EXPECTED = "pictures in the idx format of MNIST"

BROKEN = (OSError, EOFError, zlib.error)


def read(path: Path) -> Footage:
    """The pictures of a file.

    Raises:
        DataError: no such file, labels, or one that ends early.
    """
    with _opened(path) as file:
        magic, raw = file.read(4), file.read(12)
    if magic != BYTES_BY_ROWS or len(raw) < 12:
        raise DataError(str(path), f"a file that begins with {magic.hex() or 'nothing'}", f"{EXPECTED}, 00000803")
    count, rows, columns = (int(side) for side in np.frombuffer(raw, ">u4"))
    check_pixels(str(path), rows, columns)
    if count == 0:
        raise DataError(str(path), "no pictures", EXPECTED)

    def shots() -> Iterator[Shot]:
        with _opened(path) as file:
            file.read(16)
            for number in range(count):
                pixels = file.read(rows * columns)
                if len(pixels) < rows * columns:
                    raise DataError(str(path), f"an end behind {number} pictures", f"{count} of them")
                yield Shot(np.frombuffer(pixels, np.uint8).reshape(rows, columns), None)

    return Footage(str(path), (rows, columns), None, count, shots)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            yield cast("BinaryIO", file)
    except BROKEN as error:
        raise DataError(str(path), f"{type(error).__name__}: {error}", EXPECTED) from error
