"""The numbers of samples: which came too late, and how many are missing."""

TURN = 2**32
"""Numbers after which counting begins again at the lowest: an OSC int."""


class Order:
    """Takes samples in their order.

    Attributes:
        late: samples that were not newer than the last one.
        lost: numbers that were passed over.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self.late = self.lost = 0

    def admits(self, number: int | None) -> bool:
        """Whether a sample is newer than all before it; one without a number is."""
        if number is None:
            return True
        if self._last is not None:
            further = (number - self._last) % TURN
            if not 0 < further < TURN // 2:
                self.late += 1
                return False
            self.lost += further - 1
        self._last = number
        return True

    def restart(self) -> None:
        """Any number may come next."""
        self._last = None
