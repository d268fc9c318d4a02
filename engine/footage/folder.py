"""Pictures in a folder, in natural order, and single ones; a GIF, WebP or PNG that moves is a film."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from engine.footage.footage import Footage, Shot, check_pixels
from engine.schema.errors import DataError
from engine.schema.frame import U8

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")

BROKEN = (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError)
"""What Pillow raises over files that are empty, damaged or foreign."""

BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

TURNED = (5, 6, 7, 8)
"""Values of EXIF's orientation under which rows are columns."""

ORIENTATION = 0x0112

INSTANT = 0.1
"""Seconds that a picture of an animation lasts which says 0.01 s or less, as browsers have it."""


class _About(NamedTuple):
    """What a file says before its pixels are read: rows, columns, how many pictures."""

    rows: int
    columns: int
    pictures: int


def read(path: Path, *, mixed: bool = False) -> Footage:
    """The pictures of a folder; other files in it are passed over, and of one that moves the first picture is taken.

    Args:
        path: of the folder.
        mixed: whether they may be of several sizes.

    Raises:
        DataError: no pictures there, one that is none, is too large, or is of another size than the first one.
    """
    try:
        files = sorted((file for file in path.iterdir() if is_picture(file)), key=natural)
    except OSError as error:
        raise DataError(str(path), str(error.strerror), "a readable folder") from error
    if not files:
        raise DataError(str(path), "a folder without pictures", f"files named {', '.join(SUFFIXES)}")
    first, *others = (_about(file) for file in files)
    shapes = {(first.rows, first.columns)}
    for file, found in zip(files[1:], others, strict=True):
        shapes.add((found.rows, found.columns))
        if len(shapes) > 1 and not mixed:
            expected = f"{first.columns} x {first.rows} as {files[0].name}"
            raise DataError(str(file), f"{found.columns} x {found.rows}", expected, "?fit=cover takes all sizes")

    def shots() -> Iterator[Shot]:
        for file in files:
            with _opened(file) as image:
                yield Shot(_grey(image), None)

    return Footage(str(path), shapes.pop() if len(shapes) == 1 else None, None, len(files), shots)


def read_one(path: Path) -> Footage:
    """A single picture, or one that moves.

    Raises:
        DataError: as for `read`.
    """
    about = _about(path)

    def shots() -> Iterator[Shot]:
        with _opened(path) as image:
            for number in range(about.pictures):
                image.seek(number)
                yield Shot(_grey(image), _seconds(image) if about.pictures > 1 else None)

    return Footage(str(path), (about.rows, about.columns), None, about.pictures, shots)


def is_picture(path: Path) -> bool:
    """Whether a file is named as a picture; hidden ones are none."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def natural(path: Path) -> list[tuple[int, str]]:
    """Numbers by value, so that frame2 stands before frame10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())]


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """A picture whose header was read and whose pixels may be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(path)
        with image:
            check_pixels(str(path), image.height, image.width)
            yield image
    except BOMB as error:
        raise DataError(str(path), "a picture of far too many pixels", "a smaller one") from error
    except BROKEN as error:
        found = "an empty file" if _empty(path) else f"{type(error).__name__}: {error}"
        raise DataError(str(path), found, "a whole picture") from error


def _about(path: Path) -> _About:
    with _opened(path) as image:
        turned = image.getexif().get(ORIENTATION) in TURNED
        rows, columns = (image.width, image.height) if turned else (image.height, image.width)
        return _About(rows, columns, getattr(image, "n_frames", 1))


def _grey(image: Image.Image) -> U8:
    """A picture's brightness, upright; what is transparent is black."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        return _deep(upright)
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, (0, 0, 0, 255))
        upright = Image.alpha_composite(ground, upright.convert("RGBA"))
    return np.array(upright.convert("L"), np.uint8)


def _deep(image: Image.Image) -> U8:
    """A picture of 16 bits, of which the upper 8 are kept."""
    return (np.clip(np.asarray(image, np.float32), 0, 65535) / 256).astype(np.uint8)


def _seconds(image: Image.Image) -> float:
    said = float(image.info.get("duration", 0)) / 1000
    return said if said > 0.01 else INSTANT


def _empty(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == 0
