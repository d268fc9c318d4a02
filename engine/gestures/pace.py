"""Samples at the rate of a model, of those that come at another one."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from engine.schema.frame import F32


class Pace:
    """Puts samples between those that come, on straight lines; by their count, in whole numbers, so nothing drifts.

    Sample k of the model is at k / fps seconds, sample i of those that come at i / rate. At equal rates they are equal.

    Args:
        rate: of those that come, per second.
        fps: of the model.
        features: numbers of a sample.
    """

    def __init__(self, rate: float, fps: float, features: int) -> None:
        step = Fraction(rate) / Fraction(fps)
        self._step, self._unit = step.numerator, step.denominator
        self._last, self._made = np.zeros(features, np.float32), np.zeros(features, np.float32)
        self._share = np.zeros(1, np.float32)
        self._ahead: int | None = None  # the model's next sample, behind the last that came; in parts of a sample

    def push(self, sample: F32) -> Iterator[F32]:
        """Take a sample; give those of the model that are not later. Each is overwritten by the next one."""
        ahead = 0 if self._ahead is None else self._ahead - self._unit
        while ahead <= 0:
            if ahead == 0:
                yield sample
            else:
                np.subtract(sample, self._last, out=self._made)
                self._share[0] = (ahead + self._unit) / self._unit
                self._made *= self._share
                self._made += self._last
                yield self._made
            ahead += self._step
        self._ahead = ahead
        np.copyto(self._last, sample)

    def restart(self) -> None:
        """Forget what came: the next sample is the first one."""
        self._ahead = None
