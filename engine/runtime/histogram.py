"""How long things took, in a store that never grows."""

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel

_STEPS = 64
"""Buckets per octave: a percentile is exact to 1.6 %."""

_FLOOR = 6
"""Bits below which every nanosecond has a bucket of its own."""

_OCTAVES = 36
"""64 ns * 2**36 is more than an hour."""


class Histogram:
    """Counts of durations, ns, in buckets of equal proportion."""

    def __init__(self) -> None:
        self._counts = np.zeros((_OCTAVES + 1) * _STEPS, np.int64)
        self.count = 0
        reached(self._counts, 0)  # compiled now

    def add(self, duration: int) -> None:
        """Count one duration, ns; less than none counts as none."""
        self._counts[_bucket(max(duration, 0))] += 1
        self.count += 1

    def percentile(self, share: float) -> float:
        """The duration, ms, that `share` (0-1) of the durations do not exceed; 0 where there are none."""
        if self.count == 0:
            return 0.0
        rank = max(1, round(share * self.count))
        return _value(reached(self._counts, rank)) * 1e-6

    def clear(self) -> None:
        """Forget everything."""
        self._counts.fill(0)
        self.count = 0


@kernel
def reached(counts: NDArray[np.int64], rank: int) -> int:
    """The first bucket up to which there are so many; the last one where there are not."""
    total, bucket = 0, 0
    while bucket < counts.shape[0] - 1:
        total += counts[bucket]
        if total >= rank:
            break
        bucket += 1
    return bucket


def _bucket(duration: int) -> int:
    octave = max(0, duration.bit_length() - _FLOOR - 1)
    bucket = octave * _STEPS + (duration >> octave)
    return min(bucket, (_OCTAVES + 1) * _STEPS - 1)


def _value(bucket: int) -> int:
    octave = max(0, bucket // _STEPS - 1)
    return (bucket - octave * _STEPS) << octave
