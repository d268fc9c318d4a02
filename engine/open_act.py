"""From a model file to an act that can play it."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import plugins
from engine.act import Act
from engine.contracts import Loaded, StepModel
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.path import make_path
from engine.priming import warm
from engine.schema.errors import ModelError
from engine.schema.kinds import PathView
from engine.schema.model import ModelSpec

PRIMES = "primes"
"""Name of the stored moments to start from, (N, L, J, 3) metres, among a model's arrays."""

FREEZE_SPEED = "freeze_speed"
"""Key of the speed, m/s, below which a performer counts as frozen, among a model's settings."""


def make_act(
    loaded: Loaded,
    model: StepModel,
    *,
    seed: int,
    rows: int = 1,
    performers: Sequence[int] = (1,),
    draws: Sequence[int] | None = None,
    view: PathView = "off",
) -> Act:
    """An act that plays `model`, primed with the moments that its file holds.

    Args:
        loaded: the model's file.
        model: that is stepped.
        seed: of the noise.
        rows: performers that may ever play.
        performers: numbers of those who play from the start.
        draws: performers, from 0, whose noise the rows draw; None: each row its own.
        view: in which the path of its memory is told, where the file has one.

    Raises:
        ConfigError: no such family.
        ModelError: no moments, no freeze speed, or arrays that do not fit the family.
    """
    make_family = plugins.family(loaded.spec.family, place="figurant.spec: family")
    # On the CPU: one pass over a few seconds of movement does not repay starting a second session on a device.
    primes = warm(lambda batch: open_model(loaded, batch, "cpu"), make_family(loaded, 1), _clips(loaded))
    return Act(
        model,
        make_family(loaded, rows),
        seed=seed,
        primes=primes,
        freeze_speed=_freeze_speed(loaded.spec),
        performers=performers,
        draws=draws,
        path=make_path(loaded, view),
    )


def try_out(path: Path) -> None:
    """Compute one frame of a model on the CPU.

    Raises:
        EngineError: that does not work.
    """
    loaded = load(path)
    model = open_model(loaded, 1, "cpu")
    try:
        make_act(loaded, model, seed=1, view="plain").tick()
    finally:
        model.close()


def _clips(loaded: Loaded) -> NDArray[np.float32]:
    skeleton = loaded.spec.skeleton
    clips = loaded.arrays.get(PRIMES)
    if clips is None or not np.issubdtype(clips.dtype, np.floating):
        raise ModelError(f"figurant.arrays: {PRIMES}", "none", "moments to start from")
    if skeleton is None or clips.ndim != 4 or clips.shape[2] != len(skeleton.names):
        raise ModelError(f"figurant.arrays: {PRIMES}", f"an array {clips.shape}", "(clips, frames, joints, 3)")
    return clips.astype(np.float32)


def _freeze_speed(spec: ModelSpec) -> float:
    speed = spec.settings.get(FREEZE_SPEED)
    if isinstance(speed, bool | str) or speed is None or not 0 <= speed < math.inf:
        raise ModelError(f"figurant.spec: settings.{FREEZE_SPEED}", repr(speed), "metres per second, 0 or more")
    return float(speed)
