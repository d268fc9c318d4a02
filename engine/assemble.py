"""From a show as it is written to a stage that plays it."""

import math
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine import plugins
from engine.act import Act
from engine.contracts import Loaded
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.outputs import native
from engine.priming import warm
from engine.runtime.clock import Clock
from engine.runtime.stage import Stage
from engine.runtime.target import Datagrams, Report, Target
from engine.schema import show as written
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, EngineError, ModelError
from engine.schema.model import ModelSpec
from engine.transport.udp import UdpSender

PRIMES = "primes"
"""Name of the stored moments to start from, (N, L, J, 3) metres, among a model's arrays."""

FREEZE_SPEED = "freeze_speed"
"""Key of the speed, m/s, below which a performer counts as frozen, among a model's settings."""


class Assembled(NamedTuple):
    """A show that is ready.

    Attributes:
        stage: plays it.
        spec: of its model.
        provider: what the model runs on.
        fps: frames per second on the wire.
    """

    stage: Stage
    spec: ModelSpec
    provider: str
    fps: float


def assemble(show: written.Show, *, clock: Clock, seconds: float | None = None) -> Assembled:
    """Open the model and the sockets of a show; the stage closes them.

    Args:
        show: checked; exactly one act.
        clock: the time to play by.
        seconds: length of the show; None plays until it is ended.

    Raises:
        ConfigError: something in the show does not fit its model.
        ModelError: the model cannot be played.
        DeviceError: the device is not there.
        TransportError: a receiver cannot be reached.
    """
    (cast,) = show.acts
    loaded = load(cast.model)
    _check_controls(cast.controls, loaded.spec)
    fps = loaded.spec.fps if show.settings.fps is None else show.settings.fps
    with ExitStack() as opened:
        model = OnnxModel(loaded, cast.performers, cast.device)
        opened.callback(model.close)
        act = make_act(loaded, model, seed=show.settings.seed)
        targets = [_target(receiver, loaded.spec, cast, show.settings.root, opened) for receiver in show.outputs]
        stage = Stage(
            act,
            targets,
            cast.controls,
            fps=fps,
            clock=clock,
            model=loaded.spec.name,
            provider=model.provider,
            seconds=seconds,
            resources=opened.pop_all(),
        )
    return Assembled(stage, loaded.spec, model.provider, fps)


def make_act(loaded: Loaded, model: OnnxModel, *, seed: int) -> Act:
    """An act that plays `model`, primed with the moments that its file holds.

    Raises:
        ConfigError: no such family.
        ModelError: no moments, no freeze speed, or arrays that do not fit the family.
    """
    make_family = plugins.family(loaded.spec.family, place="figurant.spec: family")
    # On the CPU: one pass over a few seconds of movement does not repay starting a second session on a device.
    primes = warm(lambda batch: OnnxModel(loaded, batch, "cpu"), make_family(loaded, 1), _clips(loaded))
    family = make_family(loaded, model.batch)
    return Act(model, family, seed=seed, primes=primes, freeze_speed=_freeze_speed(loaded.spec))


def try_out(path: Path) -> None:
    """Compute one frame of a model on the CPU.

    Raises:
        EngineError: that does not work.
    """
    loaded = load(path)
    model = OnnxModel(loaded, 1, "cpu")
    try:
        make_act(loaded, model, seed=1).tick(0, 0, Controls())
    finally:
        model.close()


def faults(show: written.Show) -> list[EngineError]:
    """What would keep a show from being played here and now: its model, what is asked of it, its receivers."""
    attempts: list[tuple[str, Callable[[], None]]] = [("", partial(_rehearse, show, act)) for act in show.acts]
    attempts += [(f"outputs[{number}]: ", partial(_reach, each)) for number, each in enumerate(show.outputs)]
    found: list[EngineError] = []
    for place, attempt in attempts:
        try:
            attempt()
        except EngineError as error:
            error.place = place + error.place
            found.append(error)
    return found


def _rehearse(show: written.Show, cast: written.Act) -> None:
    """Open an act and its outputs, and close them again."""
    loaded = load(cast.model)
    _check_controls(cast.controls, loaded.spec)
    model = OnnxModel(loaded, cast.performers, cast.device)
    try:
        make_act(loaded, model, seed=show.settings.seed)
        for receiver in show.outputs:
            plugins.output(receiver.kind)(loaded.spec, cast.performers, show.settings.root)
    finally:
        model.close()


def _reach(receiver: written.Output) -> None:
    UdpSender(receiver.host, receiver.port).close()


def _clips(loaded: Loaded) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
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


def _check_controls(controls: Controls, spec: ModelSpec) -> None:
    """Refuse what the model's own ranges do not allow."""
    given = msgspec.structs.asdict(controls)
    for control in spec.controls:
        if control.name in given:
            msgspec.structs.replace(control, name=f"act.controls.{control.name}").check(given[control.name])
    if controls.condition >= len(spec.conditions):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError("act.controls.condition", str(controls.condition), "a condition of the model", known)


def _target(receiver: written.Output, spec: ModelSpec, act: written.Act, root: str, opened: ExitStack) -> Target:
    output = plugins.output(receiver.kind)(spec, act.performers, root)
    sender = UdpSender(receiver.host, receiver.port)
    opened.callback(sender.close)
    return Target(output, _report(receiver.kind, root), sender)


def _report(kind: str, root: str) -> Report:
    """How a protocol tells the state: the native one has words for it."""
    return partial(native.state, root=root) if kind == "native" else _silent


def _silent(_status: native.Status) -> Datagrams:
    return ()
