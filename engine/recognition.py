"""The contract of what recognises signs, sample by sample."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.schema.frame import F32
from engine.schema.model import ModelSpec


class Recogniser(Protocol):
    """Plays a model that recognises signs; a family whose module is for `signs`.

    What it says after a sample depends on that sample and those before it since it began, never on what comes later, so
    that a stream that is heard live gives what the whole sign gives. Nothing in it reads a clock, a file or a socket.

    Attributes:
        spec: of the model; its `labels` name the C classes, its `channels` the F numbers of a sample.
        mean: (F,) what a channel is that nobody measures.
        scale: (F,) more than 0, standard deviation of each channel in the training.
        motion: (M,) numbers of the channels whose movement begins and ends signs.
    """

    spec: ModelSpec
    mean: F32
    scale: F32
    motion: NDArray[np.int64]

    @property
    def provider(self) -> str:
        """What the model runs on now, and why not on what was asked for; for a person to read."""
        ...

    @property
    def probabilities(self) -> F32:
        """(C,) how likely each class is after the last sample; all the same before the first. A view."""
        ...

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`."""
        ...

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """The state tensors with these numbers as they are now: views that the next sample may overwrite."""
        ...

    def sample(self, values: F32) -> bool:
        """Take one sample (F,) float32, in the units of the training.

        Returns:
            Whether it was taken: not where it is no finite numbers, which changes nothing, nor where what the model
            says of it are none, which has it begin anew by itself.
        """
        ...

    def restart(self) -> None:
        """Forget all samples, as one that was just made."""
        ...

    def close(self) -> None:
        """Give memory and device back; harmless twice."""
        ...
