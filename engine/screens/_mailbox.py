"""Where the frame thread leaves pictures for a thread that shows them: the newest wins, nobody waits."""

from collections import deque

import numpy as np

from engine.schema.frame import U8
from engine.schema.model import Size


class Picture:
    """A place for a picture.

    Attributes:
        pixels: (H, W) uint8.
        sequence: number of the frame.
        milliseconds: since the start of the show.
    """

    __slots__ = ("milliseconds", "pixels", "sequence")

    def __init__(self, size: Size) -> None:
        self.pixels: U8 = np.zeros((size.height, size.width), np.uint8)
        self.sequence = self.milliseconds = 0


class Mailbox:
    """Holds the newest picture; one thread puts, one takes.

    Four places are enough: one is written, one waits, one was taken, and the one that was taken before is not free yet
    where the thread that takes is held up just then. Moves between them are those of a deque, which are whole.

    Args:
        size: of the pictures.

    Attributes:
        taken: pictures that were taken.
        left_out: pictures that a newer one replaced.
    """

    def __init__(self, size: Size) -> None:
        self._free = deque(Picture(size) for _ in range(4))
        self._waiting = deque[Picture]()
        self._seen: Picture | None = None
        self.taken = self.left_out = 0

    def put(self, pixels: U8, sequence: int, milliseconds: int) -> None:
        """Leave a copy of a picture (H, W)."""
        picture = self._free.pop()
        np.copyto(picture.pixels, pixels)
        picture.sequence, picture.milliseconds = sequence, milliseconds
        try:
            self._free.append(self._waiting.pop())
            self.left_out += 1
        except IndexError:  # it was taken
            pass
        self._waiting.append(picture)

    def take(self) -> Picture | None:
        """The newest picture, untouched until the next one is taken; None where there is no new one."""
        try:
            picture = self._waiting.pop()
        except IndexError:
            return None
        if self._seen is not None:
            self._free.append(self._seen)
        self._seen = picture
        self.taken += 1
        return picture
