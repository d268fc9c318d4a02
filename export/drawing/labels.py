"""What is written into a picture: title, credit, time, who is who, and which side is left."""

from typing import NamedTuple

from export.drawing.lettering import F32, Digits, lines, mask, moment, stamp
from export.drawing.palette import FAINT, INK, Colour, performer, sides
from export.drawing.strokes import Picture
from export.recording import Recording

MARGIN = 0.045
"""Around lettering, in shorter sides of the picture."""

TITLE = 0.034
CREDIT = 0.0165
TIME = 0.022
"""Sizes of letters, likewise."""

SHARE = 0.62
"""Of the width that the credit may take; the time stands beside it."""

NAMED = 16
"""Performers that are told apart by name; there is no room for more."""


DOT = "\N{BLACK CIRCLE}"


class Sign(NamedTuple):
    """Something that stands in all pictures: how much it covers, where, and its colour."""

    cover: F32
    left: int
    top: int
    colour: Colour


class Labels:
    """Lettering of a recording's pictures.

    Args:
        recording: whose credit it is.
        title: '' for none.
        size: of the pictures, pixels.
    """

    def __init__(self, recording: Recording, title: str, size: tuple[int, int]) -> None:
        self._width, self._height = size
        side = min(size)
        self._margin = round(MARGIN * side)
        self._title_size, self._credit_size = round(TITLE * side), round(CREDIT * side)
        self._digits = Digits(round(TIME * side))
        self._signs = self._text(recording, title) + self._legend(recording)

    def stamp(self, picture: Picture, seconds: float) -> None:
        """Write into a picture of this moment."""
        for sign in self._signs:
            stamp(picture, *sign)
        text = moment(seconds)
        left = self._width - self._margin - self._digits.width(text)
        self._digits.stamp(picture, text, left, self._height - self._margin - self._digits.height, FAINT)

    def _text(self, recording: Recording, title: str) -> list[Sign]:
        """Title at the upper left, credit at the lower left."""
        room = self._width - 2 * self._margin
        above = [mask(line, self._title_size) for line in lines(title, self._title_size, room)]
        credit = lines(recording.credit, self._credit_size, round(SHARE * room))
        below = [mask(line, self._credit_size) for line in credit]
        signs = [Sign(cover, self._margin, self._margin + row * cover.shape[0], INK) for row, cover in enumerate(above)]
        bottom = self._height - self._margin - sum(cover.shape[0] for cover in below)
        signs += [Sign(cover, self._margin, bottom + row * cover.shape[0], FAINT) for row, cover in enumerate(below)]
        return signs

    def _legend(self, recording: Recording) -> list[Sign]:
        """Who is who at the upper right, and which colours are left and right at the lower right."""
        signs = []
        if recording.skeleton is not None and recording.performers and recording.skeleton.facing:
            _, left, right = sides(performer(0))
            row = self._height - self._margin - 2 * self._digits.height
            signs += self._row([("left", left), ("right", right)], row)
        if len(recording.performers) > 1:
            numbers = [one.number for one in recording.performers][:NAMED]
            signs += self._row([(str(number), performer(row)) for row, number in enumerate(numbers)], self._margin)
        return signs

    def _row(self, entries: list[tuple[str, Colour]], top: int) -> list[Sign]:
        """Words with a dot each, from the right margin on."""
        signs, x = [], self._width - self._margin
        for text, colour in reversed(entries):
            cover = mask(text, self._credit_size)
            dot = mask(DOT, self._credit_size)
            signs.append(Sign(cover, x - cover.shape[1], top, FAINT))
            signs.append(Sign(dot, signs[-1].left - round(1.3 * dot.shape[1]), top, colour))
            x = signs[-1].left - dot.shape[1]
        return signs
