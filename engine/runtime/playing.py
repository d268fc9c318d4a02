"""What plays: one act, or two while one gives way to the other."""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import reduce

from engine.contracts import Counters
from engine.motion.ease import ease
from engine.priming import Moment
from engine.runtime.crossfade import Crossfade
from engine.runtime.journal import Changed, Forgotten, Paced, Write
from engine.runtime.smoothing import Smoothing
from engine.runtime.stream import Stream
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame
from engine.schema.kinds import Easing
from engine.schema.show import Place
from engine.schema.skeleton import Skeleton


class Playing:
    """One stream, or two while the one that takes over is faded in; a change at that time fades from a still picture.

    So two streams are stepped at most. Each is smoothed by itself before it is mixed, so that of what went before it a
    stream keeps nothing. All of it belongs to the frame thread but `reserve` and `recall`.

    Args:
        stream: that plays from the start.
        skeleton: of its bodies, and of those of every stream to come.
        fps: frames per second on the wire.
        write: is told what was done here (`Journal.write`).

    Attributes:
        stream: the one that plays, or takes over.
        out: streams that play no more, for another thread to collect.
        changes: streams that took over.
        skeleton: of the bodies.
    """

    def __init__(self, stream: Stream, skeleton: Skeleton, fps: float, write: Write = bool) -> None:
        self.stream, self.skeleton, self._write = stream, skeleton, write
        self.out: deque[Stream] = deque()
        self.changes = 0
        self._fps, self._crossfade = fps, Crossfade(skeleton)
        self._smoothing, self._old_smoothing = Smoothing(skeleton, fps), Smoothing(skeleton, fps)
        self._old: Stream | None = None
        self._still: Frame | None = None
        self._curve: Easing = "linear"
        self._age = self._length = 0
        self._last: Frame | None = None
        self._held = False
        self._speed = stream.cadence.speed
        self._past = Counters()

    @property
    def model(self) -> str:
        """Name of the model that plays, or takes over."""
        return self.stream.spec_name

    @property
    def provider(self) -> str:
        """What that model runs on."""
        return self.stream.provider

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play in it, rising."""
        return self.stream.act.performers

    @property
    def counters(self) -> Counters:
        """What happened up to now, whatever played."""
        return reduce(_plus, (stream.act.counters for stream in self._streams), self._past)

    @property
    def roots(self) -> Mapping[int, F32]:
        """(7,) where each performer's body is in the last frame, by number."""
        return {} if self._last is None else dict(zip(self._last.performers, self._last.pose.root, strict=True))

    @property
    def settled(self) -> bool:
        """Whether the last frame shows those who play, and nothing is faded."""
        return self._last is not None and not self.fading and self._last.performers == self.performers

    @property
    def fading(self) -> bool:
        """Whether one stream gives way to another."""
        return self._age < self._length

    def frame(self, sequence: int, milliseconds: int, *, hold: bool, smooth: float = 0.0) -> Frame:
        """The next frame of the wire.

        Args:
            sequence: its number.
            milliseconds: since the start of the show.
            hold: show the last one again, of those who are still there; nobody steps, no fade goes on.
            smooth: hertz at rest of the filter on everything; 0 is off.

        Returns:
            A frame whose arrays may be overwritten by the next call.
        """
        if not hold or self._last is None:
            self._last, self._held = self._next(sequence, milliseconds, smooth), False
            return self._last
        kept = self._last if self._held else self._last.held()
        self._last, self._held = kept._replace(sequence=sequence, milliseconds=milliseconds), True
        return self._last

    def change(self, stream: Stream, seconds: float, curve: Easing = "smooth") -> None:
        """Let a stream take over from the next frame on.

        Args:
            stream: in which everybody plays who is to; it goes on at the present speed.
            seconds: that it takes; 0: at once.
            curve: how it goes.
        """
        counted = stream.act.counters
        self._past = _minus(self._past, counted)  # what it counted elsewhere is not of this show
        # before the other one is let go, which begins anew as soon as somebody collects it
        self._write(Changed(stream=stream.number, ticks=counted.frames, seconds=seconds, curve=curve))
        stream.cadence.pace(self._speed)
        frames = 0 if self._last is None else round(seconds * self._fps)
        stills = frames > 0 and (self.fading or self._held)
        self._still = _still(self._last) if stills and self._last is not None else None
        self._part(self._old)
        self._old = None
        if frames > 0 and not stills:
            self._old = self.stream
        else:
            self._part(self.stream)
        self.stream, self._age, self._length, self._curve = stream, 0, frames, curve
        self._smoothing, self._old_smoothing = self._old_smoothing, self._smoothing
        self._smoothing.restart()
        self.changes += 1

    def reserve(self, number: int) -> None:
        """Prepare for a performer, in any other thread (`Act.reserve`)."""
        self.stream.act.reserve(number)

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        """A moment to start from, in any other thread (`Act.recall`)."""
        return self.stream.act.recall(clip, frame)

    def join(
        self, number: int, *, seed: int | None, place: Place, controls: Controls, moment: Moment | None = None
    ) -> None:
        """Let a performer play from the next frame on (`Act.join`)."""
        self.stream.act.join(number, seed=seed, place=place, controls=controls, moment=moment)
        if self._old is not None and number not in self._old.act.performers:
            with suppress(ValueError):  # what gives way may have no room; the performer is then seen in the new one
                self._old.act.join(number, seed=seed, place=place, controls=controls, moment=None)

    def leave(self, number: int) -> None:
        """Let a performer go (`Act.leave`)."""
        for stream in self._with(number):
            stream.act.leave(number)
        self.forget(number)

    def forget(self, number: int) -> None:
        """Show a performer who has left no more, neither held nor in a still picture."""
        self._last, self._still = _without(self._last, number), _without(self._still, number)
        self._write(Forgotten(number))

    def steer(self, number: int, controls: Controls) -> None:
        """Let a performer play with these controls (`Act.steer`)."""
        for stream in self._with(number):
            stream.act.steer(number, controls)

    def move(self, number: int, place: Place) -> None:
        """Give a performer another place (`Act.move`)."""
        for stream in self._with(number):
            stream.act.move(number, place)

    def reseed(self, number: int, seed: int) -> None:
        """Give a performer other noise (`Act.reseed`)."""
        self.stream.act.reseed(number, seed)

    def start(self, number: int, moment: Moment | None = None) -> None:
        """Have a performer go on from a moment (`Act.start`)."""
        self.stream.act.start(number, moment)

    def pace(self, speed: float) -> None:
        """Let time pass at another speed (`Cadence.pace`)."""
        for stream in self._streams:
            stream.cadence.pace(speed)
        if speed != self._speed:
            self._write(Paced(speed))
        self._speed = speed

    def close(self) -> None:
        """Close everything that plays or did; harmless twice."""
        for stream in (*self._streams, *self.out):
            stream.close()

    @property
    def _streams(self) -> tuple[Stream, ...]:
        return (self.stream,) if self._old is None else (self.stream, self._old)

    def _with(self, number: int) -> list[Stream]:
        found = [stream for stream in self._streams if number in stream.act.performers]
        if not found:
            raise ValueError(f"performer {number} does not play; those who do: {self.performers}")
        return found

    def _next(self, sequence: int, milliseconds: int, smooth: float) -> Frame:
        new = self._smoothing.apply(self.stream.frame(sequence, milliseconds), smooth)
        if not self.fading:
            return new
        self._age += 1
        if self._age >= self._length:
            self._part(self._old)
            self._old = self._still = None
            return new
        old = self._still
        if self._old is not None:
            old = self._old_smoothing.apply(self._old.frame(sequence, milliseconds), smooth)
        return new if old is None else self._crossfade.between(old, new, ease(self._curve, self._age / self._length))

    def _part(self, stream: Stream | None) -> None:
        """Let what gave way go."""
        if stream is not None:
            self._past = _plus(self._past, stream.act.counters)
            self.out.append(stream)


def _still(frame: Frame) -> Frame:
    """A frame to fade from, with arrays of its own."""
    return frame.only(range(len(frame.performers))).held()


def _without(frame: Frame | None, number: int) -> Frame | None:
    if frame is None or number not in frame.performers:
        return frame
    return frame.only([row for row, other in enumerate(frame.performers) if other != number])


def _plus(one: Counters, two: Counters) -> Counters:
    return Counters(*(first + second for first, second in zip(one, two, strict=True)))


def _minus(one: Counters, two: Counters) -> Counters:
    return Counters(*(first - second for first, second in zip(one, two, strict=True)))
