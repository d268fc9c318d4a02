"""Places to start from: recorded moments, and what a model that has seen them remembers."""

import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.contracts import Family, StepModel
from engine.schema.errors import ModelError
from engine.schema.frame import F32

SHORTEST = 3
"""Frames in a clip: two steps, one to remember and one to go on with."""


class Moment(NamedTuple):
    """One moment to start from.

    Attributes:
        clip: (L, J, 3) positions, metres, that lead to it.
        states: tensors in the order of `ModelSpec.state`.
        origin: clip and frame that `Recall.moment` finds it again by.
        row: the one in them that has seen the clip except its last step, which the family feeds back when the performer
            is seated at the clip's end.
    """

    clip: F32
    states: tuple[F32, ...]
    origin: tuple[int, int | None]
    row: int = 0


class Primes(NamedTuple):
    """N moments to start from.

    Attributes:
        clips: (N, L, J, 3) positions, metres.
        states: tensors in the order of `ModelSpec.state`, with N as batch; row n is that of clip n, as in `Moment`.
    """

    clips: F32
    states: tuple[F32, ...]

    def moment(self, clip: int) -> Moment:
        """The end of a clip, numbered from 0."""
        return Moment(self.clips[clip], self.states, (clip, None), clip)


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
        return Primes(clips, _seen(model, steps))
    finally:
        model.close()


class Recall:
    """Finds any moment of the clips again, in any thread, while another one steps the model.

    Args:
        model: gives one of its own, which is made when it is first needed.
        family: turns the clips into steps; what it feeds back is not touched.
        primes: the clips, and what is known of their ends.
    """

    def __init__(self, model: StepModel, family: Family, primes: Primes) -> None:
        self._model, self._family, self._primes = model, family, primes
        self._own: StepModel | None = None
        self._stepping = threading.Lock()

    def moment(self, clip: int, frame: int | None = None) -> Moment:
        """A frame of a clip, both from 0 and clamped to what there is; None is the last one.

        Raises:
            ModelError: the model cannot be stepped alone.
        """
        clips = self._primes.clips
        chosen, last = min(max(clip, 0), len(clips) - 1), clips.shape[1] - 1
        end = last if frame is None else min(max(frame, SHORTEST - 1), last)
        if end == last:
            return self._primes.moment(chosen)
        seen = clips[chosen, : end + 1]
        steps = self._family.features(seen)[:, None]
        with self._stepping:
            if self._own is None:
                self._own = self._model.resized(1)
            self._own.put(0, (), 0)
            return Moment(seen, _seen(self._own, steps), (chosen, end))

    def close(self) -> None:
        """Close the model of its own; harmless twice."""
        with self._stepping:
            if self._own is not None:
                self._own.close()


def _seen(model: StepModel, steps: F32) -> tuple[F32, ...]:
    """The state of a model that has taken all of the steps (T, B, F) but the last."""
    neutral = np.ones(model.batch, np.float32)
    for x in steps[:-1]:
        model.step(x, neutral * np.float32(0.5), neutral, neutral)
    return model.state()
