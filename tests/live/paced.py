"""Limits on what a show does in time, held to on a machine that others use as well.

A neighbour that takes a processor away for some ms makes the best show late. So what is asked here is asked four times
at most: a show that is late by its own fault is late each time. All else that a test asks is asked once.
"""

from collections.abc import Sequence
from itertools import pairwise

import pytest

TRIES = 4
PAUSE = 20
"""Seconds before the next try: such a neighbour often goes on for a while."""


class LateError(AssertionError):
    """A show was late, or left frames out."""


paced = pytest.mark.flaky(reruns=TRIES - 1, reruns_delay=PAUSE, only_rerun=[LateError.__name__])


def in_time(late: float, frames: int) -> None:
    """Fewer than one frame in a hundred was late by more than 1 ms, so the 99th percentile is within that."""
    if not late < 0.01 * frames:
        raise LateError(f"{late:g} of {frames} frames are late")


def whole(numbers: Sequence[int]) -> None:
    """No frame was left out, and none came twice."""
    gaps = [(before, after) for before, after in pairwise(numbers) if after != before + 1]
    if gaps:
        raise LateError(f"frames that do not follow each other: {gaps[:5]}")


def soon(seconds: float, limit: float) -> None:
    """Something came about as soon as it should."""
    if not seconds < limit:
        raise LateError(f"{seconds * 1e3:.1f} ms; {limit * 1e3:g} ms are the limit")
