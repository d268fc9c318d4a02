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
        channels = glove.channels or range(len(mean))
        self.count = len(channels)
        scale, offset = (_each(*each, self.count) for each in ((glove.scale, 1.0), (glove.offset, 0.0)))
        self._ways = tuple(zip(channels, scale, offset, strict=True))
        self._sample = self._mean.copy()
        self.held = 0

    def apply(self, sent: Sequence[float]) -> F32:
        """The channels (F,) of what was sent, `count` numbers, NaN where one is missing; overwritten by the next."""
        sample = self._sample
        for (channel, scale, offset), value in zip(self._ways, sent, strict=True):
            number = value * scale + offset
            if -LARGEST <= number <= LARGEST:
                sample[channel] = number
            else:
                self.held += 1
        return sample

    def restart(self) -> None:
        """Forget what was sent."""
        np.copyto(self._sample, self._mean)


def _each(given: Sequence[float], otherwise: float, count: int) -> Sequence[float]:
    """One number for each that is sent, of as many, of one for all or of none."""
    numbers = tuple(given) or (otherwise,)
    return numbers if len(numbers) == count else numbers * count
