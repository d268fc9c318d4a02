"""What a model dances when nobody helps it: minutes of the engine's own act on a virtual clock."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.act import Act
from engine.contracts import Family, StepModel
from engine.priming import Primes, warm
from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.troupe import Troupe

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
        act = Act(model, make_family(), seed=seed, primes=primes, freeze_speed=0.0, performers=())
        act.join(1, controls=controls)
        positions = _collect(lambda _: act.tick().pose.positions[0], prime, frames, advance)
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
        self._family = family
        self._troupe = Troupe(model, family)
        self._troupe.enter(0, seed, controls)
        self._troupe.prime(0, primes.moment(0))
        self._calm = np.zeros(family.performers, np.bool_)
        family.enter(0, primes.clips[0])

    def tick(self, frame: int) -> F32:
        """The body (J, 3) of a frame."""
        sample = self._troupe.draw(frame, self._calm)
        body: F32 = self._family.decode(sample, self._troupe.controls).positions[0]
        return body


def _collect(tick: Callable[[int], F32], prime: F32, frames: int, advance: Advance) -> F32:
    positions = np.zeros((frames, *prime.shape[1:]), np.float32)
    for frame in range(frames):
        positions[frame] = tick(frame)
        if (frame + 1) % REPORT == 0 or frame + 1 == frames:
            advance(frame % REPORT + 1)
    return positions
