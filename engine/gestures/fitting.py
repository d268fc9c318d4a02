"""From what is sent to what a model takes: its channels, its units, its rate."""

from collections.abc import Iterator, Sequence

from engine.gestures.mapping import ChannelMap
from engine.gestures.pace import Pace
from engine.schema.frame import F32
from engine.schema.show import Glove


class Fitting:
    """Gives a model its samples.

    Args:
        glove: what is sent; it fits the model.
        mean: (F,) of each of its channels.
        rate: samples per second that are sent.
        fps: that the model takes.

    Attributes:
        count: numbers of a sample that is sent.
    """

    def __init__(self, glove: Glove, mean: F32, *, rate: float, fps: float) -> None:
        self._map, self._pace = ChannelMap(glove, mean), Pace(rate, fps, len(mean))
        self.count = self._map.count

    @property
    def held(self) -> int:
        """Numbers that were missing."""
        return self._map.held

    def push(self, sent: Sequence[float]) -> Iterator[F32]:
        """The model's samples (F,) up to one that is sent, `count` numbers; each is overwritten by the next one."""
        return self._pace.push(self._map.apply(sent))

    def rest(self) -> None:
        """Nothing is sent for a while; what then comes begins anew in time."""
        self._pace.restart()

    def restart(self) -> None:
        """Forget all that was sent."""
        self._pace.restart()
        self._map.restart()
