"""What no step can beat: reading the weights once, and multiplying with them once.

Both are measured beside the candidates, on the same core and in the same turns.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

LINE = 64
"""Bytes of a cache line."""

STRIDE = 4 * LINE
"""Bytes to which a model is rounded up: a line for each stream."""

CHAINS = 256
"""Numbers that are worked on side by side: 16 registers of AVX-512, and as many chains of multiplications."""

DEPTH = 32
"""Multiplications and additions in a row for each of them, without memory."""

ROUND = 2 * CHAINS * DEPTH
"""Multiplications and additions of a round."""

MOST = 10_000
"""Rounds that are really made, 1.6 ms; what takes more is as many times longer."""


@kernel
def read(words: NDArray[np.uint64]) -> np.uint64:
    """Read every word once, as four streams side by side: more than one is needed to keep the memory busy.

    Whole numbers, as an addition of them takes one cycle, so that the loads alone set the pace.
    """
    first = second = third = fourth = np.uint64(0)
    quarter = words.shape[0] // 4
    for index in range(quarter):
        first += words[index]
        second += words[quarter + index]
        third += words[2 * quarter + index]
        fourth += words[3 * quarter + index]
    return first + second + third + fourth


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def burst(numbers: F32, factor: np.float32, term: np.float32, rounds: int) -> None:
    """Multiply and add in registers; contracted to one instruction, but otherwise as it stands here."""
    for _ in range(rounds):
        for index in range(numbers.shape[0]):
            value = numbers[index]
            for _ in range(DEPTH):
                value = value * factor + term
            numbers[index] = value


class ReadFloor:
    """Reads as many bytes as a model has weights, from one block of memory.

    Args:
        size: bytes.
    """

    def __init__(self, size: int) -> None:
        numbers = aligned(-(-size // STRIDE) * STRIDE // 4)
        numbers[:] = 1.0  # what was never written is one page of zeros, and always at hand
        self._words = numbers.view(np.uint64)

    def __call__(self) -> None:
        """Read them once."""
        read(self._words)


class ArithmeticFloor:
    """Multiplies and adds as often as a model does, without memory.

    Args:
        flops: multiplications and additions.

    Attributes:
        scale: what its duration is to be multiplied by.
    """

    def __init__(self, flops: int) -> None:
        self._rounds = min(MOST, max(1, round(flops / ROUND)))
        self.scale = flops / (ROUND * self._rounds)
        self._numbers = aligned(CHAINS)
        self._numbers[:] = 1.0
        self._factor, self._term = np.float32(0.5), np.float32(0.5)  # 1 stays 1: neither grows nor fades

    def __call__(self) -> None:
        """Do it once."""
        burst(self._numbers, self._factor, self._term, self._rounds)


def aligned(count: int) -> F32:
    """So many float32 of zeros that begin with a cache line."""
    raw = np.zeros(4 * count + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + 4 * count].view(np.float32)
