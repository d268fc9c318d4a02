"""One model of pictures, played at the rate of the wire."""

from fractions import Fraction

import numpy as np

from engine.contracts import Counters
from engine.imagery import Imagery
from engine.images.levels import dim
from engine.motion.line import go_straight
from engine.path import PathEncoder
from engine.schema.controls import Controls
from engine.schema.frame import F32, U8, Image
from engine.schema.model import ModelSpec, Size

STEPS = 10_000
"""Parts of the model's own speed that a speed is rounded to, so that places in time are whole numbers, always exact."""

DARKENING = 0.5
"""Seconds in which the picture turns black where the show is not to run, and comes back."""


class ImageAct:
    """Plays a model of pictures at the rate of the wire; pure but for what it keeps.

    It stands at a place in the model's time that moves by `speed * model_fps / fps` with each frame of the wire, and
    shows the way between the two frames of the model around it. Once all is black, time stands still.

    Args:
        imagery: the model, just made with this seed; `close` closes it.
        fps: frames per second on the wire.
        seed: of its noise.
        path: where the memory is on its map; None: nobody wants to know.

    Attributes:
        spec: of the model.
        size: of the pictures.
        poses: how many stored poses can be gone to; 0: none.
        takes: whether it can be given pictures.

    Raises:
        ValueError: the model says no size.
    """

    def __init__(self, imagery: Imagery, *, fps: float, seed: int, path: PathEncoder | None = None) -> None:
        self.spec: ModelSpec = imagery.spec
        self.size, self.poses, self.takes = _size(imagery.spec), imagery.poses, imagery.takes
        self._imagery, self._seed, self._encoder = imagery, seed, path
        points: F32 = np.zeros((3, 1, 2 if path is None else path.dims), np.float32)
        self._before, self._here, self._shown = points
        rate = Fraction(str(imagery.spec.fps)) / Fraction(str(fps))
        self._rate, self._whole = rate.numerator, STEPS * rate.denominator
        self._fade = 1.0 / max(1.0, DARKENING * fps)
        self._dimmed: U8 = np.zeros((self.size.height, self.size.width), np.uint8)
        self._given: U8 = np.zeros_like(self._dimmed)
        self._part, self._level, self._begun = 0, 1.0, False
        self._find()
        go_straight(self._before, self._here, 0.5, self._shown)  # compiled now: a show would stop for it
        dim(self._dimmed, 0.0, self._dimmed)

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self._imagery.provider

    @property
    def path(self) -> F32 | None:
        """Where the memory is, (D,), in step with the picture; None without an encoder. Overwritten by each frame.

        It lies on the straight way between those of the two frames of the model that the picture lies between.
        """
        if self._encoder is None:
            return None
        shown = self._here
        if self._part < self._whole:
            go_straight(self._before, self._here, self._part / self._whole, self._shown)
            shown = self._shown
        point: F32 = shown[0]
        return point

    @property
    def counters(self) -> Counters:
        """What happened up to now, `restart` or not."""
        return self._imagery.counters

    def frame(self, controls: Controls, given: U8 | None, *, hold: bool) -> Image:
        """The next picture of the wire.

        Args:
            controls: how it plays; `speed` is how fast its time passes, `run` 0 has it turn black.
            given: (H, W) the newest picture from outside, for a model that takes some; None: there is none.
            hold: time stands still; poses and latent numbers can be moved all the same.

        Returns:
            A picture whose arrays are overwritten by the next call.

        Raises:
            ValueError: what is given has another size.
        """
        given = None if given is None else self._taken(given)
        step = self._fade if controls.run else -self._fade
        self._level = min(max(self._level + step, 0.0), 1.0)
        still = (hold and self._begun) or self._level == 0.0
        if not still:
            self._move(controls, given)
        elif not self._begun:
            return Image(self._dimmed)
        image = self._imagery.image(self._part / self._whole, controls, None if still else given)
        if self._level == 1.0:
            return image
        dim(image.pixels, self._level, self._dimmed)
        return Image(self._dimmed, image.latent)

    def reseed(self, seed: int) -> None:
        """Go on with other noise."""
        self._seed = seed
        self._imagery.reseed(seed)

    def restart(self) -> None:
        """Begin anew, as an act that was just made with this seed."""
        self._imagery.restart(self._seed)
        self._part, self._level, self._begun = 0, 1.0, False
        self._find()

    def close(self) -> None:
        """Close the model; harmless twice."""
        self._imagery.close()

    def _taken(self, given: U8) -> U8:
        """A picture as kernels take it: they look neither at sizes nor at the way it lies in memory."""
        if given.shape != self._given.shape:
            raise ValueError(f"a picture {given.shape} for a model of {self._given.shape}")
        np.copyto(self._given, given)
        return self._given

    def _move(self, controls: Controls, given: U8 | None) -> None:
        """Go to the next place, which is behind the last frame but one of the model and not behind its last one."""
        frames = 1
        if self._begun:
            frames, rest = divmod(self._part + round(controls.speed * STEPS) * self._rate - 1, self._whole)
            self._part = rest + 1
        else:
            self._part, self._begun = self._whole, True
        for _ in range(frames):
            self._imagery.advance(controls, given)
            self._find()

    def _find(self) -> None:
        """Find where the memory is now, as far as anybody wants to know."""
        if self._encoder is not None:
            np.copyto(self._before, self._here)
            np.copyto(self._here, self._encoder.place(self._imagery.hidden(self._encoder.numbers)))


def _size(spec: ModelSpec) -> Size:
    if spec.image is None:
        raise ValueError("a model of pictures without their size")
    return spec.image
