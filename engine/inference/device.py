"""Where models can be computed: what is there, and what to ask for."""

import ctypes
import sys
from functools import cache

from engine.schema.errors import DeviceError

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
DEVICES = ("cpu", "cuda", "auto")

HINT = "pip install 'figurant[cuda]', or --device cpu"


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
    missing = _missing()
    if not missing:
        return (CUDA, CPU)
    if device == "cuda":
        raise DeviceError("device", missing, "a CUDA device", HINT)
    return (CPU,)


def _missing() -> str:
    """What CUDA lacks here; empty if nothing."""
    if driver_devices() == 0:
        return "no NVIDIA driver with a device"
    import onnxruntime  # noqa: PLC0415 (a show on the processor starts without it)

    return "" if CUDA in onnxruntime.get_available_providers() else "an ONNX Runtime without CUDA"
