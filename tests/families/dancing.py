"""One body that dances, step by step."""

from functools import cache

import numpy as np
from families import examples

from engine.families.dance import Dance, create
from engine.schema.controls import Controls
from engine.schema.frame import F32, Pose

DIMS = examples.DIMS
FREE = Controls(pull=0.0, footlock=0.0, radius=100.0)
"""No constraint but the bones."""


@cache
def example() -> examples.Example:
    return examples.dance()


def dancer(performers: int = 1) -> Dance:
    family = create(example().loaded, performers)
    for row in range(performers):
        family.place(row, example().clip, 0)
    return family


def sample(way: tuple[float, float, float] = (0, 0, 0), dz: F32 | None = None) -> F32:
    """One performer's sample (1, D): a step of the root and a change of the pose."""
    out = np.zeros((1, DIMS + 3), np.float32)
    out[0, DIMS:] = way
    if dz is not None:
        out[0, :DIMS] = dz
    return out


def encoded(family: Dance, controls: Controls = FREE) -> F32:
    x = np.full((family.performers, family.spec.features), np.nan, np.float32)
    family.encode(x, [controls] * len(x))
    return x


def decode(family: Dance, step: F32, controls: Controls) -> Pose:
    """What a sample (P, D) gives where all play alike."""
    return family.decode(step, [controls] * len(step))


def shown(family: Dance, count: int, controls: Controls = FREE) -> F32:
    """What a dancer that does not move by itself shows in some frames (T, J, 3)."""
    return np.stack([decode(family, sample(), controls).positions[0].copy() for _ in range(count)])
