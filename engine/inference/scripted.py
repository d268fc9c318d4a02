"""A model without a network, for tests and rehearsals: an echo that can be told to break."""

from collections.abc import Collection, Sequence

import numpy as np

from engine.contracts import HeadOutput
from engine.schema.frame import F32
from engine.schema.model import ModelSpec


class ScriptedModel:
    """A `StepModel` whose mean is a running mean of the first D features that it was given; fed back it stands still.

    Its state, (B, D), is the running mean. A broken row stays broken, as in a network, until its state is replaced.

    Args:
        spec: its head, features (at least D) and the one state tensor (-1, D) are played.
        batch: B.
        memory: 0-1, weight of the past in the running mean; 0 is a plain echo.
        sigma: standard deviation of every dimension.
        broken: (step, row) pairs, steps counted from 0, at which a row becomes NaN; resized models count together.
    """

    def __init__(
        self,
        spec: ModelSpec,
        batch: int,
        *,
        memory: float = 0.5,
        sigma: float = 1e-4,
        broken: Collection[tuple[int, int]] = (),
    ) -> None:
        head = spec.head
        if spec.features < head.dims or [tensor.shape for tensor in spec.state] != [(-1, head.dims)]:
            raise ValueError("expected at least D features and one state (-1, D)")
        self.spec = spec
        self.batch = batch
        self.provider = "a script"
        self._memory = np.float32(memory)
        self._spread = sigma
        self._broken = frozenset(broken)
        self._steps = [0]
        self._mean = np.zeros((batch, head.dims), np.float32)
        self._component = np.zeros(batch, np.int64)
        self._lazy = head.kind == "mdn-lazy"
        shape = (batch, head.dims) if self._lazy else (batch, head.components, head.dims)
        self._mu = np.zeros(shape, np.float32)
        self._sigma = np.full(shape, sigma, np.float32)
        self._logits = np.zeros((batch, head.components), np.float32)

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        """Advance every row by one frame; all components are alike, so the choice looks at `u` alone."""
        del pi_temperature, top_p
        self._mean *= self._memory
        self._mean += (1 - self._memory) * x[:, : self._mean.shape[1]]
        for row in range(self.batch):
            if (self._steps[0], row) in self._broken:
                self._mean[row] = np.nan
        self._steps[0] += 1
        self._mu[...] = self._mean if self._lazy else self._mean[:, None]
        if self._lazy:
            self._component[:] = u * self.spec.head.components
            return HeadOutput(self._mu, self._sigma, component=self._component)
        return HeadOutput(self._mu, self._sigma, logits=self._logits)

    def state(self) -> tuple[F32, ...]:
        """A copy of the running mean, (B, D)."""
        return (self._mean.copy(),)

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """The running mean, (B, D), for each number; see `StepModel.hidden`."""
        return [self._mean for _ in numbers]

    def put(self, row: int, state: Sequence[F32], source: int) -> None:
        """Overwrite one row's running mean; see `StepModel.put`."""
        self._mean[row] = state[0][source] if state else 0.0

    def restore(self, state: Sequence[F32]) -> None:
        """Overwrite the first rows; see `StepModel.restore`."""
        rows = min(self.batch, len(state[0]))
        self._mean[:rows] = state[0][:rows]

    def resized(self, batch: int) -> "ScriptedModel":
        """Make another model with the same script; see `StepModel.resized`."""
        made = ScriptedModel(self.spec, batch, memory=float(self._memory), sigma=self._spread, broken=self._broken)
        made._steps = self._steps
        return made

    def close(self) -> None:
        """Nothing to give back."""
