"""Where a model is computed: what is there, what was asked for, what really runs."""

import ctypes
import sys
from collections.abc import Mapping, Sequence
from functools import cache

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as capi

from engine.schema.errors import DeviceError, ModelError

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
DEVICES = ("cpu", "cuda", "auto")

SILENT = 4
"""Severity from which on ONNX Runtime writes to stderr: what matters comes as an exception."""

HINT = "pip install 'figurant[cuda]', or --device cpu"

LIBRARIES, NEEDED = "CUDA libraries that do not load", "CUDA 13 and cuDNN 9, as the wheels of ONNX Runtime want them"

PLAIN: Mapping[str, str] = {}
"""No further settings of CUDA's provider."""

REFUSALS: tuple[type[Exception], ...] = (
    capi.EPFail,
    capi.Fail,
    capi.InvalidArgument,
    capi.InvalidGraph,
    capi.InvalidProtobuf,
    capi.NotImplemented,
    capi.RuntimeException,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises for a model that it cannot take; they have no base of their own."""


@cache
def driver_devices() -> int:
    """Number of CUDA devices, asked of NVIDIA's driver itself; 0 where there is no driver."""
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def choose(device: str) -> tuple[str, ...]:
    """The execution providers to ask for, best first.

    CUDA is asked for only where its driver is present: ONNX Runtime would otherwise search, complain and fall back.

    Args:
        device: `cpu`, `cuda` or `auto` (CUDA where it is there).

    Raises:
        DeviceError: no such device, or CUDA was demanded and is not there.
    """
    if device not in DEVICES:
        raise DeviceError("device", repr(device), ", ".join(DEVICES))
    if device == "cpu":
        return (CPU,)
    offered = CUDA in onnxruntime.get_available_providers()
    if offered and driver_devices() > 0:
        return (CUDA, CPU)
    if device == "cuda":
        found = "no NVIDIA driver with a device" if offered else "an ONNX Runtime without CUDA"
        raise DeviceError("device", found, "a CUDA device", HINT)
    return (CPU,)


def open_session(place: str, graph: bytes, device: str) -> onnxruntime.InferenceSession:
    """A session on one thread; `get_providers()[0]` of it is what really runs.

    Args:
        place: what errors call the model.
        graph: a vetted model.
        device: as for `choose`.

    Raises:
        DeviceError: CUDA was demanded and does not work.
        ModelError: ONNX Runtime refuses the model.
    """
    providers = choose(device)
    onnxruntime.set_default_logger_severity(SILENT)
    if CUDA in providers:
        onnxruntime.preload_dlls()
    try:
        session = _session(graph, providers)
    except REFUSALS as error:
        if device == "cuda":
            raise DeviceError(f"device: {place}", str(error), "a model that CUDA can run", HINT) from error
        session = _fall_back(place, graph, error, providers)
    if device == "cuda" and session.get_providers()[0] != CUDA:
        raise DeviceError("device", LIBRARIES, NEEDED, HINT)
    return session


def open_streamed(place: str, graph: bytes, stream: int, *, captured: bool) -> onnxruntime.InferenceSession:
    """A session whose work is queued on a CUDA stream.

    Args:
        place: what errors call the model.
        graph: a vetted model.
        stream: address of the stream.
        captured: runs with a `gpu_graph_id` are recorded as CUDA graphs and replayed.

    Raises:
        DeviceError: CUDA's libraries do not load.
        Exception: one of `REFUSALS`, where CUDA does not run the model so.
    """
    onnxruntime.set_default_logger_severity(SILENT)
    onnxruntime.preload_dlls()
    settings = {
        "user_compute_stream": str(stream),
        "enable_cuda_graph": "1" if captured else "0",
        # No more memory than is needed: each size of batch has a session.
        "arena_extend_strategy": "kSameAsRequested",
    }
    session = _session(graph, (CUDA, CPU), settings)
    if session.get_providers()[0] != CUDA:
        raise DeviceError(f"device: {place}", LIBRARIES, NEEDED, HINT)
    return session


def _fall_back(place: str, graph: bytes, error: Exception, providers: Sequence[str]) -> onnxruntime.InferenceSession:
    """Try the CPU after CUDA failed; what fails on the CPU is the model's fault."""
    if CUDA in providers:
        try:
            return _session(graph, (CPU,))
        except REFUSALS as again:
            error = again
    raise ModelError(place, str(error), "a model that ONNX Runtime can run") from error


def _session(graph: bytes, providers: Sequence[str], cuda: Mapping[str, str] = PLAIN) -> onnxruntime.InferenceSession:
    """One thread, as the frame loop owns it; full float32 on CUDA, as TF32 would part from the model by 1e-3."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = SILENT
    settings = [(name, {"use_tf32": "0", **cuda} if name == CUDA else {}) for name in providers]
    return onnxruntime.InferenceSession(graph, options, providers=settings, enable_fallback=0)
