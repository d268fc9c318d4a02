"""What a model needs of a GPU; all that touches CUDA is behind `Device`, so that a stand-in can take its place.

Work is queued on one stream and done in order; `wait` waits for it. One thread owns a device from its making on: ONNX
Runtime keeps a captured CUDA graph with the thread that captured it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.schema.frame import F32

Array = NDArray[Any]

Room = Any
"""An array in the memory of a device, C-contiguous: NumPy's `shape`, `dtype`, slices, `view` and `reshape`."""


class LostError(Exception):
    """The device did not do what it was asked, or not in time; the text says what it said."""


class Noised(NamedTuple):
    """What the noise of a frame comes from, and what is turned at sampling, on the device.

    Attributes:
        frame: (1,) uint64, its number.
        seeds: (B,) uint64.
        colour: (C,) float32 weights of the normals.
        temperature: (B,) float32, as the others that are `Knobs`.
        pi_temperature: likewise.
        spread: `sigma` of the knobs.
        top_p: likewise.
    """

    frame: Room
    seeds: Room
    colour: Room
    temperature: Room
    pi_temperature: Room
    spread: Room
    top_p: Room


class Device(Protocol):
    """One stream of a GPU.

    Attributes:
        provider: what ONNX Runtime calls it.
    """

    provider: str

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Zeros in host memory that the device reads and writes by itself, (size,) bytes."""
        ...

    def room(self, shape: tuple[int, ...], dtype: DTypeLike) -> Room:
        """Zeros on the device."""
        ...

    def upload(self, host: Array, room: Room) -> None:
        """Queue a copy to the device; the host's array must stay as it is until `wait`."""
        ...

    def download(self, room: Room, host: Array) -> None:
        """Queue a copy from the device, there after `wait`."""
        ...

    def open(self, graph: bytes, *, captured: bool) -> None:
        """Bring a model's weights to the device.

        Args:
            graph: a vetted model.
            captured: each of the two ways through it is recorded as a CUDA graph at its first run, and replayed later.
        """
        ...

    def bind(self, turn: int, inputs: Mapping[str, Room], outputs: Mapping[str, Room]) -> None:
        """Say what run `turn`, 0 or 1, reads and writes; no tensor is both."""
        ...

    def run(self, turn: int) -> None:
        """Queue a run of the model."""
        ...

    def begin(self, noised: Noised, u: Room, divisor: Room) -> None:
        """Queue the uniform numbers of a frame and what logits are divided by, (B,) float32 each."""
        ...

    def choose(self, noised: Noised, logits: Room, u: Room, divisor: Room, component: Room) -> None:
        """Queue the choice of a component (B,) int64 for each row of `logits` (B, K)."""
        ...

    def sample(self, noised: Noised, mu: Room, sigma: Room, component: Room, out: Room) -> None:
        """Queue samples (B, D) of the chosen components of `mu` and `sigma` (B, K, D)."""
        ...

    def wait(self) -> None:
        """Wait until all that was queued is done."""
        ...

    def close(self) -> None:
        """Give everything back; harmless twice."""
        ...


Opens = Callable[[], Device]
"""Opens another stream of the same GPU, in the thread that is to own it."""


class Slab:
    """Small arrays that lie side by side in pinned memory and on the device, so that one copy brings them all.

    Args:
        device: on which.
        fields: name, shape and type of each.

    Attributes:
        host: the arrays in pinned memory, by name.
        room: those on the device.
    """

    EDGE = 256
    """Bytes that each begins at a multiple of, as what CUDA allocates does."""

    def __init__(self, device: Device, fields: Mapping[str, tuple[tuple[int, ...], DTypeLike]]) -> None:
        sizes = [int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in fields.values()]
        ends = np.cumsum([-(-size // self.EDGE) * self.EDGE for size in sizes]).tolist()
        self._device, self._bytes = device, device.pinned(ends[-1])
        self._there = device.room((ends[-1],), np.uint8)
        self.host: dict[str, Array] = {}
        self.room: dict[str, Room] = {}
        for (name, (shape, dtype)), size, start in zip(fields.items(), sizes, [0, *ends], strict=False):
            self.host[name] = self._bytes[start : start + size].view(dtype).reshape(shape)
            self.room[name] = self._there[start : start + size].view(np.dtype(dtype)).reshape(shape)

    def upload(self) -> None:
        """Queue a copy of all of them to the device."""
        self._device.upload(self._bytes, self._there)


def fetch(device: Device, room: Room) -> F32:
    """A copy of an array on the device; waits for it."""
    host = np.zeros(room.shape, room.dtype)
    device.download(room, host)
    device.wait()
    return host
