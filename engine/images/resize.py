"""Pictures in another size, nearest or bicubic; Pillow computes without holding the interpreter."""

from PIL import Image

from engine.schema.errors import ConfigError
from engine.schema.kinds import Filter, Scale
from engine.schema.model import Size

MOST = 3840 * 2160
"""Pixels of a scaled picture: more costs each frame over 25 MB of memory traffic, and a core."""

FILTERS = {"nearest": Image.Resampling.NEAREST, "bicubic": Image.Resampling.BICUBIC}


def target(size: Size, scale: Scale, place: str) -> Size:
    """The size that pictures get.

    Args:
        size: that they have.
        scale: a factor, or WIDTHxHEIGHT.
        place: where the scale is said, for the error.

    Raises:
        ConfigError: over `MOST` pixels.
    """
    width, _, height = str(scale).partition("x")
    if height:
        wanted = Size(height=int(height), width=int(width))
    else:
        wanted = Size(height=size.height * int(width), width=size.width * int(width))
    if wanted.height * wanted.width > MOST:
        raise ConfigError(place, f"pictures of {wanted.width} x {wanted.height}", f"at most {MOST} pixels, 3840x2160")
    return wanted


def resize(picture: Image.Image, size: Size, by: Filter = "bicubic") -> Image.Image:
    """The picture as large as it fits into `size`, in the middle; what it leaves free is as its darkest grey, 0.

    Args:
        picture: grey (mode L).
        size: of the result.
        by: `nearest` keeps pixels as squares, `bicubic` is smooth.
    """
    share = min(size.width / picture.width, size.height / picture.height)
    width, height = max(round(picture.width * share), 1), max(round(picture.height * share), 1)
    grown = picture if (width, height) == picture.size else picture.resize((width, height), FILTERS[by])
    if (width, height) == (size.width, size.height):
        return grown
    framed = Image.new("L", (size.width, size.height))
    framed.paste(grown, ((size.width - width) // 2, (size.height - height) // 2))
    return framed
