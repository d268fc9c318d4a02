"""Recorded gloves, sample by sample as time goes by."""

from collections.abc import Iterator, Sequence

from engine.gestures.recording import Recording

REST = 0.5
"""Seconds for which hands lie still after each sign: its last sample goes on."""

CLOSE = 1e-6
"""Of a sample: what is so nearly due is due."""


class Playback:
    """Plays the signs of a recording one after the other.

    Args:
        recording: with at least one sign.
        loop: whether it begins again when it is over.

    Attributes:
        recording: likewise.
        over: whether nothing is left.
    """

    def __init__(self, recording: Recording, *, loop: bool) -> None:
        self.recording, self._loop = recording, loop
        self._rest = round(REST * recording.rate)
        self._gesture = self._sample = 0
        self._due = 1.0
        self.over = False

    def advance(self, seconds: float, most: int) -> Iterator[Sequence[float]]:
        """The samples that so much time brings, the first one at once; what is beyond `most` comes later."""
        self._due += seconds * self.recording.rate
        for _ in range(most):
            if self.over or self._due < 1 - CLOSE:
                break
            self._due -= 1
            yield self._take()
        else:
            self._due = min(self._due, 1.0)

    def restart(self) -> None:
        """Begin anew."""
        self._gesture = self._sample = 0
        self._due, self.over = 1.0, False

    def _take(self) -> Sequence[float]:
        values = self.recording.gestures[self._gesture].values
        taken: list[float] = values[min(self._sample, len(values) - 1)].tolist()
        self._sample += 1
        if self._sample >= len(values) + self._rest:
            self._gesture, self._sample = self._gesture + 1, 0
            if self._gesture >= len(self.recording.gestures):
                self._gesture, self.over = 0, not self._loop
        return taken
