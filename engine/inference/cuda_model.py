"""A model whose state, noise and samples stay on a GPU; of a frame only the samples come back."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.contracts import HeadOutput, Knobs, Loaded
from engine.inference import ports
from engine.inference.cuda_device import Array, Device, LostError, Noised, Opens, Room, Slab, fetch
from engine.inference.cuda_worker import Worker
from engine.inference.ports import Port
from engine.schema.errors import EngineError
from engine.schema.frame import F32

Result = TypeVar("Result")

PATIENCE = 0.5
"""Seconds without an answer after which a GPU is given up; making another size beside it may hold it for a tenth."""

MAKING = 120.0
"""Seconds that making a model may take: CUDA loads its libraries, and the first start compiles kernels."""

BUILDING = threading.Lock()
"""A graph is captured while no other model is made: memory that is taken meanwhile would break the capture."""


class CudaModel:
    """A `StepModel` that is a `Drawing` too, in a thread of its own that owns the device.

    Two sets of state are bound as input and output of two runs, one the reverse of the other; a step does one of them
    and turns to the other. No run reads what it writes, so that one may be repeated, as the recording of a CUDA graph
    does, without the state moving on. Each size of batch has a session and weights of its own: while a graph is being
    recorded in a session, nothing else may run in it.

    Args:
        loaded: a vetted model.
        batch: B, rows that are stepped together.
        opens: opens the device; called in the thread that owns it.
        refused: why the runs are not to be recorded as CUDA graphs; empty where they are.
        patience: seconds that a step may take.

    Attributes:
        provider: what ONNX Runtime calls the device, and what is missing.

    Raises:
        LostError: the device does not do it.
    """

    def __init__(
        self, loaded: Loaded, batch: int, opens: Opens, *, refused: str = "", patience: float = PATIENCE
    ) -> None:
        if batch < 1:
            raise ValueError(f"batch {batch}; expected at least 1")
        self.spec, self.batch, self.provider = loaded.spec, batch, ""
        self._loaded, self._opens, self._refused, self._patience = loaded, opens, refused, patience
        self._device: Device | None = None
        self._turn = 0
        self._worker = Worker()
        try:
            with BUILDING:
                self._ask(self._open, MAKING)
        except BaseException:
            self._end()
            raise

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        """Advance every row by one frame; see `StepModel.step`.

        Raises:
            LostError: the device is lost.
        """
        self._check()
        host = self._slab.host
        np.copyto(host["x"], x)
        np.copyto(host["u"], u)
        np.copyto(host["divisor"], pi_temperature)
        np.copyto(host["top_p"], top_p)
        self._ask(self._step, self._patience)
        return self._head

    def draw(self, x: F32, seeds: NDArray[np.uint64], frame: int, colour: F32, knobs: Knobs) -> F32:
        """Advance every row by one frame and sample it; see `Drawing.draw`.

        Raises:
            LostError: the device is lost.
        """
        self._check()
        host = self._slab.host
        np.copyto(host["x"], x)
        np.copyto(host["seeds"], seeds)
        np.copyto(host["colour"], colour)
        np.copyto(host["temperature"], knobs.temperature)
        np.copyto(host["pi_temperature"], knobs.pi_temperature)
        np.copyto(host["spread"], knobs.sigma)
        np.copyto(host["top_p"], knobs.top_p)
        host["frame"][0] = frame
        self._ask(self._draw, self._patience)
        return self._drawn

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`; errors as for `step`."""
        self._check()
        return self._ask(lambda: tuple(fetch(self._opened, room) for room in self._states[self._turn]), MAKING)

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `StepModel.hidden`. Errors as for `step`."""
        self._check()
        self._ask(lambda: self._look(numbers), self._patience)
        return [self._remembered[number] for number in numbers]

    def put(self, row: int, state: Sequence[F32], source: int) -> None:
        """Overwrite one row's state; see `StepModel.put`. Errors as for `step`."""
        self._check()
        blocks: list[tuple[Room, Array]] = []
        for index, tensor in enumerate(self.spec.state):
            axis = tensor.shape.index(-1)
            rows = None if not state else np.moveaxis(state[index], axis, 0)[source : source + 1]
            blocks += self._blocks(index, row, 1, rows)
        self._ask(lambda: self._write(blocks), MAKING)

    def restore(self, state: Sequence[F32]) -> None:
        """Overwrite the first rows; see `StepModel.restore`. Errors as for `step`."""
        self._check()
        blocks: list[tuple[Room, Array]] = []
        for index, tensor in enumerate(self.spec.state):
            given = np.moveaxis(state[index], tensor.shape.index(-1), 0)
            rows = min(self.batch, len(given))
            blocks += self._blocks(index, 0, rows, given[:rows])
        self._ask(lambda: self._write(blocks), MAKING)

    def resized(self, batch: int) -> "CudaModel":
        """Make a model of `batch` rows on the same GPU; see `StepModel.resized`. Errors as for the class."""
        self._check()
        return make_cuda(self._loaded, batch, self._opens, refused=self._refused, patience=self._patience)

    def close(self) -> None:
        """Give the device's memory back and end the thread; a device that hangs is left alone."""
        if self._device is not None:
            self._end()

    def _check(self) -> None:
        if self._device is None:
            raise ValueError("the model is closed")

    @property
    def _opened(self) -> Device:
        assert self._device is not None  # noqa: S101 (of a task that runs)
        return self._device

    def _ask(self, task: Callable[[], Result], patience: float) -> Result:
        """Have the device's thread do something."""
        try:
            return self._worker.call(task, patience)
        except (EngineError, LostError):
            raise
        except Exception as error:
            # CUDA, Numba and ONNX Runtime have errors of a dozen kinds without a common base.
            raise LostError(f"{type(error).__name__}: {error}") from error

    def _end(self) -> None:
        device, self._device = self._device, None
        try:
            self._worker.close(lambda: None if device is None else device.close(), MAKING)
        except Exception as error:  # noqa: BLE001 (a device that is lost has nothing to give back)
            del error

    def _open(self) -> None:
        """Take memory, record the runs and start afresh."""
        spec, batch = self.spec, self.batch
        device = self._device = self._opens()
        self.provider = device.provider + (f" without CUDA graphs, {self._refused}" if self._refused else "")
        device.open(self._loaded.graph, captured=not self._refused)
        self._slab = Slab(device, _fields(self._loaded, batch))
        room, lazy = self._slab.room, spec.head.kind == "mdn-lazy"
        self._outputs = {port.name: device.room(_shape(port, batch), port.dtype) for port in ports.outputs(spec)}
        taken, given = ports.states(spec)
        self._states = [[device.room(_shape(port, batch), port.dtype) for port in taken] for _ in range(2)]
        inputs = {"x": room["x"]}
        if lazy:
            names = {"u": "u", "pi_temperature": "divisor", "top_p": "top_p"}
            inputs |= {name: room[own].reshape(batch, 1) for name, own in names.items()}
        for turn in range(2):
            states = {port.name: value for port, value in zip(taken, self._states[turn], strict=True)}
            results = {port.name: value for port, value in zip(given, self._states[1 - turn], strict=True)}
            device.bind(turn, inputs | states, self._outputs | results)
        self._noised = Noised(*(room[name] for name in Noised._fields))
        self._component = device.room((batch,), np.int64)
        self._samples = device.room((batch, spec.head.dims), np.float32)
        self._means, self._spreads = self._outputs["mu"], self._outputs["sigma"]
        if lazy:
            self._means, self._spreads = (
                value.reshape(batch, 1, spec.head.dims) for value in (self._means, self._spreads)
            )
        self._receive(device)
        self._rehearse()

    def _receive(self, device: Device) -> None:
        """Make the pinned memory that comes back."""
        batch, dims = self.batch, self.spec.head.dims
        self._drawn: F32 = device.pinned(batch * dims * 4).view(np.float32).reshape(batch, dims)
        self._backs: dict[str, Array] = {}
        for name, value in self._outputs.items():
            dtype = np.dtype(value.dtype)
            count = int(np.prod(value.shape))
            self._backs[name] = device.pinned(count * dtype.itemsize).view(dtype).reshape(value.shape)
        self._remembered: list[F32] = []
        for value in self._states[0]:
            pinned = device.pinned(int(np.prod(value.shape)) * 4).view(np.float32)
            self._remembered.append(pinned.reshape(value.shape))
        mu, sigma = self._backs["mu"], self._backs["sigma"]
        if self.spec.head.kind == "mdn-lazy":
            self._head = HeadOutput(mu, sigma, component=self._backs["component"][:, 0])
        else:
            self._head = HeadOutput(mu, sigma, logits=self._backs["logits"])

    def _rehearse(self) -> None:
        """Draw and step each way, so that kernels are compiled and graphs recorded; then zero what that left."""
        for name in ("divisor", "top_p", "temperature", "pi_temperature", "spread"):
            self._slab.host[name][...] = 1.0
        for _ in range(2):
            self._draw()
        for _ in range(2):
            self._step()
        for turn in self._states:
            self._write([(value, np.zeros(value.shape, value.dtype)) for value in turn])
        self._turn = 0

    def _step(self) -> None:
        device = self._opened
        self._slab.upload()
        device.run(self._turn)
        for name, value in self._outputs.items():
            device.download(value, self._backs[name])
        device.wait()
        self._turn = 1 - self._turn

    def _draw(self) -> None:
        device, room = self._opened, self._slab.room
        self._slab.upload()
        device.begin(self._noised, room["u"], room["divisor"])
        device.run(self._turn)
        if "logits" in self._outputs:
            device.choose(self._noised, self._outputs["logits"], room["u"], room["divisor"], self._component)
        device.sample(self._noised, self._means, self._spreads, self._component, self._samples)
        device.download(self._samples, self._drawn)
        device.wait()
        self._turn = 1 - self._turn

    def _look(self, numbers: Sequence[int]) -> None:
        device = self._opened
        for number in numbers:
            device.download(self._states[self._turn][number], self._remembered[number])
        device.wait()

    def _blocks(self, index: int, row: int, rows: int, given: Array | None) -> list[tuple[Room, Array]]:
        """Rows of a state tensor as pieces that lie in one, and what is to stand in each; zeros if nothing is given."""
        room = self._states[self._turn][index]
        axis = self.spec.state[index].shape.index(-1)
        places = list(np.ndindex(*room.shape[:axis]))
        pieces = [room[(*place, slice(row, row + rows))] for place in places]
        if given is None:
            return [(piece, np.zeros(piece.shape, np.float32)) for piece in pieces]
        return [
            (piece, np.ascontiguousarray(given[(slice(None), *place)]))
            for piece, place in zip(pieces, places, strict=True)
        ]

    def _write(self, blocks: Sequence[tuple[Room, Array]]) -> None:
        for room, host in blocks:
            self._opened.upload(host, room)
        self._opened.wait()


def make_cuda(loaded: Loaded, batch: int, opens: Opens, *, refused: str = "", patience: float = PATIENCE) -> CudaModel:
    """A model on a GPU, with CUDA graphs where it takes them; arguments and errors as for `CudaModel`."""
    try:
        return CudaModel(loaded, batch, opens, refused=refused, patience=patience)
    except LostError as error:
        if refused:
            raise
        return CudaModel(loaded, batch, opens, refused=str(error), patience=patience)


def _fields(loaded: Loaded, batch: int) -> dict[str, tuple[tuple[int, ...], Any]]:
    """What goes up in each frame."""
    spec = loaded.spec
    singles = ("u", "divisor", "top_p", "temperature", "pi_temperature", "spread")
    fields: dict[str, tuple[tuple[int, ...], Any]] = {"x": ((batch, spec.features), np.float32)}
    fields |= dict.fromkeys(singles, ((batch,), np.float32))
    fields |= {"seeds": ((batch,), np.uint64), "frame": ((1,), np.uint64)}
    return fields | {"colour": ((len(spec.head.colour),), np.float32)}


def _shape(port: Port, batch: int) -> tuple[int, ...]:
    return tuple(batch if size == -1 else size for size in port.shape)
