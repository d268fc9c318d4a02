"""Which rows performers have in what is kept of everybody."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]


class Rows:
    """The rows of whoever is in a frame; made anew only where they are others than in the last one.

    A performer's row is its number - 1.
    """

    def __init__(self) -> None:
        self._performers: tuple[int, ...] = ()
        self._rows: I64 = np.zeros(0, np.int64)

    def of(self, performers: Sequence[int]) -> I64:
        """(P,) of these performers; not to be written to."""
        if performers != self._performers:
            self._performers = tuple(performers)
            self._rows = np.array(self._performers, np.int64) - 1
        return self._rows
