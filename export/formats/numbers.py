"""Numbers as text, many at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

TOGETHER = 1024
"""Frames that are worked on at once, so that long recordings need little more memory than their own."""


def rows(values: NDArray[np.floating[Any]], digits: int, between: str) -> str:
    """A line for each row of values (T, C), with so many decimals; no zero is negative."""
    plain = np.round(np.asarray(values, np.float64), digits) + 0.0
    line = between.join([f"%.{digits}f"] * plain.shape[1]) + "\n"
    return line * len(plain) % tuple(plain.ravel().tolist())
