"""How many samples come in a second: a flood, and a rate that is not what somebody said."""

SECOND = 1000
"""Milliseconds."""

FLOOD = 4
"""Times the rate that is taken within a second: what a network held back for a while comes at once, and no more."""

WINDOW = 2 * SECOND
"""Over which a rate is measured."""

TOLERANCE = 0.2
"""Share of the rate by which it may be wrong: a sign is read by its shape, at a fifth more or less of its speed."""


class Tempo:
    """Counts samples, by the time of the frames within which they come.

    Args:
        rate: samples per second, as somebody said.
        patience: milliseconds without a sample after which nobody sends.

    Attributes:
        wrong: measurements in which it was another rate.
    """

    def __init__(self, rate: float, patience: float) -> None:
        self._rate, self._patience = rate, patience
        self._second, self._taken = 0, 0
        self._last: int | None = None
        self._active = self._counted = 0
        self.wrong = 0

    def admits(self, at: int) -> bool:
        """Whether one more may be taken in the second of this moment, ms."""
        second = at // SECOND
        if second != self._second:
            self._second, self._taken = second, 0
        self._taken += 1
        return self._taken <= FLOOD * self._rate

    def count(self, at: int, samples: int) -> float | None:
        """So many came up to this moment, ms, since the last one; the rate where it is measured and wrong."""
        if samples == 0:
            return None
        if self._last is not None and at - self._last <= self._patience:
            self._active += at - self._last
            self._counted += samples
        self._last = at
        if self._active < WINDOW:
            return None
        measured = self._counted * SECOND / self._active
        self._active = self._counted = 0
        if abs(measured / self._rate - 1) <= TOLERANCE:
            return None
        self.wrong += 1
        return measured
