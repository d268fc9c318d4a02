"""The pictures of a take as arrays without gaps."""

import numpy as np

from engine.schema.errors import DataError
from engine.schema.frame import F32, Image
from engine.schema.model import Size
from export.moves import MOST
from export.recording import Lane, Pictures
from export.reel import nearest


class Album:
    """T pictures, of which some may be missing.

    Args:
        place: of the take, for messages.
        size: of the pictures.
    """

    def __init__(self, place: str, size: Size) -> None:
        self._place, self._size = place, size
        self._latents: dict[int, F32] = {}
        self.begin(0)

    def begin(self, length: int) -> None:
        """Make room for so many.

        Raises:
            DataError: they would take too much memory.
        """
        height, width = self._size.height, self._size.width
        if length * height * width > MOST:
            found = f"{length} pictures of {width} x {height}"
            raise DataError(self._place, found, f"what fits into {MOST >> 30} GB of memory", "take a part of the time")
        self._pixels = np.zeros((length, height, width), np.uint8)
        self._there = np.zeros(length, np.bool_)

    def take(self, at: int, image: Image) -> None:
        """Keep one as number `at`."""
        self._pixels[at], self._there[at] = image.pixels, True
        if image.latent is not None:
            self._latents[at] = image.latent

    def pictures(self, name: str) -> Pictures | None:
        """All of them, those that are missing as the nearest that is there; None where none is.

        Latent numbers are there if every picture has as many.
        """
        if not self._there.any():
            return None
        source = nearest(self._there, np.arange(len(self._there)))
        known = [self._latents.get(int(at)) for at in source]
        found = [one for one in known if one is not None]
        whole = len(found) == len(known) and len({one.shape for one in found}) == 1
        return Pictures(lanes=(Lane(name, self._pixels[source]),), latents=np.stack(found) if whole else None)
