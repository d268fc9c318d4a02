"""What a screen makes of a picture: turned to its negative, scaled, coloured."""

from typing import NamedTuple

from PIL import Image

from engine.images.colour import colour
from engine.images.resize import resize, target
from engine.schema.frame import U8
from engine.schema.kinds import Colormap, Filter
from engine.schema.model import Size
from engine.schema.show import Screen


class Look(NamedTuple):
    """How pictures are shown.

    Attributes:
        size: that they get.
        by: how they are scaled.
        invert: whether black and white change places.
        colormap: what greys are shown as.
    """

    size: Size
    by: Filter = "nearest"
    invert: bool = False
    colormap: Colormap = "grey"

    def picture(self, pixels: U8) -> Image.Image:
        """A picture (H, W) as it is shown, grey (mode L) or in colours (RGB).

        It is coloured when it is large, so that what is between two greys gets their colours, not a mixture of them.
        """
        grey = Image.fromarray(~pixels if self.invert else pixels)
        return colour(resize(grey, self.size, self.by), self.colormap)


def look(screen: Screen, size: Size) -> Look:
    """How a screen wants pictures of a size to be shown.

    Raises:
        ConfigError: they would be too large.
    """
    return Look(target(size, screen.scale, f"{screen}: scale"), screen.filter, screen.invert, screen.colormap)
