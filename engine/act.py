"""One model playing P performers, from controls to a frame; pure but for what it keeps."""

from typing import NamedTuple

import numpy as np

from engine.contracts import Family, StepModel
from engine.guard import Flags, Freeze, Guard, limits
from engine.priming import Primes
from engine.sampling.mdn import Sampler, choice_temperature
from engine.sampling.noise import Noise, pick
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Frame, Pose, Quality
from engine.schema.skeleton import Skeleton

NUDGE = 1.5
"""What a frozen performer's temperature is multiplied by; 2 would leave the poses that the model knows."""

BLEND = 0.5
"""Seconds in which a performer goes over to a stored pose: a metre's reach then stays below 4 m/s."""


class Counters(NamedTuple):
    """What happened so far; one performer's frame counts as one.

    Attributes:
        frames: ticks.
        guarded: frames in which the last good one stood in.
        nudged: frames computed with a raised spread.
        primed: fresh starts from a stored pose, the first one of each performer not counted.
    """

    frames: int = 0
    guarded: int = 0
    nudged: int = 0
    primed: int = 0


class Act:
    """Plays a model. The same seed, primes and controls give the same bytes.

    Args:
        model: stepped once per tick; its batch is P.
        family: what its numbers mean, for P performers.
        seed: of the noise and of the choice among the primes.
        primes: moments to start from.
        freeze_speed: metres per second of mean joint speed below which a performer counts as frozen.

    Raises:
        ModelError: the model has no skeleton.
    """

    def __init__(self, model: StepModel, family: Family, *, seed: int, primes: Primes, freeze_speed: float) -> None:
        if model.batch != family.performers:
            raise ValueError(f"a batch of {model.batch} for {family.performers} performers")
        self._model, self._family, self._primes = model, family, primes
        self.performers = model.batch
        self._seed = seed
        self._counts = dict.fromkeys(Counters._fields, 0)
        spec, skeleton = model.spec, _skeleton(model)
        self._blend = max(1, round(BLEND * spec.fps))
        self._sampler = Sampler(spec.head, self.performers)
        self._guard = Guard(self.performers, len(skeleton.names), limits(skeleton, spec.fps))
        self._freeze = Freeze(self.performers, len(skeleton.names), spec.fps, freeze_speed)
        self._noise = Noise(seed, self.performers, spec.head.dims, spec.head.colour)
        self._x = np.zeros((self.performers, spec.features), np.float32)
        self._sound = np.zeros((self.performers, spec.head.dims), np.float32)
        rows = np.zeros((5, self.performers), np.float32)
        self._choice, self._temperature, self._pi_temperature, self._sigma, self._top_p = rows
        for row in range(self.performers):
            chosen = self._start(row, 0, 0)
            self._guard.seat(row, primes.clips[chosen, -1])

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        return Counters(**self._counts)

    def tick(self, sequence: int, milliseconds: int, controls: Controls) -> Frame:
        """Compute the next frame.

        The noise belongs to the act's own count of frames, so that a skipped deadline changes nothing but the time.

        Args:
            sequence: number of the frame.
            milliseconds: since the start of the show.
            controls: to compute it with.

        Returns:
            A frame that owns its arrays.
        """
        self._turn_knobs(controls)
        nudged = self._freeze.nudged.copy()
        sample = self._draw(controls)
        broken = self._mend(sample)
        pose = self._family.decode(sample, controls)
        guarded = self._guard.check(pose, broken)
        self._freeze.watch(self._guard.pose.positions)
        self._counts["frames"] += 1
        quality = tuple(self._care(row, bool(guarded[row]), bool(nudged[row])) for row in range(self.performers))
        return Frame(sequence, milliseconds, _copy(self._guard.pose), quality)

    def _turn_knobs(self, controls: Controls) -> None:
        """Spread the controls over the performers; a nudged one gets more temperature."""
        self._temperature[:] = controls.temperature
        self._temperature[self._freeze.nudged] *= NUDGE
        self._pi_temperature[:] = controls.pi_temperature
        self._sigma[:] = controls.sigma * self._family.spread(controls)
        self._top_p[:] = controls.top_p
        choice_temperature(self._temperature, self._pi_temperature, self._choice)

    def _draw(self, controls: Controls) -> F32:
        self._family.encode(self._x, controls)
        self._noise.fill(self._counts["frames"])
        output = self._model.step(self._x, self._noise.u, self._choice, self._top_p)
        return self._sampler.draw(
            output,
            self._noise.u,
            self._noise.normals,
            temperature=self._temperature,
            pi_temperature=self._pi_temperature,
            sigma=self._sigma,
            top_p=self._top_p,
        )

    def _mend(self, sample: F32) -> Flags:
        """Put the last sound sample in the place of one that is no number; give (P,) where that was.

        A family that integrates a NaN would not get rid of it by being seated again.
        """
        broken: Flags = np.logical_not(np.isfinite(sample).all(axis=1))
        np.copyto(sample, self._sound, where=broken[:, None])
        np.copyto(self._sound, sample)
        return broken

    def _care(self, row: int, guarded: bool, nudged: bool) -> Quality:  # noqa: FBT001 (two flags of one row)
        """Start a broken or stuck performer again, count, and tell what was done."""
        quality = Quality.GUARDED if guarded else Quality.GOOD
        self._counts["guarded"] += guarded
        self._counts["nudged"] += nudged
        if nudged:
            quality |= Quality.NUDGED
        if guarded or self._freeze.stuck[row]:
            self._start(row, self._counts["frames"], self._blend)
            self._counts["primed"] += 1
            quality |= Quality.PRIMED
        return quality

    def _start(self, row: int, frame: int, blend: int) -> int:
        """Give a performer the memory and the pose of a prime, over `blend` frames; give the prime's number."""
        chosen = pick(self._seed, frame, row, len(self._primes.clips))
        self._model.put(row, self._primes.states, chosen)
        self._family.place(row, self._primes.clips[chosen], blend)
        self._freeze.forget(row)
        return chosen


def _skeleton(model: StepModel) -> Skeleton:
    if model.spec.skeleton is None:
        raise ModelError("figurant.spec: skeleton", "none", "a skeleton, as an act of bodies is guarded by it")
    return model.spec.skeleton


def _copy(pose: Pose) -> Pose:
    rotations = None if pose.rotations is None else pose.rotations.copy()
    return Pose(pose.positions.copy(), pose.root.copy(), rotations)
