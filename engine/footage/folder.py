"""Pictures in a folder, in natural order, and single ones; a GIF, WebP or PNG that moves is a film."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.footage.footage import MOST_PIXELS, Footage, Shot, check_pixels
from engine.schema.errors import DataError
from engine.schema.frame import U8

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")

BROKEN = (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError)
"""What Pillow raises over files that are empty, damaged or foreign."""

BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

UPRIGHT = ("JPEG", "MPO", "TIFF", "WEBP")
"""Formats whose EXIF says how the camera was held; of a PNG it is only known when all of it was read."""

TURNED = (5, 6, 7, 8)
"""Values of EXIF's orientation under which rows are columns."""

ORIENTATION = 0x0112

INSTANT = 0.1
"""Seconds that a picture of an animation lasts which says 0.01 s or less, as browsers have it."""


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
    shapes = [_shape(file) for file in files]
    first, same = shapes[0], len(set(shapes)) == 1
    if not same and not mixed:
        file, found = next(pair for pair in zip(files, shapes, strict=True) if pair[1] != first)
        expected = f"{first[1]} x {first[0]} as {files[0].name}"
        raise DataError(str(file), f"{found[1]} x {found[0]}", expected, "?fit=cover takes all sizes")

    def shots() -> Iterator[Shot]:
        for file in files:
            with _opened(file) as image:
                yield Shot(_grey(image), None)

    return Footage(str(path), first if same else None, None, len(files), shots)


def read_one(path: Path) -> Footage:
    """A single picture, or one that moves.

    Raises:
        DataError: as for `read`.
    """
    shape = _shape(path)
    with _opened(path) as image:
        count = getattr(image, "n_frames", 1)

    def shots() -> Iterator[Shot]:
        with _opened(path) as image:
            for number in range(count):
                image.seek(number)
                yield Shot(_grey(image), _seconds(image) if count > 1 else None)

    return Footage(str(path), shape, None, count, shots)


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
        found = str(error).partition(",")[0]
        raise DataError(str(path), found, f"at most {MOST_PIXELS // 1_000_000} million pixels") from error
    except BROKEN as error:
        found = "an empty file" if _empty(path) else f"{type(error).__name__}: {error}"
        raise DataError(str(path), found, "a whole picture") from error


def _shape(path: Path) -> tuple[int, int]:
    """Rows and columns, by the header alone."""
    with _opened(path) as image:
        turned = image.format in UPRIGHT and image.getexif().get(ORIENTATION) in TURNED
        return (image.width, image.height) if turned else (image.height, image.width)


def _grey(image: Image.Image) -> U8:
    """A picture's brightness, upright; what is transparent is black."""
    upright = ImageOps.exif_transpose(image) if image.format in UPRIGHT else image
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
