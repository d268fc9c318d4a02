"""From a model file to an act that reads signs."""

from pathlib import Path

from engine import plugins
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.path import make_path
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.kinds import PathView
from engine.sign_act import SignAct

PLACE = "figurant.spec: family"


def open_signs(loaded: Loaded, *, device: str, view: PathView = "plain") -> SignAct:
    """An act that reads signs, rehearsed.

    Args:
        loaded: the model's file.
        device: `cpu`, `cuda` or `auto`.
        view: in which the path of its memory is told.

    Raises:
        ConfigError: no such family.
        DeviceError: the device is not there.
        ModelError: the model is not one of signs, or cannot be played.
    """
    family = loaded.spec.family
    if plugins.part(family, place=PLACE) != "signs":
        raise ModelError(PLACE, repr(family), "a family that reads signs", "the model plays something else")
    path = make_path(loaded, view)
    recogniser = plugins.recogniser(family, place=PLACE)(loaded, device)
    try:
        return SignAct(recogniser, path=path)
    except BaseException:
        recogniser.close()
        raise


def try_out(path: Path) -> None:
    """Let a model hear one sample on the CPU.

    Raises:
        EngineError: that does not work.
    """
    loaded = load(path)
    act = open_signs(loaded, device="cpu")
    try:
        act.sample(act.mean, Controls())
    finally:
        act.close()
