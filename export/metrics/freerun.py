"""What a model dances when nobody helps it: minutes of the engine's own act on a virtual clock."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.act import Act
from engine.contracts import Family, StepModel
from engine.priming import Primes, warm
from engine.sampling.mdn import Sampler, choice_temperature
from engine.sampling.noise import Noise
from engine.schema.controls import Controls
from engine.schema.frame import F32

LEANING = 0.01
"""Share of guarded frames from which on a run shows stand-ins rather than the model."""

Advance = Callable[[int], None]
"""Told how many frames were computed since it was last called."""

REPORT = 500
"""Frames between two calls of it."""


class Run(NamedTuple):
    """One run.

    Attributes:
        positions: (T, J, 3) float32 metres.
        guarded: frames in which the guard stepped in.
        bare: whether the positions are the model's own, without the guard.
    """

    positions: F32
    guarded: int
    bare: bool


def free_run(
    make_model: Callable[[int], StepModel],
    make_family: Callable[[], Family],
    prime: F32,
    *,
    seed: int,
    frames: int,
    controls: Controls,
    advance: Advance,
) -> Run:
    """Start from a recording and let the model go on by itself; nothing nudges it when it stands still.

    Where the guard had to stand in for more than 1 % of the frames, the run is done once more without it, so that what
    it hides is measured and not what it shows.

    Args:
        make_model: makes a model of a batch size.
        make_family: makes the family for one performer.
        prime: (L, J, 3) metres, to start from.
        seed: of the noise.
        frames: length.
        controls: the same for every frame.
        advance: hears of the progress.
    """
    primes = warm(make_model, make_family(), prime[None])
    model = make_model(1)
    try:
        act = Act(model, make_family(), seed=seed, primes=primes, freeze_speed=0.0)
        positions = _collect(lambda frame: act.tick(frame, 0, controls).pose.positions[0], prime, frames, advance)
        guarded = act.counters.guarded
        if guarded <= LEANING * frames:
            return Run(positions, guarded, bare=False)
        alone = Unguarded(model, make_family(), primes, seed, controls)
        return Run(_collect(alone.tick, prime, frames, lambda _: None), guarded, bare=True)
    finally:
        model.close()


class Unguarded:
    """One performer, played as an act plays it but without guard and freeze detector."""

    def __init__(self, model: StepModel, family: Family, primes: Primes, seed: int, controls: Controls) -> None:
        self._model, self._family, self._controls = model, family, controls
        self._noise = Noise(seed, 1, model.spec.head.dims, model.spec.head.colour)
        self._sampler = Sampler(model.spec.head, 1)
        self._x = np.zeros((1, model.spec.features), np.float32)
        self._temperature, self._pi_temperature, self._sigma, self._top_p = (
            np.full(1, knob, np.float32)
            for knob in (
                controls.temperature,
                controls.pi_temperature,
                controls.sigma * family.spread(controls),
                controls.top_p,
            )
        )
        self._choice = choice_temperature(self._temperature, self._pi_temperature, np.zeros(1, np.float32))
        model.put(0, primes.states, 0)
        family.place(0, primes.clips[0], 0)

    def tick(self, frame: int) -> F32:
        """The body (J, 3) of a frame."""
        self._family.encode(self._x, self._controls)
        self._noise.fill(frame)
        sample = self._sampler.draw(
            self._model.step(self._x, self._noise.u, self._choice, self._top_p),
            self._noise.u,
            self._noise.normals,
            temperature=self._temperature,
            pi_temperature=self._pi_temperature,
            sigma=self._sigma,
            top_p=self._top_p,
        )
        body: F32 = self._family.decode(sample, self._controls).positions[0]
        return body


def _collect(tick: Callable[[int], F32], prime: F32, frames: int, advance: Advance) -> F32:
    positions = np.zeros((frames, *prime.shape[1:]), np.float32)
    for frame in range(frames):
        positions[frame] = tick(frame)
        if (frame + 1) % REPORT == 0 or frame + 1 == frames:
            advance(frame % REPORT + 1)
    return positions
