"""An act whose changes are written into the journal."""

from engine.contracts import Counters
from engine.priming import Moment
from engine.runtime.journal import (
    Closed,
    Joined,
    Journal,
    Left,
    Made,
    Moved,
    Reseeded,
    Reserved,
    Restarted,
    Started,
    Steered,
    Stood,
    changes,
)
from engine.runtime.stream import Player
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame
from engine.schema.show import Place
from engine.schema.skeleton import Skeleton

PLAIN = Controls()


class Logged:
    """A player, as it is; what changes it is written down when it is done.

    Args:
        act: with nobody in it.
        journal: is told.
        model: the file that it was made of, or the name of a bundled model.
        sha256: of that file.

    Attributes:
        number: of the stream, in the journal.
    """

    def __init__(self, act: Player, journal: Journal, *, model: str, sha256: str) -> None:
        self.number = journal.stream()
        self._act, self._write = act, journal.write
        self._ticks = 0
        self._controls: dict[int, Controls] = {}
        self._write(Made(stream=self.number, model=model, sha256=sha256))

    @property
    def skeleton(self) -> Skeleton:
        """Of the bodies."""
        return self._act.skeleton

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play, rising."""
        return self._act.performers

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        return self._act.counters

    def tick(self) -> Frame:
        """Compute the next frame of the model."""
        self._ticks += 1
        return self._act.tick()

    def restart(self) -> None:
        """Begin anew with nobody."""
        self._act.restart()
        self._controls.clear()
        self._write(Restarted(stream=self.number, ticks=self._ticks))

    def reserve(self, number: int) -> None:
        """Prepare for a performer; takes its time, in any thread but the one that ticks."""
        self._act.reserve(number)
        self._write(Reserved(stream=self.number, ticks=self._ticks, number=number))

    def join(self, number: int, *, seed: int | None, place: Place, controls: Controls, moment: Moment | None) -> None:
        """Let a performer that was reserved play from the next frame on."""
        self._act.join(number, seed=seed, place=place, controls=controls, moment=moment)
        self._controls[number] = controls
        joined = Joined(
            stream=self.number,
            ticks=self._ticks,
            number=number,
            seed=seed,
            place=place,
            controls=changes(PLAIN, controls),
            origin=None if moment is None else moment.origin,
        )
        self._write(joined)

    def leave(self, number: int) -> None:
        """Let a performer go."""
        self._act.leave(number)
        del self._controls[number]
        self._write(Left(stream=self.number, ticks=self._ticks, number=number))

    def steer(self, number: int, controls: Controls) -> None:
        """Let a performer play with these controls from the next frame on."""
        self._act.steer(number, controls)
        found = changes(self._controls[number], controls)
        if found:
            self._controls[number] = controls
            self._write(Steered(stream=self.number, ticks=self._ticks, numbers=(number,), controls=found))

    def move(self, number: int, place: Place) -> None:
        """Give a performer another place."""
        self._act.move(number, place)
        self._write(Moved(stream=self.number, ticks=self._ticks, number=number, place=place))

    def reseed(self, number: int, seed: int) -> None:
        """Give a performer other noise."""
        self._act.reseed(number, seed)
        self._write(Reseeded(stream=self.number, ticks=self._ticks, number=number, seed=seed))

    def start(self, number: int, moment: Moment | None) -> None:
        """Have a performer go on from a moment."""
        self._act.start(number, moment)
        origin = None if moment is None else moment.origin
        self._write(Started(stream=self.number, ticks=self._ticks, number=number, origin=origin))

    def stand(self, number: int, root: F32) -> None:
        """Have a performer go on from where another body stands, (7,) world root."""
        self._act.stand(number, root)
        self._write(Stood(stream=self.number, ticks=self._ticks, number=number, root=tuple(root.tolist())))

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        """A moment to start from; takes its time."""
        return self._act.recall(clip, frame)

    def close(self) -> None:
        """Close the model; harmless twice."""
        self._act.close()
        self._write(Closed(stream=self.number))
