"""Steps on a GPU, beside the processor, and what no step on a GPU can beat: the ways there and back, and one launch.

Here all candidates make their own noise, step and sample; from one frame to the next nothing but the inputs goes up and
nothing but the samples comes down. The floor is the sum of its three parts, as they can only come one after the other.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from engine.bench.candidates import Subject, subject
from engine.bench.inventory import inventory
from engine.bench.results import Step
from engine.bench.step import rows
from engine.bench.turns import Measured, Rival
from engine.contracts import Drawing, Knobs, Loaded, StepModel
from engine.inference.cuda_device import Device
from engine.inference.host_drawing import HostDrawing
from engine.inference.open_model import open_model
from engine.schema.errors import DeviceError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec

UP, DOWN, LAUNCH = FLOORS = ("floor-h2d", "floor-d2h", "floor-launch")

BESIDE = 64
"""Inputs that a candidate goes through in turn."""

KNOBS = 3
"""Numbers of a performer that go up beside its input: its spread and what its choice goes by."""


class Draws:
    """Noise, step and sample by whoever draws."""

    def __init__(self, drawing: Drawing, spec: ModelSpec, batch: int) -> None:
        noise = np.random.default_rng(1)
        moments = max(1, BESIDE // batch)
        self._draw = drawing.draw
        self._x: F32 = noise.normal(0.0, 0.3, (moments, batch, spec.features)).astype(np.float32)
        self._seeds = np.arange(batch, dtype=np.uint64)
        self._colour = np.array(spec.head.colour, np.float32)
        self._knobs = Knobs(*(np.ones(batch, np.float32) for _ in Knobs._fields))
        self._frame = 0

    def __call__(self) -> None:
        """One frame."""
        self._frame += 1
        x = self._x[self._frame % len(self._x)]
        self._draw(x, self._seeds, self._frame, self._colour, self._knobs)


def measure(name: str, batch: int, pace: str, seconds: float, folder: Path) -> Iterator[Step]:
    """The GPU with a model in a batch, and the processor, `seconds` for each.

    Raises:
        DeviceError: there is no GPU.
        ModelError: a model cannot be stepped.
    """
    measured = subject(name, folder)
    with ExitStack() as opened:
        everybody = [*_rivals(measured, batch, opened), *floors(measured, batch)]
        yield from rows(everybody, measured.name, batch, pace, seconds, floor=total)


def total(found: Mapping[str, Measured]) -> float:
    """Microseconds of all floors together."""
    return sum(measured.p50 for name, measured in found.items() if name in FLOORS)


def _rivals(measured: Subject, batch: int, opened: ExitStack) -> Iterator[Rival]:
    for kind, loaded in (("lazy", measured.lazy), ("full", measured.full)):
        if loaded is not None:
            yield _rival(f"engine-cuda-{kind}", loaded, open_model(loaded, batch, "cuda"), opened)
    loaded = measured.lazy or measured.full
    if loaded is not None:
        yield _rival("engine-cpu", loaded, open_model(loaded, batch), opened)


def _rival(name: str, loaded: Loaded, model: StepModel, opened: ExitStack) -> Rival:
    opened.callback(model.close)
    drawing = model if isinstance(model, Drawing) else HostDrawing(model)
    return Rival(name, Draws(drawing, model.spec, model.batch), inventory(loaded).reads(model.batch))


def floors(measured: Subject, batch: int) -> list[Rival]:
    """Both ways and a launch, with page-locked memory.

    Raises:
        DeviceError: the packages for a GPU are not installed.
    """
    found = measured.full or measured.lazy
    assert found is not None  # noqa: S101 (a subject has one of them)
    spec = found.spec
    up, down = batch * (spec.features + KNOBS), batch * spec.head.dims
    calls = (sending(up), fetching(down), launching())
    sizes = (4 * up, 4 * down, 0)
    return [Rival(name, call, size) for name, call, size in zip(FLOORS, calls, sizes, strict=True)]


def sending(count: int) -> Callable[[], None]:
    """Bring so many float32 to the GPU."""
    device = _device()
    host, room = device.pinned(4 * count), device.room((4 * count,), np.uint8)

    def send() -> None:
        device.upload(host, room)
        device.wait()

    return send


def fetching(count: int) -> Callable[[], None]:
    """Bring so many float32 from the GPU."""
    device = _device()
    host, room = device.pinned(4 * count), device.room((4 * count,), np.uint8)

    def fetch() -> None:
        device.download(room, host)
        device.wait()

    return fetch


def launching() -> Callable[[], None]:
    """Start a kernel that does nothing, and wait for it."""
    from numba import cuda  # noqa: PLC0415 (an extra)

    stream: Any = cuda.stream()

    @cuda.jit  # type: ignore[untyped-decorator]
    def nothing() -> None:
        return

    started = nothing[1, 1, stream]

    def launch() -> None:
        started()
        stream.synchronize()

    return launch


def _device() -> Device:
    try:
        from engine.inference.cuda_driver import CudaDevice  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise DeviceError("--device", str(error), "the packages for CUDA", "pip install 'figurant[cuda]'") from error
    return CudaDevice()
