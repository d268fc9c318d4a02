"""Stacks of pictures in files of numpy arrays, read one by one; nothing is unpickled or inflated as a whole."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.footage.footage import Footage, Shot, check_pixels
from engine.schema.errors import DataError

KEYS = ("frames", "images", "pictures")
"""Names by which the stack is known among several arrays of an .npz."""

EXPECTED = "pictures (T, H, W), uint8, rows first"

SMALL = 1_000_000
"""Bytes of an array beside the pictures that are read at most, such as where clips begin."""

MOST_FPS = 1000.0

BROKEN = (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""What numpy and zipfile raise over files that are damaged or foreign."""


class _Header(NamedTuple):
    """What an array says about itself."""

    shape: tuple[int, ...]
    by_columns: bool
    kind: np.dtype[np.generic]


def read(path: Path) -> Footage:
    """The stack of an .npy, or of an .npz: its one array, or the one that is called `frames`, `images` or `pictures`.

    A number `fps` beside it is its rate.

    Raises:
        DataError: no file of plain numpy arrays, no such stack in it, or none of uint8 (T, H, W).
    """
    name = _name(path)
    with _array(path, name) as (_, header):
        shape = header.shape
    if len(shape) != 3 or header.kind != np.uint8 or header.by_columns or shape[0] < 1:
        order = ", columns first" if header.by_columns else ""
        raise DataError(str(path), f"an array {shape}, {header.kind}{order}", EXPECTED)
    check_pixels(str(path), shape[1], shape[2])
    fps = _fps(path) if name else None
    lasts = None if fps is None else 1 / fps

    def shots() -> Iterator[Shot]:
        with _array(path, name) as (file, _):
            for number in range(shape[0]):
                raw = _exactly(file, shape[1] * shape[2])
                if raw is None:
                    raise DataError(str(path), f"an end behind {number} pictures", f"{shape[0]} of them")
                yield Shot(np.frombuffer(raw, np.uint8).reshape(shape[1:]), lasts)

    return Footage(str(path), (shape[1], shape[2]), fps, shape[0], shots)


def beside(path: Path, name: str) -> NDArray[np.generic] | None:
    """A small array of an .npz, by its name; None where there is none.

    Raises:
        DataError: it is too large to stand beside pictures, or pickled.
    """
    if path.suffix.lower() != ".npz" or name not in _names(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            raw = file.read(SMALL + 1)
        if len(raw) > SMALL:
            raise DataError(f"{path}: {name}", f"over {SMALL} bytes", "less")
        loaded: NDArray[np.generic] = np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False)
    except BROKEN as error:
        raise _foreign(path, error) from error
    return loaded


def _fps(path: Path) -> float | None:
    found = beside(path, "fps")
    if found is None:
        return None
    if found.shape != () or found.dtype.kind not in "iuf" or not 0 < float(found.astype(float)) <= MOST_FPS:
        raise DataError(f"{path}: fps", f"{found.dtype} {found}", f"a number over 0 and up to {MOST_FPS:g}")
    return float(found.astype(float))


def _name(path: Path) -> str:
    """What the stack is called in an .npz; nothing for an .npy."""
    if path.suffix.lower() == ".npy":
        return ""
    names = _names(path)
    chosen = [name for name in KEYS if name in names] or (names if len(names) == 1 else [])
    if not chosen:
        found = f"the arrays {', '.join(names)}" if names else "an archive without arrays"
        raise DataError(str(path), found, f"one of {', '.join(KEYS)} among them")
    return chosen[0]


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    except BROKEN as error:
        raise _foreign(path, error) from error


@contextmanager
def _array(path: Path, name: str) -> Iterator[tuple[IO[bytes], _Header]]:
    """An array's bytes behind its header, and the header."""
    try:
        if not name:
            with path.open("rb") as file:
                yield file, _header(file)
        else:
            with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
                yield member, _header(member)
    except BROKEN as error:
        raise _foreign(path, error) from error


def _header(file: IO[bytes]) -> _Header:
    version = np.lib.format.read_magic(file)
    reader = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if reader is None:
        raise ValueError(f"version {version} of numpy's format")
    return _Header(*reader(file))


def _exactly(file: IO[bytes], count: int) -> bytes | None:
    """So many bytes; None where there are fewer."""
    raw = file.read(count)
    return raw if len(raw) == count else None


def _foreign(path: Path, error: Exception) -> DataError:
    return DataError(str(path), f"{type(error).__name__}: {error}", "a file of plain numpy arrays")
