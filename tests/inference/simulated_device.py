"""Run by `test_cuda_driver.py` in a process of its own: the real device, on Numba's simulator and a driver of words.

What CUDA itself would do is written down instead, and ONNX Runtime computes on the CPU, in the simulated memory. It
opens a model, as `--device cuda` does, draws and prints JSON.
"""

import json
import sys
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numba.cuda
import numpy as np

CALLS: list[str] = []


def say(word: str) -> tuple[int, int]:
    """Success, and a handle."""
    CALLS.append(word)
    return 0, 77


def driver() -> Any:
    """NVIDIA's driver as far as it is asked."""
    made: Any = ModuleType("cuda.bindings.driver")
    made.CUresult = SimpleNamespace(CUDA_SUCCESS=0)
    made.CUstreamCaptureMode = SimpleNamespace(CU_STREAM_CAPTURE_MODE_RELAXED="relaxed")
    made.CUstream_flags = SimpleNamespace(CU_STREAM_NON_BLOCKING="waits for nobody")
    made.cuThreadExchangeStreamCaptureMode = lambda mode: say(f"captures {mode}")
    made.cuStreamCreate = lambda flag: say(f"stream {flag}")
    made.cuStreamDestroy = lambda handle: say(f"end {handle}")
    return made


def install() -> None:
    """Put what is missing where `cuda_driver` looks for it."""
    cuda: Any = numba.cuda
    bindings: Any = ModuleType("cuda.bindings")
    core: Any = ModuleType("numba.cuda.core")
    bindings.driver, core.config = driver(), SimpleNamespace()
    sys.modules |= {"cuda": ModuleType("cuda"), "cuda.bindings": bindings, "cuda.bindings.driver": bindings.driver}
    sys.modules["numba.cuda.core"] = core
    cuda.external_stream = lambda handle: SimpleNamespace(synchronize=lambda: say(f"wait for {handle}"))


class Session:
    """A session on the CPU that takes what lies on the simulated device."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def io_binding(self) -> Any:
        binding = self.session.io_binding()

        def bind(put: Any, name: str, device: str, *rest: Any) -> None:
            assert device == "cuda"
            put(name, "cpu", *rest)

        return SimpleNamespace(
            real=binding,
            bind_input=partial(bind, binding.bind_input),
            bind_output=partial(bind, binding.bind_output),
        )

    def run_with_iobinding(self, binding: Any, options: Any) -> None:
        self.session.run_with_iobinding(binding.real, options)
        CALLS.append(f"graph {options.get_run_config_entry('gpu_graph_id')}")


def main(kind: Any, folder: Path) -> None:
    install()
    import tiny  # noqa: PLC0415 (after the stand-ins)

    from engine.contracts import Knobs  # noqa: PLC0415
    from engine.inference import cuda_driver, providers  # noqa: PLC0415
    from engine.inference.onnx_model import OnnxModel  # noqa: PLC0415
    from engine.inference.open_cuda import open_cuda  # noqa: PLC0415

    def streamed(place: str, graph: bytes, stream: int, *, captured: bool) -> Session:
        CALLS.append(f"open on {stream}, {'captured' if captured else 'plain'}")
        return Session(providers.open_session(place, graph))

    replaced: Any = cuda_driver
    replaced.open_streamed, replaced._address = streamed, lambda room: room._ary.ctypes.data
    loaded = tiny.lstm(folder, kind)
    model = open_cuda(loaded, 2, "cuda", spare=partial(OnnxModel, loaded, 2))
    tried = len(CALLS)
    ones = np.ones(2, np.float32)
    x, seeds = np.ones((2, tiny.FEATURES), np.float32), np.array([1, 2**64 - 1], np.uint64)
    drawn = [model.draw(x, seeds, frame, ones[:1], Knobs(ones, ones, ones, ones)).tolist() for frame in range(3)]
    model.close()
    json.dump({"provider": model.provider, "opened": CALLS[:3], "drawn": drawn, "calls": CALLS[tried:]}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
