"""One model striking the keys of a piano; pure but for what it keeps."""

import math
from typing import NamedTuple

import numpy as np

from engine.contracts import Knobs, StepModel, Touch
from engine.path import PathEncoder
from engine.sampling.mdn import Sampler
from engine.sampling.noise import Noise
from engine.schema.controls import Controls, expanded, make_controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from engine.schema.note import DOWN, HIGHEST, LOUDEST, LOWEST

FLAT = 64
"""Velocity that the model is told of every key where it is not to listen."""

SOFTEST = 1
"""Velocity 0 would be a key that comes up."""

REHEARSED = (LOWEST, 60, 64, 67, HIGHEST)
"""Keys that are struck before the first note: enough for every kernel and both ways through the model's state."""


class Counters(NamedTuple):
    """What happened so far.

    Attributes:
        notes: keys that were struck.
        broken: those of them for which the model gave no number; the last sound velocity stood in.
    """

    notes: int = 0
    broken: int = 0


class Pianist:
    """Says how hard each key is struck, from the keys and moments up to then.

    The same seed, keys, moments and controls give the same velocities, to the bit. One thread does everything.

    Args:
        model: stepped once per key that goes down. `close` closes it.
        touch: what its numbers mean.
        seed: of the noise.
        path: where the memory is on its map; None: nobody wants to know.

    Attributes:
        spec: of the model.
        controls: what the next key is struck with; may be set at any time. At first those of the model.

    Raises:
        ModelError: the model gives something else than one number for one player.
    """

    def __init__(self, model: StepModel, touch: Touch, *, seed: int, path: PathEncoder | None = None) -> None:
        spec = model.spec
        if model.batch != 1 or spec.head.dims != 1:
            found = f"{spec.head.dims} for each of {model.batch}"
            raise ModelError("figurant.spec: head.dims", found, "one number, the velocity, for one pianist")
        self.spec: ModelSpec = spec
        self.controls: Controls = own_controls(spec)
        self._model, self._touch, self._encoder = model, touch, path
        self._point: F32 | None = None
        self._noise = Noise([seed], 1, spec.head.colour)
        self._sampler = Sampler(spec.head, 1)
        self._x: F32 = np.zeros((1, spec.features), np.float32)
        self._one: F32 = np.ones(1, np.float32)
        self._knobs = Knobs(self._one, self._one, self._one, self._one)
        self._played = self._broken = self._count = 0
        self._now: int | None = None
        self._sound: float | None = None
        self._rehearse()

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self._model.provider

    @property
    def counters(self) -> Counters:
        """What happened up to now, `restart` or not."""
        return Counters(self._played, self._broken)

    def find(self) -> F32 | None:
        """Where the memory is after the last stroke, (D,), an array that stays as it is; None without an encoder.

        It is looked for when this is asked for the first time after a stroke, so that no note waits for it.
        """
        if self._encoder is not None and self._point is None:
            self._point = self._encoder.place(self._model.hidden(self._encoder.numbers))[0].copy()
        return self._point

    def press(self, at: int, number: int, own: int) -> int:
        """Strike a key; the model takes a step.

        Args:
            at: nanoseconds since any moment; what is earlier than what was before counts as at once.
            number: of the key; one that no piano has counts as the nearest that it has.
            own: velocity that the player gave it, 1 to 127; the model hears it from the next key on.

        Returns:
            Its velocity, 1 to 127. Where the model gives no number it is the last sound one, or at first the loudness,
            and the model begins anew.
        """
        self._touch.press(self._moment(at), number, own if self.controls.listen else FLAT, self._x)
        velocity = self._draw()
        self._point = None
        self._count += 1
        self._played += 1
        if math.isfinite(velocity):
            self._sound = velocity
        else:
            self._broken += 1
            self._model.put(0, (), 0)  # what is no number stays in a recurrent state for ever
        return self._bounded(self.controls.loudness if self._sound is None else self._sound, own)

    def release(self, at: int, number: int) -> None:
        """Note that a key comes up; `at` as for `press`."""
        self._touch.release(self._moment(at), number)

    def pedal(self, at: int, value: int) -> None:
        """Note where the sustain pedal is, 0 to 127; `at` as for `press`."""
        self._touch.pedal(self._moment(at), value)

    def reseed(self, seed: int) -> None:
        """Go on with other noise."""
        self._noise.reseed(0, seed)

    def restart(self, seed: int | None = None) -> None:
        """Forget all that happened and count the noise from its first note; None keeps the seed."""
        self._model.put(0, (), 0)
        self._touch.restart()
        self._point = None
        if seed is not None:
            self._noise.reseed(0, seed)
        self._count = 0
        self._now = self._sound = None

    def close(self) -> None:
        """Close the model; harmless twice."""
        self._model.close()

    def _moment(self, at: int) -> int:
        """A time never runs back for the touch."""
        self._now = at if self._now is None else max(at, self._now)
        return self._now

    def _draw(self) -> float:
        """The velocity that the model wants, without bounds; NaN where it gives no number."""
        noise, one = self._noise, self._one
        noise.fill(self._count, 1)
        output = self._model.step(self._x, noise.u, one, one)
        # At temperature 1: the touch goes from the mean to this sample by the temperature, so that 0 is the mean.
        drawn = self._sampler.draw(output, noise.u, noise.normals, self._knobs)
        sample = float(drawn[0, 0])
        return self._touch.decode(output, sample, self.controls) if math.isfinite(sample) else math.nan

    def _bounded(self, velocity: float, own: int) -> int:
        """What is struck: the model's and the player's own together, within the bounds; the upper one wins."""
        controls = self.controls
        mixed = (1.0 - controls.own) * velocity + controls.own * own
        within = min(max(mixed, controls.softest), controls.loudest)
        return min(max(round(within), SOFTEST), LOUDEST)

    def _rehearse(self) -> None:
        """Go every way once, as the first time takes long, and forget it."""
        self.restart()
        for at, number in enumerate(REHEARSED):
            self.press(at, number, DOWN)
            self.pedal(at, LOUDEST * (at % 2))
            self.release(at, number)
        self._played = self._broken = 0
        self.restart()


def own_controls(spec: ModelSpec) -> Controls:
    """Controls as a model has them where nobody says anything."""
    return make_controls({name: control.default for name, control in expanded(spec.controls).items()})
