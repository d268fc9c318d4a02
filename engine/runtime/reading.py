"""The signs of a show: samples are read before each frame, and what the model makes of them goes with it."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine.controls.news import News, Outlet
from engine.gestures.fitting import Fitting
from engine.gestures.tempo import FLOOD, SECOND
from engine.runtime.gloves import Heard, Samples
from engine.schema.controls import Controls
from engine.schema.frame import Frame, Label, Signal
from engine.schema.show import Glove
from engine.sign_act import SignAct, SignCounters

MOST = 64
"""Steps of a model for which a frame has time: some milliseconds."""


def steps(model_fps: float, fps: float) -> int:
    """Steps of a model in one frame of the wire at most: more only where so many belong into one, at any speed."""
    return max(MOST, math.ceil(FLOOD * model_fps / fps))


class Counters(NamedTuple):
    """What happened so far.

    Attributes:
        act: to those who have read.
        heard: to what was sent.
        held: numbers that were missing in samples.
        unread: samples that came while the show did not run.
    """

    act: SignCounters
    heard: Heard
    held: int
    unread: int

    def line(self) -> str:
        """For a person to read."""
        act, heard = self.act, self.heard
        return (
            f"signs: {act.signs} told, {act.unsure} unsure; {act.samples} samples, {act.unsound} of them unsound,"
            f" {self.held} numbers missing, {heard.bad} bad messages, {heard.late} late, {heard.lost} lost,"
            f" {heard.flood} too many at once, {self.unread + heard.passed} left unread, {heard.wrong} times 2 s at"
            " another rate"
        )


class Reading:
    """Plays an act that reads signs with the frames of the wire; in the frame thread, but for `change` and `retired`.

    Args:
        act: that plays at first.
        samples: what it reads.
        name: of the act in the show.
        glove: what each number of a sample is; it fits the model.
        root: begins every address.
        fps: frames per second of the wire.
        outlet: is told each sign.
        called: is told the word of each.

    Attributes:
        changes: acts that took over.
    """

    def __init__(
        self,
        act: SignAct,
        samples: Samples,
        *,
        name: str,
        glove: Glove,
        root: str,
        fps: float,
        outlet: Outlet,
        called: Callable[[str], object],
    ) -> None:
        self._samples, self._name, self._glove, self._fps = samples, name, glove, fps
        self._outlet, self._address, self._called = outlet, f"{root}/sign/label", called
        self._controls = Controls()
        self._waiting: deque[SignAct] = deque()
        self._retired: deque[SignAct] = deque()
        self._before, self._held = SignCounters(), 0
        self._unread = self._at = 0
        self._silent = False
        self._seat(act)
        self.changes = 0

    @property
    def act(self) -> SignAct:
        """What plays."""
        return self._act

    @property
    def counters(self) -> Counters:
        """What happened so far."""
        act = _sum(self._before, self._act.counters)
        return Counters(act, self._samples.counters, self._held + self._fitting.held, self._unread)

    def steer(self, controls: Controls) -> None:
        """Play with these controls from the next frame on."""
        self._controls = controls

    def reseed(self, seed: int) -> None:
        """Nothing: no noise is played with."""

    def begin(self, seed: int) -> None:  # noqa: ARG002 (likewise)
        """Begin anew, what is recorded from its first sign."""
        self._samples.restart()
        self._fitting.restart()
        self._act.restart()

    def change(self, player: SignAct) -> None:
        """Have an act, of a model with the same channels, take over with the next frame; from any thread."""
        self._waiting.append(player)

    def retired(self) -> Sequence[SignAct]:
        """Acts that play no more since this was asked last; from any thread."""
        return [self._retired.popleft() for _ in range(len(self._retired))]

    def frame(self, frame: Frame, *, hold: bool) -> Frame:
        """The frame with how likely each sign is, where the memory is, and the signs that were recognised.

        Args:
            frame: as it is sent; its time is that of the samples.
            hold: read nothing.
        """
        while self._waiting:
            self._take_over(self._waiting.popleft())
        at, seconds = frame.milliseconds, (frame.milliseconds - self._at) / SECOND * self._controls.speed
        self._at = at
        labels: tuple[Label, ...] = ()
        if not hold:
            labels = tuple(self._read(at, seconds))
        elif self._samples.hold(at):  # hands went on: what comes next belongs to no sign that went on before
            self._forget()
        for label in labels:
            self._outlet.post(News(self._address, (label.word, label.certainty), event=True))
            self._called(label.word)
        return frame._replace(signals=(*frame.signals, *self._told()), labels=(*frame.labels, *labels))

    def close(self) -> None:
        """Close all acts; harmless twice."""
        for act in (*self.retired(), *self._waiting, self._act):
            act.close()

    def _read(self, at: int, seconds: float) -> Iterator[Label]:
        """Read what is due; while the show does not run, it goes by unread."""
        controls, silent = self._controls, self._controls.run <= 0
        if silent and not self._silent:
            self._forget()
        self._silent = silent
        for sent in self._samples.due(at, seconds, self._most):
            if silent:
                self._unread += sent is not None
            elif sent is None:
                self._fitting.rest()
                yield from _some(self._act.rest(controls))
            else:
                for sample in self._fitting.push(sent):
                    yield from _some(self._act.sample(sample, controls))

    def _forget(self) -> None:
        """Forget the sign that goes on; signals stay as they are."""
        self._fitting.rest()
        self._act.forget()

    def _told(self) -> Sequence[Signal]:
        """The signals, in arrays that the act does not touch until the next frame."""
        act, told = self._act, self._signals
        np.copyto(told[0].values, act.probabilities)
        if act.path is not None:
            np.copyto(told[1].values, act.path)
        return told

    def _seat(self, act: SignAct) -> None:
        spec, rate = act.spec, self._samples.rate
        self._act = act
        self._fitting = Fitting(self._glove, act.mean, rate=rate, fps=spec.fps)
        self._most = max(int(steps(spec.fps, self._fps) * rate / spec.fps), 1)
        told = [Signal("sign/probabilities", act.probabilities.copy())]
        told += [] if act.path is None else [Signal(f"{self._name}/path", act.path.copy())]
        self._signals = tuple(told)

    def _take_over(self, act: SignAct) -> None:
        counted = self.counters
        self._before = _sum(counted.act, SignCounters(*(-tried for tried in act.counters)))
        self._held = counted.held
        self._retired.append(self._act)
        self._seat(act)
        self.changes += 1


def _some(label: Label | None) -> tuple[Label, ...]:
    return () if label is None else (label,)


def _sum(one: SignCounters, other: SignCounters) -> SignCounters:
    return SignCounters(*map(sum, zip(one, other, strict=True)))
