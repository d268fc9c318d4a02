"""A take in the place of those who play: its frames, at its own pace or another."""

import threading

import numpy as np

from engine.contracts import Counters
from engine.runtime.cadence import Cadence
from engine.runtime.requests import Answered
from engine.runtime.strip import Strip
from engine.runtime.wishes import Wishes
from engine.schema.frame import Frame
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton


class Replaying:
    """Plays what a strip holds, and ends the show behind its last frame.

    A gap of the take, and a strip that is behind, hold the last frame. Deadlines that the stage skips are skipped here
    too, so that bodies stay with the keys.

    Args:
        strip: started.
        first: its first frame.
        model: what the show says that it plays.
        stop: set at the end.
        speed: how fast time passes.
        cadence: plays at that speed; None plays the frames as they are.
        skeleton: of the bodies, where rotations are to be solved anew.

    Attributes:
        held: frames of the wire that had to be held, as the strip was behind.
    """

    changes = 0
    counters = Counters()
    settled = True
    fading = False
    provider = "a take"

    def __init__(
        self,
        strip: Strip,
        first: Frame,
        *,
        model: str,
        stop: threading.Event,
        speed: float = 1.0,
        cadence: Cadence | None = None,
        skeleton: Skeleton | None = None,
    ) -> None:
        self.model, self.skeleton = model, skeleton
        self._strip, self._stop, self._speed, self._cadence = strip, stop, speed, cadence
        self._place = self._sequence = -1
        self._last = first
        self.held = 0

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who are in the last frame."""
        return self._last.performers

    def frame(self, sequence: int, milliseconds: int, *, hold: bool, smooth: float = 0.0) -> Frame:  # noqa: ARG002
        """The next frame of the wire; nobody asks for a hold or a filter."""
        steps, self._sequence, place = sequence - self._sequence, sequence, int(sequence * self._speed)
        if self._cadence is None:
            shown = self._at(place)
        else:
            for _ in range(steps):
                shown = self._cadence.frame(self._tick, sequence, milliseconds)
        if self._strip.ended and place > self._strip.last:  # this one is not sent any more
            self._stop.set()
        return shown._replace(sequence=sequence, milliseconds=milliseconds)

    def _tick(self) -> Frame:
        return self._at(self._place + 1)

    def _at(self, place: int) -> Frame:
        """The frame of the take at a place."""
        self._place = place
        found = self._strip.take(place)
        if found is not None:
            self._last = found
            return found
        self.held += not (self._strip.ended or self._strip.waits)
        self._last = self._last.held()
        return self._last


class Unsteered:
    """Nobody is heard: a replay is what it is."""

    cue = ""
    ignored = 0
    changing = False
    counters = Answered()
    _wishes = Wishes(hold=False, smooth=0.0, shares=np.ones(MAX_PERFORMERS, np.float32))

    def obey(self, now_ns: int) -> Wishes:  # noqa: ARG002
        """Nothing is wanted."""
        return self._wishes
