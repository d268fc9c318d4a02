"""An example of every model family: a description, arrays, a recording, and samples that a head could give."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from motion import bodies

from engine.contracts import Loaded
from engine.motion.core20 import CORE20
from engine.schema.frame import F32
from engine.schema.model import Head, ModelSpec
from export import dance_problem, motion_space
from export.motion_space import MotionSpace

DIMS = 50
"""All that made-up dances have: 60 coordinates, less the root's place, the heading and joints that move together."""

CONDITIONS = ("modern", "salsa")


class Example(NamedTuple):
    """What the contract suite needs of a family.

    Attributes:
        loaded: as from a model file; there need not be a graph.
        clip: (L, J, 3) a recording of its body, metres.
        samples: gives (T, P, D) samples for T frames of P performers from a seed.
    """

    loaded: Loaded
    clip: F32
    samples: Callable[[int, int, int], F32]


def spec(family: str, features: int, dims: int, conditions: tuple[str, ...] = ()) -> ModelSpec:
    return ModelSpec(
        name=f"an example of {family}",
        family=family,
        fps=bodies.FPS,
        features=features,
        head=Head(kind="mdn-lazy", components=3, dims=dims),
        state=(),
        licence="CC0",
        credit="nobody",
        skeleton=CORE20,
        conditions=conditions,
    )


def space(dims: int = DIMS) -> MotionSpace:
    """A motion space of made-up dances."""
    return motion_space.fit([bodies.dance(200, seed) for seed in range(3)], dims)


def dance(dims: int = DIMS) -> Example:
    """The dance family, its samples shaken changes from a recording."""
    known = space(dims)
    tracks = [known.track(bodies.dance(200, seed).positions) for seed in range(4)]
    arrays = {"mean": known.mean, "basis": known.basis, **dance_problem.bank(tracks, (0, 1, 0, 1), 60)}
    description = spec("dance", 2 * dims + 3 + len(CONDITIONS), dims + 3, CONDITIONS)
    targets = known.track(bodies.dance(400, 1).positions).targets

    def samples(frames: int, performers: int, seed: int) -> F32:
        draw = np.random.default_rng(seed)
        starts = draw.integers(len(targets) - frames, size=performers)
        clean = np.stack([targets[start : start + frames] for start in starts], 1)
        return np.asarray(clean + 0.3 * targets.std(0) * draw.standard_normal(clean.shape), np.float32)

    return Example(Loaded(b"", description, arrays), bodies.dance(60, 2).positions, samples)


def points() -> Example:
    """The family of absolute positions, its samples a shaken recording."""
    flat = bodies.dance(400, 1).positions.reshape(400, -1)

    def samples(frames: int, performers: int, seed: int) -> F32:
        draw = np.random.default_rng(seed)
        starts = draw.integers(len(flat) - frames, size=performers)
        clean = np.stack([flat[start : start + frames] for start in starts], 1)
        return (clean + 0.01 * draw.standard_normal(clean.shape)).astype(np.float32)

    return Example(Loaded(b"", spec("points", 60, 60), {}), bodies.dance(60, 2).positions, samples)


EXAMPLES: dict[str, Callable[[], Example]] = {"dance": dance, "points": points}
"""By the name of the family's module; a new family adds one here and is held to the contract."""
