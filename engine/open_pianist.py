"""From a model file to a pianist that plays it."""

from pathlib import Path

from engine import plugins
from engine.contracts import Loaded
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.path import make_path
from engine.pianist import Pianist
from engine.schema.errors import ModelError
from engine.schema.kinds import PathView
from engine.schema.note import DOWN

PLACE = "figurant.spec: family"

MIDDLE_C = 60


def open_pianist(loaded: Loaded, *, seed: int, device: str = "cpu", view: PathView = "off") -> Pianist:
    """A pianist that plays a model, rehearsed.

    Args:
        loaded: the model's file.
        seed: of the noise.
        device: `cpu`, `cuda` or `auto`.
        view: in which the path of its memory is told, where the file has one.

    Raises:
        ConfigError: no such family.
        DeviceError: the device is not there.
        ModelError: the model is not one of touch, or cannot be played.
    """
    family = loaded.spec.family
    if plugins.part(family, place=PLACE) != "keys":
        raise ModelError(PLACE, repr(family), "a family that strikes keys", "the model plays something else")
    make_touch = plugins.touch(family, place=PLACE)
    path = make_path(loaded, view)
    model = open_model(loaded, 1, device)
    try:
        return Pianist(model, make_touch(loaded, 1), seed=seed, path=path)
    except BaseException:
        model.close()
        raise


def try_out(path: Path) -> None:
    """Strike one key of a model on the CPU.

    Raises:
        EngineError: that does not work.
    """
    pianist = open_pianist(load(path), seed=1, view="plain")
    try:
        pianist.press(0, MIDDLE_C, DOWN)
    finally:
        pianist.close()
