"""The pictures of a show: computed with each frame, shown at its deadline, and taken over by those of another model."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.image_act import ImageAct
from engine.runtime.projecting import Projecting, Shows
from engine.schema.controls import Controls
from engine.schema.frame import F32, U8, Frame, Image

Given = Callable[[Frame, int], U8 | None]
"""Gives the newest picture (H, W) from outside, for a frame whose bodies stand where they will be seen, and for the
model's frame of this number, from 0 on since it began; never waits."""


def nothing(_frame: Frame, _number: int) -> None:
    """No picture comes from outside."""


class _Fade(NamedTuple):
    """An act that gives way.

    Attributes:
        act: it.
        frames: of the wire that this takes.
        left: of these, those that are to come.
    """

    act: ImageAct
    frames: int
    left: int


class Painting:
    """Plays an act of pictures with the frames of the wire; in the frame thread, but for `change` and `retired`.

    Args:
        act: that plays at first.
        screens: show its pictures.
        given: gives pictures from outside.
        fading: how many frames an act takes to give way to another, asked when it begins to.

    Attributes:
        changes: acts that took over.
    """

    def __init__(
        self, act: ImageAct, screens: Shows, *, given: Given = nothing, fading: Callable[[], float] = lambda: 0
    ) -> None:
        self._act, self._given, self._fading = act, given, fading
        self._controls, self._first = Controls(), act.counters.frames
        self._fade: _Fade | None = None
        self._waiting: deque[ImageAct] = deque()
        self._retired: deque[ImageAct] = deque()
        self._projecting = Projecting(screens)
        self._mixed: U8 = np.zeros((act.size.height, act.size.width), np.uint8)
        self._sum: F32 = np.zeros(self._mixed.shape, np.float32)
        self._part: F32 = np.zeros(self._mixed.shape, np.float32)
        self.changes = 0

    @property
    def shown(self) -> int:
        """Pictures that were shown."""
        return self._projecting.shown

    @property
    def act(self) -> ImageAct:
        """What plays."""
        return self._act

    def steer(self, controls: Controls) -> None:
        """Play with these controls from the next frame on."""
        self._controls = controls

    def reseed(self, seed: int) -> None:
        """Play with other noise."""
        self._act.reseed(seed)

    def begin(self, seed: int) -> None:
        """Begin anew with this noise."""
        self._act.reseed(seed)
        self._act.restart()
        self._first = self._act.counters.frames

    def change(self, player: ImageAct) -> None:
        """Have an act, whose pictures have the same size, take over with the next frame; from any thread."""
        self._waiting.append(player)

    def retired(self) -> Sequence[ImageAct]:
        """Acts that play no more since this was asked last; from any thread."""
        return [self._retired.popleft() for _ in range(len(self._retired))]

    def frame(self, frame: Frame, *, hold: bool) -> Frame:
        """The frame with its picture, whose arrays are overwritten by the next call.

        Args:
            frame: as it is sent, with the bodies in step.
            hold: show the last picture again.
        """
        while self._waiting:
            self._take_over(self._waiting.popleft())
        given = None if hold else self._given(frame, self._number)
        image = self._act.frame(self._controls, given, hold=hold)
        if self._fade is not None:
            image = self._faded(self._fade, image, given, hold=hold)
        return self._projecting.frame(frame._replace(image=image), hold=hold)

    def show(self) -> None:
        """Show the picture of the last frame; at its deadline."""
        self._projecting.show()

    def close(self) -> None:
        """Close all acts; harmless twice."""
        for act in (*self.retired(), *self._waiting, *([] if self._fade is None else [self._fade.act]), self._act):
            act.close()

    @property
    def _number(self) -> int:
        """Of the model's frame that is computed next."""
        return self._act.counters.frames - self._first

    def _take_over(self, act: ImageAct) -> None:
        if self._fade is not None:
            self._retired.append(self._fade.act)
        frames = round(self._fading())
        self._fade = _Fade(self._act, frames + 1, frames) if frames > 0 else None
        if self._fade is None:
            self._retired.append(self._act)
        self._act, self._first = act, act.counters.frames - self._number
        self.changes += 1

    def _faded(self, fade: _Fade, image: Image, given: U8 | None, *, hold: bool) -> Image:
        """The picture, with what is left of the act that gives way; the latent numbers are those of the new one."""
        old = fade.act.frame(self._controls, given, hold=hold)
        share = np.float32(fade.left / fade.frames)
        np.multiply(image.pixels, 1 - share, out=self._sum)
        np.multiply(old.pixels, share, out=self._part)
        self._sum += self._part
        self._sum += np.float32(0.5)
        np.copyto(self._mixed, self._sum, casting="unsafe")
        if hold:
            return image._replace(pixels=self._mixed)
        if fade.left > 1:
            self._fade = fade._replace(left=fade.left - 1)
        else:
            self._fade = None
            self._retired.append(fade.act)
        return image._replace(pixels=self._mixed)
