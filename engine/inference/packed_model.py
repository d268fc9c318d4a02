"""A model on this project's own kernels: the weights packed once, a step one compiled call."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from engine.contracts import HeadOutput
from engine.inference import packed_kernels
from engine.inference.packed_kernels import DEEPEST, SHAPE, WIDEST
from engine.inference.packing import Packed, aligned
from engine.schema.frame import F32
from engine.schema.model import ModelSpec

CLOSED = "the model is closed"


class PackedModel:
    """A `StepModel` on the processor. A row's numbers do not depend on the other rows, to the last bit.

    What a step returns are views that the next step overwrites.

    Args:
        spec: of the model.
        packed: its weights, shared by every size of batch.
        batch: B, rows that are stepped together.
    """

    def __init__(self, spec: ModelSpec, packed: Packed, batch: int) -> None:
        if batch < 1:
            raise ValueError(f"batch {batch}; expected at least 1")
        self.spec, self.batch = spec, batch
        self.provider = f"CPU, packed {'float16' if packed.weights.dtype == np.uint16 else 'float32'}"
        self._packed: Packed | None = packed
        components, dims = spec.head.components, spec.head.dims
        lazy = spec.head.kind == "mdn-lazy"
        shape = packed.plan[SHAPE]
        sizes = [tensor.shape[-1] * batch for tensor in spec.state]
        self._state = aligned(sum(sizes), np.float32)
        parts = np.split(self._state, np.cumsum(sizes)[:-1])
        self._states = [part.reshape(batch, -1) for part in parts]
        self._views: list[F32] = [own[None] for own in self._states]
        scratch = aligned(batch * int(shape[DEEPEST] + shape[WIDEST]), np.float32)
        shares, order = np.zeros((batch, components)), np.zeros((batch, components), np.int64)
        logits, component = np.zeros((batch, components), np.float32), np.zeros(batch, np.int64)
        mu, sigma = np.zeros((2, batch, dims if lazy else components * dims), np.float32)
        # All but what changes from step to step, bound once: Python would take longer to look it up than to compute.
        fixed = (*packed, self._state, scratch, shares, order, logits, mu, sigma, component)
        self._advance: Callable[[F32, F32, F32, F32], None] = partial(packed_kernels.step, *fixed)
        if lazy:
            self._head = HeadOutput(mu, sigma, component=component)
        else:
            wide = (batch, components, dims)
            self._head = HeadOutput(mu.reshape(wide), sigma.reshape(wide), logits=logits)
        self._rehearse()

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        """Advance every row by one frame; see `StepModel.step`."""
        self._advance(x, u, pi_temperature, top_p)
        return self._head

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`."""
        return tuple(own.copy()[None] for own in self._states)

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `StepModel.hidden`."""
        return [self._views[number] for number in numbers]

    def put(self, row: int, state: Sequence[F32], source: int) -> None:
        """Overwrite one row's state; see `StepModel.put`."""
        for index, own in enumerate(self._states):
            own[row] = state[index][0, source] if state else 0.0

    def restore(self, state: Sequence[F32]) -> None:
        """Overwrite the first rows; see `StepModel.restore`."""
        for own, (given,) in zip(self._states, state, strict=True):
            rows = min(len(own), len(given))
            own[:rows] = given[:rows]

    def resized(self, batch: int) -> "PackedModel":
        """Make a model of `batch` rows that shares the weights; see `StepModel.resized`."""
        return PackedModel(self.spec, self._opened(), batch)

    def close(self) -> None:
        """Give the weights back, with the last model that shares them."""
        self._packed, self._advance = None, _refuse

    def _opened(self) -> Packed:
        if self._packed is None:
            raise ValueError(CLOSED)
        return self._packed

    def _rehearse(self) -> None:
        """Step once, so that everything is compiled and in memory; then start afresh."""
        half = np.full(self.batch, 0.5, np.float32)
        self.step(np.zeros((self.batch, self.spec.features), np.float32), half, half, half)
        self._state[:] = 0.0


def _refuse(*_: F32) -> None:
    raise ValueError(CLOSED)
