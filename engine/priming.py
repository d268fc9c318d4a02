"""Places to start from: recorded moments, and what a model that has seen them remembers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.contracts import Family, StepModel
from engine.schema.errors import ModelError
from engine.schema.frame import F32

SHORTEST = 3
"""Frames in a clip: two steps, one to remember and one to go on with."""


class Primes(NamedTuple):
    """N moments to start from.

    Attributes:
        clips: (N, L, J, 3) positions, metres.
        states: tensors in the order of `ModelSpec.state`, with N as batch; row n has seen clip n except its last step,
            which the family feeds back when the performer is seated at the clip's end.
    """

    clips: F32
    states: tuple[F32, ...]


def warm(make_model: Callable[[int], StepModel], family: Family, clips: F32) -> Primes:
    """Let a model see all clips at once, so that starting again while playing is only a copy.

    Args:
        make_model: makes a model of a batch size; it is closed again.
        family: turns the clips into steps; what it feeds back is not touched.
        clips: (N, L, J, 3) positions, metres.

    Raises:
        ModelError: the clips have another shape, or are not finite.
    """
    if clips.ndim != 4 or clips.shape[0] < 1 or clips.shape[1] < SHORTEST or clips.shape[3] != 3:
        raise ModelError("primes", f"an array {clips.shape}", f"(clips, {SHORTEST} or more frames, joints, 3)")
    if not np.isfinite(clips).all():
        raise ModelError("primes", "NaN or inf", "finite positions")
    clips = np.ascontiguousarray(clips, np.float32)
    steps = np.stack([family.features(clip) for clip in clips], axis=1)
    model = make_model(len(clips))
    try:
        neutral = np.ones(len(clips), np.float32)
        for x in steps[:-1]:
            model.step(x, neutral * np.float32(0.5), neutral, neutral)
        return Primes(clips, model.state())
    finally:
        model.close()
