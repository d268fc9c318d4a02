"""Sessions of ONNX Runtime, on one thread or on a CUDA stream."""

from collections.abc import Mapping, Sequence

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as capi

from engine.inference.device import CPU, CUDA, HINT, choose
from engine.schema.errors import DeviceError, ModelError

SILENT = 4
"""Severity from which on ONNX Runtime writes to stderr: what matters comes as an exception."""

LIBRARIES, NEEDED = "CUDA libraries that do not load", "CUDA 13 and cuDNN 9, as the wheels of ONNX Runtime want them"

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


def open_session(place: str, graph: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread of the CPU.

    Args:
        place: what errors call the model.
        graph: a vetted model.

    Raises:
        ModelError: ONNX Runtime refuses the model.
    """
    onnxruntime.set_default_logger_severity(SILENT)
    try:
        return _session(graph, [(CPU, {})])
    except REFUSALS as error:
        raise ModelError(place, str(error), "a model that ONNX Runtime can run") from error


def open_on(device: str, place: str, graph: bytes) -> onnxruntime.InferenceSession:
    """A session whose inputs and outputs lie in the memory of this machine, wherever it computes.

    Args:
        device: `cpu`, `cuda` or `auto`, which takes the processor where CUDA does not run the model.
        place: what errors call the model.
        graph: a vetted model.

    Raises:
        DeviceError: the device is not there, or its libraries do not load.
        ModelError: ONNX Runtime refuses the model.
    """
    if CUDA not in choose(device):
        return open_session(place, graph)
    onnxruntime.set_default_logger_severity(SILENT)
    onnxruntime.preload_dlls()
    try:
        session = _session(graph, [(CUDA, {"use_tf32": "0"}), (CPU, {})])
    except REFUSALS as error:
        if device == "auto":
            return open_session(place, graph)
        raise ModelError(place, str(error), "a model that CUDA can run", "--device cpu") from error
    if device == "cuda" and session.get_providers()[0] != CUDA:
        raise DeviceError(f"device: {place}", LIBRARIES, NEEDED, HINT)
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
        "use_tf32": "0",  # which would part from the model by 1e-3
        "user_compute_stream": str(stream),
        "enable_cuda_graph": "1" if captured else "0",
        # No more memory than is needed: each size of batch has a session.
        "arena_extend_strategy": "kSameAsRequested",
    }
    session = _session(graph, [(CUDA, settings), (CPU, {})])
    if session.get_providers()[0] != CUDA:
        raise DeviceError(f"device: {place}", LIBRARIES, NEEDED, HINT)
    return session


def _session(graph: bytes, providers: Sequence[tuple[str, Mapping[str, str]]]) -> onnxruntime.InferenceSession:
    """One thread, as the frame loop owns it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = SILENT
    return onnxruntime.InferenceSession(graph, options, providers=list(providers), enable_fallback=0)
