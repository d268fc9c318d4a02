"""From a model file to an act of pictures."""

from pathlib import Path

from engine import plugins
from engine.contracts import Loaded
from engine.image_act import ImageAct
from engine.inference.vet import load
from engine.path import make_path
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.kinds import PathView

PLACE = "figurant.spec: family"


def open_images(loaded: Loaded, *, device: str, seed: int, fps: float, view: PathView = "off") -> ImageAct:
    """An act that plays a model of pictures, rehearsed.

    Args:
        loaded: the model's file.
        device: `cpu`, `cuda` or `auto`.
        seed: of its noise.
        fps: frames per second on the wire.
        view: in which the path of its memory is told, where the file has one.

    Raises:
        ConfigError: no such family.
        DeviceError: the device is not there.
        ModelError: the model is not one of pictures, or cannot be played.
    """
    family = loaded.spec.family
    if plugins.part(family, place=PLACE) != "images":
        raise ModelError(PLACE, repr(family), "a family that makes pictures", "the model plays something else")
    if loaded.spec.image is None:
        raise ModelError("figurant.spec: image", "none", "rows and columns of the pictures")
    path = make_path(loaded, view)
    return ImageAct(plugins.imagery(family, place=PLACE)(loaded, device, seed), fps=fps, seed=seed, path=path)


def try_out(path: Path) -> None:
    """Make one picture of a model on the CPU.

    Raises:
        EngineError: that does not work.
    """
    loaded = load(path)
    act = open_images(loaded, device="cpu", seed=1, fps=loaded.spec.fps, view="plain")
    try:
        act.frame(Controls(), None, hold=False)
    finally:
        act.close()
