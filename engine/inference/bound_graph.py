"""A graph on ONNX Runtime whose inputs, outputs and state are bound to arrays once: a decoder, an encoder, a step."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.inference.device import CPU
from engine.inference.graph import Refused, Signature, Value, inspect
from engine.inference.proto import Malformed
from engine.inference.providers import REFUSALS, open_on, open_session
from engine.schema.errors import ModelError
from engine.schema.frame import F32

LARGEST = 1 << 24
"""Numbers of any tensor at a graph's border: more would be an attempt to exhaust the memory."""

Shape = tuple[int, ...]


class BoundGraph:
    """One row at a time through a vetted graph of float32 tensors, bound to arrays of this machine's memory once.

    A GPU reads and writes the same arrays, so where it is lost the processor goes on with all that is remembered.

    Args:
        data: bytes of an .onnx file.
        device: `cpu`, `cuda` or `auto`.
        place: what errors call the graph.
        shapes: of inputs whose axes the graph leaves open; an open axis is 1 otherwise.
        state: names of inputs, each with the output that it becomes in the next run; zeros at the start.

    Attributes:
        inputs: shapes by name, without the state.
        outputs: likewise.

    Raises:
        DeviceError: the device is not there.
        ModelError: the graph is no sound one, asks for what a foreign file may not have, or does not run.
    """

    def __init__(
        self,
        data: bytes,
        *,
        device: str,
        place: str,
        shapes: Mapping[str, Shape] | None = None,
        state: Sequence[tuple[str, str]] = (),
    ) -> None:
        signature = _vetted(data, place)
        self._data, self._place, self._state = data, place, tuple(state)
        self._missing = ""
        session = open_on(device, place, data)
        given = shapes or {}
        taken = {name: _array(f"{place}: {name}", given.get(name) or _closed(value)) for name, value in _all(signature)}
        try:
            made = _dry_run(session, taken)
        except REFUSALS as error:
            raise ModelError(place, str(error), "a graph that runs with the shapes that it names") from error
        carried = dict(self._state)
        for source, target in self._state:
            if source not in taken or target not in made or taken[source].shape != made[target].shape:
                raise ModelError(place, f"no state {source} that becomes {target}", "the state of its description")
        given_back = set(carried.values())
        self._taken = {name: array for name, array in taken.items() if name not in carried}
        self._made = {name: array for name, array in made.items() if name not in given_back}
        self._states = [[np.zeros_like(taken[name]) for name in carried] for _ in range(2)]
        self.inputs = {name: array.shape for name, array in self._taken.items()}
        self.outputs = {name: array.shape for name, array in self._made.items()}
        self._results = tuple(self._made.values())
        self._turn = 0
        self._session: onnxruntime.InferenceSession | None = None
        self._open(session)

    @property
    def provider(self) -> str:
        """What it runs on now, and why not on what was asked for."""
        name = CPU if self._session is None else self._session.get_providers()[0]
        return f"{name} ({self._missing})" if self._missing else str(name)

    def run(self, *inputs: F32) -> tuple[F32, ...]:
        """Run the graph once.

        Args:
            inputs: of the shapes of `inputs`, or such that they fill them, in that order.

        Returns:
            Outputs in the order of `outputs`: views that the next run overwrites.

        Raises:
            ValueError: the graph is closed.
            ModelError: it does not run any more, not even on the processor.
        """
        for array, values in zip(self._taken.values(), inputs, strict=True):
            np.copyto(array, values)
        if self._session is None:
            raise ValueError("the graph is closed")
        try:
            self._session.run_with_iobinding(self._bindings[self._turn])
        except REFUSALS as error:
            self._fall_back(error)
        self._turn = len(self._bindings) - 1 - self._turn
        return self._results

    def state(self) -> tuple[F32, ...]:
        """Copies of the state."""
        return tuple(array.copy() for array in self._states[self._turn])

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some tensors of the state, by their places in it: views that the next run may overwrite."""
        states = self._states[self._turn]
        return [states[number] for number in numbers]

    def put(self, state: Sequence[F32]) -> None:
        """Overwrite the state; with zeros where it is empty."""
        for index, array in enumerate(self._states[self._turn]):
            if state:
                np.copyto(array, state[index])
            else:
                array.fill(0.0)  # an assignment makes an array of the number

    def close(self) -> None:
        """Give the memory of the graph back; harmless twice."""
        self._session = None
        self._bindings: list[onnxruntime.IOBinding] = []

    def _open(self, session: onnxruntime.InferenceSession) -> None:
        """Bind all arrays; a graph with a state twice, each binding the other's reverse."""
        turns = range(2 if self._state else 1)
        self._session, self._bindings = session, [self._bound(session, turn) for turn in turns]

    def _bound(self, session: onnxruntime.InferenceSession, turn: int) -> onnxruntime.IOBinding:
        binding = session.io_binding()
        taken = self._taken | dict(zip((name for name, _ in self._state), self._states[turn], strict=True))
        made = self._made | dict(zip((name for _, name in self._state), self._states[1 - turn], strict=True))
        for name, array in taken.items():
            binding.bind_ortvalue_input(name, _value(array))
        for name, array in made.items():
            binding.bind_ortvalue_output(name, _value(array))
        return binding

    def _fall_back(self, error: Exception) -> None:
        """Go on with this run on the processor, where another device failed."""
        if self._session is None or self._session.get_providers()[0] == CPU:
            raise ModelError(self._place, str(error), "a graph that runs") from error
        self._missing = f"the GPU was lost: {' '.join(str(error).split())[:80]}"
        self._open(open_session(self._place, self._data))
        self._session.run_with_iobinding(self._bindings[self._turn])


def _vetted(data: bytes, place: str) -> Signature:
    try:
        signature = inspect(data)
    except Malformed as error:
        raise ModelError(place, str(error), "a whole .onnx model") from error
    except Refused as error:
        raise ModelError(place, str(error), "a plain graph that holds all it needs") from error
    for name, value in (*_all(signature), *signature.outputs.items()):
        if value.dtype != "float32":
            raise ModelError(f"{place}: {name}", str(value), "float32")
    return signature


def _all(signature: Signature) -> Sequence[tuple[str, Value]]:
    return tuple(signature.inputs.items())


def _closed(value: Value) -> Shape:
    return tuple(1 if axis is None else axis for axis in value.shape)


def _array(place: str, shape: Shape) -> F32:
    if any(size < 1 for size in shape) or np.prod(shape, dtype=np.float64) > LARGEST:
        raise ModelError(place, f"a tensor {shape}", f"at most {LARGEST} numbers")
    return np.zeros(shape, np.float32)


def _dry_run(session: onnxruntime.InferenceSession, taken: Mapping[str, F32]) -> dict[str, F32]:
    """Arrays like those that a run on zeros gives: a graph may leave the shapes of its outputs open."""
    found: list[NDArray[Any]] = session.run(None, dict(taken))
    names = [output.name for output in session.get_outputs()]
    return {name: np.zeros(array.shape, np.float32) for name, array in zip(names, found, strict=True)}


def _value(array: F32) -> Any:  # noqa: ANN401 (ONNX Runtime has no types)
    return onnxruntime.OrtValue.ortvalue_from_numpy(array, "cpu", 0)
