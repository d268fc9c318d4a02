"""An act that is played at the rate of the wire, and whether one may take over from another."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from engine.contracts import Counters
from engine.priming import Moment
from engine.runtime.cadence import Cadence
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Frame
from engine.schema.show import Place
from engine.schema.skeleton import Skeleton


class Player(Protocol):
    """What is needed of an act."""

    @property
    def skeleton(self) -> Skeleton:
        """Of the bodies."""
        ...

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play, rising."""
        ...

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        ...

    def tick(self) -> Frame:
        """Compute the next frame of the model."""
        ...

    def restart(self) -> None:
        """Begin anew with nobody."""
        ...

    def reserve(self, number: int) -> None:
        """Prepare for a performer; takes its time, in any thread but the one that ticks."""
        ...

    def join(self, number: int, *, seed: int | None, place: Place, controls: Controls, moment: Moment | None) -> None:
        """Let a performer that was reserved play from the next frame on."""
        ...

    def leave(self, number: int) -> None:
        """Let a performer go."""
        ...

    def steer(self, number: int, controls: Controls) -> None:
        """Let a performer play with these controls from the next frame on."""
        ...

    def move(self, number: int, place: Place) -> None:
        """Give a performer another place."""
        ...

    def reseed(self, number: int, seed: int) -> None:
        """Give a performer other noise."""
        ...

    def start(self, number: int, moment: Moment | None) -> None:
        """Have a performer go on from a moment."""
        ...

    def stand(self, number: int, root: F32) -> None:
        """Have a performer go on from where another body stands, (7,) world root."""
        ...

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        """A moment to start from; takes its time."""
        ...

    def close(self) -> None:
        """Close the model; harmless twice."""
        ...


class Stream(NamedTuple):
    """An act, played at the rate of the wire.

    Attributes:
        act: computes the frames of its model.
        cadence: makes those of the wire.
        spec_name: name of the model.
        computed: what the model runs on now.
        model: the file that it was made of, as it was asked for.
        number: of the stream, in the journal.
    """

    act: Player
    cadence: Cadence
    spec_name: str
    computed: Callable[[], str]
    model: str
    number: int = 0

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self.computed()

    def frame(self, sequence: int, milliseconds: int) -> Frame:
        """The next frame of the wire."""
        return self.cadence.frame(self.act.tick, sequence, milliseconds)

    def restart(self) -> None:
        """Begin anew with nobody."""
        self.act.restart()
        self.cadence.restart()

    def close(self) -> None:
        """Close the model; harmless twice."""
        self.act.close()


def compare(found: Skeleton, expected: Skeleton) -> None:
    """Refuse other bodies than those that receivers know.

    Raises:
        ModelError: joints, their parents or the bones differ.
    """
    if (found.names, found.parents) != (expected.names, expected.parents):
        raise ModelError("figurant.spec: skeleton", f"{len(found.names)} other joints", "those of the model that plays")
    if found.offsets != expected.offsets:
        raise ModelError("figurant.spec: skeleton", "other bones", "those of the model that plays")
