"""Colours of the pictures, as OpenCV has them: blue, green, red, 0 to 255."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Colour = tuple[float, float, float]

CEILING: Colour = (17.0, 13.0, 12.0)
"""The dark above the stage."""

HORIZON: Colour = (22.0, 18.0, 16.0)
"""Where floor and dark meet."""

FLOOR: Colour = (24.0, 20.0, 18.0)
"""The floor where no light falls."""

POOL: Colour = (56.0, 47.0, 42.0)
"""What the light adds to the floor in its middle."""

GRID: Colour = (52.0, 46.0, 42.0)
"""What a line adds to the floor in the middle of the light."""

INK: Colour = (232.0, 236.0, 240.0)
"""Lettering."""

FAINT: Colour = (150.0, 148.0, 146.0)
"""Lettering that is not in the way."""

PALE: Colour = (226.0, 234.0, 240.0)
"""What right limbs lean towards."""

EDGE: Colour = (14.0, 11.0, 10.0)
"""Around a limb, so that it stands out from what is behind it."""

PERFORMERS: tuple[Colour, ...] = (
    (64.0, 112.0, 255.0),  # coral
    (255.0, 178.0, 72.0),  # sky
    (70.0, 200.0, 250.0),  # amber
    (150.0, 214.0, 92.0),  # mint
    (245.0, 120.0, 176.0),  # violet
    (172.0, 112.0, 250.0),  # rose
    (214.0, 214.0, 70.0),  # turquoise
    (90.0, 230.0, 196.0),  # lime
)
"""One for each performer, from the first again after the last; told apart by hue and by lightness."""

RIGHT = 0.72
"""Share of `PALE` in what is on the right; the left has the performer's own colour."""

HEAD = 0.4
"""Share of `PALE` in a head."""


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two; 0 is the first."""
    blue, green, red = ((1 - share) * a + share * b for a, b in zip(one, other, strict=True))
    return blue, green, red


def performer(row: int) -> Colour:
    """The colour of the performer in a row."""
    return PERFORMERS[row % len(PERFORMERS)]


def sides(own: Colour) -> tuple[Colour, Colour, Colour]:
    """The colours of what is in the middle, on the left and on the right."""
    return own, own, mixed(own, PALE, RIGHT)


def lit(colour: Colour, factor: float) -> Colour:
    """A colour in more light (above 1, towards white) or less."""
    if factor > 1:
        return mixed(colour, (255.0, 255.0, 255.0), min(factor - 1, 1.0))
    blue, green, red = (factor * channel for channel in colour)
    return blue, green, red
