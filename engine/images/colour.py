"""Colours in the place of greys: a table of 256 for each colour map, between a few anchors of our own."""

from functools import cache

import numpy as np
from PIL import Image

from engine.schema.frame import U8
from engine.schema.kinds import Colormap

ANCHORS: dict[Colormap, tuple[str, ...]] = {
    "grey": ("000000", "ffffff"),
    "ink": ("f4efe4", "8d96a3", "14161e"),  # what is white becomes ink, and black paper
    "ember": ("070304", "5b0f12", "c8391a", "f79a2b", "fff3c4"),
    "ice": ("03060d", "0d2f5c", "2c86b8", "9fdcea", "ffffff"),
    "neon": ("0a0518", "5a0fa8", "f01e8c", "27e0e6", "f5ffff"),
    "sepia": ("120b07", "6a4428", "c39a68", "f6e7cd"),
}
"""Red, green and blue from black to white, evenly spaced."""


@cache
def table(name: Colormap) -> U8:
    """(256, 3) uint8, the colour of each grey; nobody may write into it."""
    anchors = np.array([list(bytes.fromhex(anchor)) for anchor in ANCHORS[name]], float)
    places = np.linspace(0, 255, len(anchors))
    made = np.stack([np.interp(np.arange(256), places, channel) for channel in anchors.T], 1)
    colours: U8 = np.rint(made).astype(np.uint8)
    colours.flags.writeable = False
    return colours


def colour(picture: Image.Image, name: Colormap) -> Image.Image:
    """A grey picture (mode L) in colours (mode RGB); the map `grey` leaves it as it is."""
    if name == "grey":
        return picture
    coloured = picture.copy()
    coloured.putpalette(table(name).tobytes())
    return coloured.convert("RGB")
