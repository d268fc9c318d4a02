"""Pictures that a model made, as they are shown: larger, as a negative, in colours, several beside each other."""

import numpy as np
from PIL import Image

from engine.images.colour import table
from engine.images.resize import resize, target
from engine.schema.errors import DataError
from engine.schema.frame import U8
from engine.schema.model import Size
from export.drawing.lettering import mask
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Pictures, Recording

LETTERS = 0.09
"""Height of names above pictures that stand beside each other, in their width."""

LIGHT, GROUND = 210, 40
"""Greys of these letters, and of what is behind and between the pictures, which may be black to their edges."""

BESIDE = 4
"""Columns of the pictures' own between two that stand beside each other, as wide as a sixteenth of a small one."""

SEES, ALONE = "it sees the truth", "on its own"
"""Below pictures, of which some were given to the model."""

PLACE = "--scale"


class Paintings:
    """Draws frames of a recording of pictures.

    Args:
        recording: of pictures.
        options: how they look.

    Attributes:
        size: width and height, pixels.
        colours: (256, 3) uint8, red, green and blue of each grey.

    Raises:
        ConfigError: they would be too large.
        DataError: there are no pictures.
    """

    def __init__(self, recording: Recording, options: Options) -> None:
        self._pictures, self._options = shown(recording), options
        first = self._pictures.lanes[0].pixels
        self._tile = target(Size(height=first.shape[1], width=first.shape[2]), options.scale, PLACE)
        self._gap = BESIDE * max(self._tile.width // first.shape[2], 1)
        self._strip = mask("X", self._letters).shape[0] if len(self._pictures.lanes) > 1 else 0
        count = len(self._pictures.lanes)
        width = count * self._tile.width + (count - 1) * self._gap
        self.size = width, self._tile.height + self._strip * (2 if self._pictures.given else 1)
        self.colours = table(options.colormap)

    @property
    def _letters(self) -> int:
        return round(LETTERS * self._tile.width)

    def grey(self, frame: int) -> U8:
        """The picture (H, W) of a frame, as places among `colours`."""
        if not self._strip:
            return self.lane(0, frame, self._tile)
        found = np.full(self.size[::-1], GROUND, np.uint8)
        for place, lane in enumerate(self._pictures.lanes):
            left = place * (self._tile.width + self._gap)
            self._write(found, lane.name, left, 0)
            rows, columns = slice(self._strip, self._strip + self._tile.height), slice(left, left + self._tile.width)
            found[rows, columns] = self.lane(place, frame, self._tile)
        if given := self._pictures.given:
            self._write(found, SEES if frame < given else ALONE, self._tile.width + self._gap, -self._strip)
        return found

    def lane(self, place: int, frame: int, size: Size) -> U8:
        """A picture of one lane, fitted into a size."""
        pixels = self._pictures.lanes[place].pixels[frame]
        grey = Image.fromarray(~pixels if self._options.invert else pixels)
        return np.asarray(resize(grey, size, self._options.filter), np.uint8)

    def draw(self, frame: int) -> Picture:
        """The picture (H, W, 3) of a frame: blue, green, red."""
        return self.coloured(self.grey(frame))

    def coloured(self, grey: U8) -> Picture:
        """Greys (H, W) as they are shown (H, W, 3): blue, green, red."""
        return np.ascontiguousarray(self.colours[grey][..., ::-1])

    def _write(self, picture: U8, text: str, left: int, top: int) -> None:
        cover = np.rint(GROUND + mask(text, self._letters) * (LIGHT - GROUND)).astype(np.uint8)
        ground = picture[top:][: cover.shape[0], left : left + cover.shape[1]]
        np.maximum(ground, cover[: ground.shape[0], : ground.shape[1]], out=ground)


def shown(recording: Recording) -> Pictures:
    """The pictures of a recording.

    Raises:
        DataError: there are none.
    """
    if recording.pictures is None or not recording.frames:
        raise DataError(recording.name, "no pictures", "some")
    return recording.pictures
