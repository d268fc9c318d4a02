"""Going on without the GPU: the CPU stands by, warm, and takes over within the frame in which the device is lost."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.contracts import HeadOutput, Knobs, StepModel
from engine.inference.cuda_device import LostError
from engine.inference.cuda_model import CudaModel
from engine.inference.host_drawing import HostDrawing
from engine.schema.errors import DeviceError
from engine.schema.frame import F32

MOST = 8
"""Inputs that are kept: a second of memory would be 30 of them, which no CPU takes in within a frame."""

WEIGHTS_PER_SECOND = 5e9
"""Weights of a batch of one that a slow CPU takes in: 20 GB/s of float32."""

PRODUCTS_PER_SECOND = 20e9
"""Multiplications with weights, over all rows of a batch, that it does."""

SHARE = 0.5
"""Of a frame's time that taking in the past may cost; the step itself comes on top."""


def affordable(weights: int, batch: int, fps: float) -> int:
    """How many of the last inputs the CPU may take in when it takes over, from the size of a model alone.

    Nothing is measured: the same show gives the same bytes.

    Args:
        weights: of the model.
        batch: rows.
        fps: frames per second of the model.
    """
    seconds = max(weights / WEIGHTS_PER_SECOND, weights * batch / PRODUCTS_PER_SECOND)
    return min(MOST, int(SHARE / fps / max(seconds, 1e-9)))


class Fate:
    """Whether the GPU is there; the models of every size know it from one another.

    Args:
        why: it is not; empty where it is.

    Attributes:
        why: likewise.
    """

    def __init__(self, why: str = "") -> None:
        self.why = why


class Standby:
    """A `StepModel` and `Drawing` on a GPU, or on the CPU once the GPU is lost.

    What the GPU remembered is lost with it. The CPU has the rows as they were last put or restored, and takes in the
    inputs since then, the last ones as far as `past` goes; those it has on the host anyway. The noise stays the same.

    Args:
        device: on the GPU; None where that is not there, as `fate` says.
        spare: the same on the CPU, of the same size.
        past: how many of the last inputs the CPU takes in.
        fate: shared by the models of every size.
        weights: of the model, for `affordable` of another size.
    """

    def __init__(self, device: CudaModel | None, spare: StepModel, *, past: int, fate: Fate, weights: int) -> None:
        self.spec, self.batch = spare.spec, spare.batch
        self._device, self._spare, self._drawing = device, spare, HostDrawing(spare)
        self._ended: list[CudaModel] = []
        self._fate, self._weights = fate, weights
        self._past = np.zeros((past, self.batch, self.spec.features), np.float32)
        self._count = 0
        self._since = np.zeros(self.batch, np.int64)  # what `_count` was when a row was last put
        self._half = np.full(self.batch, 0.5, np.float32)
        self._ones = np.ones(self.batch, np.float32)

    @property
    def provider(self) -> str:
        """What it is computed by, and why not by what was asked for."""
        if self._device is None or self._fate.why:
            return f"{self._spare.provider}, as {self._fate.why}"
        return self._device.provider

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        """Advance every row by one frame; see `StepModel.step`."""
        device = self._present()
        if device is not None:
            try:
                output = device.step(x, u, pi_temperature, top_p)
            except LostError as error:
                self._lose(str(error))
            else:
                self._remember(x)
                return output
        return self._spare.step(x, u, pi_temperature, top_p)

    def draw(self, x: F32, seeds: NDArray[np.uint64], frame: int, colour: F32, knobs: Knobs) -> F32:
        """Advance every row by one frame and sample it; see `Drawing.draw`."""
        device = self._present()
        if device is not None:
            try:
                sample = device.draw(x, seeds, frame, colour, knobs)
            except LostError as error:
                self._lose(str(error))
            else:
                self._remember(x)
                return sample
        return self._drawing.draw(x, seeds, frame, colour, knobs)

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`."""
        device = self._present()
        if device is not None:
            try:
                return device.state()
            except LostError as error:
                self._lose(str(error))
        return self._spare.state()

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `StepModel.hidden`."""
        device = self._present()
        if device is not None:
            try:
                return device.hidden(numbers)
            except LostError as error:
                self._lose(str(error))
        return self._spare.hidden(numbers)

    def put(self, row: int, state: Sequence[F32], source: int) -> None:
        """Overwrite one row's state; see `StepModel.put`."""
        device = self._present()
        if device is not None:
            try:
                device.put(row, state, source)
            except LostError as error:
                self._lose(str(error))
        self._spare.put(row, state, source)
        self._since[row] = self._count

    def restore(self, state: Sequence[F32]) -> None:
        """Overwrite the first rows; see `StepModel.restore`."""
        device = self._present()
        if device is not None:
            try:
                device.restore(state)
            except LostError as error:
                self._lose(str(error))
        self._spare.restore(state)
        if state:
            self._since[: state[0].shape[self.spec.state[0].shape.index(-1)]] = self._count

    def resized(self, batch: int) -> "Standby":
        """Make both in another size; see `StepModel.resized`.

        Raises:
            DeviceError: the GPU is there and has no room for this size.
        """
        spare = self._spare.resized(batch)
        try:
            device = self._resized(batch)
        except BaseException:
            spare.close()
            raise
        past = affordable(self._weights, batch, self.spec.fps)
        return Standby(device, spare, past=past, fate=self._fate, weights=self._weights)

    def close(self) -> None:
        """Give both back; harmless twice."""
        for device in (*self._ended, self._device):
            if device is not None:
                device.close()
        self._spare.close()

    def _resized(self, batch: int) -> CudaModel | None:
        """The GPU's part of `resized`; none where the GPU is lost, were it only now, by the thread that steps."""
        device = None if self._fate.why else self._device
        if device is None:
            return None
        try:
            return device.resized(batch)
        except LostError as error:
            if self._fate.why:
                return None
            raise DeviceError("device", str(error), f"a GPU with room for a batch of {batch}") from error

    def _present(self) -> CudaModel | None:
        """The model on the GPU while that is there."""
        if self._device is not None and self._fate.why:
            self._lose("")
        return self._device

    def _remember(self, x: F32) -> None:
        if len(self._past):
            np.copyto(self._past[self._count % len(self._past)], x)
        self._count += 1

    def _lose(self, reason: str) -> None:
        """Go on with the CPU: let it take in the last inputs, the oldest first, and each row those since it was put."""
        assert self._device is not None  # noqa: S101 (its callers have one)
        self._fate.why = self._fate.why or f"the GPU was lost: {reason}"
        self._ended.append(self._device)  # closed later, as that may take its time
        self._device = None
        known = min(self._count, len(self._past))
        begun = self._spare.state() if known else ()
        for number in range(self._count - known, self._count):
            self._spare.step(self._past[number % len(self._past)], self._half, self._ones, self._ones)
            for row in np.flatnonzero(self._since == number + 1).tolist():
                self._spare.put(row, begun, row)
