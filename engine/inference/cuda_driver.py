"""A real GPU: one stream of it, by Numba, NVIDIA's driver and ONNX Runtime. Its packages come with the extra `cuda`."""

from collections.abc import Mapping
from typing import Any, cast

import numba.cuda
import numpy as np
import onnxruntime
from cuda.bindings import driver
from numba.cuda.core import config
from numpy.typing import DTypeLike, NDArray

from engine.inference.cuda_device import Array, LostError, Noised, Room
from engine.inference.device import CUDA
from engine.inference.providers import open_streamed
from engine.sampling import device as kernels

cuda: Any = numba.cuda  # which has no types


class CudaDevice:
    """A stream of the first GPU; made and used in one thread. It is a `cuda_device.Device`.

    Raises:
        LostError: the driver gives none.
    """

    provider = CUDA

    def __init__(self) -> None:
        config.CUDA_LOW_OCCUPANCY_WARNINGS = 0  # a few performers never fill a GPU
        cuda.current_context()
        # Another thread may record a graph for another size of batch; without this a call of ours would break it.
        _checked(driver.cuThreadExchangeStreamCaptureMode(driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED))
        # A stream that does not wait for the default one, as a stream that is being recorded must not.
        (handle,) = _checked(driver.cuStreamCreate(driver.CUstream_flags.CU_STREAM_NON_BLOCKING))
        self._handle = handle
        self._stream = cuda.external_stream(int(handle))
        self._session: onnxruntime.InferenceSession | None = None
        self._bindings: dict[int, Any] = {}
        self._options = [_options(turn) for turn in range(2)]
        self._scratch: tuple[Room, Room] | None = None

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """See `Device.pinned`."""
        made = cast("NDArray[np.uint8]", cuda.pinned_array(size, np.uint8))
        made[:] = 0
        return made

    def room(self, shape: tuple[int, ...], dtype: DTypeLike) -> Room:
        """See `Device.room`."""
        made = cuda.device_array(shape, dtype)
        made.copy_to_device(np.zeros(shape, dtype))
        return made

    def upload(self, host: Array, room: Room) -> None:
        """See `Device.upload`."""
        room.copy_to_device(host, stream=self._stream)

    def download(self, room: Room, host: Array) -> None:
        """See `Device.download`."""
        room.copy_to_host(host, stream=self._stream)

    def open(self, graph: bytes, *, captured: bool) -> None:
        """See `Device.open`."""
        self._session = open_streamed("CUDA", graph, int(self._handle), captured=captured)

    def bind(self, turn: int, inputs: Mapping[str, Room], outputs: Mapping[str, Room]) -> None:
        """See `Device.bind`."""
        binding = self._opened.io_binding()
        for name, room in inputs.items():
            binding.bind_input(name, "cuda", 0, room.dtype.type, room.shape, _address(room))
        for name, room in outputs.items():
            binding.bind_output(name, "cuda", 0, room.dtype.type, room.shape, _address(room))
        self._bindings[turn] = binding

    def run(self, turn: int) -> None:
        """See `Device.run`."""
        self._opened.run_with_iobinding(self._bindings[turn], self._options[turn])

    def begin(self, noised: Noised, u: Room, divisor: Room) -> None:
        """See `Device.begin`."""
        kernels.begin[self._launch(u.shape[0])](
            noised.frame, noised.seeds, noised.temperature, noised.pi_temperature, u, divisor
        )

    def choose(self, noised: Noised, logits: Room, u: Room, divisor: Room, component: Room) -> None:
        """See `Device.choose`."""
        if self._scratch is None:
            self._scratch = self.room(logits.shape, np.float64), self.room(logits.shape, np.int64)
        kernels.choose_rows[self._launch(logits.shape[0])](logits, divisor, noised.top_p, u, *self._scratch, component)

    def sample(self, noised: Noised, mu: Room, sigma: Room, component: Room, out: Room) -> None:
        """See `Device.sample`."""
        kernels.sample[self._launch(kernels.groups(*out.shape))](
            noised.frame, noised.seeds, noised.colour, noised.temperature, noised.spread, mu, sigma, component, out
        )

    def wait(self) -> None:
        """See `Device.wait`."""
        self._stream.synchronize()

    def close(self) -> None:
        """See `Device.close`."""
        self._bindings.clear()
        self._session = self._scratch = None
        handle, self._handle = self._handle, None
        if handle is not None:
            _checked(driver.cuStreamDestroy(handle))

    @property
    def _opened(self) -> onnxruntime.InferenceSession:
        if self._session is None:
            raise LostError("no model is open")
        return self._session

    def _launch(self, threads: int) -> tuple[int, int, Any]:
        return kernels.blocks(threads), kernels.THREADS, self._stream


def _options(turn: int) -> onnxruntime.RunOptions:
    """Of a run: which graph it is, from 1 on, as 0 is ONNX Runtime's own; `wait` waits for it, not the run."""
    made = onnxruntime.RunOptions()
    made.add_run_config_entry("gpu_graph_id", str(turn + 1))
    made.add_run_config_entry("disable_synchronize_execution_providers", "1")
    return made


def _address(room: Room) -> int:
    return int(room.__cuda_array_interface__["data"][0])


def _checked(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the driver gives beside its error code."""
    code, *rest = answer
    if code != driver.CUresult.CUDA_SUCCESS:
        raise LostError(f"the driver says {code}")
    return tuple(rest)
