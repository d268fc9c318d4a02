"""The fastest way to step a model that this machine has."""

from functools import partial

from engine.contracts import Loaded, StepModel
from engine.inference import lanes
from engine.inference.device import CUDA, choose
from engine.inference.packed_model import PackedModel
from engine.inference.packing import pack
from engine.inference.recognise import recognise
from engine.schema.errors import ModelError

PLAYED = {"frame": "pictures", "classes": "signs"}
"""What models whose head is no mixture are played by."""


def open_model(loaded: Loaded, batch: int, device: str = "cpu") -> StepModel:
    """Open a model where its steps are fastest.

    On the processor these are this project's kernels, in every size of batch, for each graph that they know; ONNX
    Runtime steps all others, and a GPU has the processor stand by. The choice never depends on a measurement: the same
    file gives the same bytes each time.

    Args:
        loaded: a vetted model.
        batch: B, rows that are stepped together.
        device: `cpu`, `cuda` or `auto`.

    Raises:
        DeviceError: the device is not there.
        ModelError: the model cannot be stepped.
    """
    kind = loaded.spec.head.kind
    if kind in PLAYED:
        raise ModelError(
            "figurant.spec: head.kind", repr(kind), "a mixture", f"a family of {PLAYED[kind]} plays this model"
        )
    if CUDA in choose(device):
        from engine.inference.open_cuda import open_cuda

        return open_cuda(loaded, batch, device, spare=partial(_open_here, loaded, batch))
    return _open_here(loaded, batch)


def _open_here(loaded: Loaded, batch: int) -> StepModel:
    """On the processor."""
    found = recognise(loaded.graph, loaded.spec) if lanes.supported() else None
    if found is None:
        from engine.inference.onnx_model import OnnxModel

        return OnnxModel(loaded, batch)
    return PackedModel(loaded.spec, pack(found, loaded.spec.head.kind, loaded.spec.features), batch)
