"""Where the samples of a show come from: gloves that send them, or a recording."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from engine.controls.gloves import Sent
from engine.gestures.order import Order
from engine.gestures.playback import Playback
from engine.gestures.tempo import SECOND, Tempo

PATIENCE = 300
"""Milliseconds without a sample after which nobody signs any more: far more than a network holds one back."""

MISSED = 3
"""Samples that have to be missing, where gloves send so seldom that this takes longer."""


class Heard(NamedTuple):
    """What became of what gloves have sent so far.

    Attributes:
        bad: messages that are no samples.
        late: samples that were not newer than the last one.
        lost: samples that never came, by their numbers.
        flood: samples that were too many at once.
        passed: samples that came while the show was held.
        wrong: measurements of two seconds in which the rate was another one.
    """

    bad: int = 0
    late: int = 0
    lost: int = 0
    flood: int = 0
    passed: int = 0
    wrong: int = 0


class Samples(Protocol):
    """Gives samples with the frames.

    Attributes:
        rate: of them, per second.
    """

    rate: float

    def due(self, at: int, seconds: float, most: int) -> Iterator[Sequence[float] | None]:
        """Samples since the last frame, and None where nobody signs any more; `most` of them at most.

        Args:
            at: when the frame is due, milliseconds.
            seconds: that have passed for what is recorded.
            most: samples.
        """
        ...

    def hold(self, at: int) -> bool:
        """In the place of `due`, as the show is held; gives whether samples went by."""
        ...

    def restart(self) -> None:
        """Begin anew."""
        ...

    @property
    def counters(self) -> Heard:
        """What happened so far."""
        ...


class Gloves:
    """Samples that somebody sends; in the frame thread.

    Args:
        rate: that they should come at, per second.
        most: that may wait for a frame.
        refused: is told another rate at which they come, once.
    """

    def __init__(self, rate: float, *, most: int, refused: Callable[[float], object]) -> None:
        self.rate, self._most, self._refused = rate, most, refused
        self._patience = max(PATIENCE, MISSED * SECOND / rate)
        self._tempo, self._order = Tempo(rate, self._patience), Order()
        self._heard: deque[Sequence[float] | None] = deque(maxlen=2 * most + 1)
        self._samples = self._arrived = self._at = 0
        self._last: int | None = None  # when the last sample came, ms; None: nobody sends
        self._bad = self._flood = self._passed = 0

    def hear(self, sent: Sent) -> None:
        """Take a sample with the next frame, as far as that has time for it."""
        if not self._order.admits(sent.number):
            return
        self._arrived += 1
        if self._samples >= self._most or not self._tempo.admits(self._at):
            self._flood += 1
            return
        self._samples += 1
        self._heard.append(sent.values)

    def rest(self) -> None:
        """Nobody signs any more, once what was heard before is done."""
        self._order.restart()
        if not self._heard or self._heard[-1] is not None:
            self._heard.append(None)

    def refuse(self) -> None:
        """Count a message that is no sample."""
        self._bad += 1

    def due(self, at: int, seconds: float, most: int) -> Iterator[Sequence[float] | None]:  # noqa: ARG002
        """All that was heard, as no more is taken than there is time for; arguments as for `Samples`."""
        self._look(at)
        while self._heard:
            yield self._heard.popleft()
        if self._last is not None and at - self._last > self._patience:
            self._last = None
            self._order.restart()
            yield None

    def hold(self, at: int) -> bool:
        """Pass over what was heard."""
        passed = self._arrived > 0
        self._passed += self._samples
        self._look(at)
        self._heard.clear()
        return passed

    def restart(self) -> None:
        """Forget what was heard."""
        self._heard.clear()
        self._order.restart()
        self._samples, self._last = 0, None

    @property
    def counters(self) -> Heard:
        """What happened so far."""
        order = self._order
        return Heard(self._bad, order.late, order.lost, self._flood, self._passed, self._tempo.wrong)

    def _look(self, at: int) -> None:
        """Tell the time, and what came up to it."""
        measured = self._tempo.count(at, self._arrived)
        if measured is not None and self._tempo.wrong == 1:
            self._refused(measured)
        if self._arrived:
            self._last = at
        self._samples, self._arrived, self._at = 0, 0, at


class Recorded:
    """Samples of a recording."""

    counters = Heard()

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self.rate = playback.recording.rate

    def due(self, at: int, seconds: float, most: int) -> Iterator[Sequence[float] | None]:  # noqa: ARG002
        """Those of so many seconds; arguments as for `Samples`."""
        over = self._playback.over
        yield from self._playback.advance(seconds, most)
        if self._playback.over and not over:
            yield None

    def hold(self, at: int) -> bool:  # noqa: ARG002
        """Time stands still."""
        return False

    def restart(self) -> None:
        """From the first sign."""
        self._playback.restart()
