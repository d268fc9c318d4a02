"""Text in pictures, in a typeface that comes with Matplotlib: no machine needs fonts for it."""

import functools
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from export.drawing.palette import Colour
from export.drawing.strokes import Picture

F32 = NDArray[np.float32]

PLAIN = "DejaVuSans.ttf"
EVEN = "DejaVuSansMono.ttf"
"""Of digits that change: all letters are equally wide."""

SMALLEST = 7
"""Pixels; smaller letters cannot be read."""


@functools.cache
def typeface(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """A typeface in a size, pixels."""
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), max(pixels, SMALLEST))


def mask(text: str, pixels: int, name: str = PLAIN) -> F32:
    """How much of each pixel (H, W) a line of text covers, 0 to 1; all lines of a size are equally high."""
    face = typeface(name, pixels)
    ascent, descent = face.getmetrics()
    drawn = Image.new("L", (max(1, int(face.getlength(text) + 1.5)), ascent + descent))
    ImageDraw.Draw(drawn).text((0, 0), text, fill=255, font=face)
    return np.asarray(drawn, np.float32) / np.float32(255)


def stamp(picture: Picture, cover: F32, left: int, top: int, colour: Colour) -> None:
    """Put what a mask covers into a picture; what is outside is cut off."""
    ground = picture[max(top, 0) : max(top + cover.shape[0], 0), max(left, 0) : max(left + cover.shape[1], 0)]
    share = cover[max(-top, 0) :, max(-left, 0) :][: ground.shape[0], : ground.shape[1], None]
    ground[...] = np.rint(ground + share * (np.array(colour, np.float32) - ground)).astype(np.uint8)


def lines(text: str, pixels: int, width: int) -> list[str]:
    """A text broken at spaces into lines that fit a width, pixels; a word that is wider stands alone."""
    face = typeface(PLAIN, pixels)
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and face.getlength(longer) <= width:
            found[-1] = longer
        else:
            found.append(word)
    return found


class Digits:
    """Text that changes with every frame, from letters that are drawn once."""

    def __init__(self, pixels: int) -> None:
        self._masks = {letter: mask(letter, pixels, EVEN) for letter in "0123456789:."}
        self.height: int = self._masks["0"].shape[0]
        self._wide: int = self._masks["0"].shape[1]

    def width(self, text: str) -> int:
        """Pixels of a text."""
        return self._wide * len(text)

    def stamp(self, picture: Picture, text: str, left: int, top: int, colour: Colour) -> None:
        """Put digits, colons and points into a picture."""
        for place, letter in enumerate(text):
            stamp(picture, self._masks[letter], left + place * self._wide, top, colour)


def moment(seconds: float) -> str:
    """A time as people read it: 1:02.3."""
    tenths = int(seconds * 10 + 1e-6)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
