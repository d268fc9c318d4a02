"""Durations in a few numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Times(NamedTuple):
    """Microseconds: median and 99th percentile."""

    p50: float
    p99: float

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> "Times":
        """Of durations, ns."""
        p50, p99 = np.percentile(np.array(nanoseconds, np.float64) / 1000.0, [50, 99])
        return cls(round(float(p50), 2), round(float(p99), 2))


def noise(turns: Sequence[Sequence[int]]) -> float:
    """How far the medians of the turns are apart: the range of their middle half over the median of all."""
    medians = [float(np.median(turn)) for turn in turns]
    low, middle, high = np.percentile(medians, [25, 50, 75])
    return round(float((high - low) / middle), 4)
