"""Where a sign begins and where it ends, by how fast hands move.

The motion energy of a sample is how far some channels, each divided by its scale, have come within the last five
samples, per second:

    energy(t) = fps / 5 * || (x(t) - x(t - 5)) / scale ||

over the channels of `motion`; before the first sample hands lay where the first one is. So it is a speed in scales per
second: a hand that trembles comes nowhere, and a single wrong sample counts little.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.frame import F32

SPAN = 5
"""Samples over which speed is measured, 50 ms of 100 Hz: long against a tremor, short against a sign."""


class Phase(Enum):
    """What a sample means.

    Attributes:
        IDLE: nobody signs; or what began was too short to be a sign.
        BEGAN: a sign began.
        SIGNING: it goes on.
        ENDED: it is over.
        ANOTHER: it is over, and another one began with this very sample.
    """

    IDLE = 0
    BEGAN = 1
    SIGNING = 2
    ENDED = 3
    ANOTHER = 4


class Thresholds(NamedTuple):
    """Where signs begin and end; what a model's settings say by these names.

    Attributes:
        start_speed: motion energy above which a sign begins.
        stop_speed: motion energy below which hands lie still.
        still: seconds that they do so at the end of a sign.
        shortest: seconds; a movement that is shorter is none.
        jump: scales; a single step of the channels that is longer begins another sign.
    """

    start_speed: float
    stop_speed: float
    still: float
    shortest: float
    jump: float


class Onset:
    """Finds signs in a stream of samples; pure.

    Args:
        motion: (M,) numbers of the channels whose movement counts.
        scale: (F,) of each channel, more than 0.
        fps: samples per second.
        thresholds: where signs begin and end.

    Attributes:
        stillness: samples for which hands have lain still at the end of the sign that goes on; 0 while they move.
    """

    stillness: int

    def __init__(self, motion: NDArray[np.int64], scale: F32, fps: float, thresholds: Thresholds) -> None:
        raise NotImplementedError

    @property
    def energy(self) -> float:
        """Motion energy of the last sample."""
        raise NotImplementedError

    def sample(self, values: F32) -> Phase:
        """Take a sample (F,) float32, of finite numbers."""
        raise NotImplementedError

    def rest(self) -> Phase:
        """There is nothing to hear any more: ENDED where a sign was going on that was long enough, else IDLE."""
        raise NotImplementedError

    def restart(self) -> None:
        """Forget all samples."""
        raise NotImplementedError


def thresholds(streams: Sequence[F32], fps: float, motion: NDArray[np.int64], scale: F32) -> Thresholds:
    """Find where signs begin and end.

    Args:
        streams: recorded signs (T, F), each with hands that lie still at its end.
        fps: samples per second.
        motion: (M,) numbers of the channels whose movement counts.
        scale: (F,) of each channel, more than 0.
    """
    raise NotImplementedError
