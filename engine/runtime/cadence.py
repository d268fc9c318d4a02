"""From the frames of a model to those of the wire: another rate, and time that passes faster or slower."""

from collections.abc import Callable
from fractions import Fraction

from engine.motion.curve import Curve
from engine.motion.line import Line
from engine.schema.controls import CONTROLS
from engine.schema.frame import Frame, Label, Quality
from engine.schema.skeleton import Skeleton

STEPS = 10_000
"""Parts of the model's own speed that a speed is rounded to. On such a grid places in time are whole numbers: exact
after any time, and never longer."""

AHEAD = 2
"""Frames of the model that a place between two of them needs after the first."""

SPEED = next(control for control in CONTROLS if control.name == "speed")


class Cadence:
    """Plays the frames of a model at the rate of the wire.

    It stands at a place in the model's time, which begins at 0 and moves by `speed * model_fps / fps` with each frame
    that is played. A whole place is the model's own frame, untouched; it needs none after it. Any other lies on a curve
    through the frames, and shows who is in both that it lies between.

    Args:
        skeleton: of the bodies.
        model_fps: frames per second of the model.
        fps: frames per second on the wire.
        speed: how fast time passes for the model.

    Raises:
        ConfigError: the speed is out of range.
    """

    def __init__(self, skeleton: Skeleton, *, model_fps: float, fps: float, speed: float = 1.0) -> None:
        rate = Fraction(str(model_fps)) / Fraction(str(fps))
        self._rate, self._whole = rate.numerator, STEPS * rate.denominator
        self._part = 0  # of `_whole`, beyond the frame where the curve stands
        self._curve, self._line = Curve(skeleton), Line()
        self._primed: set[int] = set()
        self._labels: tuple[Label, ...] = ()
        self.pace(speed)

    def restart(self) -> None:
        """Stand before the first frame again; the speed stays."""
        self._part = 0
        self._curve.restart()
        self._primed.clear()
        self._labels = ()

    @property
    def speed(self) -> float:
        """How fast time passes for the model."""
        return self._speed / STEPS

    def pace(self, speed: float) -> None:
        """Let time pass at another speed from the next frame on.

        Raises:
            ConfigError: it is out of range.
        """
        self._speed = round(SPEED.check(speed) * STEPS)

    def frame(self, tick: Callable[[], Frame], sequence: int, milliseconds: int) -> Frame:
        """The next frame of the wire.

        Args:
            tick: computes the next frame of the model, which lasts for the next four; called as often as is needed.
            sequence: number of the frame on the wire.
            milliseconds: since the start of the show.

        Returns:
            A frame that lasts until the next one. That a performer started again, and what was recognised, is told
            once, with the first frame after it.
        """
        self._move(tick)
        here = self._curve.here
        pose, performers, path = here.pose, here.performers, here.path
        if self._part:
            self._know(AHEAD, tick)
            share = self._part / self._whole
            pose, performers = self._curve.between(share)
            path = self._line.between(here, self._curve.there, performers, share)
        quality, labels, self._labels = self._quality(here, performers), self._labels, ()
        return Frame(
            sequence,
            milliseconds,
            pose,
            quality,
            performers,
            image=here.image,
            path=path,
            signals=here.signals,
            labels=labels,
        )

    def _quality(self, here: Frame, performers: tuple[int, ...]) -> tuple[Quality, ...]:
        """What was done to each of these performers of the frame where the curve stands."""
        if performers is here.performers and not self._primed and not any(here.quality):
            return here.quality
        told = dict(zip(here.performers, here.quality, strict=True))
        quality = tuple(self._told(number, told[number]) for number in performers)
        self._primed.clear()
        return quality

    def _move(self, tick: Callable[[], Frame]) -> None:
        """Go to the next place; the first one is the model's first frame."""
        if self._curve.ahead < 0:
            self._know(0, tick)
            self._note()
            return
        frames, self._part = divmod(self._part + self._speed * self._rate, self._whole)
        for _ in range(frames):
            self._know(1, tick)
            self._curve.go()
            self._note()

    def _know(self, ahead: int, tick: Callable[[], Frame]) -> None:
        """Have so many frames after the one where the curve stands."""
        while self._curve.ahead < ahead:
            self._curve.add(tick())

    def _note(self) -> None:
        """Keep in mind who starts again here, and what was recognised: at speed 4 most frames are passed by."""
        here = self._curve.here
        if here.labels:
            self._labels += here.labels
        if not any(here.quality):
            return
        for number, quality in zip(here.performers, here.quality, strict=True):
            if quality and quality & Quality.PRIMED:  # flags are slow, and hardly ever raised
                self._primed.add(number)

    def _told(self, number: int, quality: Quality) -> Quality:
        if number in self._primed:
            return quality | Quality.PRIMED
        return quality & ~Quality.PRIMED if quality else quality
