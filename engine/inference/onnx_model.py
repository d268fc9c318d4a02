"""A model on ONNX Runtime on the CPU, bound once, stepped without allocation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.contracts import HeadOutput, Loaded
from engine.inference import ports
from engine.inference.ports import Port
from engine.inference.providers import REFUSALS, open_session
from engine.schema.errors import ModelError
from engine.schema.frame import F32

Array = NDArray[Any]


class Slot:
    """A tensor of zeros.

    Attributes:
        name: in the graph.
        host: the array, which is the very memory that ONNX Runtime reads and writes.
        value: what is bound.
    """

    def __init__(self, port: Port, batch: int) -> None:
        self.name = port.name
        self.host: Array = np.zeros([batch if size == -1 else size for size in port.shape], port.dtype)
        self.value = onnxruntime.OrtValue.ortvalue_from_numpy(self.host, "cpu", 0)


class OnnxModel:
    """A `StepModel` on ONNX Runtime.

    Two sets of state are bound as input and output of two bindings, one the reverse of the other; a step runs one of
    them and turns to the other. What a step returns are views that the next step overwrites.

    Args:
        loaded: a vetted model.
        batch: B, rows that are stepped together.
        session: the model where it is open already; several sizes of batch share it.

    Raises:
        ModelError: ONNX Runtime refuses the model, or its tensors have other shapes than it says.
    """

    def __init__(self, loaded: Loaded, batch: int, *, session: onnxruntime.InferenceSession | None = None) -> None:
        if batch < 1:
            raise ValueError(f"batch {batch}; expected at least 1")
        self.spec = loaded.spec
        self.batch = batch
        session = session or open_session(self.spec.name, loaded.graph)
        self.provider: str = session.get_providers()[0]
        self._session: onnxruntime.InferenceSession | None = session
        self._inputs = self._slots(ports.inputs(self.spec))
        self._outputs = self._slots(ports.outputs(self.spec))
        taken, given = ports.states(self.spec)
        self._states = [self._slots(taken) for _ in range(2)]
        self._bindings = [self._bind(session, turn, given) for turn in range(2)]
        self._turn = 0
        self._head = self._views()
        self._rehearse()

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        """Advance every row by one frame; see `StepModel.step`."""
        session = self._opened()
        np.copyto(self._inputs[0].host, x)
        if self.spec.head.kind == "mdn-lazy":
            np.copyto(self._inputs[1].host[:, 0], u)
            np.copyto(self._inputs[2].host[:, 0], pi_temperature)
            np.copyto(self._inputs[3].host[:, 0], top_p)
        session.run_with_iobinding(self._bindings[self._turn])
        self._turn = 1 - self._turn
        return self._head

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`."""
        return tuple(slot.host.copy() for slot in self._states[self._turn])

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `StepModel.hidden`."""
        states = self._states[self._turn]
        return [states[number].host for number in numbers]

    def put(self, row: int, state: Sequence[F32], source: int) -> None:
        """Overwrite one row's state; see `StepModel.put`."""
        for index, slot in enumerate(self._states[self._turn]):
            axis = self.spec.state[index].shape.index(-1)
            mine = np.moveaxis(slot.host, axis, 0)
            mine[row] = np.moveaxis(state[index], axis, 0)[source] if state else 0.0

    def restore(self, state: Sequence[F32]) -> None:
        """Overwrite the first rows; see `StepModel.restore`."""
        for index, slot in enumerate(self._states[self._turn]):
            axis = self.spec.state[index].shape.index(-1)
            mine, given = np.moveaxis(slot.host, axis, 0), np.moveaxis(state[index], axis, 0)
            rows = min(len(mine), len(given))
            mine[:rows] = given[:rows]

    def resized(self, batch: int) -> "OnnxModel":
        """Make a model of `batch` rows that shares the weights of this one; see `StepModel.resized`.

        Raises:
            ModelError: ONNX Runtime refuses this size.
        """
        return OnnxModel(Loaded(b"", self.spec, {}), batch, session=self._opened())

    def close(self) -> None:
        """Give the memory of the model back, that of the weights with the last model that shares them."""
        self._bindings.clear()
        self._session = None

    def _opened(self) -> onnxruntime.InferenceSession:
        if self._session is None:
            raise ValueError("the model is closed")
        return self._session

    def _slots(self, tensors: Sequence[Port]) -> list[Slot]:
        return [Slot(port, self.batch) for port in tensors]

    def _bind(self, session: onnxruntime.InferenceSession, turn: int, given: Sequence[Port]) -> onnxruntime.IOBinding:
        binding = session.io_binding()
        for slot in self._inputs + self._states[turn]:
            binding.bind_ortvalue_input(slot.name, slot.value)
        for slot in self._outputs:
            binding.bind_ortvalue_output(slot.name, slot.value)
        for port, slot in zip(given, self._states[1 - turn], strict=True):
            binding.bind_ortvalue_output(port.name, slot.value)
        return binding

    def _views(self) -> HeadOutput:
        mu, sigma, choice = (slot.host for slot in self._outputs)
        if self.spec.head.kind == "mdn-lazy":
            return HeadOutput(mu, sigma, component=choice[:, 0])
        return HeadOutput(mu, sigma, logits=choice)

    def _rehearse(self) -> None:
        """Step once each way, so that shapes are proved and memory taken before the first frame; then start afresh."""
        half = np.full(self.batch, 0.5, np.float32)
        blank = np.zeros((self.batch, self.spec.features), np.float32)
        try:
            self.step(blank, half, half, half)
            self.step(blank, half, half, half)
        except REFUSALS as error:
            raise ModelError(self.spec.name, str(error), "a graph with the shapes of its description") from error
        for slot in self._states[self._turn]:
            slot.host[...] = 0.0
