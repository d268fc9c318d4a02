"""A GPU that is none: its memory is of its own, its work waits in a queue, and its kernels are those of the CPU."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import DTypeLike, NDArray

from engine.inference.cuda_device import Array, Noised, Room
from engine.inference.providers import open_session
from engine.sampling.kernels import choose, divide
from engine.sampling.noise import Noise

PROVIDER = "StandInExecutionProvider"


class StandIn:
    """A `cuda_device.Device` in which nothing happens before `wait`, as on a stream.

    Args:
        fails: what to raise at a call of `wait`, counted from 1 over all devices of one GPU; told the number.
        repeats: how often each first run of a turn is done, as the recording of a graph does.
        wrong: added to every sample and mean.
        captures: whether it records graphs.
    """

    provider = PROVIDER
    opened: list["StandIn"]

    def __init__(
        self,
        fails: Callable[[int], None] = lambda _: None,
        *,
        repeats: int = 3,
        wrong: float = 0.0,
        captures: bool = True,
    ) -> None:
        self.owner, self.waits, self.closed, self.captured = threading.get_ident(), 0, False, False
        self.fails, self.wrong = fails, wrong
        self._repeats, self._captures = {0: repeats, 1: repeats}, captures
        self._queue: list[Callable[[], object]] = []
        self._bindings: dict[int, Any] = {}
        self._options = onnxruntime.RunOptions()

    def pinned(self, size: int) -> NDArray[np.uint8]:
        return np.zeros(size, np.uint8)

    def room(self, shape: tuple[int, ...], dtype: DTypeLike) -> Room:
        return np.zeros(shape, dtype)

    def upload(self, host: Array, room: Room) -> None:
        assert host.shape == room.shape
        assert room.flags.c_contiguous
        self._put(lambda: np.copyto(room, host))

    def download(self, room: Room, host: Array) -> None:
        assert host.shape == room.shape
        self._put(lambda: np.copyto(host, room))

    def open(self, graph: bytes, *, captured: bool) -> None:
        if captured and not self._captures:
            raise RuntimeError("nodes that no graph can hold")
        self.captured = captured
        self._session = open_session("stand-in", graph)

    def bind(self, turn: int, inputs: Mapping[str, Room], outputs: Mapping[str, Room]) -> None:
        binding = self._session.io_binding()
        for name, room in inputs.items():
            binding.bind_input(name, "cpu", 0, room.dtype.type, room.shape, room.ctypes.data)
        for name, room in outputs.items():
            binding.bind_output(name, "cpu", 0, room.dtype.type, room.shape, room.ctypes.data)
        assert not {room.ctypes.data for room in inputs.values()} & {room.ctypes.data for room in outputs.values()}
        self._bindings[turn] = binding

    def run(self, turn: int) -> None:
        for _ in range(self._repeats.pop(turn, 1)):
            self._put(lambda: self._session.run_with_iobinding(self._bindings[turn], self._options))

    def begin(self, noised: Noised, u: Room, divisor: Room) -> None:
        def work() -> None:
            noise = self._noise(noised)
            u[:] = noise.u
            divide(noised.temperature, noised.pi_temperature, divisor)

        self._put(work)

    def choose(self, noised: Noised, logits: Room, u: Room, divisor: Room, component: Room) -> None:
        shares, order = np.zeros(logits.shape), np.zeros(logits.shape, np.int64)
        self._put(lambda: choose(logits, divisor, noised.top_p, u, shares, order, component))

    def sample(self, noised: Noised, mu: Room, sigma: Room, component: Room, out: Room) -> None:
        def work() -> None:
            rows, normals = np.arange(len(out)), self._noise(noised).normals
            scale = (noised.temperature * noised.spread)[:, None]
            out[:] = mu[rows, component] + sigma[rows, component] * scale * normals + np.float32(self.wrong)

        self._put(work)

    def wait(self) -> None:
        self.waits += 1
        self.fails(self.waits)
        assert threading.get_ident() == self.owner
        for task in self._queue:
            task()
        self._queue.clear()

    def close(self) -> None:
        self.closed = True

    def _put(self, task: Callable[[], object]) -> None:
        assert threading.get_ident() == self.owner
        assert not self.closed
        self._queue.append(task)

    def _noise(self, noised: Noised) -> Noise:
        seeds, dims = noised.seeds.tolist(), self._dims()
        noise = Noise(seeds, dims, noised.colour.tolist())
        noise.fill(int(noised.frame[0]), len(seeds))
        return noise

    def _dims(self) -> int:
        return int(self._session.get_outputs()[0].shape[-1] or 0)
