"""From a model file to a model on the GPU, tried out, with the CPU standing by."""

from collections.abc import Callable

import numpy as np

from engine.contracts import Knobs, Loaded, StepModel
from engine.inference.cuda_device import LostError, Opens
from engine.inference.cuda_model import CudaModel, make_cuda
from engine.inference.device import HINT
from engine.inference.host_drawing import HostDrawing
from engine.inference.standby import Fate, Standby, affordable
from engine.schema.errors import DeviceError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec

FRAMES = 8
"""Of the try-out: both ways through the model, recorded and replayed, come around again."""

PARITY = 1e-4
"""Of the numbers' scale, how far the GPU may be from the CPU; its sums are rounded otherwise, some 1e-6 of it."""

FLIPPED = 0.01
"""Share of the samples that may be of another component, where a choice is within a rounding of its neighbour."""

ROWS = 64
"""Of the try-out at most; the CPU would take minutes for thousands."""

SEED = 1


def open_cuda(
    loaded: Loaded, batch: int, device: str, *, spare: Callable[[], StepModel], opens: Opens | None = None
) -> Standby:
    """A model that is stepped and sampled on the GPU, and on the CPU should that be lost.

    Where the GPU, its packages or the try-out fail, `auto` gives the CPU alone, and `provider` says why.

    Args:
        loaded: a vetted model.
        batch: B, rows that are stepped together.
        device: `cuda` or `auto`.
        spare: makes the same model on the CPU, of the same size.
        opens: opens the device; None is the first GPU.

    Raises:
        DeviceError: `cuda` was demanded and does not work.
        ModelError: the CPU cannot run the model either.
    """
    standing = spare()
    try:
        made = make_cuda(loaded, batch, opens or _opener())
        try:
            _try_out(made, standing)
        except BaseException:
            made.close()
            raise
    except (LostError, DeviceError, ImportError) as error:
        if device == "cuda":
            standing.close()
            raise DeviceError("device", _line(error), "a GPU that runs the model as the CPU does", HINT) from error
        return Standby(None, standing, past=0, fate=Fate(f"the GPU is of no use: {_line(error)}"), weights=0)
    except BaseException:
        standing.close()
        raise
    weights = len(loaded.graph) // 4  # a file is little but float32; half precision, read twice as fast, counts half
    past = affordable(weights, batch, loaded.spec.fps)
    return Standby(made, standing, past=past, fate=Fate(), weights=weights)


def _try_out(model: CudaModel, standing: StepModel) -> None:
    """Try a model out beside one of the CPU, or a smaller one of the same weights."""
    if model.batch <= ROWS:
        try_out(model, standing)
        return
    smaller = standing.resized(ROWS)
    try:
        try_out(model, smaller)
    finally:
        smaller.close()


def try_out(model: CudaModel, expected: StepModel) -> None:
    """Draw some frames on both, with the same inputs, and compare samples and states; both then start afresh.

    Args:
        model: on the GPU.
        expected: the same on the CPU, of as many rows or fewer: the first ones are compared.

    Raises:
        LostError: they differ by more than `PARITY` of the scale, or the GPU cannot do it.
    """
    try:
        _compare_samples(model, expected)
        _compare_states(model.spec, model.state(), expected.state())
    finally:
        for row in range(expected.batch):
            expected.put(row, (), 0)
    model.restore([np.zeros_like(tensor) for tensor in model.state()])


def _compare_samples(model: CudaModel, expected: StepModel) -> None:
    spec, batch, rows = model.spec, model.batch, expected.batch
    draw = np.random.default_rng(SEED)
    seeds = draw.integers(0, 2**63, batch).astype(np.uint64)
    colour, ones = np.array(spec.head.colour, np.float32), np.ones(batch, np.float32)
    knobs, some = (Knobs(*[every] * 4) for every in (ones, ones[:rows]))
    drawing = HostDrawing(expected)
    off = []
    for frame in range(FRAMES):
        x = draw.standard_normal((batch, spec.features), np.float32)
        found = model.draw(x, seeds, frame, colour, knobs)
        off.append(_differences(found[:rows], drawing.draw(x[:rows], seeds[:rows], frame, colour, some)))
    if (np.concatenate(off) > PARITY).mean() > FLIPPED:
        raise LostError(f"its samples are off by {max(values.max() for values in off):.1e} of their scale")


def _compare_states(spec: ModelSpec, found: tuple[F32, ...], expected: tuple[F32, ...]) -> None:
    """Compare whole states; no choice is in them."""
    for tensor, one, other in zip(spec.state, found, expected, strict=True):
        axis = tensor.shape.index(-1)
        right = np.moveaxis(other, axis, 0)
        worst = float(_differences(np.moveaxis(one, axis, 0)[: len(right)], right).max())
        if worst > PARITY:
            raise LostError(f"its state is off by {worst:.1e} of its scale")


def _differences(found: F32, expected: F32) -> F32:
    """How far each row (B,) is from what was expected, as a part of the scale; infinite where it is no number."""
    scale = max(1.0, float(np.abs(expected).max()))
    distance = np.abs(found - expected).reshape(len(found), -1).max(axis=1) / scale
    return np.where(np.isfinite(distance), distance, np.inf).astype(np.float32)


def _opener() -> Opens:
    """What opens the first GPU.

    Raises:
        ImportError: the packages for it are not installed.
    """
    from engine.inference.cuda_driver import CudaDevice  # noqa: PLC0415 (its packages are an extra)

    return CudaDevice


def _line(error: BaseException) -> str:
    found = error.found if isinstance(error, DeviceError) else str(error)
    return " ".join(found.split()) or type(error).__name__
