"""What gloves send, brought into a model's channels and units."""

from collections.abc import Sequence

import numpy as np

from engine.schema.frame import F32
from engine.schema.show import Glove

LARGEST = float(np.finfo(np.float32).max)


class ChannelMap:
    """Gives a sample of all channels for each one that is sent.

    Number i of what is sent becomes channel `glove.channels[i]`: sent x scale + offset. A number that is missing, or
    that is none afterwards, leaves its channel at the last one; a channel that nobody sends stays at its mean.

    Args:
        glove: what is sent; it fits the model.
        mean: (F,) of each channel.

    Attributes:
        count: numbers of a sample that is sent.
        held: numbers that were missing.
    """

    def __init__(self, glove: Glove, mean: F32) -> None:
        self._mean = mean.astype(np.float32)
        self._to = np.array(glove.channels or range(len(mean)), np.intp)
        self.count = len(self._to)
        self._scale, self._offset = _each(glove.scale, 1.0, self.count), _each(glove.offset, 0.0, self.count)
        self._last = self._mean.copy()
        self._sent = np.zeros(self.count)
        self.held = 0

    def apply(self, sent: Sequence[float] | F32, out: F32) -> None:
        """Bring what was sent, `count` numbers, NaN where one is missing, into the channels `out` (F,)."""
        self._sent[:] = sent
        with np.errstate(over="ignore", invalid="ignore"):
            self._sent *= self._scale
            self._sent += self._offset
            sound = np.abs(self._sent) <= LARGEST
        if sound.all():
            self._last[self._to] = self._sent
        else:
            self.held += self.count - int(sound.sum())
            self._last[self._to[sound]] = self._sent[sound]
        np.copyto(out, self._last)

    def restart(self) -> None:
        """Forget what was sent."""
        np.copyto(self._last, self._mean)


def _each(given: Sequence[float], otherwise: float, count: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """One number for each that is sent, of as many, of one for all or of none."""
    return np.full(count, otherwise) if not given else np.broadcast_to(np.array(given, np.float64), (count,)).copy()
