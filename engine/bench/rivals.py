"""How others step the same network: PyTorch as it comes, and ONNX Runtime with the plain graph.

None of them samples, which the engine's candidates do.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime

from engine.bench.reference import Reference
from engine.contracts import Loaded
from engine.inference import ports


class PlainOnnx:
    """ONNX Runtime's `run` with dictionaries of arrays, on one thread: a full head, the state fed back by hand."""

    def __init__(self, loaded: Loaded, batch: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(loaded.graph, options, providers=providers)
        taken, given = ports.states(loaded.spec)
        shapes = [*ports.inputs(loaded.spec), *taken]
        self._feed = {port.name: _zeros(port, batch) for port in shapes}
        self._fed = [port.name for port in taken]
        self._wanted = [port.name for port in (*ports.outputs(loaded.spec), *given)]

    def __call__(self) -> None:
        """One step."""
        found = self._session.run(self._wanted, self._feed)
        self._feed.update(zip(self._fed, found[-len(self._fed) :], strict=True))


def _zeros(port: ports.Port, batch: int) -> Any:  # noqa: ANN401 (of the type that the port has)
    return np.zeros([batch if size == -1 else size for size in port.shape], port.dtype)


def torches(shape: Reference, batch: int) -> dict[str, Callable[[], object]]:
    """Steps of PyTorch eager, by name: one thread, all components, from an array to arrays.

    Raises:
        ImportError: PyTorch is not installed.
    """
    return {"torch-lstm": Fused(shape, batch), "torch-lstmcell": Cells(shape, batch)}


class _Eager:
    """What both have in common: the head, and the way in and out."""

    def __init__(self, shape: Reference, batch: int) -> None:
        import torch  # noqa: PLC0415 (the benchmark runs without it too)

        torch.set_num_threads(1)
        torch.manual_seed(1)
        self._torch = torch
        dense = [torch.nn.Linear(shape.hidden, shape.dense)] if shape.dense else []
        width = shape.components * shape.dims
        head = torch.nn.Linear(shape.dense or shape.hidden, 2 * width + shape.components)
        self._head = torch.nn.Sequential(*dense, head).eval()
        self._parts = [width, width, shape.components]
        self._x = np.zeros((batch, shape.features), np.float32)

    def __call__(self) -> None:
        """One step."""
        with self._torch.inference_mode():
            hidden = self._advance(self._torch.from_numpy(self._x))
            mu, raw, logits = self._head(hidden).split(self._parts, -1)
            sigma = self._torch.nn.functional.elu(raw) + 1.0
            for part in (mu, sigma, logits):
                part.numpy()

    def _advance(self, x: Any) -> Any:  # noqa: ANN401 (tensors of a package that may be missing)
        raise NotImplementedError


class Fused(_Eager):
    """With nn.LSTM."""

    def __init__(self, shape: Reference, batch: int) -> None:
        super().__init__(shape, batch)
        self._lstm = self._torch.nn.LSTM(shape.features, shape.hidden, shape.layers).eval()
        self._state = tuple(self._torch.zeros(shape.layers, batch, shape.hidden) for _ in range(2))

    def _advance(self, x: Any) -> Any:  # noqa: ANN401
        hidden, self._state = self._lstm(x[None], self._state)
        return hidden[0]


class Cells(_Eager):
    """With one nn.LSTMCell for each layer."""

    def __init__(self, shape: Reference, batch: int) -> None:
        super().__init__(shape, batch)
        torch = self._torch
        widths = [shape.features] + [shape.hidden] * (shape.layers - 1)
        self._cells = [torch.nn.LSTMCell(width, shape.hidden).eval() for width in widths]
        self._states = [tuple(torch.zeros(batch, shape.hidden) for _ in range(2)) for _ in widths]

    def _advance(self, x: Any) -> Any:  # noqa: ANN401
        for index, cell in enumerate(self._cells):
            self._states[index] = cell(x, self._states[index])
            x = self._states[index][0]
        return x
