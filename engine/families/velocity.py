"""How hard keys are struck: a step for each key that goes down, its velocity out.

The network is told which key it is and what happened until now (`engine.families._touch`): which keys, when, and how
hard their player struck them, as far as that varies. Whoever plays from a flat score has no velocities, and then it is
told none.
"""

import math

import numpy as np

from engine.contracts import HeadOutput, Loaded
from engine.families import _touch
from engine.families._touch import FEATURES
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec

PART = "keys"

MEAN = "mean"
"""The setting that holds the mean velocity of what the model learned from."""


NEUTRAL = 64.0
"""The loudness at which velocities are as they were learned."""


class Velocity:
    """The touch of one pianist; see `Touch`."""

    def __init__(self, loaded: Loaded) -> None:
        spec = loaded.spec
        mean = spec.settings.get(MEAN)
        if not isinstance(mean, int | float) or isinstance(mean, bool) or not 1 <= mean <= 127:
            raise ModelError(f"figurant.spec: settings.{MEAN}", f"{mean!r}", "the mean velocity, 1 to 127")
        found = f"{spec.features} features, {spec.head.dims} outputs ({spec.head.kind})"
        expected = f"{FEATURES} features, 1 outputs (mdn)"
        if found != expected:
            raise ModelError("figurant.spec", found, expected)
        self.spec: ModelSpec = spec
        self._mean = float(mean)
        self._memory = _touch.fresh()
        self._rehearse()

    def press(self, at: int, number: int, own: int, x: F32) -> None:
        """Write the input (1, F) of the step for a key that goes down, and remember the key; see `Touch.press`."""
        _touch.press(self._memory, at, _touch.key_of(number), own, x[0])

    def release(self, at: int, number: int) -> None:
        """Note that a key comes up."""
        _touch.release(self._memory, at, _touch.key_of(number))

    def pedal(self, at: int, value: int) -> None:
        """Note where the sustain pedal is, 0 to 127."""
        _touch.tread(self._memory, at, value)

    def decode(self, output: HeadOutput, sample: float, controls: Controls) -> float:
        """The velocity of the key that was pressed last; see `Touch.decode`.

        The whole sample goes to the mean with the temperature, not the spread of its component alone: at 0 all that
        is left is what the network expects.
        """
        expected = expectation(output)
        velocity = expected + controls.temperature * (sample - expected)
        return self._mean + (controls.loudness - NEUTRAL) + controls.contrast * (velocity - self._mean)

    def restart(self) -> None:
        """Forget all that happened."""
        self._memory = _touch.fresh()

    def _rehearse(self) -> None:
        """Have every kernel compiled, or taken from the cache, before the first note."""
        x = np.zeros((1, FEATURES), np.float32)
        self.pedal(0, 0)
        self.press(0, 60, 64, x)
        self.release(0, 60)
        self.restart()


def expectation(output: HeadOutput) -> float:
    """Mean of the mixture in the first row of a full head's output."""
    if output.logits is None:
        raise ValueError("a lazy head; expected one that gives all components")
    # A handful of numbers: arrays would take ten times as long.
    logits: list[float] = output.logits[0].tolist()
    means: list[float] = output.mu[0, :, 0].tolist()
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]  # a broken model's NaN goes through, for its player to see
    return sum(share * mean for share, mean in zip(shares, means, strict=True)) / sum(shares)


def create(loaded: Loaded, performers: int) -> Velocity:  # noqa: ARG001 - one pianist sits at a piano
    """Make the touch for a vetted model.

    Raises:
        ModelError: the model is of other inputs or outputs, or does not say its mean velocity.
    """
    return Velocity(loaded)
